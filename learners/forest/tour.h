/* Rows sorted into the nodes of a finished tree, node after node. */
#ifndef TRIARCH_FOREST_TOUR_H
#define TRIARCH_FOREST_TOUR_H

#include "datasets/dataset.h"
#include "learners/gbdt/tree.h"

/* Two parts go down together: part[1] may have no rows. */
struct tour_rows {
	const uint32_t *row[2]; /* those that are in the node */
	size_t n[2];
};

/* `at` as in tree_node.child: a node, or ~leaf. */
typedef void tour_fn(void *ctx, int32_t at, const struct tour_rows *rows);

/* Call fn for every node and leaf, a node before its children. ERR_MEMORY. */
int tour_tree(const struct tree *t, const struct bins_column *column, size_t cols,
	      const struct part *const part[2], tour_fn *fn, void *ctx,
	      struct arena *a, struct error *err);

#endif
