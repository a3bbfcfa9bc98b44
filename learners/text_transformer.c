/* A small transformer encoder for documents, trained from scratch.
 *
 * Vaswani et al. 2017 with norms before each part (Xiong et al. 2020, "On layer
 * normalization in the transformer architecture": it trains without a long warmup)
 * and GELU. Some thousand documents are little for it, so it is small, drops much,
 * words among it, and stops by the validation rows. Documents are packed, none is
 * padded: short ones cost little.
 */
#include "learners/learner.h"
#include "learners/nn/nn_blocks.h"
#include "learners/nn/nn_model.h"

/* Rows a shard: some hundred positions fill a matrix product. */
#define SHARD_ROWS 16

struct text_transformer_config {
	int64_t layers, width, heads, hidden, length, batch, epochs, patience;
	double dropout, word_dropout, lr, weight_decay, smoothing, warmup, clip;
	bool sines;
	int pool;
};

static const struct param params[] = {
	PARAM_INT(struct text_transformer_config, layers, 2, 1, 12,
		  "blocks of attention and hidden units", PARAM_LIN(1, 4)),
	PARAM_INT(struct text_transformer_config, width, 128, 1, 2048,
		  "channels of a position; a multiple of heads",
		  PARAM_LOG(64, 256)),
	PARAM_INT(struct text_transformer_config, heads, 4, 1, 64,
		  "attention heads"),
	PARAM_INT(struct text_transformer_config, hidden, 256, 1, 8192,
		  "hidden units of a block", PARAM_LOG(128, 512)),
	PARAM_INT(struct text_transformer_config, length, 128, 2, 4096,
		  "positions; a longer document is cut"),
	PARAM_CHOICE(struct text_transformer_config, pool, 0, nn_pool_names,
		     "what stands for a document: its mean position, its first"),
	PARAM_BOOL(struct text_transformer_config, sines, 0,
		   "positions by sines rather than by weights"),
	PARAM_REAL(struct text_transformer_config, dropout, 0.1, 0, 0.95,
		   "share of values and of attention dropped in training",
		   PARAM_LIN(0, 0.4)),
	PARAM_REAL(struct text_transformer_config, word_dropout, 0.1, 0, 0.95,
		   "share of words shown as unknown in training",
		   PARAM_LIN(0, 0.4)),
	PARAM_REAL(struct text_transformer_config, lr, 1e-3, 1e-8, 1e6,
		   "learning rate", PARAM_LOG(1e-4, 3e-3)),
	PARAM_REAL(struct text_transformer_config, weight_decay, 0.01, 0, 100,
		   "decay of weights a step, times lr", PARAM_LOG(1e-4, 0.3)),
	PARAM_REAL(struct text_transformer_config, smoothing, 0, 0, 0.9,
		   "label smoothing: share spread over all classes"),
	PARAM_REAL(struct text_transformer_config, warmup, 0.1, 0, 0.9,
		   "share of all steps in which the rate rises"),
	PARAM_REAL(struct text_transformer_config, clip, 1, 0, 1e6,
		   "the gradient's largest norm; 0: any"),
	PARAM_INT(struct text_transformer_config, batch, 32, 1, 65536,
		  "rows of a minibatch"),
	PARAM_INT(struct text_transformer_config, epochs, 10, 1, 100000,
		  "passes over the training rows"),
	PARAM_INT(struct text_transformer_config, patience, 5, 0, 100000,
		  "epochs without a better validation score before a stop; "
		  "0: none, the last weights are kept"),
	PARAM_END,
};

static void add_layers(struct nn_net *net, const struct text_transformer_config *c,
		       size_t vocab, size_t outputs)
{
	struct nn_block b = { .heads = (size_t)c->heads,
			      .hidden = (size_t)c->hidden, .rate = c->dropout,
			      .attention_rate = c->dropout };

	nn_net_add(net, (struct nn_layer){ .type = &nn_embedding,
					   .vocab = vocab + 1,
					   .units = (size_t)c->width,
					   .sines = c->sines,
					   .rate = c->word_dropout });
	nn_blocks_drop(net, c->dropout);
	for (int64_t k = 0; k < c->layers; k++) {
		b.pool = k + 1 == c->layers && c->pool == NN_POOL_FIRST;
		nn_blocks_add(net, &b);
	}
	nn_net_add(net, (struct nn_layer){ .type = &nn_layer_norm });
	if (c->pool == NN_POOL_MEAN)
		nn_net_add(net, (struct nn_layer){ .type = &nn_token_mean });
	nn_blocks_drop(net, c->dropout);
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear,
					   .units = outputs, .gain = 1.0 });
}

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct text_transformer_config *c = config;
	struct nn_model *m;
	int rc = nn_blocks_check(c->width, c->heads, c->layers, err);

	if (rc)
		return rc;
	m = nn_model_new_tokens(data, (size_t)c->length, SHARD_ROWS, run, err);
	if (!m)
		return err->code;
	add_layers(&m->net, c, data->vocab, learner_outputs(data));
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
				    .clip = c->clip,
				    .rule = NN_ADAMW,
				    .schedule = NN_COSINE },
			    data, run, err);
}

const struct learner learner_text_transformer = {
	.name = "text_transformer",
	.summary = "small transformer encoder on word ids, from scratch",
	.family = FAMILY_NET,
	.origin = ORIGIN_OURS,
	.version = 1,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_TOKENS },
	.uses_valid = true,
	.config_size = sizeof(struct text_transformer_config),
	.params = params,
	.fit = fit,
	.predict = nn_model_predict,
};
