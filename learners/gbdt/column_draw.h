/* Columns drawn anew for each level of a tree and for each leaf in it: of the
 * tree's own a share, and of that a share again, as XGBoost's colsample_bytree,
 * _bylevel and _bynode multiply (the last is what a random forest does, Breiman
 * 2001). Histograms hold all columns of the tree; a draw only narrows the
 * search. A draw is a pure function of (tree, level, leaf), whatever the order
 * in which leaves are cut. */
#ifndef TRIARCH_GBDT_COLUMN_DRAW_H
#define TRIARCH_GBDT_COLUMN_DRAW_H

#include "harness/base/arena.h"
#include "harness/base/rng.h"
#include "learners/gbdt/config.h"

#include <stdbool.h>

struct column_draw {
	size_t cols;
	double level_share, node_share; /* outside (0, 1): all */
	struct rng rng;	    /* the tree's */
	const uint8_t *use; /* (cols) the tree's own columns; NULL: all */
	uint8_t *level;	    /* (cols) */
	uint8_t *node[2];   /* (cols) */
};

/* Takes memory only where something is to be drawn; false when there is none. */
bool column_draw_allocate(struct column_draw *d, const struct gbdt_config *config,
			  size_t cols, struct arena *a);

/* Draw for a level; column_draw_node then draws from it. */
void column_draw_level(struct column_draw *d, size_t depth);

/* The columns that leaf `number` of that level may be cut in, one byte each, in
 * the memory of `slot` (0 or 1); NULL: all that have a histogram. Numbers are
 * the caller's, a leaf its own. */
const uint8_t *column_draw_node(struct column_draw *d, size_t slot,
				uint64_t number);

#endif
