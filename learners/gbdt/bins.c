/* Making bins, in steps that are each parallel.
 *
 *	edges    sort a sample of each column, cut it into quantiles
 *	keep     leave out what cannot be cut
 *	cells    find the bin of each value
 *	stores   let columns that are mostly at home share bytes
 */
#include "learners/gbdt/bins.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "learners/gbdt/bins_draft.h"
#include "learners/gbdt/bundle.h"

/* ---------------------------------------------------------------- reading */

/* The first edge that is not below x, the last one if all are. Branch-free. */
static uint32_t find_edge(const float *edge, uint32_t n, float x)
{
	const float *base = edge;

	while (n > 1) {
		uint32_t half = n / 2;

		base += base[half - 1] < x ? half : 0;
		n -= half;
	}
	return (uint32_t)(base - edge);
}

uint32_t bins_find(const struct bins_column *c, float x)
{
	if (c->is_cat)
		return x >= 0 && x < (float)c->levels ?
			       c->level_bin[(size_t)x] : c->bins;
	return isnan(x) || !c->bins ? c->bins : find_edge(c->edge, c->bins, x);
}

float bins_threshold(const struct bins_column *c, uint32_t bin)
{
	return bin + 1 == c->bins ? INFINITY : c->edge[bin];
}

/* The byte of a bin that is not home. */
static uint32_t byte_of(const struct bins_column *c, uint32_t bin)
{
	return c->first + bin - (bin > c->home);
}

const int64_t *bins_cells(const struct bins_column *c, const int64_t *cells,
			  int64_t total, int64_t own[256])
{
	uint32_t bins = c->bins + c->has_missing;

	if (!c->is_bundled)
		return cells;
	own[c->bins] = 0;
	for (uint32_t b = 0; b < bins; b++) {
		if (b == c->home)
			continue;
		own[b] = cells[byte_of(c, b)];
		total -= own[b];
	}
	own[c->home] = total;
	return own;
}

void bins_spread(const struct bins_column *c, uint8_t left[256])
{
	uint32_t bins = c->bins + c->has_missing;
	uint8_t own[256];

	if (!c->is_bundled)
		return;
	memcpy(own, left, sizeof(own));
	memset(left, own[c->home], 256);
	for (uint32_t b = 0; b < bins; b++)
		if (b != c->home)
			left[byte_of(c, b)] = own[b];
}

/* ---------------------------------------------------------------- making */

/* Views other than a table have no description: all columns are numbers. */
static void describe_columns(struct bins_draft *d)
{
	for (size_t j = 0; j < d->cols; j++) {
		const struct column *c = d->data->columns && j < d->data->cols ?
						 &d->data->columns[j] : NULL;

		d->all[j].source = (uint32_t)j;
		d->all[j].is_cat = c && c->is_cat;
		d->all[j].levels = c && c->is_cat ? (uint32_t)c->levels : 0;
	}
}

/* A column with a single bin, missing included, has nothing to cut. To begin
 * with each has a store of its own. */
static bool keep_columns(struct bins_draft *d, struct arena *a)
{
	size_t n = 0;

	for (size_t j = 0; j < d->cols; j++)
		n += d->all[j].bins + d->all[j].has_missing > 1;
	d->kept = ARENA_RAW(a, struct bins_column, n);
	d->store = ARENA_NEW(a, struct bins_store, n);
	d->member = ARENA_RAW(a, uint32_t, n);
	if (!d->kept || !d->store || !d->member)
		return false;
	for (size_t j = 0; j < d->cols; j++) {
		uint32_t k = (uint32_t)d->n_kept;

		if (d->all[j].bins + d->all[j].has_missing < 2)
			continue;
		d->kept[k] = d->all[j];
		d->kept[k].store = d->member[k] = k;
		d->store[k] = (struct bins_store){ .members = 1,
			.cells = d->all[j].bins + 1, .column = d->member + k };
		d->n_kept++;
	}
	d->stores = n;
	/* Whole cache lines, and room behind the last for vector loads. */
	d->pitch = par_chunks(d->rows + 32, 64) * 64;
	return true;
}

static int make_table(struct bins_draft *d, struct arena *a, struct error *err)
{
	if (bins_table_cut(d, a, err))
		return err->code;
	if (!keep_columns(d, a))
		return arena_error(a, err);
	d->bin = ARENA_RAW(a, uint8_t, d->n_kept * d->pitch);
	if (!d->bin)
		return arena_error(a, err);
	bins_table_fill(d);
	return d->o->bundle ? bundle_table(d, a, err) : 0;
}

struct fill {
	struct bins_draft *d;
	const struct bins_entries *e; /* by source */
};

static void fill_store(void *ctx, size_t s, size_t worker)
{
	const struct fill *f = ctx;
	struct bins_draft *d = f->d;
	const struct bins_store *store = &d->store[s];
	const struct bins_column *c = &d->kept[store->column[0]];
	uint8_t *out = d->bin + s * d->pitch;

	(void)worker;
	memset(out, c->is_bundled ? 0 : (int)c->home, d->pitch);
	for (size_t m = 0; m < store->members; m++) {
		uint64_t at;

		c = &d->kept[store->column[m]];
		at = f->e->start[c->source];
		for (size_t i = 0; i < f->e->count[c->source]; i++, at++)
			out[f->e->row[at]] = (uint8_t)(c->is_bundled ?
				byte_of(c, f->e->bin[at]) : f->e->bin[at]);
	}
}

/* The plan of what stores the kept columns share. */
static int plan_sparse(struct bins_draft *d, const struct bins_entries *all,
		       struct arena *a, struct error *err)
{
	uint32_t *group = ARENA_RAW(a, uint32_t, d->n_kept);
	uint32_t *need = ARENA_RAW(a, uint32_t, d->n_kept);
	struct bins_entries e = {
		.start = ARENA_RAW(a, uint64_t, d->n_kept),
		.count = ARENA_RAW(a, uint32_t, d->n_kept),
		.row = all->row, .bin = all->bin,
	};
	size_t groups;

	if (!group || !need || !e.start || !e.count)
		return arena_error(a, err);
	for (size_t k = 0; k < d->n_kept; k++) {
		e.start[k] = all->start[d->kept[k].source];
		e.count[k] = all->count[d->kept[k].source];
		need[k] = bundle_need(&d->kept[k]);
	}
	if (bundle_plan(&e, d->n_kept, d->rows, need, group, &groups, a, err))
		return err->code;
	return bundle_apply(d, group, groups, a, err);
}

/* The entries, many times the stores, lie below them and stay: an arena gives
 * back only what is on top. */
static int make_sparse(struct bins_draft *d, struct arena *a, struct error *err)
{
	struct bins_entries e;
	struct fill f = { .d = d, .e = &e };
	struct arena_mark mark;

	if (bins_sparse_cut(d, &e, a, err))
		return err->code;
	if (!keep_columns(d, a))
		return arena_error(a, err);
	mark = arena_mark(a);
	if (plan_sparse(d, &e, a, err))
		return err->code;
	arena_rewind(a, mark);
	d->bin = ARENA_RAW(a, uint8_t, d->stores * d->pitch);
	if (!d->bin)
		return arena_error(a, err);
	par_for(d->threads, d->stores, fill_store, &f);
	return 0;
}

int bins_make_with(struct bins *b, const struct dataset *data,
		   const struct bins_options *o, int threads, struct arena *a,
		   struct error *err)
{
	size_t rows = data->train.rows;
	struct bins_options limited = *o;
	struct bins_draft d = {
		.data = data, .o = &limited, .rows = rows, .threads = threads,
		.cols = data->cols + o->extras,
		.sample = rows < BINS_SAMPLE ? rows : BINS_SAMPLE,
	};

	assert(rows && o->max_bins && o->max_bins <= BINS_MAX);
	limited.max_bins = o->max_bins < rows ? o->max_bins : rows;
	*b = (struct bins){ .rows = rows };
	d.all = ARENA_NEW(a, struct bins_column, d.cols);
	if (!d.all)
		return arena_error(a, err);
	describe_columns(&d);
	if (data->view == VIEW_SPARSE ? make_sparse(&d, a, err) :
					make_table(&d, a, err))
		return err->code;
	b->cols = d.n_kept;
	b->column = d.kept;
	b->stores = d.stores;
	b->store = d.store;
	b->pitch = d.pitch;
	b->bin = d.bin;
	return 0;
}

int bins_make(struct bins *b, const struct dataset *data, size_t max_bins,
	      int threads, struct arena *a, struct error *err)
{
	struct bins_options o = { .max_bins = max_bins, .sparse_bins = max_bins };

	return bins_make_with(b, data, &o, threads, a, err);
}
