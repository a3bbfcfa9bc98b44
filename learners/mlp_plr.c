/* A perceptron on embedded numbers, MLP-PLR (Gorishniy, Rubachev & Babenko 2022,
 * "On embeddings for numerical features in tabular deep learning"): each number
 * becomes cosines and sines of learned frequencies, then by a linear layer of its
 * own and a ReLU a short vector. `embedding` has piecewise linear ones, too.
 *
 * Layers, rate, batch and embedding are the defaults that pytabkit (Holzmueller et
 * al. 2024) took from TabZilla and the authors' package. */
#include "learners/learner.h"
#include "learners/nn/nn_recipe.h"

#define SHARD_ROWS 64

struct mlp_plr_config {
	NN_RECIPE;
	int64_t layers, width, waves, dim, bins;
	double dropout, sigma;
	int embedding;
};

static const char *const embedding_names[] = { "plr", "plr_lite", "ple", NULL };
static const enum nn_embedding embeddings[] = { NN_EMBED_PLR, NN_EMBED_PLR_LITE,
						NN_EMBED_PLE };

static const struct param params[] = {
	PARAM_CHOICE(struct mlp_plr_config, embedding, 0, embedding_names,
		     "of numbers: periodic, with a layer shared by all, piecewise "
		     "linear", PARAM_ANY),
	PARAM_INT(struct mlp_plr_config, waves, 48, 1, 1024,
		  "plr: frequencies of a number", PARAM_LIN(8, 96)),
	PARAM_REAL(struct mlp_plr_config, sigma, 0.1, 1e-6, 1e3,
		   "plr: deviation of the first frequencies", PARAM_LOG(0.01, 10)),
	PARAM_INT(struct mlp_plr_config, bins, 48, 1, 1024,
		  "ple: bins of a number", PARAM_LIN(2, 128)),
	PARAM_INT(struct mlp_plr_config, dim, 24, 1, 256,
		  "length of a number's embedding", PARAM_LIN(4, 32)),
	PARAM_INT(struct mlp_plr_config, layers, 3, 0, 16, "hidden layers",
		  PARAM_LIN(1, 4)),
	PARAM_INT(struct mlp_plr_config, width, 192, 1, 8192,
		  "units of a hidden layer", PARAM_LOG(64, 512)),
	PARAM_REAL(struct mlp_plr_config, dropout, 0.1, 0, 0.95,
		   "share of hidden values dropped in training", PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct mlp_plr_config, lr, 1e-3, 1e-8, 1e6, "learning rate",
		   PARAM_LOG(1e-4, 5e-3)),
	PARAM_REAL(struct mlp_plr_config, weight_decay, 0.01, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-4, 0.3)),
	NN_RECIPE_PARAMS(struct mlp_plr_config, NN_CONSTANT, 128, 100, 20, 0, 0, 0),
	PARAM_END,
};

/* The embedding's ReLU leaves plain columns as they are but for signs, whose -1
 * becomes 0: no less is said. */
static void add_layers(struct nn_net *net, const struct mlp_plr_config *c,
		       size_t outputs)
{
	nn_net_add(net, (struct nn_layer){ .type = &nn_relu });
	for (int64_t k = 0; k < c->layers; k++) {
		nn_net_add(net, (struct nn_layer){ .type = &nn_linear,
						   .units = (size_t)c->width });
		nn_net_add(net, (struct nn_layer){ .type = &nn_relu });
		if (c->dropout > 0)
			nn_net_add(net, (struct nn_layer){ .type = &nn_dropout,
							   .rate = c->dropout });
	}
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .units = outputs,
					   .gain = 1 });
}

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct mlp_plr_config *c = config;
	struct nn_features f = { .kind = embeddings[c->embedding],
				 .dim = (size_t)c->dim, .waves = (size_t)c->waves,
				 .sigma = c->sigma, .cat_dim = 8 };
	struct nn_model *m = nn_model_of_table(data, NN_QUANTILE, 9, SHARD_ROWS, run,
					       err);

	if (!m || nn_model_add_features(m, &f, (size_t)c->bins, data, run, err))
		return (int)err->code;
	add_layers(&m->net, c, learner_outputs(data));
	*model = m;
	return nn_model_fit(m, NN_TRAIN(c), data, run, err);
}

const struct learner learner_mlp_plr = {
	.name = "mlp_plr",
	.summary = "perceptron on periodic embeddings of numbers",
	.version = 1,
	.views = { VIEW_TABLE },
	NN_LEARNER(struct mlp_plr_config),
};
