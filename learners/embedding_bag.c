/* Bag of word and word-pair embeddings, as fastText (Joulin, Grave, Bojanowski
 * & Mikolov 2017): the order of words is seen through neighbouring pairs alone.
 * learners/nn/nn_bag.c is the method; here are its options.
 *
 * The rate is the highest they tried, with more epochs than their 5: they had
 * millions of documents, here are thousands, where most words are rare. */
#include "learners/learner.h"
#include "learners/nn/nn_bag_file.h"

struct embedding_bag_config {
	int64_t dim, buckets, epochs;
	double lr;
};

static const struct param params[] = {
	PARAM_INT(struct embedding_bag_config, dim, 64, 1, 4096,
		  "length of an embedding", PARAM_LOG(16, 256)),
	PARAM_INT(struct embedding_bag_config, buckets, 262144, 0, 1 << 26,
		  "hash buckets for pairs of words; 0: words alone"),
	PARAM_REAL(struct embedding_bag_config, lr, 0.5, 1e-6, 1e6,
		   "learning rate of the first step; falls linearly to 0",
		   PARAM_LOG(0.05, 2)),
	PARAM_INT(struct embedding_bag_config, epochs, 25, 1, 100000,
		  "passes over the training rows", PARAM_LOG(5, 50)),
	PARAM_END,
};

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct embedding_bag_config *c = config;
	struct nn_bag *b = ARENA_NEW(run->arena, struct nn_bag, 1);
	int rc;

	if (!b)
		return arena_error(run->arena, err);
	if (!data->train.rows)
		return error_set(err, ERR_DATA, "no training rows");
	*b = (struct nn_bag){ .vocab = data->vocab,
			      .buckets = (size_t)c->buckets,
			      .dim = (size_t)c->dim,
			      .outputs = learner_outputs(data) };
	*model = b;
	rc = nn_bag_init(b, run->seed, run->arena, err);
	return rc ? rc :
		    nn_bag_train(b, data, (size_t)c->epochs, c->lr, run, err);
}

/* The vtable's signature around nn_bag_predict, whose model has a type. */
static int predict(const void *model, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	return nn_bag_predict(model, data, rows, run, scores, err);
}

static void save(const void *model, const struct dataset *data,
		 struct model_writer *w)
{
	(void)data;
	nn_bag_file_save(model, w);
}

static int load(struct model_reader *r, const struct dataset *data, void **model,
		struct error *err)
{
	struct nn_bag *b = ARENA_NEW(r->arena, struct nn_bag, 1);

	if (!b)
		return arena_error(r->arena, err);
	*model = b;
	return nn_bag_file_load(b, data, r, err);
}

const struct learner learner_embedding_bag = {
	.name = "embedding_bag",
	.summary = "mean of word and word-pair embeddings, as fastText",
	.family = FAMILY_NET,
	.origin = ORIGIN_OURS,
	.version = 2,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_TOKENS },
	.uses_valid = true,
	.config_size = sizeof(struct embedding_bag_config),
	.params = params,
	.fit = fit,
	.predict = predict,
	.save = save,
	.load = load,
};
