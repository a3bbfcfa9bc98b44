/* What the transforms of tables share: choosing columns and their normal scores. */
#include "datasets/twins/column_set.h"

#include <math.h>

#include "harness/base/par.h"

/* A level is no number: codes of categories would be turned or bent as if their order
 * meant something, so they are never in a set. */
int column_set_numeric(struct column_set *s, const struct items *items, struct arena *a,
		       struct error *err)
{
	s->n = 0;
	s->at = ARENA_NEW(a, uint32_t, items->cols);
	if (!s->at)
		return arena_error(a, err);
	for (size_t j = 0; j < items->cols; j++)
		if (!items->columns[j].is_cat)
			s->at[s->n++] = (uint32_t)j;
	return 0;
}

/* A prefix of one permutation: that is what nests the shares. Rounded to the nearest.
 * The order that is drawn stays in the set, so the first columns are those that a
 * smaller share has. */
int column_set_draw(struct column_set *s, struct rng r, double share, size_t least,
		    struct arena *a, struct error *err)
{
	size_t keep = (size_t)floor(share * (double)s->n + 0.5);
	uint32_t *order = ARENA_RAW(a, uint32_t, s->n);
	uint32_t *from = arena_copy(a, s->at, s->n * sizeof(*from));

	if (!order || !from)
		return arena_error(a, err);
	rng_permutation(r, s->n, order);
	for (size_t k = 0; k < s->n; k++)
		s->at[k] = from[order[k]];
	if (share > 0 && keep < least)
		keep = least;
	s->n = keep < s->n ? keep : s->n;
	return 0;
}

/* The old cells lie in a mapped cache that is shared and read only. Columns outside
 * the set stay the same pointers, which costs nothing. */
int column_set_cells(const struct column_set *s, const struct items *items, struct arena *a,
		     float ***cell, struct error *err)
{
	float **list = arena_copy(a, items->cell, items->cols * sizeof(*list));

	if (!list)
		return arena_error(a, err);
	for (size_t k = 0; k < s->n; k++) {
		list[s->at[k]] = ARENA_RAW(a, float, items->n);
		if (!list[s->at[k]])
			return arena_error(a, err);
	}
	*cell = list;
	return 0;
}

/* Infinite cells are left out as well as holes: one of them would make every mean and
 * deviation infinite. */
size_t column_finite(const float *cell, const uint32_t *rows, size_t n, float *out)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (isfinite(cell[rows[i]]))
			out[count++] = cell[rows[i]];
	return count;
}

/* What fit_score is told, once for all columns. */
struct scoring {
	const struct column_set *set;
	const struct items *items;
	const struct split *split;
	struct column_score *score; /* (set->n) */
	float **values;		    /* (threads) of (n_train) */
};

/* gauss_map_fit leaves the values sorted: the lower median is in the middle. Training
 * rows alone: a map that had seen test rows would leak their order. */
static void fit_score(void *ctx, size_t k, size_t worker)
{
	const struct scoring *s = ctx;
	struct column_score *score = &s->score[k];
	float *values = s->values[worker];
	size_t n = column_finite(s->items->cell[s->set->at[k]], s->split->train,
				 s->split->n_train, values);

	gauss_map_fit(&score->map, values, n);
	score->hole = n ? gauss_map_apply(&score->map, values[(n - 1) / 2]) : 0;
}

/* Room for the values is a worker's own; the maps are made before the threads start,
 * since an arena has one user at a time. */
int column_set_scores(const struct column_set *s, const struct items *items,
		      const struct split *split, int threads, struct arena *a,
		      struct column_score **out, struct error *err)
{
	struct scoring job = { .set = s, .items = items, .split = split };

	job.score = ARENA_NEW(a, struct column_score, s->n);
	job.values = ARENA_NEW(a, float *, (size_t)threads);
	if (!job.score || !job.values)
		return arena_error(a, err);
	for (int t = 0; t < threads; t++) {
		job.values[t] = ARENA_RAW(a, float, split->n_train);
		if (!job.values[t])
			return arena_error(a, err);
	}
	for (size_t k = 0; k < s->n; k++)
		if (gauss_map_init(&job.score[k].map, split->n_train, a, err))
			return (int)err->code;
	par_for(threads, s->n, fit_score, &job);
	*out = job.score;
	return 0;
}

/* Infinite cells are beyond the last knots, where the map is constant. */
double column_score_of(const struct column_score *s, float cell)
{
	return isnan(cell) ? s->hole : gauss_map_apply(&s->map, cell);
}
