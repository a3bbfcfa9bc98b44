/* Functions of Gaussian rows, each of which one family of learners is made for:
 *
 *	axis_steps    sum over `informative` columns of a step function of
 *		      SYNTHETIC_STEPS steps, at places and of heights N(0, 1):
 *		      what trees are made of;
 *	low_rank      x0 x1 1[x5 > 0]: few directions, one of them a switch;
 *	parity	      product of the signs of the first `degree` columns: nothing
 *		      to be seen in fewer columns than all of them;
 *	smooth_dense  sin(2 u'x) + cos(2 w'x), u and w orthonormal and dense:
 *		      smooth, in a plane that no column lies in.
 *
 * Functions are less their mean and over their deviation under the law of the
 * rows, known in closed form, so that row i is the same in a set of any size.
 */
#ifndef TRIARCH_SYNTHETIC_H
#define TRIARCH_SYNTHETIC_H

#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/rng.h"

#define SYNTHETIC_STEPS 4

enum synthetic_kind {
	SYNTHETIC_AXIS_STEPS,
	SYNTHETIC_LOW_RANK,
	SYNTHETIC_PARITY,
	SYNTHETIC_SMOOTH_DENSE,
	SYNTHETIC_KINDS
};
extern const char *const synthetic_names[SYNTHETIC_KINDS];

struct synthetic {
	enum synthetic_kind kind;
	size_t d;	    /* columns */
	size_t informative; /* axis_steps */
	size_t degree;	    /* parity */
	double noise;	    /* deviation of the noise; that of the function is 1 */
	uint64_t seed;
	/* set by synthetic_init */
	struct rng cells;
	double mean, scale; /* of the function: its mean, 1 / its deviation */
	double *at;	    /* (informative, STEPS) or u, (d) */
	double *height;	    /* (informative, STEPS) or w, (d) */
};

/* Draw the function and its moments. ERR_CONFIG when it has too few columns;
 * ERR_MEMORY. */
int synthetic_init(struct synthetic *f, struct arena *a, struct error *err);

/* Cell (i, j), N(0, 1). */
float synthetic_cell(const struct synthetic *f, size_t i, size_t j);

/* The function of x (d), standardised, without noise. */
double synthetic_value(const struct synthetic *f, const float *x);

/* The target of row i, whose cells are x (d): value and noise, over
 * sqrt(1 + noise^2), which has mean 0 and deviation 1; no learner can reach an
 * R2 above 1 / (1 + noise^2). */
float synthetic_target(const struct synthetic *f, size_t i, const float *x);

#endif
