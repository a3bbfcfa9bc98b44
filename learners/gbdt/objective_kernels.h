/* The derivatives of all objectives, and what softmax's loss needs, one table
 * for each instruction-set level. A value does not depend on where in a strip
 * its row stands. */
#ifndef TRIARCH_GBDT_OBJECTIVE_KERNELS_H
#define TRIARCH_GBDT_OBJECTIVE_KERNELS_H

#include "harness/base/simd.h"

/* Rows side by side; pointers are at the first row of the first output. */
struct objective_strip {
	size_t n;	/* rows; for softmax and log_sums at most 256 */
	size_t outputs; /* softmax and log_sums only */
	size_t stride;	/* from one output to the next, in rows */
	const float *score;   /* (outputs, stride) */
	const int32_t *label; /* (n) logistic, softmax */
	const float *target;  /* (n) the others */
	const float *weight;  /* (n) or NULL */
	float parameter;      /* the quantile's level, Huber's delta */
	float *gradient, *hessian; /* (outputs, stride) */
	double *sums; /* (outputs, 2) += sums of |gradient| and of hessian */
};

typedef void objective_derive_fn(const struct objective_strip *s);

struct objective_kernels {
	objective_derive_fn *squared, *absolute, *quantile, *huber, *poisson,
		*logistic, *softmax;
	/* top[i] = the largest score of row i, sum[i] = the sum of
	 * exp(score - top); (n) each. */
	void (*log_sums)(const struct objective_strip *s, float *top, float *sum);
};
SIMD_TABLES(objective_kernels);

#endif
