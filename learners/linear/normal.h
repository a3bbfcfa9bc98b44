/* Ridge regression in closed form: (Xc' W Xc + l2) w = Xc' W yc, centred by the
 * weighted means, in double. For dense rows. */
#ifndef TRIARCH_LINEAR_NORMAL_H
#define TRIARCH_LINEAR_NORMAL_H

#include "learners/learner.h"
#include "learners/linear/design.h"

/* w (cols + 1), the intercept last. ERR_DIVERGED when the system is singular,
 * which an l2 above 0 prevents; ERR_MEMORY. */
int normal_fit(const struct design *d, const float *y, double l2, float *w,
	       struct run *run, struct error *err);

#endif
