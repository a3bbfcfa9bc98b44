/* The twin of text: the words of each document in random order. A bag of words
 * is what it was; n-grams and whatever reads in order lose their ground. Whether
 * a document is shuffled depends on its row and the seed alone. */
#include "datasets/twins/text_edit.h"

/* Two streams: whether, and how. So at a larger severity a document that was shuffled
 * already has the same order. */
static int shuffle(const struct transform_job *job, struct retext *r, size_t i, uint32_t row,
		   const char **out, struct error *err)
{
	if (!(rng_uniform(rng_sub(job->rng, 0), row) < job->severity))
		return 0; /* as it was */
	return retext_shuffle(r, i, rng_sub(rng_sub(job->rng, 1), row), job->a, out, err);
}

/* No words need to be named beforehand, hence no `begin`. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	return text_edit(job, items, NULL, shuffle, err);
}

const struct transform transform_shuffle_tokens = {
	.name = "shuffle_tokens",
	.summary = "the words of each document in random order",
	.severity = "share of the documents that are shuffled",
	.version = 1,
	.modalities = 1u << MODALITY_TEXT,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 1,
	.usual = 1,
	.items = apply,
};
