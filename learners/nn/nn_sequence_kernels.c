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
static void attend(float *s, float scale, size_t rows, size_t cols, float *log_sum)
{
	for (size_t i = 0; i < rows; i++, s += cols) {
		float top = scale * row_max(s, cols);
		float sum = row_exp(s, scale, top, cols), share = 1.0f / sum;

		for (size_t j = 0; j < cols; j++)
			s[j] *= share;
		log_sum[i] = top + logf(sum);
	}
}

static void attend_again(float *s, float scale, const float *log_sum, size_t rows,
			 size_t cols)
{
	for (size_t i = 0; i < rows; i++)
		row_exp(s + i * cols, scale, log_sum[i], cols);
}

static void drop_row(const uint8_t *restrict byte, unsigned below, float scale,
		     size_t n, float *restrict d)
{
	for (size_t j = 0; j < n; j++)
		d[j] = byte[j] < below ? 0.0f : scale * d[j];
}

static void attend_back(const float *restrict s, const float *restrict mean,
			float scale, const struct nn_mask *mask, size_t rows,
			size_t cols, float *restrict d)
{
	for (size_t i = 0; i < rows; i++, s += cols, d += cols) {
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

const struct nn_sequence_kernels SIMD_NAME(nn_sequence_kernels) = {
	.norm = norm,
	.norm_back = norm_back,
	.attend = attend,
	.attend_again = attend_again,
	.attend_back = attend_back,
	.reglu = reglu,
	.reglu_back = reglu_back,
};
