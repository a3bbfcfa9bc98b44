/* Multilayer perceptron: linear layers, each with an activation and dropout,
 * then the outputs.
 *
 * The defaults follow what large comparisons on tables settled on (Gorishniy et
 * al. 2021, "Revisiting deep learning models for tabular data", and Kadra et
 * al. 2021, "Well-tuned simple nets excel"): a few layers of some hundred
 * units, AdamW, a little dropout, the best epoch by the validation rows. Inputs
 * come scaled from the dense encoder. First weights are scikit-learn's: those of He
 * et al. are larger by half, and cost on tables (4 % of the error in the mean of 13).
 */
#include <math.h>

#include "learners/learner.h"
#include "learners/nn/nn_file.h"
#include "learners/nn/nn_recipe.h"

/* Rows a shard: half a minibatch, between these. More fill a matrix product and
 * share what it costs to pack the weights (3 x 256 units, minibatches of 256: 128
 * rows a shard take an eighth less time than 64), fewer make work for threads. */
#define SHARD_MIN 64
#define SHARD_MAX 128

struct mlp_config {
	NN_RECIPE;
	int64_t layers, width;
	double taper, dropout;
	int activation, init;
	bool batch_norm;
};

static const char *const activation_names[] = { "relu", "tanh", "gelu", "silu",
						"selu", "mish", NULL };
static const struct nn_layer_type *const activations[] = {
	&nn_relu, &nn_tanh, &nn_gelu, &nn_silu, &nn_selu, &nn_mish,
};

enum init { INIT_HE, INIT_GLOROT, INIT_LECUN, INIT_PYTORCH };

static const char *const init_names[] = { "he", "glorot", "lecun", "pytorch", NULL };

static const struct param params[] = {
	PARAM_INT(struct mlp_config, layers, 3, 0, 16, "hidden layers",
		  PARAM_LIN(1, 5)),
	PARAM_INT(struct mlp_config, width, 256, 1, 8192,
		  "units of a hidden layer", PARAM_LOG(64, 512)),
	PARAM_REAL(struct mlp_config, taper, 1, 0.01, 1,
		   "width of a hidden layer, of the one before it"),
	PARAM_CHOICE(struct mlp_config, activation, 0, activation_names,
		     "what follows a hidden layer"),
	PARAM_BOOL(struct mlp_config, batch_norm, 0,
		   "normalise each hidden layer's inputs to its activation"),
	PARAM_REAL(struct mlp_config, dropout, 0.1, 0, 0.95,
		   "share of hidden values dropped in training",
		   PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct mlp_config, lr, 2e-3, 1e-8, 1e6, "learning rate",
		   PARAM_LOG(1e-4, 5e-3)),
	PARAM_REAL(struct mlp_config, weight_decay, 0.01, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-4, 0.3)),
	PARAM_CHOICE(struct mlp_config, init, INIT_GLOROT, init_names,
		     "variance of first weights: 2 / inputs, 2 / (inputs + outputs), "
		     "1 / inputs or 1 / (3 inputs); the second and the last are "
		     "uniform and for biases, too"),
	NN_RECIPE_PARAMS(struct mlp_config, NN_COSINE, 256, 30, 16, 0, 0, 0),
	PARAM_END,
};

/* The variance of a weight times the layer's inputs: He et al. 2015 (1 for the last
 * layer, as no ReLU halves it), Glorot & Bengio 2010, LeCun et al. 1998, and what
 * PyTorch's Linear starts from. */
static double gain(int init, size_t in, size_t out, bool last)
{
	switch (init) {
	case INIT_HE: return last ? 1.0 : 2.0;
	case INIT_GLOROT: return 2.0 * (double)in / (double)(in + out);
	case INIT_LECUN: return 1.0;
	default: return 1.0 / 3.0;
	}
}

static void add_linear(struct nn_net *net, int init, size_t units, bool last)
{
	size_t in = nn_shape_size(net->out);

	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .units = units,
					   .gain = gain(init, in, units, last),
					   .uniform = init == INIT_GLOROT ||
						      init == INIT_PYTORCH });
}

/* Norm before the activation, as Ioffe & Szegedy have it; dropout after. */
static int build(struct nn_model *m, const void *config, size_t outputs,
		 struct error *err)
{
	const struct mlp_config *c = config;
	struct nn_net *net = &m->net;
	double width = (double)c->width;

	(void)err;
	for (int64_t k = 0; k < c->layers; k++, width *= c->taper) {
		add_linear(net, c->init, (size_t)fmax(1, width), false);
		if (c->batch_norm)
			nn_net_add(net, (struct nn_layer){
						.type = &nn_batch_norm });
		nn_net_add(net, (struct nn_layer){
					.type = activations[c->activation] });
		if (c->dropout > 0.0)
			nn_net_add(net, (struct nn_layer){
						.type = &nn_dropout,
						.rate = c->dropout });
	}
	add_linear(net, c->init, outputs, true);
	return 0;
}

static const struct nn_recipe recipe = {
	.params = params, .config_size = sizeof(struct mlp_config), .build = build,
};

static size_t shard_rows(const struct mlp_config *c)
{
	size_t half = ((size_t)c->batch + 1) / 2;

	return half < SHARD_MIN ? SHARD_MIN : half < SHARD_MAX ? half : SHARD_MAX;
}

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct mlp_config *c = config;
	struct nn_model *m = nn_model_new(data, shard_rows(c), run, err);

	if (!m || nn_model_build(m, &recipe, c, learner_outputs(data), run->arena, err))
		return err->code;
	*model = m;
	return nn_model_fit(m, NN_TRAIN(c), data, run, err);
}

static int load(struct model_reader *r, const struct dataset *data, void **model,
		struct error *err)
{
	return nn_file_load(&recipe, r, data, model, err);
}

const struct learner learner_mlp = {
	.name = "mlp",
	.summary = "multilayer perceptron, AdamW, early stopping",
	.version = 3,
	.views = { VIEW_DENSE },
	NN_LEARNER(struct mlp_config),
	.save = nn_file_save,
	.load = load,
};
