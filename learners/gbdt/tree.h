/* One grown tree, on raw values: x <= threshold goes left. */
#ifndef TRIARCH_GBDT_TREE_H
#define TRIARCH_GBDT_TREE_H

#include "learners/gbdt/bins.h"
#include "learners/gbdt/sieve.h"

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

/* A node or leaf as a walk sees it, 16 bytes. A leaf is its own child, so that
 * rows that are there already may keep step with those that are not. */
struct tree_step {
	float threshold;
	uint32_t column;   /* of the data set; top bit: missing goes left */
	uint32_t child[2]; /* left, right */
};
#define TREE_MISSING_LEFT 31
#define TREE_COLUMN 0x7fffffffu

struct tree {
	size_t leaves; /* >= 1; there are leaves - 1 nodes, the root first */
	size_t n_sets;
	struct tree_node *node; /* (leaves - 1) */
	struct tree_set *set;	/* (n_sets) bins that go left */
	float *value;		/* (leaves), shrinkage included */
	size_t depth;		/* of the deepest leaf: see tree_flatten */
	struct tree_step *step; /* (2 leaves - 1) the nodes, then the leaves */
	struct sieve sieve;	/* of few leaves: for many rows at once */
};

/* Room for a tree of at most `leaves`; false when out of memory. */
bool tree_allocate(struct tree *t, size_t leaves, struct arena *a);

/* A copy that takes no more room than needed; false when out of memory. */
bool tree_copy(struct tree *to, const struct tree *from, struct arena *a);

/* Fill `step`, `depth` and `sieve` from the nodes and values, once they are
 * complete. A tree with sets is not walked by steps: its depth stays 0. */
void tree_flatten(struct tree *t);

/* The leaf of one raw row (of all columns of the data set). `column` are the
 * kept columns of the bins that the tree was grown on. */
size_t tree_leaf(const struct tree *t, const struct bins_column *column,
		 const float *x);

/* out[i * stride] += value of row i, for n rows of `cols` columns; the tree is
 * flattened. */
void tree_add(const struct tree *t, const struct bins_column *column,
	      const float *x, size_t cols, size_t n, float *out, size_t stride);

/* The same for rows that were turned (sieve.h), of which `x` are the raw ones;
 * the columns that the tree cuts have been turned. */
void tree_add_turned(const struct tree *t, const struct bins_column *column,
		     const struct turned *rows, const float *x, size_t cols,
		     float *out, size_t stride);

static inline bool tree_set_has(const struct tree_set *s, uint32_t bin)
{
	return s->bits[bin >> 6] >> (bin & 63) & 1;
}

static inline void tree_set_put(struct tree_set *s, uint32_t bin)
{
	s->bits[bin >> 6] |= (uint64_t)1 << (bin & 63);
}

#endif
