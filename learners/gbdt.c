/* Gradient-boosted decision trees on histograms; the machinery is in
 * learners/gbdt/. Ranges to search: Gorishniy et al. 2024 (TabM) and the
 * defaults of LightGBM 4 where the names agree. */
#include "learners/gbdt/boost.h"

#include "learners/gbdt/boost_dump.h"
#include "learners/gbdt/boost_file.h"
#include "learners/gbdt/growth.h"
#include "learners/gbdt/importance.h"
#include "learners/gbdt/shap.h"

#define INT(...) PARAM_INT(struct gbdt_config, __VA_ARGS__)
#define REAL(...) PARAM_REAL(struct gbdt_config, __VA_ARGS__)

static const char *const class_weights[] = { "none", "balanced", NULL };
static const char *const samplings[] = { "uniform", "goss", NULL };
static const char *const drop_norms[] = { "tree", "forest", NULL };
static const char *const orders[] = { "tree", "leaf", NULL };

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

	CHOICE(objective, 0, objective_choices, "loss of a regression; auto is "
	       "squared, and logistic or softmax where there are classes"),
	REAL(quantile_level, 0.5, 1e-4, 1 - 1e-4, "objective=quantile: share of "
	     "targets below the prediction"),
	REAL(huber_delta, 1, 1e-30, 1e30, "objective=huber: residual from which "
	     "the loss is straight, in the target's units"),
	CHOICE(class_weight, 0, class_weights, "balanced: each class weighs as "
	       "much as any other"),
	REAL(positive_weight, 1, 1e-6, 1e6, "of two classes: weight of the "
	     "second's rows, times their own"),
	CHOICE(sampling, 0, samplings, "rows of a round: drawn alike, or goss: "
	       "those of large gradient and some of the rest"),
	REAL(goss_top, 0.2, 0, 1, "sampling=goss: share of rows kept for their "
	     "gradient"),
	REAL(goss_rest, 0.1, 1e-3, 1, "sampling=goss: share of rows drawn from "
	     "the rest"),
	REAL(drop_rate, 0, 0, 1, "DART: share of earlier rounds left out when a "
	     "tree is fitted; 0: off"),
	REAL(drop_skip, 0.5, 0, 1, "DART: share of rounds that leave nothing out"),
	INT(drop_most, 50, 0, 100000, "DART: most rounds left out at a time; "
	    "0: no limit"),
	CHOICE(drop_norm, 0, drop_norms, "DART: the new tree weighs as one of "
	       "those left out, or as all of them"),
	INT(leaf_steps, 0, 0, 100, "Newton steps for a tree's leaf values, on "
	    "gradients that are not rounded; 0: as the tree was grown"),
	REAL(min_improvement, 0, 0, 1, "share by which the validation loss must "
	     "fall for patience to start anew"),

	PARAM_CHOICE(struct gbdt_config, growth, GBDT_LEAF, growth_names,
		     "which leaf is cut next: the best, level by level, or all "
		     "of a level by one cut"),
	REAL(col_sample_level, 1, 1e-3, 1, "share of the tree's columns that "
	     "each level may cut"),
	REAL(col_sample_node, 1, 1e-3, 1, "share of the level's columns that "
	     "each leaf may be cut in"),
	REAL(max_delta_step, 0, 0, 1e9, "bound on a leaf's value before "
	     "shrinkage; 0: none"),
	PARAM_CHOICE(struct gbdt_config, cat_order, GBDT_ORDER_TREE, orders,
		     "order levels once for a tree, or anew in each leaf"),
	PARAM_TEXT(struct gbdt_config, monotone, "columns in which the score "
		   "only rises or falls, \"+age:-price\" or \"1:0:-1\""),

	PARAM_BOOL(struct gbdt_config, bundle, true, "columns that are mostly "
		   "one value share memory and time"),
	INT(sparse_bins, 2, 2, BINS_MAX, "bins of a column of a sparse view, "
	    "zero among them"),
	INT(sparse_columns, 1000, 1, 1e9, "max_columns of a sparse view"),
	INT(target_stats, BINS_MAX, 0, 1e9, "categories with more levels than "
	    "this, or than bins, get ordered target statistics too; 0: none"),
	INT(target_classes, 20, 2, 1e6, "no target statistics for more classes"),
	REAL(target_prior, 1, 1e-3, 1e9, "rows that the mean target counts for "
	     "in target statistics"),

	CHOICE(quantize, QUANTIZE_AUTO, quantizings, "gradients of a few bits: "
	       "faster and right on average; auto: above 32,768 rows"),
	PARAM_END,
};

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	struct boost *b = ARENA_NEW(run->arena, struct boost, 1);
	struct gbdt_config *own = arena_copy(run->arena, config, sizeof(*own));

	if (!b || !own)
		return arena_error(run->arena, err);
	*model = b;
	if (growth_settle(own, err))
		return (int)err->code;
	return boost_fit(b, own, data, run, err);
}

static int predict(const void *model, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	(void)data;
	return boost_predict(model, rows, run, scores, err);
}

static int importance(const void *model, enum importance kind, float *out)
{
	const struct boost *b = model;

	for (size_t j = 0; j < b->cols; j++)
		out[j] = 0;
	for (size_t k = 0; k < b->rounds * b->outputs; k++)
		importance_add(&b->tree[k / b->outputs][k % b->outputs], &b->stats,
			       b->cols, kind, out);
	return 0;
}

static void save(const void *model, const struct dataset *data, struct model_writer *w)
{
	(void)data;
	boost_file_save(model, w);
}

static int load(struct model_reader *r, const struct dataset *data, void **model,
		struct error *err)
{
	struct boost *b = ARENA_NEW(r->arena, struct boost, 1);

	if (!b)
		return arena_error(r->arena, err);
	*model = b;
	return boost_file_load(b, data, r, err);
}

static int dump(const void *model, const struct dataset *data, enum dump_format format,
		struct text *out, struct error *err)
{
	return boost_dump(model, data, format, out, err);
}

static size_t raw_outputs(const void *model)
{
	const struct boost *b = model;

	return b->outputs;
}

static int explain(const void *model, const struct part *rows, struct run *run,
		   float *contributions, struct error *err)
{
	return shap_explain(model, rows, run, contributions, err);
}

const struct learner learner_gbdt = {
	.name = "gbdt",
	.summary = "gradient-boosted trees on histograms",
	.family = FAMILY_TREE,
	.version = 5,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_SPARSE, VIEW_TABLE, VIEW_GRID, VIEW_DENSE },
	.uses_valid = true,
	.config_size = sizeof(struct gbdt_config),
	.params = params,
	.fit = fit,
	.predict = predict,
	.importance = importance,
	.save = save,
	.load = load,
	.dump = dump,
	.raw_outputs = raw_outputs,
	.explain = explain,
};
