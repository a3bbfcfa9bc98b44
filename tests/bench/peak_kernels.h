/* What this CPU can do at best: FP32 multiply-adds from registers alone. */
#ifndef TRIARCH_PEAK_KERNELS_H
#define TRIARCH_PEAK_KERNELS_H

#include "harness/base/simd.h"

struct peak_kernels {
	/* Run `rounds` rounds; returns the flop that were done. *sink keeps
	 * the compiler honest. */
	double (*fma)(size_t rounds, float *sink);
};
SIMD_TABLES(peak_kernels);

#endif
