/* A probe of any task: fewer training rows.
 *
 * Which rows stay depends on the row and the seed alone, so that a smaller
 * training set is part of a larger one. Validation and test rows stay. */
#include <math.h>
#include <stdlib.h>

#include "datasets/transform.h"

struct drawn {
	uint64_t key;
	uint32_t row, place;
};

/* Equal keys of 64 bits are next to impossible; the row decides then, so that the
 * order is total and qsort's own does not show. */
static int by_key(const void *pa, const void *pb)
{
	const struct drawn *a = pa, *b = pb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* Back into the order that the split had: learners may see rows in order. */
static int by_place(const void *pa, const void *pb)
{
	const struct drawn *a = pa, *b = pb;

	return (a->place > b->place) - (a->place < b->place);
}

/* The least keys stay, in the order the rows had. ceil, so that at least one row stays
 * at any severity above 0. */
static int apply(const struct transform_job *job, const struct items *items,
		 struct split *split, struct error *err)
{
	size_t n = split->n_train;
	size_t keep = (size_t)ceil(job->severity * (double)n);
	struct drawn *drawn = ARENA_RAW(job->a, struct drawn, n);
	uint32_t *rows = ARENA_RAW(job->a, uint32_t, n);

	(void)items;
	if (!drawn || !rows)
		return arena_error(job->a, err);
	if (keep >= n)
		return 0;
	for (size_t k = 0; k < n; k++)
		drawn[k] = (struct drawn){ rng_u64(job->rng, split->train[k]),
					   split->train[k], (uint32_t)k };
	qsort(drawn, n, sizeof(*drawn), by_key);
	qsort(drawn, keep, sizeof(*drawn), by_place);
	for (size_t k = 0; k < keep; k++)
		rows[k] = drawn[k].row;
	split->train = rows;
	split->n_train = keep;
	return 0;
}

const struct transform transform_training_size = {
	.name = "training_size",
	.summary = "a part of the training rows; a smaller one is part of a larger",
	.severity = "share of the training rows that stays, at least one row",
	.version = 1,
	.modalities = 1u << MODALITY_TABULAR | 1u << MODALITY_IMAGE |
		      1u << MODALITY_AUDIO | 1u << MODALITY_TEXT,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0.001,
	.max = 1,
	.usual = 0.5,
	.rows = apply,
};
