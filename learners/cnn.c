/* A small convolutional net: blocks of 3x3 convolution, max pooling, batch
 * norm and ReLU, then a hidden linear layer and the outputs: LeCun et al. 1998
 * with the parts that time has kept.
 *
 * The defaults are for some thousands of images and some seconds: a short
 * one-cycle fit at a high rate (Smith & Topin 2019, "Super-convergence") with
 * strong decay. They were chosen on validation rows of fashion-mnist[n=6000].
 *
 * Pooling comes before the norm and the ReLU: both are monotone for a positive
 * gain, so little changes but their cost, which falls to a quarter.
 */
#include "learners/learner.h"
#include "learners/nn/nn_file.h"

#define SHARD_ROWS 16 /* also the batch of the norm's statistics */

/* Images above this are pooled harder at once: the later blocks, which cost
 * most (their work grows with the square of the channels), then cost the same
 * for a spectrogram of 40 x 49 as for a picture of 28 x 28. */
#define PIXELS_MAX 256

struct cnn_config {
	int64_t blocks, channels, pool, hidden, batch, epochs, patience;
	double dropout, lr, weight_decay, smoothing, warmup;
	int optimizer, schedule;
	struct nn_augment augment;
};

static const struct param params[] = {
	PARAM_INT(struct cnn_config, blocks, 2, 1, 8,
		  "blocks of convolution and pooling", PARAM_LIN(1, 3)),
	PARAM_INT(struct cnn_config, channels, 32, 1, 1024,
		  "channels of the first block; each next one has twice as "
		  "many, at most 4 times", PARAM_LOG(16, 64)),
	PARAM_INT(struct cnn_config, pool, 0, 0, 64,
		  "window of the first block's pooling, 1: none; 0: the least "
		  "from 2 on that leaves at most 256 pixels"),
	PARAM_INT(struct cnn_config, hidden, 32, 0, 8192,
		  "units of the hidden layer; 0: a global average of the last "
		  "block instead", PARAM_LOG(16, 128)),
	PARAM_REAL(struct cnn_config, dropout, 0, 0, 0.95,
		   "share of values dropped after the last block",
		   PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct cnn_config, lr, 3e-3, 1e-8, 1e6, "learning rate",
		   PARAM_LOG(5e-4, 2e-2)),
	PARAM_REAL(struct cnn_config, weight_decay, 0.3, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-2, 1)),
	PARAM_REAL(struct cnn_config, smoothing, 0, 0, 0.9,
		   "label smoothing: share spread over all classes"),
	PARAM_REAL(struct cnn_config, warmup, 0.1, 0, 0.9,
		   "share of the steps in which the learning rate rises"),
	PARAM_CHOICE(struct cnn_config, optimizer, NN_ADAMW, nn_rule_names,
		     "rule of the update; sgd has Nesterov momentum 0.9"),
	PARAM_CHOICE(struct cnn_config, schedule, NN_COSINE, nn_schedule_names,
		     "learning rate over the fit"),
	PARAM_INT(struct cnn_config, batch, 32, 1, 65536,
		  "rows of a minibatch"),
	PARAM_INT(struct cnn_config, epochs, 6, 1, 100000,
		  "passes over the training rows"),
	PARAM_INT(struct cnn_config, patience, 0, 0, 100000,
		  "epochs without a better validation score before a stop; "
		  "0: none, the last weights are kept"),
	NN_AUGMENT_PARAMS(struct cnn_config),
	PARAM_END,
};

/* The window of the first pooling. */
static size_t first_pool(const struct cnn_config *c, struct nn_shape image)
{
	size_t k = 2;

	if (c->pool)
		return (size_t)c->pool;
	while (image.height / k * (image.width / k) > PIXELS_MAX)
		k++;
	return k;
}

/* Units double from block to block as pixels fall to a quarter, twice at most:
 * from the second on a block then costs what the one before it does. */
static int build(struct nn_model *m, const void *config, size_t outputs,
		 struct error *err)
{
	const struct cnn_config *c = config;
	struct nn_net *net = &m->net;
	size_t units = (size_t)c->channels;
	size_t pool = first_pool(c, net->in);

	(void)err;
	for (int64_t k = 0; k < c->blocks; k++) {
		nn_net_add(net, (struct nn_layer){ .type = &nn_conv2d,
						   .units = units,
						   .window = 3, .pad = 1 });
		if (k || pool > 1)
			nn_net_add(net, (struct nn_layer){
						.type = &nn_max_pool,
						.window = k ? 2 : pool });
		nn_net_add(net, (struct nn_layer){ .type = &nn_batch_norm });
		nn_net_add(net, (struct nn_layer){ .type = &nn_relu });
		if (k < 2)
			units *= 2;
	}
	if (!c->hidden)
		nn_net_add(net, (struct nn_layer){ .type = &nn_global_pool });
	if (c->dropout > 0.0)
		nn_net_add(net, (struct nn_layer){ .type = &nn_dropout,
						   .rate = c->dropout });
	if (c->hidden) {
		nn_net_add(net, (struct nn_layer){
					.type = &nn_linear,
					.units = (size_t)c->hidden });
		nn_net_add(net, (struct nn_layer){ .type = &nn_relu });
	}
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear,
					   .units = outputs, .gain = 1.0 });
	return 0;
}

static const struct nn_recipe recipe = {
	.params = params, .config_size = sizeof(struct cnn_config), .build = build,
};

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct cnn_config *c = config;
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
				    .smoothing = c->smoothing,
				    .warmup = c->warmup,
				    .augment = c->augment,
				    .rule = (enum nn_rule)c->optimizer,
				    .schedule = (enum nn_schedule)c->schedule },
			    data, run, err);
}

static int load(struct model_reader *r, const struct dataset *data, void **model,
		struct error *err)
{
	return nn_file_load(&recipe, r, data, model, err);
}

const struct learner learner_cnn = {
	.name = "cnn",
	.summary = "small convolutional net with batch norm",
	.family = FAMILY_NET,
	.origin = ORIGIN_OURS,
	.version = 3,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_GRID },
	.uses_valid = true,
	.config_size = sizeof(struct cnn_config),
	.params = params,
	.fit = fit,
	.predict = nn_model_predict,
	.save = nn_file_save,
	.load = load,
};
