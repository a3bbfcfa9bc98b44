/* Piecewise linear embeddings of numbers: theta is w (numeric, dim), b (numeric,
 * dim), then W (all bins, dim).
 *
 * In bin t all e before it are 1 and all behind it 0, so that a number's vector is
 * a sum of W's first rows and a share of one. Running sums are made once a shard;
 * then a number costs `dim` products, however many bins there are. Backward
 * likewise: gradients are dropped at their bin and summed from behind at the end.
 */
#include "learners/nn/nn_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learners/nn/nn_prepare.h"

static size_t bins_of(const struct nn_features *f, size_t j)
{
	size_t edges = f->first[j + 1] - f->first[j];

	return edges < 2 ? 0 : edges - 1;
}

/* W's rows are counted by edges: a column's last is unused, which keeps one
 * table of places. */
static size_t bin_rows(const struct nn_features *f)
{
	return f->first[f->prepare->n_num];
}

/* Running sums, in scratch, take what W takes. */
static void plan(struct nn_layer *l, size_t rows)
{
	const struct nn_features *f = l->features;

	(void)rows;
	nn_features_range(l, 2 * f->prepare->n_num * f->dim, 1, 0);
	nn_features_range(l, bin_rows(f) * f->dim, 1, 1);
	l->scratch = bin_rows(f) * f->dim;
}

static void init(const struct nn_features *f, struct rng r, float *theta)
{
	size_t linear = 2 * f->prepare->n_num * f->dim;
	float bound = 1 / sqrtf((float)f->dim);

	rng_fill_uniform(r, 0, linear, theta);
	for (size_t k = 0; k < linear; k++)
		theta[k] = bound * (2 * theta[k] - 1);
	memset(theta + linear, 0, bin_rows(f) * f->dim * sizeof(*theta));
}

/* The bin of x among n >= 1; what is outside belongs to the end ones. */
static size_t bin_of(const float *edge, size_t n, float x)
{
	size_t lo = 0, hi = n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (edge[mid] <= x)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* sum (rows of W, dim): of the column's rows before each. */
static void running_sums(const struct nn_features *f, const float *w, float *sum)
{
	for (size_t j = 0; j < f->prepare->n_num; j++) {
		size_t at = f->first[j] * f->dim;

		for (size_t k = 0; bins_of(f, j) && k < f->dim; k++)
			sum[at + k] = 0;
		for (size_t k = 0; bins_of(f, j) && k < bins_of(f, j) * f->dim; k++)
			sum[at + f->dim + k] = sum[at + k] + w[at + k];
	}
}

/* Where a number stands: the row of W and the share of it. */
struct place {
	size_t row;
	float share, width;
};

static struct place place_of(const struct nn_features *f, size_t j, float x)
{
	const float *edge = f->edge + f->first[j];
	size_t t = bin_of(edge, bins_of(f, j), x);
	float width = edge[t + 1] - edge[t];

	return (struct place){ .row = f->first[j] + t, .width = width,
			       .share = (x - edge[t]) / width };
}

static void embed(const struct nn_features *f, size_t j, float x,
		  const float *theta, const float *sum, float *restrict y)
{
	size_t dim = f->dim;
	const float *w = theta + j * dim, *b = w + f->prepare->n_num * dim;
	const float *bins = theta + 2 * f->prepare->n_num * dim;
	struct place at;

	for (size_t k = 0; k < dim; k++)
		y[k] = x * w[k] + b[k];
	if (!bins_of(f, j))
		return;
	at = place_of(f, j, x);
	bins += at.row * dim;
	sum += at.row * dim;
	for (size_t k = 0; k < dim; k++)
		y[k] += sum[k] + at.share * bins[k];
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct nn_features *f = l->features;
	size_t in = nn_shape_size(l->in), out = l->out.channels;

	running_sums(f, p->theta + 2 * f->prepare->n_num * f->dim, p->scratch);
	for (size_t i = 0; i < p->rows; i++)
		for (size_t j = 0; j < f->prepare->n_num; j++)
			embed(f, j, p->in[i * in + j], p->theta, p->scratch,
			      p->out + i * out + j * f->dim);
}

/* One number's gradients; `passed` is of the rows of W before its own. */
static void embed_back(const struct nn_features *f, size_t j, float x,
		       const struct nn_pass *p, const float *restrict d,
		       float *d_x)
{
	size_t dim = f->dim, linear = f->prepare->n_num * dim;
	float *restrict w = p->grad + j * dim, *restrict b = w + linear;
	const float *bins = p->theta + 2 * linear;
	float *restrict own, *restrict passed, slope = 0, steep = 0;
	struct place at;

	for (size_t k = 0; k < dim; k++) {
		w[k] += x * d[k];
		b[k] += d[k];
	}
	for (size_t k = 0; d_x && k < dim; k++)
		slope += d[k] * p->theta[j * dim + k];
	if (d_x)
		*d_x = slope;
	if (!bins_of(f, j))
		return;
	at = place_of(f, j, x);
	own = p->grad + 2 * linear + at.row * dim;
	passed = p->scratch + at.row * dim;
	for (size_t k = 0; k < dim; k++) {
		own[k] += at.share * d[k];
		passed[k] += d[k];
	}
	for (size_t k = 0; d_x && k < dim; k++)
		steep += d[k] * bins[at.row * dim + k];
	if (d_x)
		*d_x += steep / at.width;
}

/* A bin gets the gradients of all numbers that went past it. */
static void add_passed(const struct nn_features *f, const float *passed, float *w)
{
	for (size_t j = 0; j < f->prepare->n_num; j++)
		for (size_t k = 0; bins_of(f, j) && k < f->dim; k++) {
			float sum = 0;

			for (size_t t = bins_of(f, j) - 1; t-- > 0;) {
				size_t row = f->first[j] + t;

				sum += passed[(row + 1) * f->dim + k];
				w[row * f->dim + k] += sum;
			}
		}
}

/* grad is 0 when this is called. */
static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct nn_features *f = l->features;
	size_t in = nn_shape_size(l->in), out = l->out.channels;

	memset(p->scratch, 0, bin_rows(f) * f->dim * sizeof(*p->scratch));
	for (size_t i = 0; i < p->rows; i++)
		for (size_t j = 0; j < f->prepare->n_num; j++)
			embed_back(f, j, p->in[i * in + j], p,
				   p->d_out + i * out + j * f->dim,
				   p->d_in ? p->d_in + i * in + j : NULL);
	add_passed(f, p->scratch, p->grad + 2 * f->prepare->n_num * f->dim);
}

const struct nn_number_type nn_number_ple = {
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};

/* ---------------------------------------------------------------- edges */

/* For qsort; there are no NaN. */
static int by_value(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

/* Edges of one column from its sorted values; how many. */
static size_t cut(const float *sorted, size_t rows, size_t bins, float *edge)
{
	size_t n = 0;

	for (size_t t = 0; rows && t <= bins; t++) {
		float e = (float)nn_prepare_quantile(sorted, rows,
						     (double)t / (double)bins);

		if (!n || e > edge[n - 1])
			edge[n++] = e;
	}
	return n;
}

/* x (n_num, rows): the training rows' numbers, prepared, a column after the
 * other. `row` is (width). */
static void by_column(const struct nn_prepare *p, const struct dataset *data,
		      float *row, float *x)
{
	size_t rows = data->train.rows;

	for (size_t i = 0; i < rows; i++) {
		nn_prepare_row(p, data->train.x + i * data->cols, row);
		for (size_t j = 0; j < p->n_num; j++)
			x[j * rows + i] = row[j];
	}
}

int nn_features_edges(struct nn_features *f, const struct dataset *data, size_t bins,
		      struct arena *a, struct error *err)
{
	size_t n = f->prepare->n_num, rows = data->train.rows;
	size_t *first = ARENA_NEW(a, size_t, n + 1);
	float *edge = ARENA_NEW(a, float, n * (bins + 1));
	float *row = ARENA_NEW(a, float, f->prepare->width);
	float *x = ARENA_RAW(a, float, n * rows);

	if (!first || !edge || !row || !x)
		return arena_error(a, err);
	by_column(f->prepare, data, row, x);
	for (size_t j = 0; j < n; j++) {
		qsort(x + j * rows, rows, sizeof(*x), by_value);
		first[j + 1] = first[j] + cut(x + j * rows, rows, bins,
					      edge + first[j]);
	}
	f->first = first;
	f->edge = edge;
	return 0;
}
