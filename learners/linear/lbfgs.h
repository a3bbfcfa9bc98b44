/* Limited-memory BFGS for smooth convex functions (Nocedal & Wright 2006,
 * algorithms 7.4 and 7.5), with a line search that bisects until the weak
 * Wolfe conditions hold. Vectors are float, every sum over them is double. */
#ifndef TRIARCH_LINEAR_LBFGS_H
#define TRIARCH_LINEAR_LBFGS_H

#include "learners/learner.h"

struct lbfgs_problem {
	size_t n; /* variables */
	/* The value at x (n), and its gradient (n). Pure. */
	double (*eval)(void *ctx, const float *x, float *gradient);
	void *ctx;
	size_t iterations; /* at most */
	double tolerance;  /* done when max |gradient| is not above it */
};

/* From x (n) to the minimum, in place. One tick an iteration; scratch from
 * run->arena, given back. ERR_DIVERGED when the value at the start is not
 * finite; ERR_MEMORY. Bytes of scratch: LBFGS_VECTORS * n * sizeof(float). */
int lbfgs_minimise(const struct lbfgs_problem *p, float *x, struct run *run,
		   struct error *err);

#define LBFGS_MEMORY 8
#define LBFGS_VECTORS (2 * LBFGS_MEMORY + 4)

#endif
