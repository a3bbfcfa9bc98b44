/* The hot loops of windows over words, a table for each instruction-set level. */
#ifndef TRIARCH_NN_TOKEN_KERNELS_H
#define TRIARCH_NN_TOKEN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/simd.h"

struct nn_token_kernels {
	/* x (rows, cols) -> its transpose in panels of `panel` columns, (panels,
	 * cols, panel), zeros behind the last: as nn_conv_kernels.pack lays it */
	void (*pack_rows)(const float *x, size_t rows, size_t cols, size_t panel,
			  float *panels);
	/* top (cols) = the largest of each column of x (rows, cols), rows >= 1;
	 * at (cols): its first row. Nothing is larger than a NaN in row 0. */
	void (*col_top)(const float *x, size_t rows, size_t cols, float *top,
			uint32_t *at);
};
SIMD_TABLES(nn_token_kernels);

static inline const struct nn_token_kernels *nn_token_kernels_pick(void)
{
	return SIMD_PICK(nn_token_kernels);
}

#endif
