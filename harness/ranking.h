/* Columns ranked by a learner, lent to the transforms that ask (datasets know no
 * learners). */
#ifndef TRIARCH_RANKING_H
#define TRIARCH_RANKING_H

#include "datasets/transform.h"

struct ranking_gbdt {
	uint64_t seed; /* the repeat */
	int threads;
};

/* By the gain of boosted trees with their defaults, fitted on the training rows
 * and stopped by the validation rows. `how` is kept by the ranking. */
struct ranking ranking_by_gbdt(struct ranking_gbdt *how);

#endif
