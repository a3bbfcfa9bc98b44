/* What the neighbours of a row say: class shares, or a mean target. */
#ifndef TRIARCH_KERNEL_VOTE_H
#define TRIARCH_KERNEL_VOTE_H

#include "datasets/dataset.h"
#include "learners/kernel/nearest.h"

struct vote {
	struct part train; /* whose rows vote; its arrays are lent */
	size_t k;
	bool by_distance; /* a vote counts 1 / distance instead of 1 */
};

/* scores (outputs) from `near` (k), nearest first: votes times the voters' own
 * weights, divided by their sum. Neighbours at distance 0, by which 1 / distance
 * is infinite, are then the only ones that count. Equal shares when all weights
 * are 0. */
void vote_row(const struct vote *v, const struct neighbour *near,
	      size_t outputs, float *scores);

#endif
