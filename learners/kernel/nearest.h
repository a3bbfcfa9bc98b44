/* The k nearest of some rows, exactly. */
#ifndef TRIARCH_KERNEL_NEAREST_H
#define TRIARCH_KERNEL_NEAREST_H

#include "harness/base/error.h"
#include "learners/kernel/gram.h"

struct nearest {
	struct gram_rows rows; /* among which to look; lent */
	size_t k;	       /* 1 <= k <= rows.n */
};

struct neighbour {
	float d2; /* squared distance */
	uint32_t row;
};

/* out (n, k): for each row of x (n, cols) its neighbours, the nearest first; of
 * equally near ones the lower row first. ERR_MEMORY (scratch is given back). */
int nearest_find(const struct nearest *s, const float *x, size_t n, int threads,
		 struct arena *a, struct neighbour *out, struct error *err);

#endif
