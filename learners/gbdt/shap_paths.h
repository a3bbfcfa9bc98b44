/* A tree taken apart into its leaves: for each the conditions that lead to it, one
 * a column, and what share of the training rows met each of them.
 *
 * A row reaches the leaf when it meets all conditions; when some columns are not
 * known, each of their conditions holds with the share of its rows (the covers), as
 * in "path-dependent" SHAP (Lundberg et al. 2020, "From local explanations to
 * global understanding with explainable AI for trees", Algorithm 1). A column that
 * is cut twice on the way has one condition, the intersection, and the product of
 * the shares (Mitchell, Frank & Holmes 2022, "GPUTreeShap", section 3.2). */
#ifndef TRIARCH_GBDT_SHAP_PATHS_H
#define TRIARCH_GBDT_SHAP_PATHS_H

#include "learners/gbdt/tree.h"

struct shap_cut {
	uint32_t column;     /* of the data set */
	uint32_t kept;	     /* of the bins */
	bool is_cat;
	bool missing;	     /* numeric: a missing value meets it */
	float low, high;     /* numeric: low < x <= high; NaN: no limit */
	struct tree_set set; /* categorical: bins that meet it */
	double share;
};

struct shap_paths {
	size_t leaves;
	size_t *start;	      /* (leaves + 1) into cut */
	struct shap_cut *cut; /* those of a leaf side by side */
	float *value;	      /* (leaves) */
	size_t longest;	      /* the most cuts of a leaf */
	double mean;	      /* value of an average row */

	/* workspace */
	uint32_t *above;  /* (2 leaves - 1) node above, twice it plus the side */
	double *cover;	  /* (2 leaves - 1) */
	uint32_t *place;  /* (cols) of a column's cut on the path */
};

/* Room for any of n trees of data with `cols` columns; false when out of memory. */
bool shap_paths_allocate(struct shap_paths *p, const struct tree *const *tree, size_t n,
			 size_t cols, struct arena *a);

/* Take a tree apart. */
void shap_paths_make(struct shap_paths *p, const struct tree *t);

/* Does a raw row (all columns of the data set) meet the condition? */
bool shap_paths_meets(const struct shap_cut *c, const struct bins_column *column,
		      const float *x);

#endif
