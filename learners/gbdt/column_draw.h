/* Columns drawn anew for each level of a tree and for each leaf in it: of the
 * tree's own a share, and of that a share again, as XGBoost's colsample_bytree,
 * _bylevel and _bynode multiply (the last is what a random forest does, Breiman
 * 2001). Histograms hold all columns of the tree; a draw only narrows the
 * search. A draw is a pure function of (tree, level, leaf), whatever the order
 * in which leaves are cut. */
#ifndef TRIARCH_GBDT_COLUMN_DRAW_H
#define TRIARCH_GBDT_COLUMN_DRAW_H

#include <stdbool.h>

#include "harness/base/rng.h"
#include "learners/gbdt/config.h"

struct column_draw {
	size_t cols;
	double level_share, node_share; /* outside (0, 1): all */
	/* the caller's, for each tree */
	struct rng rng;
	const uint8_t *use; /* (cols) the tree's own columns; NULL: all */
};

struct column_draw column_draw_init(const struct gbdt_config *config, size_t cols);

/* Is there anything to draw? */
bool column_draw_on(const struct column_draw *d);

/* The columns that a leaf of that depth may be cut in, one byte each, into `to`
 * (cols): returns it, or NULL (all that have a histogram) where nothing is to
 * be drawn. `place` is the caller's number for the leaf, its own. */
const uint8_t *column_draw_make(const struct column_draw *d, size_t depth,
				uint64_t place, uint8_t *to);

#endif
