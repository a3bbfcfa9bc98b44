/* Columns of a table become columns of a matrix: each is fitted on the training
 * rows by itself, then finds its place, then all rows are written. */
#include "datasets/views/table_dense.h"

#include <math.h>

#include "datasets/views/gauss_map.h"
#include "datasets/views/scaling.h"
#include "harness/base/par.h"

#define NOWHERE SIZE_MAX
#define ROW_GRAIN 512

/* How one column of the items becomes columns of x. */
struct plan {
	const struct column *column;
	const float *cell; /* (items) */
	double mean, scale;
	struct gauss_map map; /* used when numbers go by rank */
	size_t *slot;	  /* (levels) column of x, or NOWHERE; NULL: numeric */
	size_t at;	  /* first column of x */
	size_t width;	  /* columns without the indicator */
	bool has_holes;	  /* then column at + width is the indicator */
	bool is_ranked;
};

/* Do the finite training values differ at all? Sums cannot tell: those of a
 * thousand times 0.1 leave a deviation of a few bits. */
static bool is_constant(const struct plan *p, const uint32_t *rows, size_t n)
{
	float low = INFINITY, high = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		float v = p->cell[rows[i]];

		if (!isfinite(v))
			continue;
		low = v < low ? v : low;
		high = v > high ? v : high;
	}
	return !(low < high);
}

/* Mean and 1 / sd of the finite training values; two passes in double. */
static void fit_scale(struct plan *p, const uint32_t *rows, size_t n)
{
	double sum = 0, square = 0;
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		double v = (double)p->cell[rows[i]];

		p->has_holes |= isnan(v);
		sum += isfinite(v) ? v : 0;
		count += isfinite(v) != 0;
	}
	p->mean = count ? sum / (double)count : 0;
	for (size_t i = 0; i < n; i++) {
		double d = (double)p->cell[rows[i]] - p->mean;

		square += isfinite(d) ? d * d : 0;
	}
	/* a constant column stays 0, also where the test part differs */
	p->scale = square > 0 && !is_constant(p, rows, n) ?
		sqrt((double)count / square) : 0;
	p->width = 1;
}

/* The finite training values into `values` (n), which are sorted there. */
static void fit_ranks(struct plan *p, const uint32_t *rows, size_t n,
		      float *values)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		float v = p->cell[rows[i]];

		p->has_holes |= isnan(v);
		if (isfinite(v))
			values[count++] = v;
	}
	gauss_map_fit(&p->map, values, count);
	p->width = 1;
}

/* Count the levels of the training rows into p->slot, which fit_levels turns
 * into columns in place. A hole is no level: it has the indicator. */
static void count_levels(struct plan *p, const uint32_t *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		float v = p->cell[rows[i]];

		if (isnan(v))
			p->has_holes = true;
		else
			p->slot[(size_t)v]++;
	}
}

/* The least count that is kept so that at most TABLE_DENSE_LEVELS levels are.
 * Levels of one count stay or go together: which of them stands first in the
 * file must not decide. */
static size_t least_count(const size_t *count, size_t levels)
{
	size_t least = 1, more = 1;

	while (more) {
		size_t kept = 0;

		more = 0; /* the least count above `least`, if too many */
		for (size_t k = 0; k < levels; k++) {
			kept += count[k] >= least;
			if (count[k] > least && (!more || count[k] < more))
				more = count[k];
		}
		if (kept <= TABLE_DENSE_LEVELS)
			return least;
		least = more ? more : least + 1;
	}
	return least;
}

/* Counts become slots: 0 .. width-1 in the order of the levels. */
static void fit_levels(struct plan *p, const uint32_t *rows, size_t n)
{
	size_t levels = p->column->levels, least;

	count_levels(p, rows, n);
	least = least_count(p->slot, levels);
	for (size_t k = 0; k < levels; k++)
		p->slot[k] = p->slot[k] >= least ? p->width++ : NOWHERE;
}

/* The columns of the items, each fitted on the training rows. */
struct table_fit {
	struct plan *plans; /* (cols) */
	const struct split *split;
	float *values; /* (threads, n_train) to sort in; NULL: none is ranked */
};

/* Where columns were made to share a unit (rotated, say), a scale for each would
 * change all distances. They stay as they are, and have no holes. */
static void keep_scale(struct plan *p)
{
	p->mean = 0;
	p->scale = 1;
	p->width = 1;
}

/* Only training rows are looked at; the worker's own stretch of `values` is
 * sorted, so that no two threads share it. */
static void fit_column(void *ctx, size_t j, size_t worker)
{
	const struct table_fit *f = ctx;
	struct plan *p = &f->plans[j];
	size_t n = f->split->n_train;

	if (p->slot)
		fit_levels(p, f->split->train, n);
	else if (p->column->is_scaled)
		keep_scale(p);
	else if (p->is_ranked)
		fit_ranks(p, f->split->train, n, f->values + worker * n);
	else
		fit_scale(p, f->split->train, n);
}

/* What the fit of a column needs, before threads start: arenas are not for
 * threads. */
static int plan_init(struct plan *p, const struct column *column,
		     const float *cell, enum table_numbers numbers, size_t n,
		     struct arena *a, struct error *err)
{
	p->column = column;
	p->cell = cell;
	if (column->is_cat) {
		p->slot = ARENA_NEW(a, size_t, column->levels);
		return p->slot ? 0 : arena_error(a, err);
	}
	p->is_ranked = numbers == TABLE_RANKED && !column->is_scaled;
	return p->is_ranked ? gauss_map_init(&p->map, n, a, err) : 0;
}

/* A plan a column; columns are independent, so they are fitted in parallel. */
static int make_plans(const struct items *items, const struct split *split,
		      enum table_numbers numbers, int threads, struct arena *a,
		      struct plan **plans, struct error *err)
{
	struct table_fit f = { .split = split };
	int rc = 0;

	f.plans = ARENA_NEW(a, struct plan, items->cols);
	if (!f.plans)
		return arena_error(a, err);
	for (size_t j = 0; j < items->cols && !rc; j++)
		rc = plan_init(&f.plans[j], &items->columns[j], items->cell[j],
			       numbers, split->n_train, a, err);
	if (rc)
		return rc;
	if (numbers == TABLE_RANKED) {
		f.values = ARENA_RAW(a, float, (size_t)threads * split->n_train);
		if (!f.values)
			return arena_error(a, err);
	}
	par_for(threads, items->cols, fit_column, &f);
	*plans = f.plans;
	return 0;
}

/* Give every column its place in x; returns the width of x. The indicator of a
 * column stands right behind it, so that importances can be read side by side.
 */
static size_t place_columns(struct plan *plans, size_t n)
{
	size_t at = 0;

	for (size_t j = 0; j < n; j++) {
		plans[j].at = at;
		at += plans[j].width + plans[j].has_holes;
	}
	return at;
}

/* A numeric cell that is no hole. */
static float number(const struct plan *p, float v)
{
	if (p->is_ranked)
		return (float)gauss_map_apply(&p->map, v);
	/* 0 * inf would be NaN */
	return p->scale > 0 ?
		(float)scaling_clip(((double)v - p->mean) * p->scale) : 0;
}

/* One cell into its (zeroed) columns of a row of x. A hole in a column that
 * had none in training is simply the mean: no learner could have fitted an
 * indicator for it. */
static void write_cell(const struct plan *p, uint32_t row, float *x)
{
	float v = p->cell[row];

	if (isnan(v)) {
		if (p->has_holes)
			x[p->at + p->width] = 1;
	} else if (!p->slot) {
		x[p->at] = number(p, v);
	} else if (p->slot[(size_t)v] != NOWHERE) {
		x[p->at + p->slot[(size_t)v]] = 1;
	}
}

/* What the row loops share. */
struct fill {
	const struct plan *plans; /* (n_plans) */
	size_t n_plans;
	const uint32_t *rows; /* (n) */
	size_t n, cols;
	float *x; /* (n, cols) */
};

/* Blocks of rows; each writes its own rows of x, so threads never meet. */
static void fill_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct fill *f = ctx;
	struct par_range r = par_range(f->n, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		float *x = f->x + i * f->cols;

		for (size_t j = 0; j < f->cols; j++)
			x[j] = 0;
		for (size_t j = 0; j < f->n_plans; j++)
			write_cell(&f->plans[j], f->rows[i], x);
	}
}

/* x is wider than the table: one-hot levels and indicators. */
int table_dense(const struct items *items, const struct split *split,
		enum table_numbers numbers, int threads, struct arena *a,
		struct dataset *out, struct error *err)
{
	struct encode_part parts[3];
	struct plan *plans = NULL;
	int rc = make_plans(items, split, numbers, threads, a, &plans, err);

	if (rc)
		return rc;
	out->cols = place_columns(plans, items->cols);
	encode_parts(split, out, parts);
	for (size_t p = 0; p < 3; p++) {
		struct fill f = { .plans = plans, .n_plans = items->cols,
				  .rows = parts[p].rows, .n = parts[p].n,
				  .cols = out->cols };

		rc = encode_matrix(a, f.n, f.cols, &f.x, err);
		if (rc)
			return rc;
		par_for(threads, par_chunks(f.n, ROW_GRAIN), fill_rows, &f);
		parts[p].part->x = f.x;
	}
	return 0;
}
