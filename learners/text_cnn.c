/* Windows over words, each unit's best window, and a linear layer: Kim 2014,
 * "Convolutional neural networks for sentence classification", with embeddings that
 * begin at random (his CNN-rand). His norm of 3 on the last layer's rows is AdamW's
 * decay here, and words are dropped, for some thousand sentences have most words
 * once or twice.
 */
#include "learners/nn/nn_blocks.h"
#include "learners/nn/nn_file.h"
#include "learners/nn/nn_recipe.h"

/* Rows a shard: packing the weights is spread over so many documents. */
#define SHARD_ROWS 32

struct text_cnn_config {
	int64_t width, units, shortest, longest, length;
	double word_dropout, input_dropout, dropout;
	NN_RECIPE;
};
#define S struct text_cnn_config

static const struct param params[] = {
	PARAM_INT(S, width, 128, 1, 2048, "channels of a word's embedding",
		  PARAM_LOG(64, 256)),
	PARAM_INT(S, units, 100, 1, 4096, "units for each size of window",
		  PARAM_LOG(50, 200)),
	PARAM_INT(S, shortest, 3, 1, 32, "words of the smallest window",
		  PARAM_LIN(1, 3)),
	PARAM_INT(S, longest, 5, 1, 32, "words of the largest window",
		  PARAM_LIN(3, 5)),
	PARAM_INT(S, length, 256, 2, 4096, "words; a longer document is cut"),
	PARAM_REAL(S, word_dropout, 0.1, 0, 0.95,
		   "share of words shown as unknown in training",
		   PARAM_LIN(0, 0.4)),
	PARAM_REAL(S, input_dropout, 0, 0, 0.95,
		   "share of embeddings' values dropped in training"),
	PARAM_REAL(S, dropout, 0.5, 0, 0.95,
		   "share of units dropped in training", PARAM_LIN(0, 0.7)),
	PARAM_REAL(S, lr, 1e-3, 1e-8, 1e6, "learning rate",
		   PARAM_LOG(3e-4, 5e-3)),
	PARAM_REAL(S, weight_decay, 0.01, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-4, 1)),
	NN_RECIPE_PARAMS(S, NN_COSINE, 32, 20, 5, 0, 0, 0),
	PARAM_END,
};

static int build(struct nn_model *m, const void *config, size_t outputs,
		 struct error *err)
{
	const S *c = config;
	struct nn_net *net = &m->net;

	if (c->shortest > c->longest)
		return error_set(err, ERR_CONFIG, "shortest %lld is above longest %lld",
				 (long long)c->shortest, (long long)c->longest);
	nn_net_add(net, (struct nn_layer){ .type = &nn_embedding, .unplaced = true,
					   .vocab = m->scaling.vocab + 1,
					   .units = (size_t)c->width,
					   .rate = c->word_dropout });
	nn_blocks_drop(net, c->input_dropout);
	nn_net_add(net, (struct nn_layer){ .type = &nn_token_windows,
					   .window = (size_t)c->shortest,
					   .window_to = (size_t)c->longest,
					   .units = (size_t)c->units });
	nn_net_add(net, (struct nn_layer){ .type = &nn_relu });
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

const struct learner learner_text_cnn = {
	.name = "text_cnn",
	.summary = "convolution over words, maximum over time, from scratch",
	.version = 1,
	.views = { VIEW_TOKENS },
	NN_LEARNER(S),
	.save = nn_file_save,
	.load = load,
};
