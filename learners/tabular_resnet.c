/* The residual net for tables of Gorishniy et al. 2021, "Revisiting deep learning
 * models for tabular data", section 3.3: blocks of norm, linear, ReLU, dropout,
 * linear, dropout around which the input passes by. Defaults follow Grinsztajn,
 * Oyallon & Varoquaux 2022, with half of their eight blocks. */
#include "learners/learner.h"
#include "learners/nn/nn_recipe.h"

#define SHARD_ROWS 128

struct tabular_resnet_config {
	NN_RECIPE;
	int64_t blocks, width, factor;
	double dropout;
};

static const struct param params[] = {
	PARAM_INT(struct tabular_resnet_config, blocks, 4, 1, 24, "residual blocks",
		  PARAM_LIN(1, 8)),
	PARAM_INT(struct tabular_resnet_config, width, 192, 1, 8192,
		  "values between blocks", PARAM_LOG(64, 512)),
	PARAM_INT(struct tabular_resnet_config, factor, 2, 1, 16,
		  "units within a block, times width", PARAM_LIN(1, 4)),
	PARAM_REAL(struct tabular_resnet_config, dropout, 0.2, 0, 0.95,
		   "share of values dropped within a block", PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct tabular_resnet_config, lr, 1e-3, 1e-8, 1e6,
		   "learning rate", PARAM_LOG(1e-4, 1e-2)),
	PARAM_REAL(struct tabular_resnet_config, weight_decay, 1e-3, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-4, 0.3)),
	NN_RECIPE_PARAMS(struct tabular_resnet_config, NN_COSINE, 256, 60, 20, 0, 0,
			 0),
	PARAM_END,
};

static void add_linear(struct nn_net *net, size_t units, double gain)
{
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .units = units,
					   .gain = gain });
}

static void add_dropout(struct nn_net *net, double rate)
{
	if (rate > 0)
		nn_net_add(net, (struct nn_layer){ .type = &nn_dropout,
						   .rate = rate });
}

static void add_block(struct nn_net *net, const struct tabular_resnet_config *c)
{
	nn_net_fork(net);
	nn_net_add(net, (struct nn_layer){ .type = &nn_batch_norm });
	add_linear(net, (size_t)(c->width * c->factor), 0);
	nn_net_add(net, (struct nn_layer){ .type = &nn_relu });
	add_dropout(net, c->dropout);
	add_linear(net, (size_t)c->width, 1);
	nn_net_next(net);
	nn_net_join(net);
}

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct tabular_resnet_config *c = config;
	struct nn_features none = { .cat_dim = 8 };
	struct nn_model *m = nn_model_of_table(data, NN_QUANTILE, 9, SHARD_ROWS, run,
					       err);

	if (!m || nn_model_add_features(m, &none, 0, data, run, err))
		return (int)err->code;
	add_linear(&m->net, (size_t)c->width, 1);
	for (int64_t k = 0; k < c->blocks; k++)
		add_block(&m->net, c);
	nn_net_add(&m->net, (struct nn_layer){ .type = &nn_batch_norm });
	nn_net_add(&m->net, (struct nn_layer){ .type = &nn_relu });
	add_linear(&m->net, learner_outputs(data), 1);
	*model = m;
	return nn_model_fit(m, NN_TRAIN(c), data, run, err);
}

const struct learner learner_tabular_resnet = {
	.name = "tabular_resnet",
	.summary = "residual net for tables",
	.version = 1,
	.views = { VIEW_TABLE },
	NN_LEARNER(struct tabular_resnet_config),
};
