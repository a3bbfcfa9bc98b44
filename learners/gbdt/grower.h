/* Growing one tree: leaf-wise, always cutting the leaf that gains most (Shi
 * 2007, "Best-first decision tree learning"), or level by level.
 *
 * Of two new leaves only the smaller gets its histogram from its rows; the
 * other's is its parent's less that. All sums are integers, hence the same bits
 * on any number of threads.
 *
 * Several threads share the work on the first leaves. Then each takes leaves of
 * its own and expands them (parts, builds, searches), the best and those that
 * will most likely be next: ahead.h.
 */
#ifndef TRIARCH_GBDT_GROWER_H
#define TRIARCH_GBDT_GROWER_H

#include "learners/gbdt/column_draw.h"
#include "harness/base/par.h"
#include "learners/gbdt/cut.h"
#include "learners/gbdt/drawn.h"
#include "learners/gbdt/partition.h"

enum { GROWER_AHEAD = 32 }; /* most leaves that are expanded at a time */

struct grower_leaf {
	size_t begin, end; /* its rows in the partition */
	int64_t total;	   /* packed sum */
	size_t depth;
	size_t parent; /* node above, when depth > 0 */
	int side;      /* 0: its left child */
	int64_t *hist; /* NULL: not kept */
	struct cut cut;
	struct cut_bounds bounds; /* of its value, before shrinkage */
	bool is_light; /* too small for a value of its own: it keeps ... */
	double kept;   /* ... that of the leaf it came from */
	uint64_t place; /* of the root 1, of halves 2 p and 2 p + 1 */
	const uint8_t *use; /* (bins->cols) drawn for its cut; NULL: all */
	struct grower_pair *pair; /* its halves, once somebody expands it */
	size_t worker; /* who made it; SIZE_MAX: all */
};

/* A leaf that is or was expanded, and has not been cut yet. */
struct grower_pair {
	bool is_taken, is_done;
	bool is_last; /* nobody will ask for the cuts of its halves */
	struct grower_leaf of; /* as it was, with its histogram */
	struct grower_leaf half[2];
	int64_t *hist; /* for the smaller half; NULL: none is left */
	uint8_t *use[2]; /* (bins->cols) room for what the halves draw */
};

/* What oblivious.c notes beside a level's histograms; cells are those of one
 * histogram. */
struct oblivious {
	const struct cut_kernels *kernels;
	float *gain[2];	  /* (cells) summed over leaves; by missing_left */
	int64_t *root;	  /* (cells) the root's histogram */
	uint8_t *group;	  /* (cells) of the ordered levels of each column */
	uint16_t *groups; /* (bins->cols) */
};

/* Workspace for the trees of one thread (or, for one tree at a time, of many
 * threads); grown into again and again. */
struct grower {
	const struct gbdt_config *config;
	const struct bins *bins;
	const struct drawn *drawn; /* columns of the tree */
	const struct hist_kernels *kernels;
	int threads;
	bool narrow; /* gradients are quantized */
	struct partition partition;
	int64_t *gh; /* (bins->rows) wide words, unless narrow */
	struct fixed fixed;
	struct grower_leaf *leaf; /* (config->leaves) */
	size_t leaves;
	struct par_range *others; /* (config->leaves) private to grower_apply.c */
	struct cut *node_cut; /* (config->leaves - 1) of the tree's nodes */
	struct grower_pair pair[GROWER_AHEAD];
	size_t engaged; /* of them taken */
	int64_t **slot; /* (slots) histograms ... */
	int64_t **idle; /* (slots) ... and those that no leaf holds */
	size_t slots, n_idle;
	int32_t **fast;	      /* (threads) of (HIST_CELLS), all zero */
	int64_t **own;	      /* (threads) histograms of a share of the rows;
			       * NULL: shares are of columns */
	int64_t *scratch[2];  /* histograms of leaves that keep none */
	struct cut *cuts;     /* (2, columns) */
	double *partial;
	/* The caller's, set before growing; zero: no constraint, one stream. */
	const int8_t *monotone;	 /* (signs) of the data set's columns */
	size_t signs;
	struct column_draw draw; /* its `rng` and `use` are the tree's */
	struct cut_order order; /* of levels; without `bin`: each leaf its own */
	struct oblivious oblivious;
	struct tree *tree; /* being grown: the caller's */
};

/* `bytes`: how much the kept histograms may take; a leaf that gets none costs
 * a pass over the larger child as well. ERR_MEMORY. */
int grower_init(struct grower *g, const struct gbdt_config *config,
		const struct drawn *drawn, size_t bytes, int threads,
		struct arena *a, struct error *err);

/* What a tree is fitted to. */
struct grower_target {
	const float *gradient, *hessian; /* one for each row of the bins */
	const uint32_t *rows; /* (n) the rows to look at, ascending; NULL: all */
	size_t n;
	uint32_t key; /* of the rounding of gradients */
};

/* Grow a tree on the drawn columns into `out`, which has room for
 * config->leaves. False when the gradients are not finite. */
bool grower_grow(struct grower *g, const struct grower_target *t,
		 struct tree *out);

/* For policies of growth: cut leaf l by its `cut`. The left half takes its
 * number, the right one the next free; both are looked at. */
void grower_cut_leaf(struct grower *g, size_t l);

/* The same in steps, for several leaves at a time. Engage: a free pair and a
 * histogram for a leaf that has no pair. Expand: part the rows and find the cuts
 * of the halves, by all threads together or by this worker alone, which
 * allocates nothing and touches nothing but the pair and its rows; a pair
 * without a histogram, or of a leaf without, works in the grower's scratch, one
 * at a time. Settle: it is done. Commit: leaf l is cut in the tree. */
void grower_engage(struct grower *g, struct grower_leaf *leaf);
void grower_expand(struct grower *g, struct grower_pair *pair, bool together,
		   size_t worker);
void grower_settle(struct grower *g, struct grower_pair *pair);
void grower_commit(struct grower *g, size_t l);

/* The leaf to cut next, if it has a cut; of equal ones the oldest. */
size_t grower_next(const struct grower *g);

/* What holds for all leaves of the tree that is growing. */
struct cut_rules grower_rules(const struct grower *g);

/* left[byte of the store] = 1 for what a cut sends left. */
void grower_list_left(const struct grower *g, const struct cut *cut,
		      uint8_t left[256]);

/* score[row] += the tree's value, for the rows it was grown on. */
void grower_apply(const struct grower *g, float *score);

/* The same for all others, given the n rows that it was grown on. They are
 * parted as those were; the grower then forgets which rows its leaves had. */
void grower_apply_others(struct grower *g, const uint32_t *rows, size_t n,
			 float *score);

#endif
