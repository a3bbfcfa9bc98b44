/* The loops over all cells of a table when it is cut into bins. */
#ifndef TRIARCH_GBDT_BINS_KERNELS_H
#define TRIARCH_GBDT_BINS_KERNELS_H

#include <stdbool.h>

#include "harness/base/simd.h"

/* Edges as the search wants them: padded with infinities to a power of two, so
 * that each step halves and none is a special case. */
enum { BINS_STEPS = 5 }; /* of a table, at least */

struct bins_table {
	uint32_t steps; /* BINS_STEPS..8: log2 of the entries */
	uint32_t bins;	/* >= 1: edges that are not padding */
	const float *edge; /* (1 << steps) */
};

struct bins_kernels {
	/* out[i * width] = the first edge that is not below x[i * stride], the
	 * last one where all are, `bins` where x is NaN; for n values. */
	void (*find)(const struct bins_table *t, const float *x, size_t stride,
		     size_t n, uint8_t *out, size_t width);
	/* Is any of n values NaN? */
	bool (*any_nan)(const float *x, size_t n);
};
SIMD_TABLES(bins_kernels);

#endif
