/* What the columns did for a model of trees. */
#ifndef TRIARCH_GBDT_IMPORTANCE_H
#define TRIARCH_GBDT_IMPORTANCE_H

#include "learners/gbdt/tree.h"
#include "learners/learner.h"

/* Add those of one tree to out (cols): what the cuts in each column took off the
 * loss, or how many there are. */
void importance_add(const struct tree *t, enum importance kind, float *out);

#endif
