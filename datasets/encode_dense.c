/* Finite numbers for learners that measure distances or multiply matrices.
 *
 * tabular: numeric columns less the training mean, over the training standard
 *	    deviation, clipped at DENSE_CLIP; a hole is the mean, and a column
 *	    with holes in training has an indicator beside it; categories are
 *	    one-hot over the levels seen in training, at most DENSE_LEVELS of
 *	    them (the most frequent), all zero for the others;
 * image:   pixel / 255;
 * audio:   log-mel cells, each less its training mean and over its training
 *	    standard deviation;
 * text:    the truncated SVD of TF-IDF (text_dense.h).
 */
#include "datasets/encode.h"

#include <math.h>

#include "datasets/logmel.h"
#include "datasets/text_dense.h"
#include "harness/base/par.h"

/* A value ten standard deviations out says "extreme"; how extreme would only
 * swamp every dot product it takes part in. Also bounds inf and 1e38. */
#define DENSE_CLIP 10.0
#define DENSE_LEVELS 256
#define NOWHERE SIZE_MAX
#define ROW_GRAIN 512
#define COL_GRAIN 32

/* How one column of the items becomes columns of x. */
struct plan {
	const struct column *column;
	const float *cell; /* (items) */
	double mean, scale;
	size_t *slot;	  /* (levels) column of x, or NOWHERE; NULL: numeric */
	size_t at;	  /* first column of x */
	size_t width;	  /* columns without the indicator */
	bool has_holes;	  /* then column at + width is the indicator */
};

/* Mean and 1 / sd of the finite training values; two passes in double. */
static void fit_numeric(struct plan *p, const uint32_t *rows, size_t n)
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
	p->scale = square > 0 ? sqrt((double)count / square) : 0;
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

/* The least count that is kept so that at most DENSE_LEVELS levels are. Levels
 * of one count stay or go together: which of them stands first in the file
 * must not decide. */
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
		if (kept <= DENSE_LEVELS)
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
};

/* Where columns were made to share a unit (rotated, say), a scale for each would
 * change all distances. They stay as they are, and have no holes. */
static void keep_scale(struct plan *p)
{
	p->mean = 0;
	p->scale = 1;
	p->width = 1;
}

static void fit_column(void *ctx, size_t j, size_t worker)
{
	const struct table_fit *f = ctx;
	struct plan *p = &f->plans[j];

	(void)worker;
	if (p->slot)
		fit_levels(p, f->split->train, f->split->n_train);
	else if (p->column->is_scaled)
		keep_scale(p);
	else
		fit_numeric(p, f->split->train, f->split->n_train);
}

/* A plan a column; columns are independent, so they are fitted in parallel. */
static int make_plans(const struct items *items, const struct split *split,
		      int threads, struct arena *a, struct plan **plans,
		      struct error *err)
{
	struct table_fit f = { .split = split };

	f.plans = ARENA_NEW(a, struct plan, items->cols);
	if (!f.plans)
		return arena_error(a, err);
	for (size_t j = 0; j < items->cols; j++) {
		struct plan *p = &f.plans[j];

		p->column = &items->columns[j];
		p->cell = items->cell[j];
		if (!p->column->is_cat)
			continue;
		p->slot = ARENA_NEW(a, size_t, p->column->levels);
		if (!p->slot)
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

/* Of standardised values; DENSE_CLIP says why. */
static double clip(double z)
{
	return z > DENSE_CLIP ? DENSE_CLIP : z < -DENSE_CLIP ? -DENSE_CLIP : z;
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
		/* 0 * inf would be NaN */
		x[p->at] = p->scale > 0 ?
			(float)clip(((double)v - p->mean) * p->scale) : 0;
	} else if (p->slot[(size_t)v] != NOWHERE) {
		x[p->at + p->slot[(size_t)v]] = 1;
	}
}

/* What the row loops share. */
struct fill {
	const struct items *items;
	const struct plan *plans; /* tabular only */
	const uint32_t *rows;	  /* (n) */
	size_t n, cols;
	float *x; /* (n, cols) */
};

/* Blocks of rows; each writes its own rows of x, so threads never meet. */
static void fill_table_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct fill *f = ctx;
	struct par_range r = par_range(f->n, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		float *x = f->x + i * f->cols;

		for (size_t j = 0; j < f->cols; j++)
			x[j] = 0;
		for (size_t j = 0; j < f->items->cols; j++)
			write_cell(&f->plans[j], f->rows[i], x);
	}
}

/* To [0, 1] by a constant, not by statistics: pixels share one scale already,
 * and a border pixel that is blank in training would otherwise explode in the
 * test rows. */
static void fill_pixel_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct fill *f = ctx;
	struct par_range r = par_range(f->n, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		const uint8_t *p = f->items->pixels + f->rows[i] * f->cols;
		float *x = f->x + i * f->cols;

		for (size_t j = 0; j < f->cols; j++)
			x[j] = (float)p[j] / 255.0f;
	}
}

/* Fill all three parts, `fn` a block of rows. */
static int fill_parts(const struct items *items, const struct split *split,
		      const struct plan *plans, par_fn *fn, int threads,
		      struct arena *a, struct dataset *out, struct error *err)
{
	struct encode_part parts[3];

	encode_parts(split, out, parts);
	for (size_t p = 0; p < 3; p++) {
		struct fill f = { .items = items, .plans = plans,
				  .rows = parts[p].rows, .n = parts[p].n,
				  .cols = out->cols };
		int rc = encode_matrix(a, f.n, f.cols, &f.x, err);

		if (rc)
			return rc;
		par_for(threads, par_chunks(f.n, ROW_GRAIN), fn, &f);
		parts[p].part->x = f.x;
	}
	return 0;
}

/* x is wider than the table: one-hot levels and indicators. */
static int encode_tabular(const struct items *items, const struct split *split,
			  int threads, struct arena *a, struct dataset *out,
			  struct error *err)
{
	struct plan *plans = NULL;
	int rc = make_plans(items, split, threads, a, &plans, err);

	if (rc)
		return rc;
	out->cols = place_columns(plans, items->cols);
	return fill_parts(items, split, plans, fill_table_rows, threads, a, out,
			  err);
}

/* Planar order, channel by channel, as the pixels lie in the items. */
static int encode_image(const struct items *items, const struct split *split,
			int threads, struct arena *a, struct dataset *out,
			struct error *err)
{
	out->cols = items->channels * items->height * items->width;
	return fill_parts(items, split, NULL, fill_pixel_rows, threads, a, out,
			  err);
}

/* Columns of the log-mel cells in blocks; the training part is x[0]. */
struct scaling {
	float *x[3]; /* of (n, cols) */
	size_t n[3], cols;
	double *mean;  /* (cols) */
	double *scale; /* (cols) 1 / sd; 0 for a constant column */
};

/* Mean and 1 / sd of a block of columns over the training rows, row by row, so
 * that the block is read in memory order. Each column is summed by one thread
 * in the order of the rows: the same bits on any number of threads. */
static void fit_columns(const struct scaling *s, struct par_range r)
{
	double n = (double)s->n[0];

	for (size_t i = 0; i < s->n[0]; i++)
		for (size_t j = r.begin; j < r.end; j++)
			s->mean[j] += (double)s->x[0][i * s->cols + j] / n;
	for (size_t i = 0; i < s->n[0]; i++) {
		for (size_t j = r.begin; j < r.end; j++) {
			double d = (double)s->x[0][i * s->cols + j] - s->mean[j];

			s->scale[j] += d * d / n;
		}
	}
	for (size_t j = r.begin; j < r.end; j++)
		s->scale[j] = s->scale[j] > 0 ? 1 / sqrt(s->scale[j]) : 0;
}

/* Standardise a block of columns of part p in place, clipped like any table. */
static void apply_columns(const struct scaling *s, size_t p, struct par_range r)
{
	for (size_t i = 0; i < s->n[p]; i++) {
		float *x = s->x[p] + i * s->cols;

		for (size_t j = r.begin; j < r.end; j++)
			x[j] = (float)clip(((double)x[j] - s->mean[j]) *
					   s->scale[j]);
	}
}

/* Columns are independent: a block is fitted and applied to all parts in one
 * go. */
static void scale_columns(void *ctx, size_t chunk, size_t worker)
{
	const struct scaling *s = ctx;
	struct par_range r = par_range(s->cols, COL_GRAIN, chunk);

	(void)worker;
	fit_columns(s, r);
	for (size_t p = 0; p < 3; p++)
		apply_columns(s, p, r);
}

/* The spectrogram as one long row. Unlike the grid, each cell has a scale of
 * its own: distances and dot products weigh all cells alike then. */
static int encode_audio(const struct items *items, const struct split *split,
			int threads, struct arena *a, struct dataset *out,
			struct error *err)
{
	struct encode_part parts[3];
	struct scaling s = { .cols = 0 };
	struct logmel m;
	int rc = logmel_init(&m, items, err);

	if (rc)
		return rc;
	encode_parts(split, out, parts);
	s.cols = out->cols = m.bands * m.frames;
	s.mean = ARENA_NEW(a, double, s.cols);
	s.scale = ARENA_NEW(a, double, s.cols);
	if (!s.mean || !s.scale)
		return arena_error(a, err);
	for (size_t p = 0; p < 3; p++) {
		s.n[p] = parts[p].n;
		rc = encode_matrix(a, s.n[p], s.cols, &s.x[p], err);
		if (!rc)
			rc = logmel_fill(&m, items, parts[p].rows, s.n[p],
					 threads, a, s.x[p], err);
		if (rc)
			return rc;
		parts[p].part->x = s.x[p];
	}
	par_for(threads, par_chunks(s.cols, COL_GRAIN), scale_columns, &s);
	return 0;
}

/* Text and sound have libraries of their own behind text_dense and logmel;
 * what a table and a picture need is short enough to stand here. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	int rc = encode_begin(items, split, VIEW_DENSE, a, out, err);

	if (rc)
		return rc;
	switch (items->modality) {
	case MODALITY_IMAGE:
		return encode_image(items, split, threads, a, out, err);
	case MODALITY_AUDIO:
		return encode_audio(items, split, threads, a, out, err);
	case MODALITY_TEXT:
		return text_dense(items, split, threads, a, out, err);
	default:
		return encode_tabular(items, split, threads, a, out, err);
	}
}

const struct encoder encoder_dense = {
	.view = VIEW_DENSE,
	.version = 10000 * TEXT_DENSE_VERSION + 100 * LOGMEL_VERSION + 1,
	.modalities = 1u << MODALITY_TABULAR | 1u << MODALITY_IMAGE |
		      1u << MODALITY_AUDIO | 1u << MODALITY_TEXT,
	.encode = encode,
};
