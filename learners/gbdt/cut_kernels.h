/* Ordering levels by their mean gradient, for each instruction-set level. */
#ifndef TRIARCH_CUT_KERNELS_H
#define TRIARCH_CUT_KERNELS_H

#include "harness/base/simd.h"

struct cut_kernels {
	/* rank[k] = how many of the n <= 256 keys are smaller than key[k], or
	 * equal and before it: where a stable sort would put it. No key is NaN;
	 * `key` has room for n rounded up to 16, which is written to. */
	void (*rank)(float *key, size_t n, uint8_t *rank);
	/* sum[b] += score[b] - parent for n scores of one leaf: nothing where
	 * the score is -1 (a side is too light), but -infinity for
	 * CUT_FORBIDDEN, which one leaf is enough for. */
	void (*add_gains)(float *sum, const float *score, float parent,
			  size_t n);
};
SIMD_TABLES(cut_kernels);

#endif
