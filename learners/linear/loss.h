/* Linear models by minimising a penalised loss:
 *	sum_i weight_i loss(x_i W + b) + l2 / 2 |W|^2
 * with the multinomial log loss or half the squared error; b is free. */
#ifndef TRIARCH_LINEAR_LOSS_H
#define TRIARCH_LINEAR_LOSS_H

#include "learners/learner.h"
#include "learners/linear/design.h"

struct loss_fit {
	const struct design *design;
	size_t outputs;
	const int32_t *label; /* (rows), or NULL: squared error to y */
	const float *y;	      /* (rows), outputs is 1 */
	double l2;
	size_t iterations;
	double tolerance; /* of the gradient, a row */
};

/* w (cols + 1, outputs), b in its last row, from where it is to the minimum.
 * Errors as of lbfgs_minimise. */
int loss_fit(const struct loss_fit *f, float *w, struct run *run,
	     struct error *err);

/* Peak bytes and operations of a fit of the training rows: an iteration is two
 * products with X, dense or sparse. */
struct forecast loss_forecast(const struct dataset *data, size_t iterations);

#endif
