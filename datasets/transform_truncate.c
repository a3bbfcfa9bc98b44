/* A probe of text: the first words of each document, in training, validation
 * and test alike: how much is said early? */
#include <math.h>

#include "datasets/twins/text_edit.h"

/* A text that is short enough keeps its white space and case, byte by byte; one that
 * is cut is written with single blanks. The limit is in words and not in bytes. */
static int cut(const struct transform_job *job, struct retext *r, size_t i, uint32_t row,
	       const char **out, struct error *err)
{
	size_t most = (size_t)floor(job->severity);

	(void)row;
	if (r->words.start[i + 1] - r->words.start[i] <= most)
		return 0; /* as it was */
	return retext_head(r, i, most, job->a, out, err);
}

/* In all three parts: a shift between long training and short test texts would be
 * another probe. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	return text_edit(job, items, NULL, cut, err);
}

const struct transform transform_truncate = {
	.name = "truncate",
	.summary = "the first words of each document",
	.severity = "words that stay",
	.version = 1,
	.modalities = 1u << MODALITY_TEXT,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 1,
	.max = 1000000,
	.usual = 10,
	.items = apply,
};
