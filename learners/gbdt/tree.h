/* One grown tree, on raw values: x <= threshold goes left. */
#ifndef TRIARCH_GBDT_TREE_H
#define TRIARCH_GBDT_TREE_H

#include "learners/gbdt/bins.h"

/* A subset of the bins of a categorical column; the missing bin is one. */
struct tree_set {
	uint64_t bits[4];
};

struct tree_node {
	float threshold;  /* numeric */
	uint32_t column;  /* of the data set */
	int32_t child[2]; /* left, right: a node, or ~leaf where negative */
	int32_t set;	  /* categorical: number of its tree_set; else -1 */
	uint32_t kept;	  /* column of struct bins */
	float gain;
	bool missing_left;
};

struct tree {
	size_t leaves; /* >= 1; there are leaves - 1 nodes, the root first */
	size_t n_sets;
	struct tree_node *node; /* (leaves - 1) */
	struct tree_set *set;	/* (n_sets) bins that go left */
	float *value;		/* (leaves), shrinkage included */
};

/* Room for a tree of at most `leaves`; false when out of memory. */
bool tree_allocate(struct tree *t, size_t leaves, struct arena *a);

/* A copy that takes no more room than needed; false when out of memory. */
bool tree_copy(struct tree *to, const struct tree *from, struct arena *a);

/* The leaf of one raw row (of all columns of the data set). `column` are the
 * kept columns of the bins that the tree was grown on. */
size_t tree_leaf(const struct tree *t, const struct bins_column *column,
		 const float *x);

/* out[i * stride] += value of row i, for n rows of `cols` columns. */
void tree_add(const struct tree *t, const struct bins_column *column,
	      const float *x, size_t cols, size_t n, float *out, size_t stride);

static inline bool tree_set_has(const struct tree_set *s, uint32_t bin)
{
	return s->bits[bin >> 6] >> (bin & 63) & 1;
}

static inline void tree_set_put(struct tree_set *s, uint32_t bin)
{
	s->bits[bin >> 6] |= (uint64_t)1 << (bin & 63);
}

#endif
