/* Cutting a grown tree back: minimal cost-complexity pruning (Breiman et al.
 * 1984, chapter 3). */
#ifndef TRIARCH_FOREST_PRUNE_H
#define TRIARCH_FOREST_PRUNE_H

#include "learners/forest/builder.h"
#include "learners/learner.h"

/* Collapse nodes of a tree that was grown on all rows. The cost of a tree is
 * the impurity of its leaves, a row (for a number the mean squared error), plus
 * alpha for each leaf; the smallest tree of least cost is kept. An alpha below 0
 * stands for the one whose tree predicts data->valid best, by squared error (of
 * the class probabilities: Brier 1950), the smaller of equal ones; without
 * validation rows nothing is pruned then. ERR_MEMORY. */
int prune_tree(const struct builder_spec *s, struct tree *t, double alpha,
	       const struct dataset *data, struct run *run, struct error *err);

#endif
