/* A tree's leaf values, found anew from the rows in its leaves.
 *
 * The grower's values rest on rounded gradients and on one Newton step. Here a
 * leaf gets, by objective and `leaf_steps`,
 *
 *	renew    the constant that minimises the loss of its residuals, penalties
 *	         aside: absolute, quantile, huber (Friedman 2001, Algorithms 3
 *	         and 4); always, whatever leaf_steps
 *	1 step   -G / (H + l2) from the float gradients of its rows
 *	more     Newton steps on the gradients at the new scores, all outputs of
 *	         the round together, as CatBoost's leaf_estimation_iterations; the
 *	         learning rate is applied to the sum of the steps, and the
 *	         penalties to it too
 *
 * With drawn rows these are the rows drawn, amplified ones with their factors.
 * A leaf's bounds (monotone.h) hold for all of these values. Sums are in double,
 * in an order that does not depend on threads.
 */
#ifndef TRIARCH_GBDT_REFINE_H
#define TRIARCH_GBDT_REFINE_H

#include "learners/gbdt/grower.h"
#include "learners/gbdt/objective.h"
#include "learners/gbdt/sampling.h"

struct refine {
	const struct gbdt_config *config;
	const struct objective *objective;
	const struct objective_rows *truth;
	int threads;
	/* (outputs, rows) in which leaf a drawn row is; NULL: one step or none,
	 * and nobody will ask */
	uint16_t *leaf;
	float *residual; /* (2, rows) scratch of renew, and their weights */
	/* private */
	double *value;	/* (outputs, leaves) before shrinkage */
	struct cut_bounds *bounds; /* (outputs, leaves) of the values */
	double *sums;	/* (outputs, chunks, leaves, 2) */
	double *ignore; /* sums of objective_derive */
	float *trial;	/* (outputs, rows) scores */
};

/* ERR_UNSUPPORTED: monotone columns with medians or quantiles in the leaves. The
 * grower orders what it sees, means of signs, and bounds in those units would
 * say nothing of values in the target's. */
int refine_takes(const struct gbdt_config *config,
		 const struct objective *objective, struct error *err);

/* ERR_MEMORY. */
int refine_init(struct refine *r, const struct gbdt_config *config,
		const struct objective *objective,
		const struct objective_rows *truth, int threads, struct arena *a,
		struct error *err);

/* The rows that a round was drawn of, and their state before its trees:
 * (outputs, rows) each. */
struct refine_round {
	const struct sampling *rows;
	const float *score;
	float *gradient, *hessian; /* refine_steps writes to them */
};

/* Renew the tree of output c, which `g` has just grown, or take the first step.
 * False when a value is not finite. */
bool refine_tree(struct refine *r, const struct refine_round *round,
		 const struct grower *g, size_t c, struct tree *tree);

/* The steps after the first, once all trees of the round (outputs) have had
 * theirs. False as above. */
bool refine_steps(struct refine *r, const struct refine_round *round,
		  struct tree *tree);

/* score += the trees' values, for all rows, where refine_steps had rows to
 * remember: rows must not have been drawn. */
void refine_apply(const struct refine *r, const struct tree *tree, float *score);

#endif
