/* In which order leaves are cut, and what holds before the first cut. */
#ifndef TRIARCH_GBDT_GROWTH_H
#define TRIARCH_GBDT_GROWTH_H

#include "learners/gbdt/grower.h"

/* The names of enum gbdt_growth, for the schema. */
extern const char *const growth_names[];

/* Oblivious trees are bounded by depth: 6 if none is given, and `leaves` is
 * what that makes; leaves draw no columns of their own. Other growth stays as
 * it is. ERR_CONFIG: deeper than 16. */
int growth_settle(struct gbdt_config *config, struct error *err);

/* The interval of the root's value. */
struct cut_bounds growth_bounds(const struct gbdt_config *config);

/* Is leaf a, which is in the tree, cut before b? Only leaves with a cut are;
 * leaf-wise the one with more gain, depth-wise the one that comes first level
 * by level and from left to right: the order of XGBoost's depthwise policy, so
 * `leaves` stops both at the same leaf. */
bool growth_before(const struct grower *g, const struct grower_leaf *a,
		   const struct grower_leaf *b);

/* Bounds, kept values and places of the two halves of a leaf, whose totals are
 * known. */
void growth_hand_down(const struct grower *g, const struct grower_leaf *leaf,
		      struct grower_leaf half[2]);

/* The value of a leaf, before shrinkage. Whoever sets values anew (a line
 * search, quantiles of residuals) keeps them within leaf->bounds, and leaves
 * a leaf without rows at this. */
double growth_value(const struct cut_rules *r, const struct grower_leaf *leaf);

#endif
