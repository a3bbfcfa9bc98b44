/* A probe of tables: the columns that matter least are dropped.
 *
 * Grinsztajn et al. 2022 (finding 2) drop {0, .2, .4, .6, .8} of the columns by
 * the importance of a random forest; here it is what the boosted trees' cuts
 * took off the loss (struct ranking). What narrows between learners when
 * uninformative columns go was their handling of such columns. */
#include <math.h>

#include "datasets/twins/column_rank.h"

/* The kept columns in their old order. `dropped`: (cols) New lists and old cells:
 * nothing of the columns themselves is copied. */
static int keep_rest(struct items *items, const bool *dropped, struct arena *a,
		     struct error *err)
{
	struct column *columns = ARENA_NEW(a, struct column, items->cols);
	const float **cell = ARENA_NEW(a, const float *, items->cols);
	size_t n = 0;

	if (!columns || !cell)
		return arena_error(a, err);
	for (size_t j = 0; j < items->cols; j++) {
		if (dropped[j])
			continue;
		columns[n] = items->columns[j];
		cell[n++] = items->cell[j];
	}
	items->columns = columns;
	items->cell = cell;
	items->cols = n;
	return 0;
}

/* At least one column stays. The ranking is fitted on the table as earlier steps of
 * the chain left it, so noise_columns before this is a test of the ranking. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	size_t drop = (size_t)floor(job->severity * (double)items->cols + 0.5);
	bool *dropped = ARENA_NEW(job->a, bool, items->cols);
	uint32_t *order;

	if (!dropped)
		return arena_error(job->a, err);
	if (drop >= items->cols)
		drop = items->cols ? items->cols - 1 : 0;
	if (!drop)
		return 0;
	if (column_rank(job, items, &order, err))
		return (int)err->code;
	for (size_t k = 0; k < drop; k++)
		dropped[order[items->cols - 1 - k]] = true;
	return keep_rest(items, dropped, job->a, err);
}

const struct transform transform_drop_columns = {
	.name = "drop_columns",
	.summary = "the columns that boosted trees gain least from are dropped",
	.severity = "share of the columns that are dropped; one stays",
	.version = 1,
	.modalities = 1u << MODALITY_TABULAR,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 1,
	.usual = 0.5,
	.items = apply,
};
