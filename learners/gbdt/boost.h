/* Gradient boosting: rounds of trees, each fitted to the derivatives of the
 * loss at the scores so far (Friedman 2001, "Greedy function approximation: a
 * gradient boosting machine"), with second-order leaves (Chen & Guestrin
 * 2016). */
#ifndef TRIARCH_GBDT_BOOST_H
#define TRIARCH_GBDT_BOOST_H

#include "learners/gbdt/expand.h"
#include "learners/gbdt/grower.h"
#include "learners/gbdt/objective.h"
#include "learners/learner.h"

struct boost {
	const struct objective *objective;
	struct bins bins; /* edges and levels; the trees need them */
	struct target_stats stats; /* of columns with many levels */
	size_t cols;	  /* of the data set */
	size_t outputs;
	double *base;	    /* (outputs) */
	size_t rounds;	    /* in the model */
	struct tree **tree; /* (rounds) of (outputs) */
};

/* Fit the training part; stop early on the validation part when it has rows.
 * All memory is run->arena's. ERR_MEMORY, ERR_DIVERGED; ERR_DATA for weights or
 * targets that cannot be, ERR_CONFIG for parameters of another task. */
int boost_fit(struct boost *b, const struct gbdt_config *config,
	      const struct dataset *data, struct run *run, struct error *err);

/* Scores as struct learner says. */
int boost_predict(const struct boost *b, const struct part *rows,
		  struct run *run, float *scores, struct error *err);

#endif
