/* Finding the cuts of the two halves of a leaf: histogram of the smaller half,
 * the parent's less that for the other, a search of both. */
#ifndef TRIARCH_GBDT_LOOK_H
#define TRIARCH_GBDT_LOOK_H

#include "learners/gbdt/grower.h"

struct look {
	struct grower *g;
	struct grower_leaf *small, *large; /* large: NULL for the root */
	int64_t *small_hist, *large_hist;
	bool subtract; /* large_hist holds the parent's */
	bool search_small, search_large;
};

/* Set the cuts of both; `worker` alone does it all. */
void look_alone(struct look *l, size_t worker);

/* The same by all of the grower's threads. */
void look_together(struct look *l);

/* About how many steps of a nanosecond it takes. */
double look_steps(const struct grower *g, size_t rows);

#endif
