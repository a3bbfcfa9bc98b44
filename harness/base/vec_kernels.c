/* The shared vector routines, once per instruction-set level (simd.h).
 *
 * Written in GCC's vector extensions, which gcc and clang turn into SSE2, AVX2,
 * AVX-512 or NEON. Element-wise routines treat every lane alike, so a value does
 * not depend on where in an array it stands; sums are kept in a fixed number of
 * lanes and folded in a fixed order, so they depend on n alone.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "harness/base/simd.h"

#if defined(__AVX512F__)
#define VEC_BYTES 64
#elif defined(__AVX2__)
#define VEC_BYTES 32
#else
#define VEC_BYTES 16
#endif
#define W (VEC_BYTES / sizeof(float)) /* lanes */

typedef float vf __attribute__((vector_size(VEC_BYTES)));
typedef uint32_t vu __attribute__((vector_size(VEC_BYTES)));
/* Any alignment, any type behind the pointer. */
typedef float vf_any
	__attribute__((vector_size(VEC_BYTES), aligned(4), may_alias));

/* memcpy in one instruction; unaligned loads cost nothing on aligned data. */
static inline vf load(const float *x)
{
	return *(const vf_any *)x;
}

static inline void store(float *x, vf v)
{
	*(vf_any *)x = v;
}

/* A vector of one value, in a form that both compilers see through. */
static inline vf splat(float a)
{
	return a - (vf){ 0 };
}

/* The last, incomplete vector of an array; the lanes beyond it are `fill`. */
static inline vf load_part(const float *x, size_t n, float fill)
{
	float lanes[W];

	for (size_t j = 0; j < W; j++)
		lanes[j] = j < n ? x[j] : fill;
	return load(lanes);
}

static inline void store_part(float *x, vf v, size_t n)
{
	float lanes[W];

	store(lanes, v);
	memcpy(x, lanes, n * sizeof(*x));
}

/* mask lanes are all ones or all zeros, as vector comparisons make them */
static inline vf select(vu mask, vf yes, vf no)
{
	return (vf)((mask & (vu)yes) | (~mask & (vu)no));
}

/* Halves onto halves: a fixed order, whatever the compiler would prefer. */
static inline float fold_sum(vf v)
{
	float lanes[W];

	store(lanes, v);
	for (size_t half = W / 2; half > 0; half /= 2)
		for (size_t j = 0; j < half; j++)
			lanes[j] += lanes[j + half];
	return lanes[0];
}

/* exp(x) = 2^k exp(r), |r| <= ln(2) / 2: k by adding 1.5 * 2^23, which leaves
 * the rounded whole number in the low bits; r with ln(2) in two parts (Cody &
 * Waite 1980); the polynomial is Cephes' expf (Moshier). */
#define EXP_LOWEST (-87.33654f) /* just above ln(2^-126): never denormal */
#define EXP_HIGHEST 88.72283f	/* the last float before ln(2^128) */

static inline vf exp_vec(vf x)
{
	const float magic = 12582912.0f; /* 1.5 * 2^23 */
	vf t = x * 1.44269504088896341f + magic;
	vf k = t - magic;
	vf r = x - k * 0.693359375f;
	vf p;

	r = r + k * 2.12194440e-4f;
	p = r * 1.9875691500e-4f + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * (r * r) + r + 1.0f;
	/* Into the exponent field by addition: 2^128 itself does not exist. */
	p = (vf)((vu)p + ((vu)t << 23));
	p = select((vu)(x < EXP_LOWEST), splat(0.0f), p);
	p = select((vu)(x > EXP_HIGHEST), splat(INFINITY), p);
	return select((vu)(x != x), x, p);
}

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
		m = select((vu)(v > m), v, m);
	}
	if (i < n) {
		v = load_part(x + i, n - i, -INFINITY);
		m = select((vu)(v > m), v, m);
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

/* exp gives inf beyond 88.7, and 1 / inf is the 0 that is wanted. */
static inline vf sigmoid_vec(vf x)
{
	return 1.0f / (1.0f + exp_vec(-x));
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
