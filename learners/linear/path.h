/* The penalty of a linear model, chosen on the validation rows along a path
 * from strong to weak, each fit starting where the one before ended (Friedman,
 * Hastie & Tibshirani 2010, section 2.5). */
#ifndef TRIARCH_LINEAR_PATH_H
#define TRIARCH_LINEAR_PATH_H

#include "learners/linear/loss.h"

/* What the path may choose from, strong to weak; 0 ends it. */
extern const double path_l2[];

struct path {
	const struct dataset *data;
	struct loss_fit fit; /* l2 is set by the path */
	bool closed;	     /* by normal_fit: dense regression */
};

/* w (cols + 1, outputs): the fit with the least validation log loss or squared
 * error; *l2 says which. The path ends at the first penalty that is worse than
 * the one before it. Without validation rows it is 1, scikit-learn's default.
 * Errors as of loss_fit and normal_fit. */
int path_fit(const struct path *p, float *w, double *l2, struct run *run,
	     struct error *err);

/* One fit with a given l2. */
int path_fit_one(const struct path *p, double l2, float *w, struct run *run,
		 struct error *err);

#endif
