/* Gradient-boosted decision trees on histograms; the machinery is in
 * learners/gbdt/. Ranges to search: Gorishniy et al. 2024 (TabM) and the
 * defaults of LightGBM 4 where the names agree. */
#include "learners/gbdt/boost.h"

#include <string.h>

#define INT(...) PARAM_INT(struct gbdt_config, __VA_ARGS__)
#define REAL(...) PARAM_REAL(struct gbdt_config, __VA_ARGS__)

#define CHOICE(...) PARAM_CHOICE(struct gbdt_config, __VA_ARGS__)

/* As enum gbdt_quantize has them. */
static const char *const quantizings[] = { "auto", "off", "on", NULL };

static const struct param params[] = {
	INT(rounds, 500, 1, 100000, "most rounds; one tree a class in each"),
	REAL(shrinkage, 0.1, 1e-4, 1, "learning rate", PARAM_LOG(0.02, 0.3)),
	INT(patience, 20, 0, 100000, "rounds without a better validation loss "
	    "before it stops; 0: never"),
	INT(leaves, 31, 1, 65536, "leaves of a tree", PARAM_LOG(8, 128)),
	INT(depth, 0, 0, 65536, "most cuts above a leaf; 0: no limit"),
	INT(min_child_rows, 10, 1, 1e9, "least rows of a leaf (its share of the "
	    "hessian)", PARAM_LOG(1, 50)),
	REAL(min_child_hessian, 1e-3, 0, 1e9, "least sum of hessians of a leaf",
	     PARAM_LOG(1e-4, 100)),
	REAL(min_gain, 0, 0, 1e9, "least gain of a cut"),
	REAL(l1, 0, 0, 1e9, "L1 penalty on leaf values"),
	REAL(l2, 1, 0, 1e9, "L2 penalty on leaf values", PARAM_LOG(0.1, 10)),
	INT(bins, 255, 2, BINS_MAX, "bins of a column at most, missing "
	    "values apart"),
	INT(bin_rows, 64, 1, 1e9, "more than 63 bins only for so many rows "
	    "each"),
	REAL(row_sample, 0.7, 1e-3, 1, "share of rows a round is fitted on",
	     PARAM_LIN(0.5, 1)),
	REAL(col_sample, 0.5, 1e-3, 1, "share of columns a tree may cut",
	     PARAM_LIN(0.5, 1)),
	INT(max_columns, 128, 1, 1e9, "draw so many columns for a tree where "
	    "col_sample would leave more"),
	INT(max_onehot, 4, 0, BINS_MAX, "up to so many levels: one against the "
	    "rest instead of subsets"),
	INT(min_group_rows, 10, 1, 1e9, "least rows by which a subset of levels "
	    "grows"),
	REAL(cat_smooth, 10, 0, 1e9, "smoothing of a level's mean gradient"),
	REAL(cat_l2, 10, 0, 1e9, "L2 penalty more for cuts by subset"),
	CHOICE(quantize, QUANTIZE_AUTO, quantizings, "gradients of a few bits: "
	       "faster and right on average; auto: above 32,768 rows"),
	PARAM_END,
};

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	struct boost *b = ARENA_NEW(run->arena, struct boost, 1);

	if (!b)
		return arena_error(run->arena, err);
	*model = b;
	return boost_fit(b, config, data, run, err);
}

static int predict(const void *model, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	(void)data;
	return boost_predict(model, rows, run, scores, err);
}

static int importance(const void *model, float *gain)
{
	const struct boost *b = model;

	memcpy(gain, b->gain, b->cols * sizeof(*gain));
	return 0;
}

const struct learner learner_gbdt = {
	.name = "gbdt",
	.summary = "gradient-boosted trees: histograms, leaf-wise growth",
	.family = FAMILY_TREE,
	.version = 4,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_TABLE, VIEW_GRID, VIEW_DENSE },
	.uses_valid = true,
	.config_size = sizeof(struct gbdt_config),
	.params = params,
	.fit = fit,
	.predict = predict,
	.importance = importance,
};
