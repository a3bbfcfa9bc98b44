/* From parameters to columns. */
#include "learners/gbdt/columns.h"

#include <math.h>

/* Each bin of a column costs time in every leaf, and a quantile that rests on a
 * few rows is noise; but small tables are not to lose their detail. */
static size_t bin_limit(const struct gbdt_config *c, size_t rows)
{
	size_t some = rows / (size_t)c->bin_rows, few = 63;
	size_t limit = some > few ? some : few;

	return (size_t)c->bins < limit ? (size_t)c->bins : limit;
}

/* Levels that have a bin each are told apart as they are: of 8 real tables with
 * 41 to 87 levels numbers beside the bins made 2 better by 2 and 10 % and the
 * others worse by up to 2 % (validation, 3 splits), in place of the bins none;
 * with more levels than bins they are what is left of the rare ones. */
int columns_make(struct boost *b, const struct gbdt_config *c,
		 const struct dataset *data, const struct run *run,
		 float **ordered, struct error *err)
{
	size_t limit = bin_limit(c, data->train.rows);
	size_t levels = (size_t)c->target_stats;
	struct target_stats_options stats = {
		.levels = !levels ? SIZE_MAX : levels < limit ? levels : limit,
		.classes = (size_t)c->target_classes,
		.prior = c->target_prior, .seed = run->seed,
	};
	struct bins_options o = {
		.max_bins = limit,
		.sparse_bins = (size_t)c->sparse_bins,
		.bundle = c->bundle,
	};

	if (target_stats_make(&b->stats, data, &stats, ordered, run->threads,
			      run->arena, err))
		return err->code;
	o.extras = target_stats_extras(&b->stats);
	o.extra = *ordered;
	return bins_make_with(&b->bins, data, &o, run->threads, run->arena, err);
}

/* In wide tables neighbours tell much the same (pixels, frequencies), so a
 * bounded number of columns is enough for a tree, and another tree sees others:
 * the random subspaces of Ho 1998. A word is in few rows and tells what no other
 * does; of those a tree gets more. */
size_t columns_wanted(const struct boost *b, const struct gbdt_config *c,
		      enum view view)
{
	double cols = (double)b->bins.cols;
	double most = (double)(view == VIEW_SPARSE ? c->sparse_columns :
						     c->max_columns);
	double some = fmin(round(c->col_sample * cols), most);

	return (size_t)fmin(fmax(some, 1), cols);
}
