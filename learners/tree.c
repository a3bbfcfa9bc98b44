/* One classification or regression tree (Breiman, Friedman, Olshen & Stone
 * 1984), cut back on the validation rows; the machinery is in learners/forest/. */
#include "learners/forest/grove_model.h"

#define INT(...) PARAM_INT(struct forest_config, __VA_ARGS__)
#define REAL(...) PARAM_REAL(struct forest_config, __VA_ARGS__)
#define CHOICE(...) PARAM_CHOICE(struct forest_config, __VA_ARGS__)

static const struct param params[] = {
	CHOICE(criterion, CRITERION_GINI, forest_criteria,
	       "impurity of a node's classes", PARAM_ANY),
	INT(depth, 0, 0, 65536, "most cuts above a leaf; 0: no limit"),
	INT(min_cut, 2, 2, 1e9, "least rows of a node that is cut"),
	INT(min_leaf, 1, 1, 1e9, "least rows of a leaf", PARAM_LOG(1, 50)),
	REAL(ccp_alpha, -1, -1, 1e30, "price of a leaf, in impurity a row, by "
	     "which the tree is cut back; below 0: the price that suits the "
	     "validation rows best"),
	INT(bins, BINS_MAX, 2, BINS_MAX, "bins of a column at most"),
	CHOICE(class_weight, CLASS_WEIGHT_NONE, forest_class_weights,
	       "balanced: each class weighs the same"),
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

const struct learner learner_tree = {
	.name = "tree",
	.summary = "one classification or regression tree, pruned",
	.family = FAMILY_TREE,
	.version = 1,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_TABLE, VIEW_GRID, VIEW_DENSE },
	.uses_valid = true,
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
