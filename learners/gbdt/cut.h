/* The best way to part the rows of a leaf in two, found in its histogram. */
#ifndef TRIARCH_GBDT_CUT_H
#define TRIARCH_GBDT_CUT_H

#include "learners/gbdt/config.h"
#include "learners/gbdt/drawn.h"
#include "learners/gbdt/fixed.h"
#include "learners/gbdt/gbdt_kernels.h"
#include "learners/gbdt/tree.h"

struct cut {
	double gain;	   /* natural units, less min_gain; <= 0: no cut */
	uint32_t column;   /* of struct bins */
	uint32_t bin;	   /* numeric: bins <= it go left */
	bool missing_left; /* numeric */
	struct tree_set set; /* categorical: bins that go left */
	int64_t left;	   /* packed sum of what goes left */
	float score;	   /* private: what columns are compared by */
};

/* What holds for every leaf of a tree. */
struct cut_rules {
	const struct gbdt_config *config;
	const struct bins *bins;
	const struct fixed *fixed;
};

struct cut_leaf {
	int64_t total; /* packed sum */
	size_t rows;
};

/* Search `n` columns of a block from its column `first`; `hist` is the block's
 * part of the leaf's histogram. Of equal cuts the one in the lowest column and
 * bin is taken.
 *
 * Rows are not counted in a histogram: a side's rows are taken to be its share
 * of the hessian times the leaf's rows, as in LightGBM (exact for squared
 * error); min_child_rows and min_group_rows are meant so. */
struct cut cut_search(const struct cut_rules *r,
		      const struct drawn_block *block, size_t first, size_t n,
		      const int64_t *hist, const struct cut_leaf *leaf);

/* The optimal output of a leaf, -G / (H + l2) after the L1 penalty: Eq. 5 of
 * Chen & Guestrin 2016, "XGBoost: a scalable tree boosting system". */
double cut_leaf_value(const struct cut_rules *r, int64_t total);

#endif
