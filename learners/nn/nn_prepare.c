/* Measure columns one by one, then write rows one by one.
 *
 * The robust scaling looks at plain columns too, as RealMLP does: they are
 * counted as they would be without it, and measured like numbers.
 */
#include "learners/nn/nn_prepare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/views/gauss_map.h"

struct nn_prepared {
	bool is_cat, is_code;
	size_t levels;
	size_t at;		/* first place in a prepared row */
	size_t hole;		/* place of the indicator; 0: none */
	float shift, gain;	/* standard, robust: gain * (x - shift) */
	struct gauss_map ranks; /* quantile */
};

static bool is_category(const struct dataset *data, size_t j)
{
	return data->columns && data->columns[j].is_cat;
}

/* A cell's level, or `levels` for a hole. */
static size_t level_of(const struct nn_prepared *c, float cell)
{
	return isfinite(cell) && cell >= 0 && (double)cell < (double)c->levels ?
		       (size_t)cell : c->levels;
}

static bool has_holes(const struct dataset *data, size_t j)
{
	for (size_t i = 0; i < data->train.rows; i++)
		if (!isfinite(data->train.x[i * data->cols + j]))
			return true;
	return false;
}

/* How many plain columns a category becomes. */
static size_t one_hots(const struct nn_prepared *c)
{
	return c->levels == 2 ? 1 : c->levels;
}

/* Kinds and levels of columns, and how many places each sort takes. */
static void count_columns(struct nn_prepare *p, const struct dataset *data,
			  size_t onehot)
{
	for (size_t j = 0; j < p->cols; j++) {
		struct nn_prepared *c = &p->column[j];

		c->is_cat = is_category(data, j);
		c->levels = c->is_cat ? data->columns[j].levels : 0;
		c->is_code = c->is_cat && c->levels >= onehot;
		/* for now a mark; the place comes next */
		c->hole = !c->is_cat && has_holes(data, j);
		p->n_num += !c->is_cat;
		p->n_codes += c->is_code;
		p->n_onehot += c->is_cat && !c->is_code ? one_hots(c) : c->hole;
	}
	p->width = p->n_num + p->n_onehot + p->n_codes;
}

/* Places, in the order that the header tells. An indicator is never at place 0:
 * its number comes before it. */
static void place_columns(struct nn_prepare *p, size_t *slots)
{
	size_t number = 0, plain = p->n_num, code = p->n_num + p->n_onehot;

	for (size_t j = 0; j < p->cols; j++)
		if (p->column[j].hole)
			p->column[j].hole = plain++;
	for (size_t j = 0; j < p->cols; j++) {
		struct nn_prepared *c = &p->column[j];

		if (!c->is_cat) {
			c->at = number++;
		} else if (c->is_code) {
			slots[code - p->n_num - p->n_onehot] = c->levels + 1;
			c->at = code++;
		} else {
			c->at = plain;
			plain += one_hots(c);
		}
	}
}

/* ---------------------------------------------------------------- measure */

/* For qsort; there are no NaN. */
static int by_value(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

double nn_prepare_quantile(const float *sorted, size_t n, double q)
{
	double place = q * (double)(n - 1);
	size_t lo = (size_t)place;
	double low = (double)sorted[lo];

	if (lo + 1 >= n)
		return (double)sorted[n - 1];
	return low + ((double)sorted[lo + 1] - low) * (place - (double)lo);
}

static void measure_standard(const float *x, size_t n, float *shift, float *gain)
{
	double mean = 0, spread = 0;

	for (size_t i = 0; i < n; i++)
		mean += (double)x[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		spread += ((double)x[i] - mean) * ((double)x[i] - mean) / (double)n;
	spread = sqrt(spread);
	*shift = (float)mean;
	/* rounding leaves a little spread in a constant column */
	*gain = spread > 1e-6 * fabs(mean) ? (float)fmin(1 / spread, 1e30) : 0;
}

/* Sorts x. Holzmueller et al. 2024, section 3 and its code's robust_scale. */
static void measure_robust(float *x, size_t n, float *shift, float *gain)
{
	double between, range;

	*shift = *gain = 0;
	if (!n)
		return;
	qsort(x, n, sizeof(*x), by_value);
	between = nn_prepare_quantile(x, n, 0.75) - nn_prepare_quantile(x, n, 0.25);
	range = (double)x[n - 1] - (double)x[0];
	*shift = (float)nn_prepare_quantile(x, n, 0.5);
	if (between > 0)
		*gain = (float)fmin(1 / between, 1e30);
	else if (range > 0)
		*gain = (float)fmin(2 / range, 1e30);
}

/* The finite cells of column j of the training rows -> x; how many. */
static size_t gather(const struct dataset *data, size_t j, float *x)
{
	size_t n = 0;

	for (size_t i = 0; i < data->train.rows; i++) {
		float v = data->train.x[i * data->cols + j];

		if (isfinite(v))
			x[n++] = v;
	}
	return n;
}

static void measure_numbers(struct nn_prepare *p, const struct dataset *data,
			    float *x)
{
	for (size_t j = 0; j < p->cols; j++) {
		struct nn_prepared *c = &p->column[j];
		size_t n;

		if (c->is_cat)
			continue;
		n = gather(data, j, x);
		if (p->kind == NN_QUANTILE)
			gauss_map_fit(&c->ranks, x, n);
		else if (p->kind == NN_ROBUST)
			measure_robust(x, n, &c->shift, &c->gain);
		else
			measure_standard(x, n, &c->shift, &c->gain);
	}
}

/* Plain columns hold -1, 0 and 1 alone: counts say all. `row` is (width), count
 * (width, 3), x (train rows). */
static void measure_plain(struct nn_prepare *p, const struct dataset *data,
			  float *x, float *row, size_t *count)
{
	size_t n = data->train.rows;

	for (size_t i = 0; i < n; i++) {
		nn_prepare_row(p, data->train.x + i * data->cols, row);
		for (size_t k = p->n_num; k < p->n_num + p->n_onehot; k++)
			count[3 * k + (size_t)(row[k] + 1.5f)]++;
	}
	for (size_t k = p->n_num; k < p->n_num + p->n_onehot; k++) {
		const size_t *of = count + 3 * k;

		for (size_t i = 0; i < n; i++)
			x[i] = i < of[0] ? -1.0f : i < of[0] + of[1] ? 0.0f : 1.0f;
		measure_robust(x, n, &p->shift[k], &p->gain[k]);
	}
	p->plain_scaled = true;
}

static int allocate(struct nn_prepare *p, const struct dataset *data,
		    struct arena *a, struct error *err)
{
	p->shift = ARENA_NEW(a, float, p->width);
	p->gain = ARENA_NEW(a, float, p->width);
	if (!p->shift || !p->gain)
		return arena_error(a, err);
	for (size_t j = 0; p->kind == NN_QUANTILE && j < p->cols; j++)
		if (!p->column[j].is_cat &&
		    gauss_map_init(&p->column[j].ranks, data->train.rows, a, err))
			return (int)err->code;
	return 0;
}

int nn_prepare_fit(struct nn_prepare *p, const struct dataset *data,
		   enum nn_scaling_kind kind, size_t onehot, struct arena *a,
		   struct error *err)
{
	float *x, *row;
	size_t *count, *slots;

	*p = (struct nn_prepare){ .kind = kind, .cols = data->cols };
	p->column = ARENA_NEW(a, struct nn_prepared, p->cols);
	if (!p->column)
		return arena_error(a, err);
	count_columns(p, data, onehot);
	if (allocate(p, data, a, err))
		return (int)err->code;
	slots = ARENA_NEW(a, size_t, p->n_codes);
	if (!slots)
		return arena_error(a, err);
	place_columns(p, slots);
	p->slots = slots;
	x = ARENA_NEW(a, float, data->train.rows);
	row = ARENA_NEW(a, float, p->width);
	count = ARENA_NEW(a, size_t, 3 * p->width);
	if (!x || !row || !count)
		return arena_error(a, err);
	measure_numbers(p, data, x);
	if (kind == NN_ROBUST)
		measure_plain(p, data, x, row, count);
	return 0;
}

/* ---------------------------------------------------------------- rows */

/* x / sqrt(1 + (x / 3)^2): the smooth clip to (-3, 3). */
static float smooth_clip(double x)
{
	return (float)(x / sqrt(1 + x * x / 9));
}

static float scaled(const struct nn_prepare *p, const struct nn_prepared *c,
		    float cell)
{
	double x;

	if (!isfinite(cell))
		return 0;
	if (p->kind == NN_QUANTILE)
		return (float)gauss_map_apply(&c->ranks, cell);
	x = (double)c->gain * ((double)cell - (double)c->shift);
	return p->kind == NN_ROBUST ? smooth_clip(x) :
					    (float)fmax(-1e30, fmin(1e30, x));
}

/* The one-hot columns of one cell. */
static void write_plain(const struct nn_prepared *c, float cell, float *out)
{
	size_t level = level_of(c, cell);

	if (c->levels == 2) {
		out[0] = level == 2 ? 0.0f : level ? 1.0f : -1.0f;
		return;
	}
	for (size_t k = 0; k < c->levels; k++)
		out[k] = k == level ? 1.0f : 0.0f;
}

void nn_prepare_row(const struct nn_prepare *p, const float *row, float *out)
{
	for (size_t j = 0; j < p->cols; j++) {
		const struct nn_prepared *c = &p->column[j];

		if (c->is_code)
			out[c->at] = level_of(c, row[j]) < c->levels ?
						     1 + floorf(row[j]) : 0;
		else if (c->is_cat)
			write_plain(c, row[j], out + c->at);
		else
			out[c->at] = scaled(p, c, row[j]);
		if (c->hole)
			out[c->hole] = isfinite(row[j]) ? 0.0f : 1.0f;
	}
	for (size_t k = p->n_num; p->plain_scaled && k < p->n_num + p->n_onehot; k++)
		out[k] = smooth_clip((double)p->gain[k] *
				     ((double)out[k] - (double)p->shift[k]));
}
