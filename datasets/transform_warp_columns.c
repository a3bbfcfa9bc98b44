/* A twin of tables for which trees are the invariant ones: numeric columns are
 * bent by increasing maps.
 *
 * Trees compare a value with values of the training rows, and an increasing map
 * keeps every such comparison (warp.h says how it survives rounding): their
 * predictions stay equal, bit for bit, on all rows. Learners that measure
 * distances or multiply see another table. Knots are training values alone. */
#include "datasets/twins/column_set.h"
#include "datasets/twins/warp.h"
#include "harness/base/par.h"

struct warping {
	struct column_set set;
	struct rng rng;
	const struct items *items;
	const struct split *split;
	struct warp *warp; /* (set.n) */
	float **values;	   /* (threads) of (n_train) */
	float **cell;
};

/* The shape belongs to the column of the table, whichever others are bent. Infinite
 * values are no knots but go through the map, which leaves them. */
static void bend_column(void *ctx, size_t k, size_t worker)
{
	const struct warping *w = ctx;
	uint32_t j = w->set.at[k];
	const float *from = w->items->cell[j];
	size_t n = column_finite(from, w->split->train, w->split->n_train,
				 w->values[worker]);
	enum warp_shape shape = (enum warp_shape)rng_below(w->rng, j, WARP_SHAPES);

	warp_fit(&w->warp[k], w->values[worker], n, shape);
	for (size_t i = 0; i < w->items->n; i++)
		w->cell[j][i] = warp_apply(&w->warp[k], from[i]);
}

/* Each warp has room for as many knots as there are training rows: all values may
 * differ. */
static int make_room(struct warping *w, const struct transform_job *job, struct error *err)
{
	size_t n = job->split->n_train;

	w->warp = ARENA_NEW(job->a, struct warp, w->set.n);
	w->values = ARENA_NEW(job->a, float *, (size_t)job->threads);
	if (!w->warp || !w->values)
		return arena_error(job->a, err);
	for (size_t k = 0; k < w->set.n; k++)
		if (warp_init(&w->warp[k], n, job->a, err))
			return (int)err->code;
	for (int t = 0; t < job->threads; t++) {
		w->values[t] = ARENA_RAW(job->a, float, n);
		if (!w->values[t])
			return arena_error(job->a, err);
	}
	return column_set_cells(&w->set, w->items, job->a, &w->cell, err);
}

/* Test values lie between knots or outside of them; they keep their order too. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	struct warping w = { .items = items, .split = job->split,
			     .rng = rng_sub(job->rng, 1) };

	if (column_set_numeric(&w.set, items, job->a, err))
		return (int)err->code;
	if (!w.set.n)
		return error_set(err, ERR_UNSUPPORTED, "there is no numeric column to bend");
	if (column_set_draw(&w.set, rng_sub(job->rng, 0), job->severity, 1, job->a, err) ||
	    make_room(&w, job, err))
		return (int)err->code;
	par_for(job->threads, w.set.n, bend_column, &w);
	items->cell = (const float *const *)w.cell;
	return 0;
}

const struct transform transform_warp_columns = {
	.name = "warp_columns",
	.summary = "numeric columns bent by increasing maps: nothing that a tree can see",
	.severity = "share of the numeric columns that are bent",
	.version = 1,
	.modalities = 1u << MODALITY_TABULAR,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 1,
	.usual = 1,
	.items = apply,
};
