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

/* One entry of a leaf's vector; outputs that have none are 0 there. */
struct tree_share {
	uint32_t output;
	float value;
};

struct tree {
	size_t leaves; /* >= 1; there are leaves - 1 nodes, the root first */
	size_t n_sets;
	struct tree_node *node; /* (leaves - 1) */
	struct tree_set *set;	/* (n_sets) bins that go left */
	float *value;		/* (leaves), shrinkage included */
	float *cover;		/* (leaves) rows that it was grown on; NULL: unknown */
	/* Leaves that hold a vector (the classes of a forest) have these in
	 * place of `value`, which is NULL then: leaf l owns the entries
	 * [start[l], start[l + 1]). Most leaves of a forest know one class, so
	 * 2,000 classes take no more room than three. */
	uint32_t *start;	  /* (leaves + 1); NULL: a value a leaf */
	struct tree_share *share; /* (start[leaves]) */
	/* The levels of categorical columns have an order, and every set holds
	 * the first of them: `step` is for rows in which a level is replaced by
	 * its bin (a float; NAN for the missing bin). */
	bool by_rank;
	size_t depth;		/* of the deepest leaf: see tree_flatten */
	struct tree_step *step; /* (2 leaves - 1) the nodes, then the leaves */
	struct sieve sieve;	/* of few leaves: for many rows at once */
};

/* Room for a tree of at most `leaves`; false when out of memory. */
bool tree_allocate(struct tree *t, size_t leaves, struct arena *a);

/* A copy that takes no more room than needed; false when out of memory. Sets of
 * a tree by rank belong to its bins and are shared. Steps are made where the
 * original has none. */
bool tree_copy(struct tree *to, const struct tree *from, struct arena *a);

/* Fill `step`, `depth` and `sieve` from the nodes and values, once they are
 * complete. A tree with sets that are not by_rank is not walked by steps: its
 * depth stays 0. The sieve is filled where it has room. */
void tree_flatten(struct tree *t);

/* The leaf of one raw row (of all columns of the data set). `column` are the
 * kept columns of the bins that the tree was grown on. */
size_t tree_leaf(const struct tree *t, const struct bins_column *column,
		 const float *x);

/* out[i * stride] += value of row i, for n raw rows of `cols` columns; the tree
 * is flattened. With shares, out[i * stride + output] for each. */
void tree_add(const struct tree *t, const struct bins_column *column,
	      const float *x, size_t cols, size_t n, float *out, size_t stride);

/* The same for rows that were turned (turner.h), of which `x` are the raw ones;
 * the columns that the tree cuts have been turned. */
void tree_add_turned(const struct tree *t, const struct bins_column *column,
		     const struct turned *rows, const float *x, size_t cols,
		     float *out, size_t stride);

static inline bool tree_set_has(const struct tree_set *s, uint32_t bin)
{
	return s->bits[bin >> 6] >> (bin & 63) & 1;
}

/* Does a raw value go left? A missing one compares false, so it goes right unless
 * told otherwise; the bins' own numbering sends levels that were never seen with
 * the missing. */
static inline bool tree_goes_left(const struct tree *t, const struct tree_node *n,
				  const struct bins_column *column, float x)
{
	if (n->set >= 0)
		return tree_set_has(&t->set[n->set],
				    bins_find(&column[n->kept], x));
	return (x <= n->threshold) | (n->missing_left & (x != x));
}

/* The value or the vector of a leaf, added to the scores of a row. */
static inline void tree_add_leaf(const struct tree *t, size_t leaf, float *out)
{
	if (!t->start) {
		*out += t->value[leaf];
		return;
	}
	for (uint32_t k = t->start[leaf]; k < t->start[leaf + 1]; k++)
		out[t->share[k].output] += t->share[k].value;
}

static inline void tree_set_put(struct tree_set *s, uint32_t bin)
{
	s->bits[bin >> 6] |= (uint64_t)1 << (bin & 63);
}

#endif
