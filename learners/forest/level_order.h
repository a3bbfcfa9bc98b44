/* Levels of a categorical column in an order in which the good subsets are the
 * first so many. */
#ifndef TRIARCH_FOREST_LEVEL_ORDER_H
#define TRIARCH_FOREST_LEVEL_ORDER_H

#include "learners/forest/truth.h"

/* Scratch for one column of up to 255 levels. */
struct level_order {
	const struct truth *truth;
	double *share;	   /* (255, outputs) */
	double *direction; /* (outputs) */
};

/* ERR_MEMORY. */
int level_order_init(struct level_order *o, const struct truth *t,
		     struct arena *a, struct error *err);

/* rank (bins) <- the place of each level, given the rows' bins, which may be
 * `bins` where the value is missing. Equal levels keep the order they have. */
void level_order_rank(struct level_order *o, const uint8_t *bin, size_t bins,
		      uint8_t *rank);

#endif
