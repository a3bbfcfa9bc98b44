/* Growing one classification or regression tree, depth first, on a sample of
 * the rows (Breiman, Friedman, Olshen & Stone 1984; columns drawn anew for each
 * node: Breiman 2001, "Random forests").
 *
 * A tree is a function of its number, the seed and the data: trees may be grown
 * in any order, on any thread. */
#ifndef TRIARCH_FOREST_BUILDER_H
#define TRIARCH_FOREST_BUILDER_H

#include "harness/base/rng.h"
#include "learners/forest/node_cut.h"

struct builder_spec {
	struct node_cut_rules rules;
	size_t depth;	 /* most cuts above a leaf; 0: no limit */
	size_t min_cut;	 /* rows that a node must have to be cut */
	size_t columns;	 /* drawn for a node */
	bool in_order;	 /* look at all columns, in their order: no draw */
	bool bootstrap;	 /* rows are drawn with replacement */
	double row_share; /* rows drawn; 1 without bootstrap: all of them */
	uint64_t seed;
};

/* Workspace of one thread, used for tree after tree. */
struct builder {
	const struct builder_spec *spec;
	int threads; /* that may share one tree (in_order) */
	uint32_t *times; /* (rows) how often a row is in the sample */
	uint32_t *rows, *spare_rows; /* (rows) by node */
	struct forest_item *item, *spare_item;
	uint32_t *column; /* (cols) those known to be constant come first */
	uint32_t *class_weight; /* (outputs), of the node at hand; many outputs */
	uint32_t *seen;		/* classes that it has */
	size_t n_seen;
	float *class_total; /* (FOREST_CLASSES) */
	struct node_cut_scratch *scratch; /* (threads) */
	struct node_cut *cuts;		  /* (cols) in_order */
};

/* ERR_MEMORY. */
int builder_init(struct builder *b, const struct builder_spec *s, int threads,
		 struct arena *a, struct error *err);

/* Room for any tree that the spec allows; false when out of memory. */
bool builder_allocate(const struct builder_spec *s, struct tree *t, struct arena *a);

/* Grow tree number `k` into `out`, which keeps the numbers of its nodes in the
 * order in which they were made; its steps are not filled (tree_flatten). */
void builder_grow(struct builder *b, size_t k, struct tree *out);

/* times (rows) <- how often each row is in the sample of tree k; never all 0. */
void builder_sample(const struct builder_spec *s, size_t k, uint32_t *times);

/* Leaves of a tree at most. */
size_t builder_leaves(const struct builder_spec *s);

#endif
