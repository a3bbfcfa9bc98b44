/* A random forest (Breiman 2001): trees on bootstrap samples of the rows, each
 * node choosing among a few columns; the machinery is in learners/forest/. */
#include "learners/forest/grove_model.h"

#define INT(...) PARAM_INT(struct forest_config, __VA_ARGS__)
#define REAL(...) PARAM_REAL(struct forest_config, __VA_ARGS__)
#define BOOL(...) PARAM_BOOL(struct forest_config, __VA_ARGS__)
#define CHOICE(...) PARAM_CHOICE(struct forest_config, __VA_ARGS__)

/* Ranges: those of Grinsztajn, Oyallon & Varoquaux 2022 for random forests. */
static const struct param params[] = {
	INT(trees, 500, 1, 1000000, "trees"),
	CHOICE(criterion, CRITERION_GINI, forest_criteria,
	       "impurity of a node's classes", PARAM_ANY),
	INT(depth, 0, 0, 65536, "most cuts above a leaf; 0: no limit"),
	INT(min_cut, 2, 2, 1e9, "least rows of a node that is cut"),
	INT(min_leaf, 1, 1, 1e9, "least rows of a leaf", PARAM_LOG(1, 50)),
	REAL(col_share, 0, 0, 1, "share of the columns that a node looks at; 0: "
	     "the square root of their number for classes, two thirds for numbers",
	     PARAM_LIN(0.1, 1)),
	BOOL(bootstrap, 1, "draw the rows of a tree with replacement"),
	REAL(row_share, 1, 1e-3, 1, "rows drawn for a tree, as a share"),
	INT(bins, BINS_MAX, 2, BINS_MAX, "bins of a column at most"),
	CHOICE(class_weight, CLASS_WEIGHT_NONE, forest_class_weights,
	       "balanced: each class weighs the same"),
	BOOL(oob, 0, "note the error on the rows that trees have not seen"),
	PARAM_END,
};

static struct forest_config complete(const void *config)
{
	struct forest_config c = *(const struct forest_config *)config;

	c.random = c.in_order = c.each_node = false;
	c.ccp_alpha = 0;
	return c;
}

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	struct forest_config c = complete(config);

	return grove_make(&c, data, run, model, err);
}

static struct forecast forecast(const void *config, const struct dataset *data)
{
	struct forest_config c = complete(config);

	return grove_forecast(&c, data);
}

const struct learner learner_forest = {
	.name = "forest",
	.summary = "random forest: trees on bootstrap samples, columns drawn by node",
	.family = FAMILY_TREE,
	.version = 1,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_TABLE, VIEW_GRID, VIEW_DENSE },
	.config_size = sizeof(struct forest_config),
	.params = params,
	.fit = fit,
	.predict = grove_score,
	.importance = grove_importance,
	.save = grove_save,
	.load = grove_load,
	.dump = grove_dump,
	.raw_outputs = grove_raw_outputs,
	.explain = grove_explain,
	.forecast = forecast,
};
