/* The recipe of 2012 on small images: Krizhevsky, Sutskever & Hinton, "ImageNet
 * classification with deep convolutional neural networks". Three convolutions
 * with ReLU (3.1), local response normalisation (3.3) and overlapping pooling
 * (3.4), hidden layers with dropout (4.2), SGD with momentum and weight decay
 * (5); shifts and reflections (4.1) are among the augmentations. No batch norm.
 *
 * Each ingredient is a parameter, so that one can ask what was needed:
 * activation=tanh, overlap=0, local_norm=0, dropout=0, momentum=0,
 * weight_decay=0. Sizes are those of their CIFAR-10 nets (5 x 5 windows, 32-32-64
 * channels), the rate falls by a cosine, for falling by hand when the validation
 * error stops is no recipe.
 */
#include <math.h>

#include "learners/learner.h"
#include "learners/nn/nn_file.h"
#include "learners/nn/nn_recipe.h"

#define SHARD_ROWS 16
#define PIXELS_MAX 1600 /* of the first convolution's output */

struct alexnet_small_config {
	int64_t channels, hidden, layers, batch, epochs, patience;
	int activation;
	bool overlap;
	double local_norm, dropout, lr, momentum, weight_decay;
	struct nn_augment augment;
};

static const char *const activation_names[] = { "relu", "tanh", NULL };
static const struct nn_layer_type *const activations[] = { &nn_relu, &nn_tanh };

static const struct param params[] = {
	PARAM_INT(struct alexnet_small_config, channels, 32, 1, 256,
		  "channels of the first two convolutions; the third has twice "
		  "as many", PARAM_LOG(16, 64)),
	PARAM_INT(struct alexnet_small_config, layers, 2, 0, 4, "hidden layers"),
	PARAM_INT(struct alexnet_small_config, hidden, 256, 1, 8192,
		  "units of a hidden layer", PARAM_LOG(64, 512)),
	PARAM_CHOICE(struct alexnet_small_config, activation, 0, activation_names,
		     "what follows each layer", PARAM_ANY),
	PARAM_BOOL(struct alexnet_small_config, overlap, 1,
		   "pools of 3 x 3 two apart instead of 2 x 2", PARAM_ANY),
	PARAM_REAL(struct alexnet_small_config, local_norm, 1e-4, 0, 100,
		   "alpha of the local response normalisation; 0: none"),
	PARAM_REAL(struct alexnet_small_config, dropout, 0.5, 0, 0.95,
		   "share of hidden values dropped in training",
		   PARAM_LIN(0, 0.6)),
	PARAM_REAL(struct alexnet_small_config, lr, 0.02, 1e-8, 1e6,
		   "learning rate", PARAM_LOG(2e-3, 0.1)),
	PARAM_REAL(struct alexnet_small_config, momentum, 0.9, 0, 0.999,
		   "share of the past in a step (Nesterov's)"),
	PARAM_REAL(struct alexnet_small_config, weight_decay, 5e-4, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(5e-5, 5e-3)),
	NN_AUGMENT_PARAMS(struct alexnet_small_config),
	PARAM_INT(struct alexnet_small_config, batch, 64, 1, 65536,
		  "rows of a minibatch"),
	PARAM_INT(struct alexnet_small_config, epochs, 15, 1, 100000,
		  "passes over the training rows"),
	PARAM_INT(struct alexnet_small_config, patience, 0, 0, 100000,
		  "epochs without a better validation score before a stop; "
		  "0: none, the last weights are kept"),
	PARAM_END,
};

/* Images above PIXELS_MAX are read by a first convolution of larger steps. */
static size_t stride_of(struct nn_shape image)
{
	size_t k = 1;

	while (image.height / k * (image.width / k) > PIXELS_MAX)
		k++;
	return k;
}

/* Convolution, activation, norm, pool: the order of their section 3.5. */
static void add_conv(struct nn_net *net, const struct alexnet_small_config *c,
		     size_t units, size_t stride)
{
	nn_net_add(net, (struct nn_layer){ .type = &nn_conv2d, .units = units,
					   .window = 5, .pad = 2,
					   .stride = stride });
	nn_net_add(net, (struct nn_layer){ .type = activations[c->activation] });
	if (c->local_norm > 0)
		nn_net_add(net, (struct nn_layer){ .type = &nn_local_norm,
						   .window = 5,
						   .rate = c->local_norm });
	nn_net_add(net, (struct nn_layer){ .type = &nn_max_pool,
					   .window = c->overlap ? 3 : 2,
					   .stride = 2 });
}

static int build(struct nn_model *m, const void *config, size_t outputs,
		 struct error *err)
{
	const struct alexnet_small_config *c = config;
	struct nn_net *net = &m->net;

	(void)err;
	add_conv(net, c, (size_t)c->channels, stride_of(net->in));
	add_conv(net, c, (size_t)c->channels, 1);
	add_conv(net, c, 2 * (size_t)c->channels, 1);
	for (int64_t k = 0; k < c->layers; k++) {
		nn_net_add(net, (struct nn_layer){ .type = &nn_linear,
						   .units = (size_t)c->hidden });
		nn_net_add(net, (struct nn_layer){
					.type = activations[c->activation] });
		if (c->dropout > 0)
			nn_net_add(net, (struct nn_layer){ .type = &nn_dropout,
							   .rate = c->dropout });
	}
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .units = outputs,
					   .gain = 1.0 });
	return 0;
}

static const struct nn_recipe recipe = {
	.params = params, .config_size = sizeof(struct alexnet_small_config),
	.build = build,
};

/* A momentum of 0 is told as the least number: 0 is nn_train's default. */
static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct alexnet_small_config *c = config;
	struct nn_model *m = nn_model_new(data, SHARD_ROWS, run, err);

	if (!m || nn_model_build(m, &recipe, c, learner_outputs(data), run->arena, err))
		return err->code;
	*model = m;
	return nn_model_fit(m,
			    &(struct nn_train){
				    .batch = (size_t)c->batch,
				    .epochs = (size_t)c->epochs,
				    .patience = (size_t)c->patience,
				    .lr = c->lr,
				    .weight_decay = c->weight_decay,
				    .beta1 = fmax(c->momentum, 1e-30),
				    .augment = c->augment,
				    .rule = NN_SGD,
				    .schedule = NN_COSINE },
			    data, run, err);
}

static int load(struct model_reader *r, const struct dataset *data, void **model,
		struct error *err)
{
	return nn_file_load(&recipe, r, data, model, err);
}

const struct learner learner_alexnet_small = {
	.name = "alexnet_small",
	.summary = "the convolutional net of 2012, ingredient by ingredient",
	.version = 1,
	.views = { VIEW_GRID },
	NN_LEARNER(struct alexnet_small_config),
	.save = nn_file_save,
	.load = load,
};
