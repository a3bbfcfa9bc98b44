/* Smooth activations and their slopes, a table for each instruction-set level. */
#ifndef TRIARCH_NN_SMOOTH_KERNELS_H
#define TRIARCH_NN_SMOOTH_KERNELS_H

#include <stddef.h>

#include "harness/base/simd.h"

enum nn_smooth { NN_GELU, NN_SILU, NN_SELU, NN_MISH, NN_SMOOTHS };

struct nn_smooth_kernels {
	/* y = f(x) */
	void (*value[NN_SMOOTHS])(const float *x, float *y, size_t n);
	/* y = d f'(x) */
	void (*slope[NN_SMOOTHS])(const float *x, const float *d, float *y,
				  size_t n);
};
SIMD_TABLES(nn_smooth_kernels);

#endif
