/* The best subset of a categorical column's levels in one node. */
#ifndef TRIARCH_FOREST_LEVEL_CUT_H
#define TRIARCH_FOREST_LEVEL_CUT_H

#include "learners/forest/node_cut.h"

/* `cell` holds the node's sums by bin; missing rows are a level of their own.
 * With one output the best of all subsets is found (Fisher 1958). */
void level_cut_search(const struct node_cut_rules *r, const struct node_rows *node,
		      uint32_t column, const struct forest_item *cell,
		      struct node_cut *best);

#endif
