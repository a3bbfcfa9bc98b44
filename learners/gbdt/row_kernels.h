/* Loops over rows: parting them, making their gradients integers, and laying
 * drawn columns side by side. One table for each instruction-set level. */
#ifndef TRIARCH_GBDT_ROW_KERNELS_H
#define TRIARCH_GBDT_ROW_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/simd.h"

struct row_scale {
	float to_gradient, to_hessian; /* steps a unit */
	uint32_t key;		       /* of the rounding's random numbers */
};

struct row_kernels {
	/* Part n rows by left[bin[row]], keeping their order; `gh` goes with
	 * its row (narrow words; NULL: there are none). The left ones are
	 * written to left_rows, which may be `rows` itself, the right ones to
	 * right_rows; both have room for n. Returns how many went left. */
	size_t (*part)(const uint8_t *bin, const uint8_t left[256],
		       const uint32_t *rows, const int32_t *gh, size_t n,
		       uint32_t *left_rows, int32_t *left_gh,
		       uint32_t *right_rows, int32_t *right_gh);
	/* gh[k] = narrow word of row rows[k], rounded at random; what is beyond
	 * the bounds of a word (hist_kernels.h) is brought to them. */
	void (*quantize)(const struct row_scale *s, const float *g,
			 const float *h, const uint32_t *rows, size_t n,
			 int32_t *gh);
	/* Over rows, in order: sums[0] += |g|, sums[1] += h; sums[2] = the
	 * largest |g|, sums[3] = the largest h, sums[4] = the least. */
	void (*sums)(const float *g, const float *h, const uint32_t *rows,
		     size_t n, double sums[5]);
	/* to[i * pitch + j] = from[j][first + i], i < n, j < width; width is a
	 * multiple of 4, and a NULL column is all zeros. */
	void (*weave)(const uint8_t *const *from, size_t width, size_t first,
		      size_t n, uint8_t *to, size_t pitch);
};
SIMD_TABLES(row_kernels);

#endif
