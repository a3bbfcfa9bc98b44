/* What boosting minimises: a loss, its first two derivatives with respect to
 * the raw scores, and the way from scores to predictions.
 *
 * Raw scores are kept output by output, (outputs, rows), as one tree updates
 * one output of all rows. */
#ifndef TRIARCH_GBDT_OBJECTIVE_H
#define TRIARCH_GBDT_OBJECTIVE_H

#include "datasets/dataset.h"
#include "harness/base/par.h"

/* The most rows that a call below is given: their scratch is on the stack. */
enum { OBJECTIVE_ROWS = 256 };

/* Rows with their truth. */
struct objective_rows {
	size_t rows, outputs;
	const int32_t *label;
	const float *target;
	const float *weight; /* or NULL */
};

struct objective {
	const char *name;
	/* The constant score of each output to start from. */
	void (*base)(const struct objective_rows *t, double *base);
	/* Gradient and hessian of rows r, both (outputs, rows). */
	void (*derive)(const struct objective_rows *t, const float *score,
		       struct par_range r, float *gradient, float *hessian);
	/* The sum of weight * loss over rows r. */
	double (*loss)(const struct objective_rows *t, const float *score,
		       struct par_range r);
	/* (rows, outputs) raw scores -> (rows, columns of the learner's
	 * scores); n <= OBJECTIVE_ROWS. */
	void (*link)(const float *raw, size_t n, size_t outputs, float *scores);
};

/* logistic for two classes, softmax for more, squared error for regression;
 * and how many outputs (trees a round) it takes. */
const struct objective *objective_pick(const struct dataset *data,
				       size_t *outputs);

/* The truth of a part of a data set. */
struct objective_rows objective_rows(const struct part *part, size_t outputs);

/* The mean loss over all rows; for squared error its root. NAN without rows. */
double objective_loss(const struct objective *o, const struct objective_rows *t,
		      const float *score);

extern const struct objective objective_squared, objective_logistic,
	objective_softmax;

#endif
