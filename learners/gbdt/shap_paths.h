/* A tree taken apart into its leaves: for each the conditions that lead to it, one
 * a player, and what share of the training rows met each of them.
 *
 * A row reaches the leaf when it meets all conditions; when some columns are not
 * known, each of their conditions holds with the share of its rows (the covers), as
 * in "path-dependent" SHAP (Lundberg et al. 2020, "From local explanations to
 * global understanding with explainable AI for trees", Algorithm 1). A column that
 * is cut twice on the way has one condition, the intersection, and the product of
 * the shares (Mitchell, Frank & Holmes 2022, "GPUTreeShap", section 3.2).
 *
 * Players are the columns of the data set. Mostly a tree cuts these; where it cuts
 * numbers that were made of one (behind the columns in the row that it walks),
 * their conditions are the column's. */
#ifndef TRIARCH_GBDT_SHAP_PATHS_H
#define TRIARCH_GBDT_SHAP_PATHS_H

#include "learners/gbdt/tree.h"

/* What must hold of one value of the row. */
struct shap_cut {
	uint32_t column;     /* of the row that the tree walks */
	uint32_t kept;	     /* of the bins */
	uint32_t element;    /* of the leaf: whose condition it is part of */
	bool is_cat;
	bool missing;	     /* numeric: a missing value meets it */
	float low, high;     /* numeric: low < x <= high; NaN: no limit */
	struct tree_set set; /* categorical: bins that meet it */
};

/* One player's part in a leaf. */
struct shap_element {
	uint32_t player;
	double share;
};

struct shap_paths {
	size_t leaves;
	size_t *start;	      /* (leaves + 1) into cut, and into element */
	size_t *elements;     /* (leaves), <= the leaf's cuts */
	struct shap_cut *cut; /* those of a leaf side by side */
	struct shap_element *element;
	double *weight; /* (leaves) share of the rows that end in it */
	size_t longest;	/* the most cuts of a leaf */

	/* workspace */
	const uint32_t *player; /* (width), NULL: each column its own */
	uint32_t *above;  /* (2 leaves - 1) node above, twice it plus the side */
	double *cover;	  /* (2 leaves - 1) */
	uint32_t *place;  /* (width) of a column's cut on the path */
	uint32_t *part;	  /* (width) of a player's element */
};

/* Room for any of n trees that walk rows of `width` values; false when out of
 * memory. `player` (may be NULL) is kept. */
bool shap_paths_allocate(struct shap_paths *p, const struct tree *const *tree, size_t n,
			 size_t width, const uint32_t *player, struct arena *a);

/* Take a tree apart. */
void shap_paths_make(struct shap_paths *p, const struct tree *t);

/* Does a row meet the condition? */
bool shap_paths_meets(const struct shap_cut *c, const struct bins_column *column,
		      const float *x);

#endif
