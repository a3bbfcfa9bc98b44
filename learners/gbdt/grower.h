/* Growing one tree: leaf-wise, always cutting the leaf that gains most (Shi
 * 2007, "Best-first decision tree learning"), or level by level.
 *
 * Of two new leaves only the smaller gets its histogram from its rows; the
 * other's is its parent's less that. Both are searched in the same pass over a
 * block of columns, while the block is in the cache; so a cut costs one
 * parallel region. All sums are integers, hence the same bits on any number
 * of threads.
 */
#ifndef TRIARCH_GBDT_GROWER_H
#define TRIARCH_GBDT_GROWER_H

#include "learners/gbdt/column_draw.h"
#include "learners/gbdt/cut.h"
#include "learners/gbdt/partition.h"

struct grower_leaf {
	size_t begin, end; /* its rows in the partition */
	int64_t total;	   /* packed sum */
	size_t depth;
	size_t parent;	   /* node above, when depth > 0 */
	int side;	   /* 0: its left child */
	int64_t *hist;	   /* NULL: not kept */
	struct cut cut;
	struct cut_bounds bounds; /* of its value, before shrinkage */
	bool is_light; /* too small for a value of its own: it keeps ... */
	double kept;   /* ... that of the leaf it came from */
};

/* What oblivious.c notes beside a level's histograms. */
struct oblivious_count {
	uint16_t n, groups;
};
struct oblivious {
	const struct cut_kernels *kernels;
	float *gain[2];	 /* (bins->cells) summed over leaves; by missing_left */
	int64_t *root;	 /* (bins->cells) the root's histogram */
	uint8_t *order;	 /* (bins->cells) levels of each column in order */
	uint8_t *group;	 /* (bins->cells) of each of them */
	struct oblivious_count *count; /* (bins->cols) */
};

/* Workspace for the trees of one thread (or, for one tree at a time, of many
 * threads); grown into again and again. */
struct grower {
	const struct gbdt_config *config;
	const struct bins *bins;
	const struct gbdt_kernels *kernels;
	int threads;
	struct partition partition;
	struct fixed fixed;
	struct bins_block *block; /* (n_blocks) columns drawn for this tree */
	struct grower_leaf *leaf; /* (config->leaves) */
	size_t leaves;
	int64_t **idle; /* (slots) histograms that no leaf holds */
	size_t n_idle;
	int64_t *scratch[2]; /* (bins->cells) each */
	struct cut *cuts;    /* (2, n_blocks) */
	double *partial;
	/* The caller's, set before growing; zero: no constraint, one stream. */
	const int8_t *monotone; /* (columns of the data set) */
	struct column_draw draw; /* its `rng` is the tree's */
	struct oblivious oblivious;
	struct tree *tree; /* being grown: the caller's */
};

/* `bytes`: how much the kept histograms may take; a leaf that gets none costs
 * a pass over the larger child as well. ERR_MEMORY. */
int grower_init(struct grower *g, const struct gbdt_config *config,
		const struct bins *bins, size_t bytes, int threads,
		struct arena *a, struct error *err);

/* Grow a tree for the given gradients (one for each row of the bins) into
 * `out`, which has room for config->leaves. `rows` lists the n rows to look at
 * (NULL: all); `use` the columns (one byte each; NULL: all). False when the
 * gradients are not finite. */
bool grower_grow(struct grower *g, const float *gradient, const float *hessian,
		 const uint32_t *rows, size_t n, const uint8_t *use,
		 struct tree *out);

/* For policies of growth: cut leaf l by its `cut`. The left half takes its
 * number, the right one the next free; both are looked at. */
void grower_cut_leaf(struct grower *g, size_t l);

/* What holds for all leaves of the tree that is growing. */
struct cut_rules grower_rules(const struct grower *g);

/* score[row] += the tree's value, for the rows it was grown on. */
void grower_apply(const struct grower *g, float *score);

#endif
