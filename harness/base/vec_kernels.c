/* The shared vector routines, once per instruction-set level (simd.h).
 *
 * Element-wise routines treat every lane alike, so a value does not depend on
 * where in an array it stands; sums are kept in a fixed number of lanes and
 * folded in a fixed order, so they depend on n alone.
 */
#include <math.h>
#include <string.h>

#include "harness/base/simd.h"
#include "harness/base/vec.h"

/* The pattern of all element-wise routines here: whole vectors, then one that is
 * filled up. The same instructions treat both, so that a value is the same bits
 * at the end of an array as in its middle. */
static void vec_exp(const float *x, float *y, size_t n)
{
	size_t i = 0;

	for (; i + W <= n; i += W)
		store(y + i, exp_vec(load(x + i)));
	if (i < n)
		store_part(y + i, exp_vec(load_part(x + i, n - i, 0.0f)), n - i);
}

/* Distances come from products and may be a little below zero, which only makes
 * a value a little above 1. */
static void vec_gaussian(float *d2, float scale, size_t n)
{
	size_t i = 0;
	vf x;

	for (; i + W <= n; i += W)
		store(d2 + i, exp_vec(load(d2 + i) * -scale));
	if (i < n) {
		x = load_part(d2 + i, n - i, 0.0f) * -scale;
		store_part(d2 + i, exp_vec(x), n - i);
	}
}

/* Blocks small enough for registers and L1; both compilers turn the loop over
 * sqrtf into the vector instruction, which is exact. */
#define LAPLACE_BLOCK 64

static void vec_laplace(float *d2, float scale, size_t n)
{
	float x[LAPLACE_BLOCK];

	for (size_t i = 0; i < n; i += LAPLACE_BLOCK) {
		size_t m = n - i < LAPLACE_BLOCK ? n - i : LAPLACE_BLOCK;

		for (size_t j = 0; j < m; j++)
			x[j] = d2[i + j] < 0.0f ? 0.0f : d2[i + j];
		for (size_t j = 0; j < m; j++)
			x[j] = -scale * sqrtf(x[j]);
		vec_exp(x, d2 + i, m);
	}
}

/* Four sums in flight hide the latency of the multiply-add. */
static float vec_dot(const float *x, const float *y, size_t n)
{
	vf s0 = { 0 }, s1 = { 0 }, s2 = { 0 }, s3 = { 0 };
	size_t i = 0;

	for (; i + 4 * W <= n; i += 4 * W) {
		s0 += load(x + i) * load(y + i);
		s1 += load(x + i + W) * load(y + i + W);
		s2 += load(x + i + 2 * W) * load(y + i + 2 * W);
		s3 += load(x + i + 3 * W) * load(y + i + 3 * W);
	}
	for (; i + W <= n; i += W)
		s0 += load(x + i) * load(y + i);
	if (i < n)
		s1 += load_part(x + i, n - i, 0.0f) *
		      load_part(y + i, n - i, 0.0f);
	return fold_sum((s0 + s1) + (s2 + s3));
}

/* Where the level has FMA the product is not rounded: once less than in C. */
static void vec_axpy(float a, const float *x, float *y, size_t n)
{
	size_t i = 0;
	vf part;

	for (; i + W <= n; i += W)
		store(y + i, load(y + i) + a * load(x + i));
	if (i < n) {
		part = load_part(y + i, n - i, 0.0f) +
		       a * load_part(x + i, n - i, 0.0f);
		store_part(y + i, part, n - i);
	}
}

/* NaN compares false and is passed over, so one bad score does not hide the
 * largest; softmax then gives NaN for it anyway. */
static float vec_max(const float *x, size_t n)
{
	vf m = splat(-INFINITY), v;
	float lanes[W];
	size_t i = 0;

	for (; i + W <= n; i += W) {
		v = load(x + i);
		m = blend((vu)(v > m), v, m);
	}
	if (i < n) {
		v = load_part(x + i, n - i, -INFINITY);
		m = blend((vu)(v > m), v, m);
	}
	store(lanes, m);
	for (size_t j = 1; j < W; j++)
		lanes[0] = lanes[j] > lanes[0] ? lanes[j] : lanes[0];
	return lanes[0];
}

/* x <- exp(x - shift); returns the sum. Lanes beyond the end are exp(-inf) = 0. */
static float exp_shifted(float *x, float shift, size_t n)
{
	vf sum = { 0 }, v;
	size_t i = 0;

	for (; i + W <= n; i += W) {
		v = exp_vec(load(x + i) - shift);
		sum += v;
		store(x + i, v);
	}
	if (i < n) {
		v = exp_vec(load_part(x + i, n - i, -INFINITY) - shift);
		sum += v;
		store_part(x + i, v, n - i);
	}
	return fold_sum(sum);
}

/* Shifted by the largest, so that nothing overflows and the sum is >= 1. A true
 * division, since a product with the reciprocal would be a bit off. */
static void vec_softmax(float *x, size_t rows, size_t cols)
{
	for (size_t i = 0; i < rows; i++) {
		float *row = x + i * cols;
		float sum = exp_shifted(row, vec_max(row, cols), cols);

		for (size_t j = 0; j < cols; j++)
			row[j] /= sum;
	}
}

static void vec_sigmoid(const float *x, float *y, size_t n)
{
	size_t i = 0;

	for (; i + W <= n; i += W)
		store(y + i, sigmoid_vec(load(x + i)));
	if (i < n)
		store_part(y + i, sigmoid_vec(load_part(x + i, n - i, 0.0f)),
			   n - i);
}

const struct vec_kernels SIMD_NAME(vec_kernels) = {
	.exp = vec_exp,
	.gaussian = vec_gaussian,
	.laplace = vec_laplace,
	.dot = vec_dot,
	.axpy = vec_axpy,
	.max = vec_max,
	.softmax = vec_softmax,
	.sigmoid = vec_sigmoid,
};
