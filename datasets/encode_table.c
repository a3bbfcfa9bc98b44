/* Columns as they are, for learners that split them: numeric values untouched,
 * categories as codes, holes and levels unseen in training as NaN. Images,
 * sound and text have no columns of their own and take those of `dense`. */
#include "datasets/encode.h"

#include <math.h>
#include <stdio.h>

#include "harness/base/par.h"

#define ROW_GRAIN 512

/* seen[j][k]: level k of column j stands in a training row; NULL: numeric. A
 * level that is only in test rows has no code that a learner could have met,
 * and becomes a hole: the same as what a new category is in use. */
static int mark_seen(const struct items *items, const struct split *split,
		     struct arena *a, bool ***out, struct error *err)
{
	bool **seen = ARENA_NEW(a, bool *, items->cols);

	if (!seen)
		return arena_error(a, err);
	for (size_t j = 0; j < items->cols; j++) {
		const float *cell = items->cell[j];

		if (!items->columns[j].is_cat)
			continue;
		seen[j] = ARENA_NEW(a, bool, items->columns[j].levels);
		if (!seen[j])
			return arena_error(a, err);
		for (size_t i = 0; i < split->n_train; i++) {
			float v = cell[split->train[i]];

			if (!isnan(v))
				seen[j][(size_t)v] = true;
		}
	}
	*out = seen;
	return 0;
}

struct fill {
	const struct items *items;
	bool *const *seen;    /* (cols) */
	const uint32_t *rows; /* (n) */
	size_t n;
	float *x; /* (n, cols) */
};

/* Column by column inside a block: the items are column-major, the block's
 * rows stay in the cache while every column writes its share of them. */
static void fill_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct fill *f = ctx;
	struct par_range r = par_range(f->n, ROW_GRAIN, chunk);
	size_t cols = f->items->cols;

	(void)worker;
	for (size_t j = 0; j < cols; j++) {
		const float *cell = f->items->cell[j];
		const bool *seen = f->seen[j];

		for (size_t i = r.begin; i < r.end; i++) {
			float v = cell[f->rows[i]];

			if (seen && !isnan(v) && !seen[(size_t)v])
				v = NAN;
			f->x[i * cols + j] = v;
		}
	}
}

/* All three parts, blocks of rows on many threads. */
static int fill_parts(const struct items *items, const struct split *split,
		      bool *const *seen, int threads, struct arena *a,
		      struct dataset *out, struct error *err)
{
	struct encode_part parts[3];

	encode_parts(split, out, parts);
	for (size_t p = 0; p < 3; p++) {
		struct fill f = { .items = items, .seen = seen,
				  .rows = parts[p].rows, .n = parts[p].n };
		int rc = encode_matrix(a, f.n, items->cols, &f.x, err);

		if (rc)
			return rc;
		par_for(threads, par_chunks(f.n, ROW_GRAIN), fill_rows, &f);
		parts[p].part->x = f.x;
	}
	return 0;
}

/* Names and kinds stay; level names would only make the cache larger. */
static int copy_columns(const struct items *items, struct arena *a,
			struct dataset *out, struct error *err)
{
	struct column *columns = ARENA_NEW(a, struct column, items->cols);

	if (!columns)
		return arena_error(a, err);
	for (size_t j = 0; j < items->cols; j++) {
		columns[j] = items->columns[j];
		columns[j].level_names = NULL;
	}
	out->cols = items->cols;
	out->columns = columns;
	return 0;
}

/* No scaling and no one-hot: thresholds do not care for the one and subsets of
 * levels are what trees split on instead of the other. */
static int encode_tabular(const struct items *items, const struct split *split,
			  int threads, struct arena *a, struct dataset *out,
			  struct error *err)
{
	bool **seen = NULL;
	int rc = encode_begin(items, split, VIEW_TABLE, a, out, err);

	if (!rc)
		rc = copy_columns(items, a, out, err);
	if (!rc)
		rc = mark_seen(items, split, a, &seen, err);
	return rc ? rc : fill_parts(items, split, seen, threads, a, out, err);
}

#define NAME_BYTES 24 /* a stem and a number */

/* Columns without names of their own: pixel0, pixel1 ... */
static int name_columns(const char *stem, size_t n, struct arena *a,
			const struct column **out, struct error *err)
{
	struct column *columns = ARENA_NEW(a, struct column, n);
	char *names = arena_alloc(a, n, NAME_BYTES);

	if (!columns || !names)
		return arena_error(a, err);
	for (size_t j = 0; j < n; j++) {
		char *name = names + j * NAME_BYTES;

		snprintf(name, NAME_BYTES, "%s%zu", stem, j);
		columns[j].name = name;
	}
	*out = columns;
	return 0;
}

/* The columns of the dense view, with names for importance reports. */
static int encode_others(const struct items *items, const struct split *split,
			 int threads, struct arena *a, struct dataset *out,
			 struct error *err)
{
	static const char *const stems[] = { "x", "pixel", "bin", "svd" };
	const struct encoder *dense = encoder_find(VIEW_DENSE, items->modality);
	int rc;

	if (!dense)
		return error_set(err, ERR_UNSUPPORTED, "no dense view of %s data",
				 modality_name(items->modality));
	rc = dense->encode(items, split, threads, a, out, err);
	if (rc)
		return rc;
	out->view = VIEW_TABLE;
	return name_columns(stems[items->modality], out->cols, a, &out->columns,
			    err);
}

/* By modality: only tables have columns of their own. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	if (items->modality == MODALITY_TABULAR)
		return encode_tabular(items, split, threads, a, out, err);
	return encode_others(items, split, threads, a, out, err);
}

const struct encoder encoder_table = {
	.view = VIEW_TABLE,
	.version = 1,
	.modalities = 1u << MODALITY_TABULAR | 1u << MODALITY_IMAGE |
		      1u << MODALITY_AUDIO | 1u << MODALITY_TEXT,
	.encode = encode,
};
