/* FT-Transformer (Gorishniy, Rubachev, Khrulkov & Babenko 2021, "Revisiting deep
 * learning models for tabular data", section 3.3): each column a token, a few blocks
 * of attention between columns, and the class token's outcome to a linear head.
 *
 * Blocks are theirs: norms first, but none before the first attention; ReGLU with
 * 4/3 hidden units; the head ReLU(norm) and a linear layer. Sizes follow the ladder
 * of their package (rtdl, make_default): two blocks have 128 channels, dropout .15 of
 * attention and .05 of hidden units. Their default of three blocks costs three times
 * as much, and a rate of 1e-4 more epochs than a CPU has time for. Rows cost the
 * square of their columns; each level of a category is a column of the dense view.
 */
#include "learners/learner.h"
#include "learners/nn/nn_blocks.h"
#include "learners/nn/nn_model.h"

/* Rows a shard: with 20 columns that is some thousand positions. */
#define SHARD_ROWS 64

struct ft_transformer_config {
	int64_t layers, width, heads, batch, epochs, patience;
	double hidden_factor, attention_dropout, hidden_dropout, dropout;
	double lr, weight_decay, smoothing;
	int schedule;
};

static const struct param params[] = {
	PARAM_INT(struct ft_transformer_config, layers, 2, 1, 7,
		  "blocks of attention and hidden units", PARAM_LIN(1, 4)),
	PARAM_INT(struct ft_transformer_config, width, 128, 1, 2048,
		  "channels of a token; a multiple of heads"),
	PARAM_INT(struct ft_transformer_config, heads, 8, 1, 64,
		  "attention heads"),
	PARAM_REAL(struct ft_transformer_config, hidden_factor, 1.33333333, 0.01,
		   16, "hidden units of a block, times width",
		   PARAM_LIN(0.66666667, 2.66666667)),
	PARAM_REAL(struct ft_transformer_config, attention_dropout, 0.15, 0, 0.95,
		   "share of attention dropped in training", PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct ft_transformer_config, hidden_dropout, 0.05, 0, 0.95,
		   "share of hidden units dropped in training",
		   PARAM_LIN(0, 0.5)),
	PARAM_REAL(struct ft_transformer_config, dropout, 0, 0, 0.95,
		   "share of a block's outcome dropped in training",
		   PARAM_LIN(0, 0.2)),
	PARAM_REAL(struct ft_transformer_config, lr, 3e-4, 1e-8, 1e6,
		   "learning rate", PARAM_LOG(3e-5, 1e-3)),
	PARAM_REAL(struct ft_transformer_config, weight_decay, 1e-5, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-6, 1e-3)),
	PARAM_REAL(struct ft_transformer_config, smoothing, 0, 0, 0.9,
		   "label smoothing: share spread over all classes"),
	PARAM_CHOICE(struct ft_transformer_config, schedule, NN_COSINE,
		     nn_schedule_names, "learning rate over the fit"),
	PARAM_INT(struct ft_transformer_config, batch, 256, 1, 65536,
		  "rows of a minibatch"),
	PARAM_INT(struct ft_transformer_config, epochs, 40, 1, 100000,
		  "passes over the training rows"),
	PARAM_INT(struct ft_transformer_config, patience, 16, 0, 100000,
		  "epochs without a better validation score before a stop; "
		  "0: none, the last weights are kept"),
	PARAM_END,
};

/* The last block keeps the class token alone. */
static void add_layers(struct nn_net *net, const struct ft_transformer_config *c,
		       size_t outputs)
{
	struct nn_block b = {
		.heads = (size_t)c->heads, .reglu = true, .rate = c->dropout,
		.hidden = (size_t)((double)c->width * c->hidden_factor) + 1,
		.hidden_rate = c->hidden_dropout,
		.attention_rate = c->attention_dropout,
	};

	nn_net_add(net, (struct nn_layer){ .type = &nn_feature_tokens,
					   .numeric = net->in.channels,
					   .units = (size_t)c->width });
	for (int64_t k = 0; k < c->layers; k++) {
		b.raw = k == 0;
		b.pool = k + 1 == c->layers;
		nn_blocks_add(net, &b);
	}
	nn_net_add(net, (struct nn_layer){ .type = &nn_layer_norm });
	nn_net_add(net, (struct nn_layer){ .type = &nn_relu });
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .units = outputs });
}

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct ft_transformer_config *c = config;
	struct nn_model *m;
	int rc = nn_blocks_check(c->width, c->heads, c->layers, err);

	if (rc)
		return rc;
	m = nn_model_new(data, SHARD_ROWS, run, err);
	if (!m)
		return err->code;
	add_layers(&m->net, c, learner_outputs(data));
	*model = m;
	return nn_model_fit(m,
			    &(struct nn_train){
				    .batch = (size_t)c->batch,
				    .epochs = (size_t)c->epochs,
				    .patience = (size_t)c->patience,
				    .lr = c->lr,
				    .weight_decay = c->weight_decay,
				    .smoothing = c->smoothing,
				    .rule = NN_ADAMW,
				    .schedule = (enum nn_schedule)c->schedule },
			    data, run, err);
}

const struct learner learner_ft_transformer = {
	.name = "ft_transformer",
	.summary = "FT-Transformer: attention between the columns of a table",
	.family = FAMILY_NET,
	.origin = ORIGIN_OURS,
	.version = 1,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_DENSE },
	.uses_valid = true,
	.config_size = sizeof(struct ft_transformer_config),
	.params = params,
	.fit = fit,
	.predict = nn_model_predict,
};
