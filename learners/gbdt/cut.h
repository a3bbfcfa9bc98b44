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

/* Where a leaf's value must lie (monotone.h, config max_delta_step), before
 * shrinkage; without `on` anywhere. */
struct cut_bounds {
	double low, high;
	bool on;
};

/* One order of each categorical column's levels for a whole tree: that of the
 * root, which is noted when the root is searched. Cells are those of one
 * histogram. */
struct cut_order {
	uint8_t *bin; /* (cells) bins with rows, by their mean gradient */
	uint16_t *n;  /* (bins->cols) how many */
};

/* What holds for every leaf of a tree. */
struct cut_rules {
	const struct gbdt_config *config;
	const struct bins *bins;
	const struct fixed *fixed;
	const int8_t *monotone; /* (signs) of the first columns, or NULL */
	size_t signs;
	const struct cut_order *order; /* NULL: each leaf orders its levels */
};

struct cut_leaf {
	int64_t total; /* packed sum */
	size_t rows;
	struct cut_bounds bounds;
	const uint8_t *use; /* (bins->cols) may be cut; NULL: all live ones */
	bool is_root;	    /* note the order of levels */
};

/* Search `n` columns of a block from its column `first`; `hist` is the block's
 * part of the leaf's histogram. Of equal cuts the one in the lowest column and
 * bin is taken.
 *
 * Rows are not counted in a histogram: a side's rows are taken to be its share
 * of the hessian times the leaf's rows, as in LightGBM (exact for squared
 * error); min_child_rows and min_group_rows are meant so.
 *
 * Under bounds each side's gain is that of its clamped value, and a cut in a
 * constrained column whose values are out of order is none. */
struct cut cut_search(const struct cut_rules *r,
		      const struct drawn_block *block, size_t first, size_t n,
		      const int64_t *hist, const struct cut_leaf *leaf);

/* The optimal output of a leaf, -G / (H + l2) after the L1 penalty: Eq. 5 of
 * Chen & Guestrin 2016, "XGBoost: a scalable tree boosting system". */
double cut_leaf_value(const struct cut_rules *r, int64_t total);

/* The same within bounds, which is the best there: the loss is a parabola. */
double cut_bounded_value(const struct cut_rules *r, int64_t total,
			 const struct cut_bounds *bounds);

/* 1, -1 or 0: how the prediction may change with a column of struct bins. */
int8_t cut_sign(const struct cut_rules *r, uint32_t column);

#endif
