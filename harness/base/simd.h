/* Instruction-set levels, and the vector routines that everyone shares.
 *
 * A file named *_kernels.c is compiled once per level (the Makefile's rule):
 * with the baseline's flags (SSE2, or NEON on aarch64), with x86-64-v3's (AVX2,
 * FMA) and with x86-64-v4's (AVX-512). SIMD_SUFFIX is then _base, _v3 or _v4,
 * and SIMD_NAME(x) adds it to a name. Such a file defines one table,
 *
 *	const struct gbdt_kernels SIMD_NAME(gbdt_kernels) = { .build = build };
 *
 * and its module picks with SIMD_PICK. Nothing outside such files may use
 * instructions above the baseline. Results may differ in the last bit between
 * levels, never between thread counts.
 */
#ifndef TRIARCH_SIMD_H
#define TRIARCH_SIMD_H

#include <stddef.h>
#include <stdint.h>

enum simd_level { SIMD_BASE = 0, SIMD_V3 = 1, SIMD_V4 = 2, SIMD_LEVELS = 3 };

/* The best level this CPU runs and this build has. Pure: asks cpuid's copy. */
enum simd_level simd_level(void);
const char *simd_level_name(enum simd_level level); /* "x86-64-v3" ... */

#ifdef SIMD_SUFFIX
#define SIMD_JOIN2(a, b) a##b
#define SIMD_JOIN(a, b) SIMD_JOIN2(a, b)
#define SIMD_NAME(name) SIMD_JOIN(name, SIMD_SUFFIX)
#endif

/* Declare the tables of a module and pick one:
 *	SIMD_TABLES(gbdt_kernels);
 *	const struct gbdt_kernels *k = SIMD_PICK(gbdt_kernels);
 */
#ifdef __x86_64__
#define SIMD_TABLES(name) \
	extern const struct name name##_base, name##_v3, name##_v4
#define SIMD_AT(name, level)                          \
	((level) == SIMD_V4   ? &name##_v4 :          \
	 (level) == SIMD_V3   ? &name##_v3 :          \
				&name##_base)
#else
#define SIMD_TABLES(name) extern const struct name name##_base
#define SIMD_AT(name, level) ((void)(level), &name##_base)
#endif
#define SIMD_PICK(name) SIMD_AT(name, simd_level())

/* The shared routines (vec_kernels.c); float in, float out, n elements, any
 * alignment, in place allowed where input and output have one type. */
struct vec_kernels {
	/* <= 2 ulp; 0 below -87.33654, inf above 88.72283, NaN stays */
	void (*exp)(const float *x, float *y, size_t n);
	/* squared distances -> kernel values, in place:
	 * exp(-scale * d2) and exp(-scale * sqrt(max(d2, 0))) */
	void (*gaussian)(float *d2, float scale, size_t n);
	void (*laplace)(float *d2, float scale, size_t n);
	float (*dot)(const float *x, const float *y, size_t n);
	void (*axpy)(float a, const float *x, float *y, size_t n); /* y += a x */
	float (*max)(const float *x, size_t n); /* n >= 1 */
	/* rows of scores -> probabilities, in place; (rows, cols) row-major */
	void (*softmax)(float *x, size_t rows, size_t cols);
	void (*sigmoid)(const float *x, float *y, size_t n);
};
SIMD_TABLES(vec_kernels);

/* SIMD_PICK(vec_kernels), as a call. */
const struct vec_kernels *simd_vec(void);

#endif
