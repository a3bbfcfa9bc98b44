/* Trees that vote: one, a random forest, or extremely randomised trees. A score
 * is the mean over trees of what their leaves hold. */
#ifndef TRIARCH_FOREST_GROVE_H
#define TRIARCH_FOREST_GROVE_H

#include "learners/forest/builder.h"
#include "learners/learner.h"

struct forest_config {
	int64_t trees;
	/* the shape of a tree */
	int criterion; /* enum criterion */
	int64_t depth; /* 0: no limit */
	int64_t min_cut, min_leaf; /* rows */
	/* what it gets to see */
	double col_share; /* of the columns, drawn for a node; 0: see grove.c */
	double row_share;
	bool bootstrap;
	bool random; /* cuts are drawn */
	bool in_order; /* of all columns in their order: nothing is drawn */
	bool each_node; /* order levels in each node */
	int64_t bins;
	int class_weight; /* enum class_weight */
	bool oob; /* measure on the rows that a tree has not seen */
	/* one tree */
	double ccp_alpha; /* below 0: chosen on the validation rows */
};

enum criterion { CRITERION_GINI, CRITERION_ENTROPY };
enum class_weight { CLASS_WEIGHT_NONE, CLASS_WEIGHT_BALANCED };
extern const char *const forest_criteria[], *const forest_class_weights[];

struct grove {
	const struct bins_column *column; /* (kept) edges and levels */
	size_t kept, cols;		  /* cols: of the data set */
	size_t classes, outputs;	  /* outputs of a tree: see truth.h */
	bool has_levels;		  /* some column is categorical */
	size_t trees;
	struct tree *tree;  /* (trees) */
	float *gain, *cuts; /* (cols) importance, sums to 1; number of cuts */
};

/* Fit data->train; memory is run->arena's. A tree is a step: stopped early, the
 * model has those that were ready. ERR_DATA, ERR_MEMORY, ERR_UNSUPPORTED. */
int grove_fit(struct grove *g, const struct forest_config *config,
	      const struct dataset *data, struct run *run, struct error *err);

/* Scores as struct learner says. ERR_MEMORY. */
int grove_predict(const struct grove *g, const struct part *rows,
		  struct run *run, float *scores, struct error *err);

/* The functions of a learner's table: the model is a struct grove. */
int grove_score(const void *model, const struct dataset *data,
		const struct part *rows, struct run *run, float *scores,
		struct error *err);
int grove_importance(const void *model, enum importance kind, float *out);
int grove_make(const struct forest_config *config, const struct dataset *data,
	       struct run *run, void **model, struct error *err);
struct forecast grove_forecast(const struct forest_config *config,
			       const struct dataset *data);

#endif
