/* One classification or regression tree (Breiman, Friedman, Olshen & Stone
 * 1984), cut back on the validation rows; the machinery is in learners/forest/. */
#include "learners/forest/grove_model.h"

static const struct param params[] = {
	FOREST_TREE_PARAMS,
	FOREST_REAL(ccp_alpha, -1, -1, 1e30, "price of a leaf, in impurity a "
		    "row, by which the tree is cut back; below 0: the price "
		    "that suits the validation rows best"),
	PARAM_END,
};

/* All rows and columns; nothing is drawn, so the seed does not matter. */
static struct forest_config complete(const void *config)
{
	struct forest_config c = *(const struct forest_config *)config;

	c.trees = 1;
	c.col_share = c.row_share = 1;
	c.in_order = c.each_node = true;
	c.bootstrap = c.random = c.oob = false;
	return c;
}

FOREST_FIT

const struct learner learner_tree = {
	.name = "tree",
	.summary = "one classification or regression tree, pruned",
	.version = 1,
	.uses_valid = true,
	FOREST_LEARNER,
};
