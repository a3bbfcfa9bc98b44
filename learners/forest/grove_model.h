/* Forests as learners and as saved models: the functions of a learner's table, files,
 * dumps, importance and contributions; the model is a struct grove. */
#ifndef TRIARCH_FOREST_GROVE_MODEL_H
#define TRIARCH_FOREST_GROVE_MODEL_H

#include "learners/forest/grove.h"
#include "learners/model/model_reader.h"

void grove_save(const void *model, const struct dataset *data, struct model_writer *w);
int grove_load(struct model_reader *r, const struct dataset *data, void **model,
	       struct error *err);

/* JSON: {"trees": [{"tree": tree_dump.h} ...]}; scores are the mean over trees, for
 * two classes of the second. */
int grove_dump(const void *model, const struct dataset *data, enum dump_format format,
	       struct text *out, struct error *err);

/* Of scores: classes, but 1 for two of them (the second's) and for a regression. */
size_t grove_raw_outputs(const void *model);
int grove_explain(const void *model, const struct part *rows, struct run *run,
		  float *contributions, struct error *err);

/* What the files of the learners share. Rows of the schema: all, and those of
 * several trees; `share` is what col_share = 0
 * stands for in a regression. Ranges are
 * those of Grinsztajn, Oyallon & Varoquaux 2022 for random forests. */
#define FOREST_INT(...) PARAM_INT(struct forest_config, __VA_ARGS__)
#define FOREST_REAL(...) PARAM_REAL(struct forest_config, __VA_ARGS__)
#define FOREST_BOOL(...) PARAM_BOOL(struct forest_config, __VA_ARGS__)
#define FOREST_CHOICE(...) PARAM_CHOICE(struct forest_config, __VA_ARGS__)

#define FOREST_TREE_PARAMS                                                     \
	FOREST_CHOICE(criterion, CRITERION_GINI, forest_criteria,              \
		      "impurity of a node's classes", PARAM_ANY),              \
	FOREST_INT(depth, 0, 0, 65536, "most cuts above a leaf; 0: no limit"), \
	FOREST_INT(min_cut, 2, 2, 1e9, "least rows of a node that is cut"),    \
	FOREST_INT(min_leaf, 1, 1, 1e9, "least rows of a leaf",                \
		   PARAM_LOG(1, 50)),                                          \
	FOREST_INT(bins, BINS_MAX, 2, BINS_MAX, "bins of a column at most"),   \
	FOREST_CHOICE(class_weight, CLASS_WEIGHT_NONE, forest_class_weights,   \
		      "balanced: each class weighs the same")

#define FOREST_PARAMS(bootstrap_, share)                                      \
	FOREST_INT(trees, 500, 1, 1000000, "trees"),                          \
	FOREST_REAL(col_share, 0, 0, 1, "share of the columns that a node "   \
		    "looks at; 0: the square root of their number for "       \
		    "classes, " share " for numbers", PARAM_LIN(0.1, 1)),     \
	FOREST_BOOL(bootstrap, bootstrap_,                                    \
		    "draw the rows of a tree with replacement"),              \
	FOREST_REAL(row_share, 1, 1e-3, 1, "rows drawn for a tree, as a "     \
		    "share"),                                                 \
	FOREST_BOOL(oob, 0, "note the error on the rows that trees have not " \
		    "seen")

/* fit and forecast of a learner whose complete(config) fills in the fields that
 * its schema does not have. */
#define FOREST_FIT                                                             \
	static int fit(const void *config, const struct dataset *data,         \
		       struct run *run, void **model, struct error *err)       \
	{                                                                      \
		struct forest_config c = complete(config);                     \
                                                                               \
		return grove_make(&c, data, run, model, err);                  \
	}                                                                      \
	static struct forecast forecast(const void *config,                    \
					const struct dataset *data)            \
	{                                                                      \
		struct forest_config c = complete(config);                     \
                                                                               \
		return grove_forecast(&c, data);                               \
	}

/* The rest of its table. */
#define FOREST_LEARNER                                              \
	.family = FAMILY_TREE,                                      \
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION, \
	.views = { VIEW_TABLE, VIEW_GRID, VIEW_DENSE },             \
	.config_size = sizeof(struct forest_config),                \
	.params = params, .fit = fit, .predict = grove_score,       \
	.importance = grove_importance, .save = grove_save,         \
	.load = grove_load, .dump = grove_dump,                     \
	.raw_outputs = grove_raw_outputs, .explain = grove_explain, \
	.forecast = forecast

#endif
