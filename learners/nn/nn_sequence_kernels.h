/* The hot loops of sequence layers, a table for each instruction-set level. Rows
 * are positions, unless said otherwise; arrays of one call do not overlap. */
#ifndef TRIARCH_NN_SEQUENCE_KERNELS_H
#define TRIARCH_NN_SEQUENCE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/simd.h"

/* Dropout of a tile: where byte < below a value is 0, else it is scaled. */
struct nn_mask {
	const uint8_t *byte; /* (rows, pitch) */
	size_t pitch;
	unsigned below;
	float scale;
};

/* C (m, n) = A (m, k) B (k, n), or += when `add`. A's element (i, l) is at
 * a[i * a_row + l * a_col], so a transposed A costs nothing. For the products within
 * a head, which are too small to be worth packing. */
struct nn_product {
	size_t m, n, k;
	const float *a;
	size_t a_row, a_col;
	const float *b;
	size_t b_pitch;
	float *c;
	size_t c_pitch;
	bool add;
};

struct nn_sequence_kernels {
	void (*product)(const struct nn_product *g);
	/* y (cols, to) = x' (rows, cols), with zeros from `rows` to `to` */
	void (*transpose)(const float *x, size_t pitch, size_t rows, size_t cols,
			  size_t to, float *y);
	/* y = gain (x - mean) / sd + shift, over each row's columns;
	 * moment (rows, 2) = mean, 1 / sd */
	void (*norm)(const float *x, const float *gain, const float *shift,
		     size_t rows, size_t cols, float *y, float *moment);
	/* d_in from d = d loss / dy; d_gain and d_shift (cols) are set. d_in may
	 * be NULL. */
	void (*norm_back)(const float *d, const float *x, const float *gain,
			  const float *moment, size_t rows, size_t cols,
			  float *d_in, float *d_gain, float *d_shift);
	/* s (rows, cols), a row each `pitch`: s = softmax of scale * s, row by
	 * row; log_sum (rows) = log(sum exp(scale * s)) */
	void (*attend)(float *s, float scale, size_t rows, size_t cols,
		       size_t pitch, float *log_sum);
	/* The same again, by the log_sum that is known: exp(scale s - log_sum) */
	void (*attend_again)(float *s, float scale, const float *log_sum,
			     size_t rows, size_t cols, size_t pitch);
	/* d = scale * s (d - mean), mean one a row; d is dropped by `mask`
	 * before, unless that is NULL */
	void (*attend_back)(const float *s, const float *mean, float scale,
			    const struct nn_mask *mask, size_t rows, size_t cols,
			    size_t pitch, float *d);
	/* y (rows, cols) = a relu(b), from x (rows, 2 cols): a, then b */
	void (*reglu)(const float *x, size_t rows, size_t cols, float *y);
	/* d_in (rows, 2 cols) from d (rows, cols) */
	void (*reglu_back)(const float *x, const float *d, size_t rows,
			   size_t cols, float *d_in);
};
SIMD_TABLES(nn_sequence_kernels);

#endif
