/* TabM-mini with piecewise linear embeddings (Gorishniy, Kotelnikov & Babenko 2025,
 * "TabM: advancing tabular deep learning with parameter-efficient ensembling"): k
 * perceptrons that differ by the weights of their inputs and by their outputs,
 * each trained on its own loss, averaged in the end.
 *
 * Defaults are the paper's but for the size: 16 members of 32, width 128 of 512 and
 * embeddings of 8 of 16, which cost a fortieth on a processor. */
#include "learners/learner.h"
#include "learners/nn/nn_recipe.h"

#define SHARD_ROWS 64

struct tabm_config {
	NN_RECIPE;
	int64_t members, layers, width, bins, embedding;
	double dropout;
};

static const struct param params[] = {
	PARAM_INT(struct tabm_config, members, 16, 1, 256, "perceptrons in one"),
	PARAM_INT(struct tabm_config, layers, 2, 1, 16, "hidden layers",
		  PARAM_LIN(1, 4)),
	PARAM_INT(struct tabm_config, width, 128, 1, 8192,
		  "units of a hidden layer", PARAM_LOG(64, 512)),
	PARAM_INT(struct tabm_config, bins, 48, 1, 1024,
		  "bins of a number's embedding", PARAM_LIN(2, 128)),
	PARAM_INT(struct tabm_config, embedding, 8, 1, 256,
		  "length of a number's embedding", PARAM_LIN(8, 32)),
	PARAM_REAL(struct tabm_config, dropout, 0.1, 0, 0.95,
		   "share of hidden values dropped in training",
		   PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct tabm_config, lr, 2e-3, 1e-8, 1e6, "learning rate",
		   PARAM_LOG(1e-4, 5e-3)),
	PARAM_REAL(struct tabm_config, weight_decay, 3e-4, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-4, 1e-1)),
	NN_RECIPE_PARAMS(struct tabm_config, NN_CONSTANT, 256, 200, 16, 0, 0, 1),
	PARAM_END,
};

static void add_layers(struct nn_net *net, const struct tabm_config *c,
		       size_t numbers, size_t outputs)
{
	nn_net_add(net, (struct nn_layer){ .type = &nn_members_in,
					   .units = (size_t)c->members,
					   .group = (size_t)c->embedding,
					   .grouped = numbers * (size_t)c->embedding });
	for (int64_t k = 0; k < c->layers; k++) {
		nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .each = true,
						   .units = (size_t)c->width });
		nn_net_add(net, (struct nn_layer){ .type = &nn_relu });
		if (c->dropout > 0)
			nn_net_add(net, (struct nn_layer){ .type = &nn_dropout,
							   .rate = c->dropout });
	}
	nn_net_add(net, (struct nn_layer){ .type = &nn_heads, .units = outputs,
					   .gain = 1 });
}

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct tabm_config *c = config;
	struct nn_features f = { .kind = NN_EMBED_PLE, .dim = (size_t)c->embedding,
				 .cat_dim = (size_t)c->embedding };
	struct nn_model *m = nn_model_of_table(data, NN_QUANTILE, 9, SHARD_ROWS, run,
					       err);

	if (!m || nn_model_add_features(m, &f, (size_t)c->bins, data, run, err))
		return (int)err->code;
	add_layers(&m->net, c, m->prepare.n_num, learner_outputs(data));
	*model = m;
	return nn_model_fit(m, NN_TRAIN(c), data, run, err);
}

const struct learner learner_tabm = {
	.name = "tabm",
	.summary = "ensemble of perceptrons in one net, TabM-mini with PLE",
	.version = 1,
	.views = { VIEW_TABLE },
	NN_LEARNER(struct tabm_config),
};
