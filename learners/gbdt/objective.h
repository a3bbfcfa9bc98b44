/* What boosting minimises: a loss, its first two derivatives with respect to
 * the raw scores, and the way from scores to predictions.
 *
 * Raw scores are kept output by output, (outputs, rows), as one tree updates
 * one output of all rows.
 *
 *	squared   half the squared error; starts from the mean
 *	absolute  |y - s|; starts from the median
 *	quantile  the pinball loss; starts from the quantile (Koenker & Bassett
 *	          1978, "Regression quantiles")
 *	huber     squared up to huber_delta, straight beyond (Huber 1964,
 *	          "Robust estimation of a location parameter")
 *	poisson   exp(s) - y s; starts from the log of the mean
 *	logistic  two classes; starts from the log odds
 *	softmax   more classes; starts from the logs of the classes' shares, as
 *	          LightGBM, with LightGBM's hessian K / (K - 1) p (1 - p), the
 *	          diagonal rescaled for the redundant class (Friedman 2001,
 *	          Algorithm 6); XGBoost takes 2 p (1 - p)
 *
 * The second derivatives of absolute, quantile and huber say nothing of how far
 * a leaf should go, so a row's hessian is 1 and the leaf's value is found anew
 * from the residuals in it: Algorithms 3 and 4 of Friedman 2001.
 */
#ifndef TRIARCH_GBDT_OBJECTIVE_H
#define TRIARCH_GBDT_OBJECTIVE_H

#include "datasets/dataset.h"
#include "harness/base/par.h"
#include "learners/gbdt/config.h"

/* OBJECTIVE_ROWS: the most rows that `loss` and `link` are given, as their
 * scratch is on the stack. OBJECTIVE_CHUNK: a good chunk for `derive`. */
enum { OBJECTIVE_ROWS = 256, OBJECTIVE_CHUNK = 2048 };

/* Rows with their truth. */
struct objective_rows {
	size_t rows, outputs;
	const int32_t *label;
	const float *target;
	const float *weight; /* or NULL */
	double quantile_level, huber_delta;
};

struct objective {
	const char *name;
	size_t columns; /* of the learner's scores; 0: as many as outputs */
	bool tells_root; /* objective_loss is the root of the mean */
	/* The constant score of each output to start from; optional where
	 * there is `renew`. See objective_base. */
	void (*base)(const struct objective_rows *t, double *base);
	/* Gradient and hessian of rows r, both (outputs, rows), weights
	 * included; `sums` (outputs, 2) = their sums of |gradient| and of
	 * hessian. */
	void (*derive)(const struct objective_rows *t, const float *score,
		       struct par_range r, float *gradient, float *hessian,
		       double *sums);
	/* The sum of weight * loss over rows r. */
	double (*loss)(const struct objective_rows *t, const float *score,
		       struct par_range r);
	/* (rows, outputs) raw scores -> (rows, columns of the learner's
	 * scores); n <= OBJECTIVE_ROWS. */
	void (*link)(const float *raw, size_t n, size_t outputs, float *scores);
	/* Optional: the best constant for n residuals, target less score, which
	 * it reorders, with weights (NULL: all 1). */
	double (*renew)(const struct objective_rows *t, float *residual,
			float *weight, size_t n);
	/* Optional: can it take a target of this value? `wants` says which. */
	bool (*takes)(float target);
	const char *wants;
};

/* The choices of the parameter `objective`, NULL at the end. */
extern const char *const objective_choices[];

/* The objective of a name ("squared"), NULL when there is none. */
const struct objective *objective_find(const char *name);

/* The objective that the parameters ask for, and how many outputs (trees a
 * round) it takes. ERR_CONFIG: not for this task. */
int objective_pick(const struct gbdt_config *config, const struct dataset *data,
		   const struct objective **o, size_t *outputs,
		   struct error *err);

/* The truth of a part of a data set; lends its arrays. */
struct objective_rows objective_rows(const struct gbdt_config *config,
				     const struct part *part, size_t outputs);

/* The constant score of each output to start from, the one of least loss. With
 * `renew` it is the value of a leaf that holds all rows; `scratch` is then
 * (2, rows), else it may be NULL. */
void objective_base(const struct objective *o, const struct objective_rows *t,
		    float *scratch, double *base);

/* Is every target a number that the objective takes? ERR_DATA names the row of
 * the `what` part ("training") that is not. */
int objective_check(const struct objective *o, const struct objective_rows *t,
		    const char *what, struct error *err);

/* Derivatives of all rows, in chunks of OBJECTIVE_CHUNK; `sums` (chunks, outputs,
 * 2) are those of the chunks. */
void objective_derive(const struct objective *o, const struct objective_rows *t,
		      const float *score, float *gradient, float *hessian,
		      double *sums, int threads);

/* The mean loss over all rows (of `tells_root`, its root). NAN without rows or
 * weight. `partial`: scratch of 2 par_chunks(rows, OBJECTIVE_ROWS) doubles. */
double objective_loss(const struct objective *o, const struct objective_rows *t,
		      const float *score, double *partial, int threads);

extern const struct objective objective_squared, objective_absolute,
	objective_quantile, objective_huber, objective_poisson,
	objective_logistic, objective_softmax;

static inline double objective_weight(const struct objective_rows *t, size_t i)
{
	return t->weight ? (double)t->weight[i] : 1.0;
}

#endif
