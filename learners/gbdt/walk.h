/* Rows that no grower has sorted into leaves go down a round's trees. */
#ifndef TRIARCH_GBDT_WALK_H
#define TRIARCH_GBDT_WALK_H

#include "learners/gbdt/expand.h"
#include "learners/gbdt/turner.h"

struct walk {
	const struct bins_column *column; /* of the bins */
	const struct tree *tree;	  /* (outputs) */
	size_t outputs;
	const struct part *part;
	const float *ordered; /* of training rows: see expand_open */
	const struct expand *expand;
	float *score; /* (outputs, rows) += the trees' values */
	struct turner *turner;
	int threads;
};

void walk_trees(const struct walk *w);

#endif
