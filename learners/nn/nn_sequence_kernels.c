/* Each row is short (some hundred floats), so it is walked two or three times
 * while it lies in L1. Sums of a row are kept in a fixed number of lanes and
 * folded in a fixed order: they depend on the row's length alone.
 */
#include "learners/nn/nn_sequence_kernels.h"

#include "harness/base/vec.h"

/* Added to a variance: a row of equal values has none (Ba et al. 2016; the value
 * is PyTorch's). */
#define NORM_EPS 1e-5f

/* The sum of f(load(x + j)) over a row; the lanes beyond its end count 0. */
static float row_sum(const float *x, size_t n)
{
	vf sum = { 0 };
	size_t j = 0;

	for (; j + W <= n; j += W)
		sum += load(x + j);
	if (j < n)
		sum += load_part(x + j, n - j, 0.0f);
	return fold_sum(sum);
}

/* From the mean, not from squares: those of a row far from 0 would cancel. */
static float row_spread(const float *x, float mean, size_t n)
{
	vf sum = { 0 }, v;
	size_t j = 0;

	for (; j + W <= n; j += W) {
		v = load(x + j) - mean;
		sum += v * v;
	}
	if (j < n) {
		v = load_part(x + j, n - j, mean) - mean;
		sum += v * v;
	}
	return fold_sum(sum);
}

static void norm(const float *restrict x, const float *restrict gain,
		 const float *restrict shift, size_t rows, size_t cols,
		 float *restrict y, float *restrict moment)
{
	float n = (float)cols;

	for (size_t i = 0; i < rows; i++, x += cols, y += cols) {
		float mean = row_sum(x, cols) / n;
		float scale = 1.0f / sqrtf(row_spread(x, mean, cols) / n +
					   NORM_EPS);

		for (size_t j = 0; j < cols; j++)
			y[j] = gain[j] * ((x[j] - mean) * scale) + shift[j];
		moment[2 * i] = mean;
		moment[2 * i + 1] = scale;
	}
}

/* The two sums of a row that its gradient needs: of g = d gain and of g z. */
static void back_sums(const float *d, const float *x, const float *gain,
		      const float *moment, size_t n, float sum[2])
{
	vf s = { 0 }, t = { 0 };
	size_t j = 0;

	for (; j + W <= n; j += W) {
		vf g = load(d + j) * load(gain + j);

		s += g;
		t += g * ((load(x + j) - moment[0]) * moment[1]);
	}
	if (j < n) {
		vf g = load_part(d + j, n - j, 0.0f) *
		       load_part(gain + j, n - j, 0.0f);

		s += g;
		t += g * ((load_part(x + j, n - j, 0.0f) - moment[0]) *
			  moment[1]);
	}
	sum[0] = fold_sum(s) / (float)n;
	sum[1] = fold_sum(t) / (float)n;
}

/* With z = (x - mean) / sd and g = d gain: dx = (g - mean(g) - z mean(g z)) / sd. */
static void norm_back(const float *restrict d, const float *restrict x,
		      const float *restrict gain, const float *restrict moment,
		      size_t rows, size_t cols, float *restrict d_in,
		      float *restrict d_gain, float *restrict d_shift)
{
	memset(d_gain, 0, cols * sizeof(*d_gain));
	memset(d_shift, 0, cols * sizeof(*d_shift));
	for (size_t i = 0; i < rows; i++, d += cols, x += cols, moment += 2) {
		float mean = moment[0], scale = moment[1], sum[2];

		for (size_t j = 0; j < cols; j++) {
			d_gain[j] += d[j] * ((x[j] - mean) * scale);
			d_shift[j] += d[j];
		}
		if (!d_in)
			continue;
		back_sums(d, x, gain, moment, cols, sum);
		for (size_t j = 0; j < cols; j++)
			d_in[i * cols + j] =
				scale * (d[j] * gain[j] - sum[0] -
					 (x[j] - mean) * scale * sum[1]);
	}
}

static float row_max(const float *x, size_t n)
{
	vf m = splat(-INFINITY), v;
	float lanes[W];
	size_t j = 0;

	for (; j + W <= n; j += W) {
		v = load(x + j);
		m = blend((vu)(v > m), v, m);
	}
	if (j < n) {
		v = load_part(x + j, n - j, -INFINITY);
		m = blend((vu)(v > m), v, m);
	}
	store(lanes, m);
	for (size_t k = 1; k < W; k++)
		lanes[0] = lanes[k] > lanes[0] ? lanes[k] : lanes[0];
	return lanes[0];
}

/* x = exp(scale x - shift); returns the sum. */
static float row_exp(float *x, float scale, float shift, size_t n)
{
	vf sum = { 0 }, v;
	size_t j = 0;

	for (; j + W <= n; j += W) {
		v = exp_vec(load(x + j) * scale - shift);
		sum += v;
		store(x + j, v);
	}
	if (j < n) {
		v = exp_vec(load_part(x + j, n - j, -INFINITY) * scale - shift);
		sum += v;
		store_part(x + j, v, n - j);
	}
	return fold_sum(sum);
}

/* scale > 0, so the largest score stays the largest. */
static void attend(float *s, float scale, size_t rows, size_t cols, size_t pitch,
		   float *log_sum)
{
	for (size_t i = 0; i < rows; i++, s += pitch) {
		float top = scale * row_max(s, cols);
		float sum = row_exp(s, scale, top, cols), share = 1.0f / sum;

		for (size_t j = 0; j < cols; j++)
			s[j] *= share;
		log_sum[i] = top + logf(sum);
	}
}

static void attend_again(float *s, float scale, const float *log_sum, size_t rows,
			 size_t cols, size_t pitch)
{
	for (size_t i = 0; i < rows; i++)
		row_exp(s + i * pitch, scale, log_sum[i], cols);
}

static void drop_row(const uint8_t *restrict byte, unsigned below, float scale,
		     size_t n, float *restrict d)
{
	for (size_t j = 0; j < n; j++)
		d[j] = byte[j] < below ? 0.0f : scale * d[j];
}

static void attend_back(const float *restrict s, const float *restrict mean,
			float scale, const struct nn_mask *mask, size_t rows,
			size_t cols, size_t pitch, float *restrict d)
{
	for (size_t i = 0; i < rows; i++, s += pitch, d += pitch) {
		if (mask)
			drop_row(mask->byte + i * mask->pitch, mask->below,
				 mask->scale, cols, d);
		for (size_t j = 0; j < cols; j++)
			d[j] = scale * s[j] * (d[j] - mean[i]);
	}
}

static void reglu(const float *restrict x, size_t rows, size_t cols,
		  float *restrict y)
{
	for (size_t i = 0; i < rows; i++, x += 2 * cols, y += cols)
		for (size_t j = 0; j < cols; j++)
			y[j] = x[j] * (x[cols + j] < 0.0f ? 0.0f : x[cols + j]);
}

static void reglu_back(const float *restrict x, const float *restrict d,
		       size_t rows, size_t cols, float *restrict d_in)
{
	for (size_t i = 0; i < rows; i++, x += 2 * cols, d_in += 2 * cols)
		for (size_t j = 0; j < cols; j++) {
			float a = x[j], b = x[cols + j], e = d[i * cols + j];

			d_in[j] = b > 0.0f ? e * b : 0.0f;
			d_in[cols + j] = b > 0.0f ? e * a : 0.0f;
		}
}

/* ROWS x 2 vectors of C in registers, along all of k: 12 sums, 2 of B and one of A
 * are the 16 registers that AVX2 has. */
#define ROWS 6

#define PANEL(NAME, M, V)                                                      \
	static inline void NAME(const struct nn_product *g, size_t i, size_t j)\
	{                                                                      \
		const float *a = g->a + i * g->a_row, *b = g->b + j;           \
		float *c = g->c + i * g->c_pitch + j;                          \
		vf sum[M][V];                                                  \
									       \
		for (size_t r = 0; r < M; r++)                                 \
			for (size_t v = 0; v < V; v++)                         \
				sum[r][v] = g->add ?                           \
					load(c + r * g->c_pitch + v * W) :     \
					splat(0.0f);                           \
		for (size_t l = 0; l < g->k; l++, a += g->a_col,               \
			    b += g->b_pitch)                                   \
			for (size_t r = 0; r < M; r++)                         \
				for (size_t v = 0; v < V; v++)                 \
					sum[r][v] += a[r * g->a_row] *         \
						     load(b + v * W);          \
		for (size_t r = 0; r < M; r++)                                 \
			for (size_t v = 0; v < V; v++)                         \
				store(c + r * g->c_pitch + v * W, sum[r][v]);  \
	}
PANEL(panel_wide, ROWS, 2)
PANEL(panel_slim, ROWS, 1)
PANEL(row_wide, 1, 2)
PANEL(row_slim, 1, 1)

/* Columns that fill no vector. */
static void product_rest(const struct nn_product *g, size_t j)
{
	for (size_t i = 0; i < g->m; i++)
		for (size_t h = j; h < g->n; h++) {
			float *c = g->c + i * g->c_pitch + h;
			float sum = g->add ? *c : 0.0f;

			for (size_t l = 0; l < g->k; l++)
				sum += g->a[i * g->a_row + l * g->a_col] *
				       g->b[l * g->b_pitch + h];
			*c = sum;
		}
}

/* A column panel of B (k, 2 W) stays in L1 while all rows pass over it. */
static void product(const struct nn_product *g)
{
	size_t j = 0, i;

	for (; j + 2 * W <= g->n; j += 2 * W) {
		for (i = 0; i + ROWS <= g->m; i += ROWS)
			panel_wide(g, i, j);
		for (; i < g->m; i++)
			row_wide(g, i, j);
	}
	for (; j + W <= g->n; j += W) {
		for (i = 0; i + ROWS <= g->m; i += ROWS)
			panel_slim(g, i, j);
		for (; i < g->m; i++)
			row_slim(g, i, j);
	}
	if (j < g->n)
		product_rest(g, j);
}

static void transpose(const float *restrict x, size_t pitch, size_t rows,
		      size_t cols, size_t to, float *restrict y)
{
	for (size_t j = 0; j < cols; j++) {
		for (size_t i = 0; i < rows; i++)
			y[j * to + i] = x[i * pitch + j];
		memset(y + j * to + rows, 0, (to - rows) * sizeof(*y));
	}
}

const struct nn_sequence_kernels SIMD_NAME(nn_sequence_kernels) = {
	.product = product,
	.transpose = transpose,
	.norm = norm,
	.norm_back = norm_back,
	.attend = attend,
	.attend_again = attend_again,
	.attend_back = attend_back,
	.reglu = reglu,
	.reglu_back = reglu_back,
};
