/* Exact kernel ridge regression: (K + ridge W^-1) alpha = Y by Cholesky.
 *
 * In float, which costs half of double and loses nothing that a test row could
 * see, as long as the ridge is above the rounding of K; whether it was is
 * checked, and a fit that fails the check is made again in double.
 */
#ifndef TRIARCH_KERNEL_RIDGE_H
#define TRIARCH_KERNEL_RIDGE_H

#include "learners/kernel/gram.h"
#include "learners/learner.h"

struct kernel_ridge {
	struct gram_kernel kernel;
	struct gram_rows rows; /* fitted on; lent, must outlive the model */
	size_t outputs;
	float *alpha; /* (rows.n, outputs) */
};

/* Rows whose own prediction, had they been left out, fit can tell. */
#define KERNEL_RIDGE_HELD 256

struct kernel_held {
	size_t n;	 /* <= KERNEL_RIDGE_HELD */
	uint32_t *row;	 /* (n) */
	float *value;	 /* (n, outputs) the model without that row, at it */
};

/* `m` comes with kernel, rows and outputs set; y is (n, outputs), weight (n)
 * or NULL. alpha and *held go to run->arena, all else is given back; `held` may
 * be NULL. run->note tells when double was needed.
 * ERR_MEMORY; ERR_UNSUPPORTED when K is larger than the arena's limit allows;
 * ERR_DIVERGED when K + ridge is singular in double as well. */
int kernel_ridge_fit(struct kernel_ridge *m, const float *y,
		     const float *weight, double ridge, struct run *run,
		     struct kernel_held *held, struct error *err);

/* out (n, outputs) = k(x, rows) alpha. Scratch from run->arena, given back. */
int kernel_ridge_predict(const struct kernel_ridge *m, const float *x, size_t n,
			 struct run *run, float *out, struct error *err);

/* Peak bytes and operations of a fit of n rows. */
struct forecast kernel_ridge_forecast(size_t n, size_t cols, size_t outputs);

#endif
