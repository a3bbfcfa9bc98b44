/* A recurrent net over words, forth and back, and each unit's largest value over time
 * (Conneau et al. 2017, "Supervised learning of universal sentence representations",
 * section 3.2.2: the maximum does better than the last state), from scratch.
 */
#include "learners/nn/nn_blocks.h"
#include "learners/nn/nn_file.h"
#include "learners/nn/nn_recipe.h"

/* Rows a shard: a step's product has so many rows at most. */
#define SHARD_ROWS 16

static const char *const cells[] = { "lstm", "gru", NULL };
static const struct nn_layer_type *const cell_types[] = { &nn_lstm, &nn_gru };

struct text_lstm_config {
	int64_t layers, width, units, length;
	double word_dropout, dropout;
	int cell;
	bool both;
	NN_RECIPE;
};
#define S struct text_lstm_config

static const struct param params[] = {
	PARAM_CHOICE(S, cell, 0, cells, "what recurs"),
	PARAM_BOOL(S, both, true, "backwards as well"),
	PARAM_INT(S, layers, 1, 1, 8, "recurrent layers", PARAM_LIN(1, 2)),
	PARAM_INT(S, width, 128, 1, 2048, "channels of a word's embedding",
		  PARAM_LOG(64, 256)),
	PARAM_INT(S, units, 128, 1, 2048, "units of a layer, each way",
		  PARAM_LOG(64, 256)),
	PARAM_INT(S, length, 128, 2, 4096, "words; a longer document is cut"),
	PARAM_REAL(S, word_dropout, 0.1, 0, 0.95,
		   "share of words shown as unknown in training",
		   PARAM_LIN(0, 0.4)),
	PARAM_REAL(S, dropout, 0.5, 0, 0.95,
		   "share of embeddings and of states dropped in training",
		   PARAM_LIN(0, 0.7)),
	PARAM_REAL(S, lr, 1e-3, 1e-8, 1e6, "learning rate",
		   PARAM_LOG(3e-4, 5e-3)),
	PARAM_REAL(S, weight_decay, 0.01, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-4, 1)),
	NN_RECIPE_PARAMS(S, NN_COSINE, 32, 15, 5, 0, 0, 1),
	PARAM_END,
};

static int build(struct nn_model *m, const void *config, size_t outputs,
		 struct error *err)
{
	const S *c = config;
	struct nn_net *net = &m->net;

	(void)err;
	nn_net_add(net, (struct nn_layer){ .type = &nn_embedding, .unplaced = true,
					   .vocab = m->scaling.vocab + 1,
					   .units = (size_t)c->width,
					   .rate = c->word_dropout });
	for (int64_t k = 0; k < c->layers; k++) {
		nn_blocks_drop(net, c->dropout);
		nn_net_add(net, (struct nn_layer){ .type = cell_types[c->cell],
						   .units = (size_t)c->units,
						   .both = c->both });
	}
	nn_net_add(net, (struct nn_layer){ .type = &nn_token_max });
	nn_blocks_drop(net, c->dropout);
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .units = outputs,
					   .gain = 1.0 });
	return 0;
}

static const struct nn_recipe recipe = {
	.params = params, .config_size = sizeof(S), .build = build,
};

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const S *c = config;
	struct nn_model *m = nn_model_new_tokens(data, (size_t)c->length, SHARD_ROWS,
						 run, err);

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

const struct learner learner_text_lstm = {
	.name = "text_lstm",
	.summary = "LSTM or GRU over words, both ways, maximum over time",
	.version = 1,
	.views = { VIEW_TOKENS },
	NN_LEARNER(S),
	.save = nn_file_save,
	.load = load,
};
