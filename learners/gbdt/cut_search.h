/* One leaf's search on its way: private to cut.c, cut_levels.c and
 * oblivious.c. Sums are shares of the tree's sums of |gradient| and hessian, in
 * [-1, 1] and [0, 1], so floats neither overflow nor lose small trees. */
#ifndef TRIARCH_GBDT_CUT_SEARCH_H
#define TRIARCH_GBDT_CUT_SEARCH_H

#include "learners/gbdt/cut.h"

enum { CUT_EDGES = 256 }; /* scores of a column at most */

/* The score of a cut that a constraint forbids; -1 is that of one with too
 * light a side. */
#define CUT_FORBIDDEN (-2.0f)

struct cut_search {
	const struct cut_rules *rules;
	const struct gbdt_kernels *kernels;
	const struct cut_leaf *leaf;
	double l1, l2, cat_l2, smooth;
	double least; /* hessian that each side must have */
	double group; /* hessian that a growing subset must gain */
	double parent; /* score of the uncut leaf */
	/* Scores are compared less this: 0, but the parent's where bounds may
	 * make them negative, which -1 for "refused" must stay below. */
	double shift;
	double low, high; /* of a value in these units */
	double gain_unit; /* what a score of 1 is in natural units */
	struct cut best;
};

/* One way to scan a column. */
struct cut_scan {
	uint32_t column;
	size_t edges;	 /* cut behind each of so many cells */
	int64_t to_left; /* goes left whatever the cut */
	double l2;
};

static inline double cut_gradient(int64_t gh)
{
	return gh_gradient(gh) * (double)GBDT_UNIT;
}

static inline double cut_hessian(int64_t gh)
{
	return gh_hessian(gh) * (double)GBDT_UNIT;
}

/* Both scales of the tree must be positive, the leaf not empty. */
struct cut_search cut_begin(const struct cut_rules *r,
			    const struct cut_leaf *leaf);

/* Twice what a leaf with the sum `gh` takes off the loss. */
double cut_score(const struct cut_search *s, int64_t gh, double l2);

/* score[b] = both sides' scores less `shift` for the cut behind cell b, or -1 or
 * CUT_FORBIDDEN; room for CUT_EDGES, aligned to 64. Returns the largest. */
float cut_scan(const struct cut_search *s, const struct cut_scan *scan,
	       const int64_t *cells, float *score);

/* Is `score` the best so far? Then make it so; the caller fills in the rest. */
bool cut_improves(struct cut_search *s, uint32_t column, float score,
		  int64_t left, double l2);

/* What is neither left nor right, as values never seen in this leaf: to the
 * heavier side of the best cut. */
bool cut_left_is_heavier(const struct cut_search *s);

/* The best cut of a categorical column: cut_levels.c. `cell` is the first of
 * the column's in the histogram. */
void cut_search_levels(struct cut_search *s, uint32_t column,
		       const int64_t *cells, size_t cell);

/* The levels of a column that have rows, in the order in which they may be
 * parted, and grouped so that each group has the least weight. */
struct cut_levels {
	size_t n, groups;
	uint8_t bin[256];   /* (n) ordered */
	uint8_t group[256]; /* (n) of each of them, ascending */
};

/* In the root's order, where there is one; at the root it is noted. */
void cut_order_levels(const struct cut_search *s, uint32_t column,
		      const int64_t *cells, size_t cell, struct cut_levels *l);

#endif
