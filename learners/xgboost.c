/* XGBoost through its C API (Chen & Guestrin 2016, "XGBoost: a scalable tree
 * boosting system"): the reference beside which the rows of gbdt stand.
 *
 * It is given the same matrix: missing cells are NaN, categorical columns go
 * in as such (feature type "c"), which hist and approx of 1.7 cut one against
 * the rest up to `max_onehot` levels and by sorted-gradient subsets above; a
 * sparse matrix leaves out its zeros, which are then "missing" to XGBoost, as
 * in its own text format. Parameters have gbdt's names, and where XGBoost says
 * otherwise the help names what it is called there. Where a name has no
 * counterpart (least rows, smoothing) XGBoost has its own way and default.
 *
 * The first score is the mean (regression) or the share of class 1, as
 * XGBoost 2 estimates it; the constant 0.5 of version 1 would make a few
 * rounds look bad for no reason of the method. With more than two classes all
 * start even. Early stopping is done here, by XGBoost's own metric, and keeps
 * the best round; as in its own, there is always one round at least.
 *
 * Its memory is its own, its bits may depend on the number of threads, and the
 * Makefile leaves this file out where the library is missing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xgboost/version_config.h>

#include "learners/gbdt/monotone.h"
#include "learners/learner.h"
#include "learners/xgboost/xgb_matrix.h"

struct xgboost_config {
	int64_t rounds, patience;
	double shrinkage;
	int method, growth;
	int64_t leaves, depth;
	double min_child_hessian, min_gain, l1, l2;
	int64_t bins;
	double row_sample, col_sample, col_sample_level, col_sample_node;
	double max_delta_step;
	int64_t max_onehot, max_group_levels;
	char monotone[256];
};

#define INT(...) PARAM_INT(struct xgboost_config, __VA_ARGS__)
#define REAL(...) PARAM_REAL(struct xgboost_config, __VA_ARGS__)

static const char *const methods[] = { "hist", "approx", "exact", NULL };
static const char *const growths[] = { "leaf", "depth", NULL };
static const char *const policies[] = { "lossguide", "depthwise" };

/* Defaults and search ranges are gbdt's where the name is, so that the
 * defaults of both are one setting; else XGBoost's. */
static const struct param params[] = {
	INT(rounds, 500, 1, 100000, "most rounds; one tree a class in each"),
	REAL(shrinkage, 0.1, 1e-4, 1, "learning rate: eta", PARAM_LOG(0.02, 0.3)),
	INT(patience, 20, 0, 100000, "rounds without a better validation loss "
	    "before it stops; 0: never"),
	PARAM_CHOICE(struct xgboost_config, method, 0, methods,
		     "how cuts are found: tree_method; exact takes levels of a "
		     "category as numbers"),
	PARAM_CHOICE(struct xgboost_config, growth, 0, growths,
		     "which leaf is cut next: grow_policy"),
	INT(leaves, 31, 0, 65536, "leaves of a tree: max_leaves; 0: no limit",
	    PARAM_LOG(8, 128)),
	INT(depth, 0, 0, 65536, "most cuts above a leaf: max_depth; 0: no limit "
	    "(exact needs one)"),
	REAL(min_child_hessian, 1, 0, 1e9, "least sum of hessians of a leaf: "
	     "min_child_weight", PARAM_LOG(1e-4, 100)),
	REAL(min_gain, 0, 0, 1e9, "least gain of a cut: gamma"),
	REAL(l1, 0, 0, 1e9, "L1 penalty on leaf values: alpha"),
	REAL(l2, 1, 0, 1e9, "L2 penalty on leaf values: lambda",
	     PARAM_LOG(0.1, 10)),
	INT(bins, 255, 2, 65535, "bins of a column at most: max_bin"),
	REAL(row_sample, 0.7, 1e-3, 1, "share of rows a round is fitted on: "
	     "subsample", PARAM_LIN(0.5, 1)),
	REAL(col_sample, 0.5, 1e-3, 1, "share of columns a tree may cut: "
	     "colsample_bytree", PARAM_LIN(0.5, 1)),
	REAL(col_sample_level, 1, 1e-3, 1, "of these, share at one depth: "
	     "colsample_bylevel"),
	REAL(col_sample_node, 1, 1e-3, 1, "of these, share at one node: "
	     "colsample_bynode"),
	REAL(max_delta_step, 0, 0, 1e9, "bound on a leaf's value before "
	     "shrinkage; 0: none"),
	INT(max_onehot, 4, 0, 65535, "up to so many levels: one against the "
	    "rest instead of subsets (max_cat_to_onehot less 1)"),
	INT(max_group_levels, 64, 1, 65535, "most levels in a subset: "
	    "max_cat_threshold"),
	PARAM_TEXT(struct xgboost_config, monotone, "columns in which the score "
		   "only rises or falls, \"+age:-price\" or \"1:0:-1\""),
	PARAM_END,
};

/* The same, as XGBoost calls them; what is not here has a way of its own. */
static const struct { const char *ours, *theirs; } names[] = {
	{ "shrinkage", "eta" },
	{ "method", "tree_method" },
	{ "leaves", "max_leaves" },
	{ "depth", "max_depth" },
	{ "min_child_hessian", "min_child_weight" },
	{ "min_gain", "gamma" },
	{ "l1", "alpha" },
	{ "l2", "lambda" },
	{ "bins", "max_bin" },
	{ "row_sample", "subsample" },
	{ "col_sample", "colsample_bytree" },
	{ "col_sample_level", "colsample_bylevel" },
	{ "col_sample_node", "colsample_bynode" },
	{ "max_delta_step", "max_delta_step" },
	{ "max_group_levels", "max_cat_threshold" },
};

struct model {
	struct xgb_api api;
	BoosterHandle booster; /* NULL: one class, there is nothing to learn */
	size_t cols, outputs;  /* of the data; of scores */
	size_t rounds;	       /* those up to the best */
};

/* One fit; handles are XGBoost's, the rest is the arena's. */
struct fit {
	const struct xgboost_config *config;
	const struct dataset *data;
	struct run *run;
	struct xgb_api *api; /* the model's */
	const char **types; /* (cols) of columns, NULL: all are numeric */
	DMatrixHandle part[2]; /* train, valid; valid NULL without rows */
	BoosterHandle booster;
	size_t best;
	double best_loss;
};

/* ---------------------------------------------------------------- matrix */

/* Types of columns, if any is categorical; it is the arena's that fails. */
static int column_types(struct fit *f, struct error *err)
{
	const struct dataset *d = f->data;
	bool any = false;

	for (size_t j = 0; d->columns && j < d->cols; j++)
		any |= d->columns[j].is_cat;
	if (!any || f->config->method == 2)
		return 0;
	f->types = ARENA_NEW(f->run->arena, const char *, d->cols);
	if (!f->types)
		return arena_error(f->run->arena, err);
	for (size_t j = 0; j < d->cols; j++)
		f->types[j] = d->columns[j].is_cat ? "c" : "float";
	return 0;
}

/* XGBoost's labels are floats; it copies what it is given. */
static int set_truth(struct fit *f, DMatrixHandle m, const struct part *p,
		     struct error *err)
{
	struct arena_mark mark = arena_mark(f->run->arena);
	float *y = ARENA_RAW(f->run->arena, float, p->rows);
	int rc;

	if (!y)
		return arena_error(f->run->arena, err);
	for (size_t i = 0; i < p->rows; i++)
		y[i] = f->data->task == TASK_REGRESSION ? p->target[i] :
							  (float)p->label[i];
	rc = f->api->XGDMatrixSetFloatInfo(m, "label", y, p->rows);
	if (!rc && p->weight)
		rc = f->api->XGDMatrixSetFloatInfo(m, "weight", p->weight, p->rows);
	if (!rc && f->types)
		rc = f->api->XGDMatrixSetStrFeatureInfo(m, "feature_type", f->types,
						f->data->cols);
	arena_rewind(f->run->arena, mark);
	return rc ? xgb_failed(f->api, err, "setting labels") : 0;
}

static int make_parts(struct fit *f, struct error *err)
{
	const struct part *parts[] = { &f->data->train, &f->data->valid };
	int rc = column_types(f, err);

	for (size_t k = 0; !rc && k < 2; k++) {
		if (!parts[k]->rows || (k && !f->config->patience))
			continue;
		rc = xgb_matrix(f->api, f->data, parts[k], f->run->threads,
				&f->part[k], err);
		if (!rc)
			rc = set_truth(f, f->part[k], parts[k], err);
	}
	return rc;
}

/* ---------------------------------------------------------------- booster */

static int set_text(struct fit *f, const char *name, const char *value,
		    struct error *err)
{
	return f->api->XGBoosterSetParam(f->booster, name, value) ?
		       xgb_failed(f->api, err, name) : 0;
}

static int set_number(struct fit *f, const char *name, double value,
		      struct error *err)
{
	char text[32];

	snprintf(text, sizeof(text), "%.9g", value);
	return set_text(f, name, text, err);
}

/* One row of the schema under XGBoost's name. */
static int set_param(struct fit *f, const struct param *p, const char *theirs,
		     struct error *err)
{
	const char *at = (const char *)f->config + p->offset;

	if (p->type == PARAM_TYPE_CHOICE)
		return set_text(f, theirs, p->choices[*(const int *)at], err);
	if (p->type == PARAM_TYPE_INT)
		return set_number(f, theirs,
				  (double)*(const int64_t *)at, err);
	return set_number(f, theirs, *(const double *)at, err);
}

static int set_names(struct fit *f, struct error *err)
{
	int rc = 0;

	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		for (const struct param *p = params; !rc && p->name; p++)
			if (!strcmp(p->name, names[k].ours))
				rc = set_param(f, p, names[k].theirs, err);
	return rc;
}

/* The weighted mean of the target, or of class 1: where scores start. */
static double first_score(const struct dataset *d)
{
	const struct part *p = &d->train;
	double sum = 0, weight = 0, mean;

	for (size_t i = 0; i < p->rows; i++) {
		double w = p->weight ? (double)p->weight[i] : 1;

		weight += w;
		sum += w * (d->task == TASK_REGRESSION ? (double)p->target[i] :
							 p->label[i] == 1);
	}
	mean = weight > 0 ? sum / weight : 0.5;
	if (d->task == TASK_REGRESSION)
		return mean;
	return d->classes == 2 ? fmin(fmax(mean, 1e-6), 1 - 1e-6) : 0.5;
}

/* A sign a column, "(1,0,-1)", in as much room as that takes. */
static int set_monotone(struct fit *f, struct error *err)
{
	struct arena_mark mark = arena_mark(f->run->arena);
	size_t cols = f->data->cols, n = 1;
	const int8_t *sign;
	char *text;
	int rc = monotone_read(&sign, f->config->monotone, f->data,
			       f->run->arena, err);

	if (rc || !sign)
		return rc;
	text = ARENA_NEW(f->run->arena, char, 3 * cols + 3);
	if (!text)
		return arena_error(f->run->arena, err);
	text[0] = '(';
	for (size_t j = 0; j < cols; j++)
		n += (size_t)sprintf(text + n, j ? ",%d" : "%d", sign[j]);
	text[n] = ')';
	rc = set_text(f, "monotone_constraints", text, err);
	arena_rewind(f->run->arena, mark);
	return rc;
}

static int set_task(struct fit *f, struct error *err)
{
	const struct dataset *d = f->data;
	bool number = d->task == TASK_REGRESSION, two = d->classes == 2;
	int rc = set_text(f, "objective", number ? "reg:squarederror" :
			  two ? "binary:logistic" : "multi:softprob", err);

	if (!rc && !number && !two)
		rc = set_number(f, "num_class", (double)d->classes, err);
	if (!rc)
		rc = set_text(f, "eval_metric", number ? "rmse" :
			      two ? "logloss" : "mlogloss", err);
	if (!rc)
		rc = set_number(f, "base_score", first_score(d), err);
	return rc;
}

/* Quiet, as standard output and error are not a learner's. */
static int make_booster(struct fit *f, struct error *err)
{
	int rc = 0;

	if (f->api->XGBoosterCreate(f->part, f->part[1] ? 2 : 1, &f->booster))
		return xgb_failed(f->api, err, "making its booster");
	rc = set_text(f, "verbosity", "0", err);
	if (!rc)
		rc = set_number(f, "nthread", f->run->threads, err);
	if (!rc) /* an int over there */
		rc = set_number(f, "seed", (double)(f->run->seed % INT32_MAX),
				err);
	if (!rc)
		rc = set_number(f, "max_cat_to_onehot",
				(double)f->config->max_onehot + 1, err);
	if (!rc)
		rc = set_text(f, "grow_policy", policies[f->config->growth], err);
	if (!rc)
		rc = set_task(f, err);
	if (!rc)
		rc = set_monotone(f, err);
	return rc ? rc : set_names(f, err);
}

/* ---------------------------------------------------------------- rounds */

/* The loss on the validation rows: "[3]\tvalid-rmse:0.25"; NAN without any. */
static int measure(struct fit *f, size_t round, double *loss, struct error *err)
{
	const char *name = "valid", *text, *colon;

	*loss = NAN;
	if (!f->part[1])
		return 0;
	if (f->api->XGBoosterEvalOneIter(f->booster, (int)round, &f->part[1], &name, 1,
				 &text))
		return xgb_failed(f->api, err, "measuring its loss");
	colon = strrchr(text, ':');
	*loss = colon ? strtod(colon + 1, NULL) : NAN;
	if (isfinite(*loss))
		return 0;
	return error_set(err, ERR_DIVERGED, "xgboost: the validation loss left "
			 "the finite numbers in round %zu", round + 1);
}

/* Rounds are counted from 1 here. False when patience has run out. */
static bool improving(struct fit *f, size_t rounds, double loss)
{
	size_t patience = (size_t)f->config->patience;

	if (isnan(loss) || rounds == 1 || loss < f->best_loss) {
		f->best = rounds;
		f->best_loss = loss;
	}
	return isnan(loss) || rounds - f->best < patience;
}

static int run_rounds(struct fit *f, struct error *err)
{
	size_t rounds = (size_t)f->config->rounds;

	for (size_t r = 0; r < rounds; r++) {
		double loss;
		bool more;

		if (f->api->XGBoosterUpdateOneIter(f->booster, (int)r, f->part[0]))
			return xgb_failed(f->api, err, "fitting");
		if (measure(f, r, &loss, err))
			return (int)err->code;
		more = improving(f, r + 1, loss);
		if (!run_tick(f->run, r + 1, rounds, loss) || !more)
			break;
	}
	f->run->steps = f->best;
	return 0;
}

/* XGBoost's matrices are of no use once the trees stand. */
static void release_fit(struct fit *f, bool keep)
{
	for (size_t k = 0; k < 2; k++)
		if (f->part[k])
			f->api->XGDMatrixFree(f->part[k]);
	if (f->booster && !keep)
		f->api->XGBoosterFree(f->booster);
}

static void print_version(const struct xgb_api *api, char *out, size_t size)
{
	int major, minor, patch;

	api->XGBoostVersion(&major, &minor, &patch);
	snprintf(out, size, "%d.%d.%d", major, minor, patch);
}

static void library(char *out, size_t size)
{
	struct error err = { 0 };
	struct xgb_api api;

	if (xgb_api_load(&api, &err))
		snprintf(out, size, "none");
	else
		print_version(&api, out, size);
}

/* Another library than that of the build predicts other things perhaps. */
static void note_version(const struct xgb_api *api, struct run *run)
{
	char built[32], loaded[32];

	snprintf(built, sizeof(built), "%d.%d.%d", XGBOOST_VER_MAJOR,
		 XGBOOST_VER_MINOR, XGBOOST_VER_PATCH);
	print_version(api, loaded, sizeof(loaded));
	if (strcmp(built, loaded))
		snprintf(run->note, sizeof(run->note), "libxgboost %s is loaded, "
			 "the build was against %s", loaded, built);
}

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	struct fit f = { .config = config, .data = data, .run = run };
	struct model *m = ARENA_NEW(run->arena, struct model, 1);
	int rc;

	if (!m)
		return arena_error(run->arena, err);
	if (!data->train.rows)
		return error_set(err, ERR_DATA, "no rows to fit");
	*m = (struct model){ .cols = data->cols,
			     .outputs = learner_outputs(data) };
	if (xgb_api_load(&m->api, err))
		return (int)err->code;
	note_version(&m->api, run);
	f.api = &m->api;
	*model = m;
	if (data->task == TASK_CLASSIFICATION && data->classes == 1)
		return 0;
	rc = make_parts(&f, err);
	if (!rc)
		rc = make_booster(&f, err);
	if (!rc)
		rc = run_rounds(&f, err);
	release_fit(&f, !rc);
	m->booster = rc ? NULL : f.booster;
	m->rounds = f.best;
	return rc;
}

/* ---------------------------------------------------------------- predict */

/* Dense rows are read where they lie, without a matrix made of them: the
 * fastest way that XGBoost has. The result is its own until the next call. */
static int score_dense(const struct model *m, const struct dataset *data,
		       const struct part *rows, const float **out,
		       struct error *err)
{
	char place[XGB_PLACE], config[192];
	bst_ulong const *shape;
	bst_ulong dim;

	xgb_describe(place, rows->x, rows->rows, data->cols, "<f4");
	snprintf(config, sizeof(config), "{\"type\": 0, \"training\": false, "
		 "\"iteration_begin\": 0, \"iteration_end\": %zu, \"missing\": "
		 "NaN, \"strict_shape\": false, \"cache_id\": 0}", m->rounds);
	return m->api.XGBoosterPredictFromDense(m->booster, place, config, NULL,
					 &shape, &dim, out) ?
		       xgb_failed(&m->api, err, "predicting") : 0;
}

static int score_sparse(const struct model *m, DMatrixHandle matrix,
			const float **out, struct error *err)
{
	char config[160];
	bst_ulong const *shape;
	bst_ulong dim;

	snprintf(config, sizeof(config), "{\"type\": 0, \"training\": false, "
		 "\"iteration_begin\": 0, \"iteration_end\": %zu, "
		 "\"strict_shape\": false}", m->rounds);
	return m->api.XGBoosterPredictFromDMatrix(m->booster, matrix, config, &shape,
					   &dim, out) ?
		       xgb_failed(&m->api, err, "predicting") : 0;
}

/* Two classes come as one probability; all else as it is wanted. */
static void copy_scores(const struct model *m, const struct dataset *data,
			size_t rows, const float *from, float *scores)
{
	if (data->task == TASK_REGRESSION || m->outputs != 2) {
		memcpy(scores, from, rows * m->outputs * sizeof(*scores));
		return;
	}
	for (size_t i = 0; i < rows; i++) {
		scores[2 * i] = 1 - from[i];
		scores[2 * i + 1] = from[i];
	}
}

static int predict(const void *model, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	const struct model *m = model;
	DMatrixHandle matrix = NULL;
	const float *from = NULL;
	int rc = 0;

	if (!rows->rows)
		return 0;
	for (size_t i = 0; !m->booster && i < rows->rows; i++)
		scores[i] = 1;
	if (!m->booster)
		return 0;
	if (data->view == VIEW_SPARSE) {
		rc = xgb_matrix(&m->api, data, rows, run->threads, &matrix, err);
		if (!rc)
			rc = score_sparse(m, matrix, &from, err);
	} else {
		rc = score_dense(m, data, rows, &from, err);
	}
	if (!rc)
		copy_scores(m, data, rows->rows, from, scores);
	if (matrix)
		m->api.XGDMatrixFree(matrix);
	return rc;
}

static void release(void *model)
{
	struct model *m = model;

	if (m && m->booster)
		m->api.XGBoosterFree(m->booster);
	if (m)
		m->booster = NULL;
}

/* Of all trees, also of those behind the best; columns that are never cut are
 * not named. */
static int importance(const void *model, enum importance kind, float *out)
{
	static const char *const ask[] = {
		[IMPORTANCE_GAIN] = "{\"importance_type\": \"total_gain\"}",
		[IMPORTANCE_SPLITS] = "{\"importance_type\": \"weight\"}",
	};
	const struct model *m = model;
	bst_ulong n, dim;
	const bst_ulong *shape;
	const char **columns;
	const float *value;

	memset(out, 0, m->cols * sizeof(*out));
	if (!m->booster)
		return 0;
	if (m->api.XGBoosterFeatureScore(m->booster, ask[kind], &n, &columns, &dim,
				  &shape, &value))
		return ERR_UNSUPPORTED;
	for (size_t k = 0; k < n; k++) /* "f12" */
		out[strtoul(columns[k] + 1, NULL, 10)] = value[k];
	return 0;
}

/* Our revision, then the library's version in two digits each: what either
 * changes is another learner to the keys of rows. */
#define REVISION 1
#define VERSION \
	(((REVISION * 100 + XGBOOST_VER_MAJOR) * 100 + XGBOOST_VER_MINOR) * 100 + \
	 XGBOOST_VER_PATCH)

const struct learner learner_xgboost = {
	.name = "xgboost",
	.summary = "XGBoost's gradient-boosted trees, through its C API",
	.family = FAMILY_TREE,
	.origin = ORIGIN_REFERENCE,
	.version = VERSION,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_TABLE, VIEW_GRID, VIEW_DENSE, VIEW_SPARSE },
	.uses_valid = true,
	.config_size = sizeof(struct xgboost_config),
	.params = params,
	.fit = fit,
	.predict = predict,
	.release = release,
	.importance = importance,
	.library = library,
};
