/* Cosines and sines of numbers times frequencies, a table for each
 * instruction-set level. */
#ifndef TRIARCH_NN_WAVE_KERNELS_H
#define TRIARCH_NN_WAVE_KERNELS_H

#include <stddef.h>

#include "harness/base/simd.h"

struct nn_waves {
	const float *x; /* row i's number is x[i * x_step] */
	size_t rows, x_step;
	const float *frequency; /* (n) in turns a unit of x */
	const float *phase;	/* (n) in radians, or NULL: 0 */
	size_t n;
	float *out; /* row i at i * out_step: cosines (n), sines (n) */
	size_t out_step;
};

struct nn_wave_kernels {
	void (*waves)(const struct nn_waves *w);
};
SIMD_TABLES(nn_wave_kernels);

#endif
