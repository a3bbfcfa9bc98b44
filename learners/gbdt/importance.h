/* What the columns did for a model of trees. */
#ifndef TRIARCH_GBDT_IMPORTANCE_H
#define TRIARCH_GBDT_IMPORTANCE_H

#include "learners/gbdt/target_stats.h"
#include "learners/gbdt/tree.h"
#include "learners/learner.h"

/* Add those of one tree to out (cols): what the cuts in each column took off the
 * loss, or how many there are. Numbers made of a column count for it. */
void importance_add(const struct tree *t, const struct target_stats *stats, size_t cols,
		    enum importance kind, float *out);

#endif
