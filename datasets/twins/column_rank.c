/* Datasets know no learners: whoever loads lends one through struct ranking. It
 * is shown the table view of the items as the steps before have left them,
 * without test rows. */
#include "datasets/twins/column_rank.h"

#include "datasets/encode.h"

/* The view is as large as the data; it is given back when the gains are known.
 * Validation rows are seen because the learner stops by them; test rows would leak
 * into which columns a twin has. */
static int ask(const struct transform_job *job, const struct items *items, double *gain,
	       struct error *err)
{
	const struct encoder *table = encoder_find(VIEW_TABLE, items->modality);
	struct arena_mark mark = arena_mark(job->a);
	struct split seen = *job->split;
	struct dataset data;
	int rc;

	if (!table)
		return error_set(err, ERR_UNSUPPORTED, "no table view of %s data",
				 modality_name(items->modality));
	seen.n_test = 0;
	rc = table->encode(items, &seen, job->threads, job->a, &data, err);
	if (!rc)
		rc = job->ranking->rank(job->ranking->ctx, &data, job->a, gain, err);
	arena_rewind(job->a, mark);
	return rc ? error_wrap(err, "ranking the columns") : 0;
}

/* Insertion sort: stable, and columns are few. Equal gains, most often 0 for columns
 * that no cut uses, keep the order of the columns, so that the answer does not depend
 * on the sort. */
static void sort_by_gain(const double *gain, size_t n, uint32_t *order)
{
	for (size_t j = 0; j < n; j++) {
		size_t k = j;

		for (; k && gain[order[k - 1]] < gain[j]; k--)
			order[k] = order[k - 1];
		order[k] = (uint32_t)j;
	}
}

/* One ranking a step: it is a fit of its own, and takes as long as one. */
int column_rank(const struct transform_job *job, const struct items *items, uint32_t **order,
		struct error *err)
{
	double *gain = ARENA_NEW(job->a, double, items->cols);

	*order = ARENA_NEW(job->a, uint32_t, items->cols);
	if (!gain || !*order)
		return arena_error(job->a, err);
	if (!job->ranking)
		return error_set(err, ERR_UNSUPPORTED,
				 "no learner is there to say which columns matter");
	if (ask(job, items, gain, err))
		return (int)err->code;
	sort_by_gain(gain, items->cols, *order);
	return 0;
}
