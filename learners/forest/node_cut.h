/* The best way to part the rows of a node by one column. */
#ifndef TRIARCH_FOREST_NODE_CUT_H
#define TRIARCH_FOREST_NODE_CUT_H

#include "learners/forest/colbins.h"
#include "learners/forest/forest_kernels.h"

/* What holds for all nodes of all trees. */
struct node_cut_rules {
	const struct colbins *bins;
	const struct truth *truth;
	const struct forest_kernels *kernels;
	bool entropy;	/* else Gini's impurity; classification */
	bool random;	/* one cut, drawn: Geurts, Ernst & Wehenkel 2006 */
	bool each_node; /* levels ordered anew in each node (one output) */
	uint32_t least; /* rows of a side, >= 1 */
};

struct node_rows {
	const uint32_t *rows;		/* (n) */
	const struct forest_item *item; /* (n) */
	size_t n;
	struct forest_item total;
	const uint32_t *class_weight; /* (outputs), when there are many */
	const uint32_t *seen;	      /* (n_seen) the classes that it has */
	size_t n_seen;
	const float *class_total;     /* class_weight, (FOREST_CLASSES) */
	double own; /* what its classes are worth uncut: see tally.h */
};

struct node_cut {
	double gain; /* impurity taken away, times weight; < 0: none found */
	uint32_t column; /* of struct colbins */
	uint32_t bin;	 /* bins <= it go left, and missing ones if */
	bool missing_left;
	bool has_set; /* the bins of `set` go left instead */
	struct tree_set set;
	float threshold;
};

/* Scratch for one thread. Cells are all zero between calls. */
struct node_cut_scratch {
	struct forest_item *cell; /* (256) one output */
	uint32_t *count;	  /* (256, width) few classes */
	uint64_t *mass;		  /* (256) */
	uint8_t *bin;		  /* (rows) of the node's rows */
	uint64_t *sorted; /* (rows) weight << 32 | class, by bin */
	uint32_t *left;	  /* (outputs) weights on the left, many classes */
};

/* Scratch for nodes of up to `rows` rows. ERR_MEMORY. */
int node_cut_scratch_init(struct node_cut_scratch *s, const struct node_cut_rules *r,
		       size_t rows, struct arena *a, struct error *err);

/* Cells a class: see forest_kernels.h. */
size_t node_cut_width(const struct truth *t);

/* Put the best cut of a column into *best if it gains more. `draw` is a random
 * number (rules->random). False: in this node the column has one value. */
bool node_cut_try(const struct node_cut_rules *r, const struct node_rows *node,
	       uint32_t column, uint32_t draw, struct node_cut_scratch *s,
	       struct node_cut *best);

/* The same for one random cut: node_cut_random.c. */
bool node_cut_try_random(const struct node_cut_rules *r, const struct node_rows *node,
		      uint32_t column, uint32_t draw, struct node_cut_scratch *s,
		      struct node_cut *best);

/* Is the gain more than the best so far? Then make it so: bins <= bin. */
void node_cut_take(const struct node_cut_rules *r, struct node_cut *best, double gain,
		uint32_t column, uint32_t bin, bool missing_left);

#endif
