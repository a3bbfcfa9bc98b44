/* Extremely randomised trees (Geurts, Ernst & Wehenkel 2006): all rows, and for
 * each column that a node looks at one cut, drawn; the machinery is in
 * learners/forest/. */
#include "learners/forest/grove_model.h"

static const struct param params[] = {
	FOREST_PARAMS(0, "all"),
	FOREST_TREE_PARAMS,
	PARAM_END,
};

static struct forest_config complete(const void *config)
{
	struct forest_config c = *(const struct forest_config *)config;

	c.random = true;
	c.in_order = c.each_node = false;
	c.ccp_alpha = 0;
	return c;
}

FOREST_FIT

const struct learner learner_extra_trees = {
	.name = "extra_trees",
	.summary = "extremely randomised trees: cuts are drawn, the best of a few is kept",
	.version = 1,
	FOREST_LEARNER,
};
