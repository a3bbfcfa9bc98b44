/* The order in which the nodes of a tree are collapsed: again and again the
 * weakest link, whose collapse costs least a leaf that it saves (Breiman et al.
 * 1984, section 3.3). */
#ifndef TRIARCH_FOREST_WEAKEST_H
#define TRIARCH_FOREST_WEAKEST_H

#include "learners/gbdt/tree.h"

/* Costs of a node as a leaf, or of a leaf, in any unit that adds up. */
struct weakest_cost {
	double train, valid;
};

struct weakest {
	const struct tree *tree;
	const struct weakest_cost *node, *leaf; /* (leaves - 1), (leaves) */
	/* of the subtree below each node, as it is now */
	struct weakest_cost *below; /* (leaves - 1) */
	uint32_t *leaves;
	int32_t *parent;
	double *link;	/* cost a leaf saved */
	uint32_t *heap, *place; /* nodes, the weakest first; where they are */
	size_t size;
	bool *gone; /* collapsed, or below a node that is */
	/* what was done */
	struct weakest_cost total; /* of the tree as it is now */
	double alpha;		   /* the highest link so far */
};

/* Arrays in the arena; false when out of memory. Starts from the whole tree. */
bool weakest_init(struct weakest *w, const struct tree *t,
		  const struct weakest_cost *node, const struct weakest_cost *leaf,
		  struct arena *a);
void weakest_restart(struct weakest *w);

/* The link of the weakest node; INFINITY when only the root's leaf is left. */
double weakest_next(const struct weakest *w);

/* Collapse it, which is gone then like all below it. */
void weakest_collapse(struct weakest *w);

#endif
