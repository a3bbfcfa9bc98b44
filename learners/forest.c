/* A random forest (Breiman 2001): trees on bootstrap samples of the rows, each
 * node choosing among a few columns; the machinery is in learners/forest/. */
#include "learners/forest/grove_model.h"

static const struct param params[] = {
	FOREST_PARAMS(1, "two thirds"),
	FOREST_TREE_PARAMS,
	PARAM_END,
};

static struct forest_config complete(const void *config)
{
	struct forest_config c = *(const struct forest_config *)config;

	c.random = c.in_order = c.each_node = false;
	c.ccp_alpha = 0;
	return c;
}

FOREST_FIT

const struct learner learner_forest = {
	.name = "forest",
	.summary = "random forest: trees on bootstrap samples, columns drawn by node",
	.version = 1,
	FOREST_LEARNER,
};
