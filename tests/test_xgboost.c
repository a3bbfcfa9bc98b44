/* The adapter to XGBoost beside XGBoost's own Python package: the same library
 * with the same parameters must predict the same, so every parameter got
 * where it belongs. Reference values: tests/make_xgboost_reference.py. */
#include "tests/contract.h"
#include "tests/tap.h"
#include "tests/xgboost_reference.h"

enum { TRAIN = 600, VALID = 200, TEST = 12, COLS = 6, LEVELS = 12 };

static struct arena arena;

static double uniform(uint32_t i, uint32_t j)
{
	uint32_t h = i * 0x9E3779B1u + j * 0x85EBCA77u + 12345u;

	h ^= h >> 15;
	h *= 0x2C1B3C6Du;
	h ^= h >> 12;
	h *= 0x297A2D39u;
	h ^= h >> 15;
	return h / 4294967296.0;
}

static float make_row(uint32_t i, float *x)
{
	double u[COLS], y;
	size_t level;

	for (uint32_t j = 0; j < COLS; j++)
		u[j] = uniform(i, j);
	level = (size_t)(u[5] * LEVELS);
	y = 2 * u[0] * u[1] + (u[2] > 0.4 ? 1.5 : 0) +
	    (double)(level * 7 % LEVELS) / 6;
	y += 2 * (uniform(i, 200) + uniform(i, 201)) - 2;
	u[5] = (double)level;
	for (uint32_t j = 0; j < COLS; j++)
		x[j] = uniform(i, 100 + j) < 0.1 ? NAN : (float)u[j];
	return (float)y;
}

static struct part make_part(uint32_t first, size_t rows, size_t classes, bool weights)
{
	float *x = ARENA_NEW(&arena, float, rows * COLS);
	float *target = ARENA_NEW(&arena, float, rows);
	float *weight = ARENA_NEW(&arena, float, rows);
	int32_t *label = ARENA_NEW(&arena, int32_t, rows);

	for (uint32_t i = 0; i < rows; i++) {
		double k = (double)classes;

		target[i] = make_row(first + i, x + i * COLS);
		weight[i] = (float)(1 + (first + i) % 3);
		if (classes)
			label[i] = (int32_t)fmin(fmax(
				((double)target[i] + 1) / 6 * k, 0), k - 1);
	}
	return (struct part){ .rows = rows, .x = x, .target = target,
			      .label = label, .weight = weights ? weight : NULL };
}

struct table {
	size_t classes;
	bool categorical, valid, weights;
};

static struct dataset make_table(const struct table *t)
{
	struct column *columns = ARENA_NEW(&arena, struct column, COLS);

	if (t->categorical)
		columns[5] = (struct column){ .is_cat = true, .levels = LEVELS };
	return (struct dataset){
		.view = VIEW_TABLE, .cols = COLS, .columns = columns,
		.classes = t->classes,
		.task = t->classes ? TASK_CLASSIFICATION : TASK_REGRESSION,
		.train = make_part(0, TRAIN, t->classes, t->weights),
		.valid = make_part(TRAIN, t->valid ? VALID : 0, t->classes,
				   t->weights),
		.test = make_part(TRAIN + VALID, TEST, t->classes, t->weights),
	};
}

/* Fit and predict the test part; the model is given back at once. */
static int fitted(const struct dataset *d, const char *options, struct run *run,
		  float *scores, float *gain, struct error *err)
{
	const struct learner *l = learner_find("xgboost");
	_Alignas(16) unsigned char config[CONFIG_MAX];
	void *model = NULL;
	int rc;

	param_defaults(l->params, config);
	rc = param_set_all(l->params, config, options, err);
	if (!rc)
		rc = l->fit(config, d, run, &model, err);
	if (!rc)
		rc = l->predict(model, d, &d->test, run, scores, err);
	if (!rc && gain)
		rc = l->importance(model, IMPORTANCE_GAIN, gain);
	l->release(model);
	l->release(model); /* a second time does nothing */
	return rc;
}

#define PLAIN "patience=0,row_sample=1,col_sample=1,leaves=15,"

static void test_same(const char *what, const struct table *t, const char *options,
		      const float *want, size_t rounds)
{
	struct run run = { .arena = &arena, .threads = 1, .seed = 7 };
	struct dataset d = make_table(t);
	size_t outputs = learner_outputs(&d);
	struct error err = { 0 };
	float got[4 * TEST];
	double worst = 0;
	int rc = fitted(&d, options, &run, got, NULL, &err);

	for (size_t i = 0; i < TEST; i++)
		for (size_t c = 0; c < outputs; c++)
			worst = fmax(worst, fabs((double)got[i * outputs + c] -
						 (double)(t->classes != 2 ?
							  want[i * outputs + c] :
							  c ? want[i] : 1 - want[i])));
	/* the last digit of its text as a float */
	if (!ok(!rc && worst < 2e-6 && run.steps == rounds,
		"xgboost: as from Python, %s", what))
		printf("# off by %g after %zu rounds (want %zu) %s\n", worst,
		       run.steps, rounds, err.text);
}

static void test_reference(void)
{
	test_same("regression with penalties", &(struct table){ .valid = true },
		  PLAIN "rounds=40,shrinkage=0.2,l1=0.5,l2=2,min_gain=0.2,"
		  "min_child_hessian=3", ref_squared, REF_SQUARED_ROUNDS);
	test_same("stopped early", &(struct table){ .valid = true },
		  PLAIN "rounds=200,shrinkage=0.3,patience=5", ref_stopped,
		  REF_STOPPED_ROUNDS);
	test_same("weighted rows", &(struct table){ .weights = true },
		  PLAIN "rounds=20,shrinkage=0.3", ref_weighted,
		  REF_WEIGHTED_ROUNDS);
	test_same("two classes, depth-wise, subsets of levels",
		  &(struct table){ .classes = 2, .categorical = true },
		  PLAIN "rounds=20,shrinkage=0.2,method=approx,growth=depth,"
		  "depth=4,leaves=31,max_group_levels=6", ref_logistic,
		  REF_LOGISTIC_ROUNDS);
	test_same("four classes, drawn rows and columns, one level each",
		  &(struct table){ .classes = 4, .categorical = true },
		  PLAIN "rounds=10,shrinkage=0.2,row_sample=0.7,col_sample=0.6,"
		  "col_sample_level=0.8,col_sample_node=0.9,max_onehot=19",
		  ref_softmax, REF_SOFTMAX_ROUNDS);
}

/* A row of the catalogue may hold a level that training has not seen. */
static void test_unseen(void)
{
	struct table t = { .categorical = true };
	struct run run = { .arena = &arena, .threads = 1 };
	struct dataset d = make_table(&t);
	float *x = (float *)(uintptr_t)d.test.x, got[TEST];
	struct error err = { 0 };
	int rc;

	for (size_t i = 0; i < TEST; i++)
		x[i * COLS + 5] = (float)(LEVELS + 1000 * i);
	rc = fitted(&d, PLAIN "rounds=10", &run, got, NULL, &err);
	for (size_t i = 0; i < TEST; i++)
		rc |= !isfinite(got[i]);
	ok(!rc, "xgboost: levels that training has not seen are scored");
}

static void test_importance(void)
{
	struct run run = { .arena = &arena, .threads = 1 };
	struct dataset d = make_table(&(struct table){ .categorical = true });
	float got[TEST], gain[COLS] = { 0 };
	struct error err = { 0 };
	int rc = fitted(&d, PLAIN "rounds=10", &run, got, gain, &err);

	ok(!rc && gain[2] > gain[3] && gain[5] > gain[3] && gain[0] > gain[4],
	   "xgboost: columns of the rule gain more than idle ones");
}

/* The third column lifts the target by 1.5 from 0.4 on. */
static void test_monotone(void)
{
	struct run run = { .arena = &arena, .threads = 1 };
	struct dataset d = make_table(&(struct table){ 0 });
	float up[TEST], down[TEST], named[TEST];
	struct error err = { 0 };
	size_t wrong = 0;
	float *x = (float *)(uintptr_t)d.test.x;
	struct column *columns = (struct column *)(uintptr_t)d.columns;
	int rc;

	for (size_t i = TEST; i-- > 0;) {
		memmove(x + i * COLS, x, COLS * sizeof(*x));
		x[i * COLS + 2] = (float)i / TEST;
	}
	for (size_t j = 0; j < COLS; j++)
		columns[j].name = j == 2 ? "step" : "other";
	rc = fitted(&d, PLAIN "rounds=20,monotone=0:0:1", &run, up, NULL, &err);
	rc |= fitted(&d, PLAIN "rounds=20,monotone=+step", &run, named, NULL, &err);
	rc |= fitted(&d, PLAIN "rounds=20,monotone=0:0:-1", &run, down, NULL, &err);
	for (size_t i = 1; i < TEST; i++)
		wrong += up[i] < up[i - 1] || down[i] > down[i - 1];
	if (!ok(!rc && !wrong && up[TEST - 1] > up[0] + 0.3f &&
			!memcmp(up, named, sizeof(up)),
		"xgboost: constrained columns rise or fall, by number or name"))
		printf("# %zu wrong, from %g to %g %s\n", wrong, up[0],
		       up[TEST - 1], err.text);
	ok(fitted(&d, "monotone=+stop", &run, up, NULL, &err) == ERR_CONFIG,
	   "xgboost: a constraint on a column that is not there is an error");
}

/* What XGBoost refuses arrives with its reason and without its stack. */
static void test_refused(const char *what, struct dataset *d, const char *options,
			 const char *says)
{
	struct run run = { .arena = &arena, .threads = 1 };
	struct error err = { 0 };
	float got[4 * TEST];
	int rc = fitted(d, options, &run, got, NULL, &err);

	if (!ok(rc == ERR_UNSUPPORTED && strstr(err.text, says) &&
			!strstr(err.text, "Stack trace") && !strchr(err.text, '\n') &&
			!strstr(err.text, ".cc"),
		"xgboost: %s is an error with its words", what))
		printf("# %d '%s'\n", rc, err.text);
}

static void test_errors(void)
{
	struct dataset d = make_table(&(struct table){ 0 });
	struct run run = { .arena = &arena, .threads = 1 };
	struct error err = { 0 };
	float *x = (float *)(uintptr_t)d.train.x, got[TEST];

	test_refused("exact without a depth", &d, "rounds=2,method=exact", "depth");
	x[0] = INFINITY;
	test_refused("an infinite cell", &d, "rounds=5", "inf");
	d = make_table(&(struct table){ 0 });
	((float *)(uintptr_t)d.train.target)[3] = NAN;
	test_refused("a target that is no number", &d, "rounds=5", "NaN");
	d.train.rows = 0;
	ok(fitted(&d, "rounds=5", &run, got, NULL, &err) == ERR_DATA,
	   "xgboost: no rows are an error of the data");
}

/* Its own memory is not ours to fail, but what comes from the arena is. */
static void test_memory(void)
{
	struct dataset d = make_table(&(struct table){ .categorical = true,
						       .valid = true });
	struct error err = { 0 };
	size_t calls, wrong = 0;
	float got[TEST];
	struct arena a;
	struct run run = { .arena = &a, .threads = 1 };

	arena_init(&a, 0);
	fitted(&d, "rounds=2", &run, got, NULL, &err);
	calls = a.calls;
	arena_clear(&a);
	for (size_t k = 1; k <= calls; k++) {
		arena_init(&a, 0);
		a.fail_at = k;
		wrong += fitted(&d, "rounds=2", &run, got, NULL, &err) != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(calls && !wrong, "xgboost: each of %zu failing allocations is reported",
	   calls);
}

/* The same table with its cells listed: only holes are left out. */
static void test_sparse(void)
{
	struct table t = { 0 };
	struct dataset d = make_table(&t), s = d;
	struct part *parts[] = { &s.train, &s.test };
	struct run run = { .arena = &arena, .threads = 1 };
	float dense[TEST], sparse[TEST];
	struct error err = { 0 };
	int rc;

	s.view = VIEW_SPARSE;
	s.columns = NULL;
	for (size_t k = 0; k < 2; k++) {
		size_t rows = parts[k]->rows, n = 0;
		uint64_t *start = ARENA_NEW(&arena, uint64_t, rows + 1);
		uint32_t *index = ARENA_NEW(&arena, uint32_t, rows * COLS);
		float *value = ARENA_NEW(&arena, float, rows * COLS);

		for (size_t i = 0; i < rows * COLS; i++) {
			if (!isnan(parts[k]->x[i])) {
				index[n] = (uint32_t)(i % COLS);
				value[n++] = parts[k]->x[i];
			}
			start[i / COLS + 1] = n;
		}
		*parts[k] = (struct part){ .rows = rows, .row_start = start,
					   .index = index, .value = value,
					   .target = parts[k]->target };
	}
	rc = fitted(&d, PLAIN "rounds=10", &run, dense, NULL, &err);
	rc |= fitted(&s, PLAIN "rounds=10", &run, sparse, NULL, &err);
	ok(!rc && !memcmp(dense, sparse, sizeof(dense)),
	   "xgboost: a sparse matrix and a table with holes are one to it");
}

static bool stop_third(void *ctx, size_t done, size_t total, double loss)
{
	(void)ctx, (void)total, (void)loss;
	return done < 3;
}

static void test_stop(void)
{
	struct dataset d = make_table(&(struct table){ .valid = true });
	struct run run = { .arena = &arena, .threads = 1, .tick = stop_third };
	float stopped[TEST], short_one[TEST];
	struct error err = { 0 };
	int rc = fitted(&d, "rounds=50", &run, stopped, NULL, &err);
	bool early = run.stopped && run.steps == 3;

	run = (struct run){ .arena = &arena, .threads = 1 };
	rc |= fitted(&d, "rounds=3", &run, short_one, NULL, &err);
	ok(!rc && early && !memcmp(stopped, short_one, sizeof(stopped)),
	   "xgboost: stopped after three rounds it is a fit of three");
}

static void test_version(void)
{
	const struct learner *l = learner_find("xgboost");
	int major = 0, minor = 0, patch = 0;
	char text[32];

	l->library(text, sizeof(text));
	sscanf(text, "%d.%d.%d", &major, &minor, &patch);
	ok(l->version % 1000000 == (major * 100 + minor) * 100 + patch,
	   "xgboost: the library loaded (%s) is the one of the build", text);
	ok(l->origin == ORIGIN_REFERENCE && l->family == FAMILY_TREE &&
		   l->version > 1000000 && !l->forecast,
	   "xgboost: a tree, a reference, of version %d", l->version);
}

int main(void)
{
	if (!learner_find("xgboost")) {
		skip("xgboost: as from Python", "libxgboost-dev");
		return tap_done();
	}
	arena_init(&arena, 0);
	test_version();
	test_reference();
	test_unseen();
	test_importance();
	test_monotone();
	test_errors();
	test_memory();
	test_sparse();
	test_stop();
	arena_clear(&arena);
	return tap_done();
}
