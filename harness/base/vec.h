/* Vectors of floats, for files that are compiled once per instruction-set level
 * (simd.h): as wide as the level has them, and a handful of functions on them,
 * exp among these. In GCC's vector extensions, which gcc and clang turn into
 * SSE2, AVX2, AVX-512 or NEON. To be included by *_kernels.c only: the names
 * are short.
 */
#ifndef TRIARCH_VEC_H
#define TRIARCH_VEC_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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
typedef int32_t vi __attribute__((vector_size(VEC_BYTES)));
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
static inline vf blend(vu mask, vf yes, vf no)
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
	p = blend((vu)(x < EXP_LOWEST), splat(0.0f), p);
	p = blend((vu)(x > EXP_HIGHEST), splat(INFINITY), p);
	return blend((vu)(x != x), x, p);
}

/* exp gives inf beyond 88.7, and 1 / inf is the 0 that is wanted. */
static inline vf sigmoid_vec(vf x)
{
	return 1.0f / (1.0f + exp_vec(-x));
}

#endif
