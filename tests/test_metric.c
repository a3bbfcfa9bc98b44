#include "harness/metric.h"

#include <math.h>

#include "tests/metric_reference.h"
#include "tests/tap.h"

#define N 200
#define MAX_CLASSES 5

/* The same numbers as tests/make_metric_reference.py. */
static void make_scores(size_t classes, int32_t *label, float *p)
{
	for (size_t i = 0; i < N; i++) {
		float sum = 0.0f;

		label[i] = (int32_t)((i * 5 + i / 7) % classes);
		for (size_t c = 0; c < classes; c++) {
			p[i * classes + c] =
				(float)(1 + (i * 7 + c * 13 + (i * c) % 5) % 11);
			sum += p[i * classes + c];
		}
		for (size_t c = 0; c < classes; c++)
			p[i * classes + c] /= sum;
	}
}

static int measure(size_t classes, struct part *rows, const float *scores,
		   struct metrics *m, struct error *err)
{
	struct dataset data = {
		.task = classes ? TASK_CLASSIFICATION : TASK_REGRESSION,
		.classes = classes,
	};
	struct arena a;
	int rc;

	arena_init(&a, 0);
	rc = metric_compute(m, &data, rows, scores, &a, err);
	arena_clear(&a);
	return rc;
}

static void compare(const struct metrics *got, const struct metrics *want,
		    const char *what)
{
	/* double sums of 200 terms: 1e-12; the log loss clips and normalises
	 * in float there and in double here: 1e-6 */
	ok_near(got->accuracy, want->accuracy, 1e-12, "%s: accuracy", what);
	ok_near(got->balanced_accuracy, want->balanced_accuracy, 1e-12,
		"%s: balanced accuracy", what);
	ok_near(got->auc, want->auc, 1e-12, "%s: AUC with ties", what);
	ok_near(got->log_loss, want->log_loss, 1e-6, "%s: log loss", what);
}

static void test_classification(size_t classes, const struct metrics *want,
				const char *what)
{
	static float p[N * MAX_CLASSES];
	static int32_t label[N];
	struct part rows = { .rows = N, .label = label };
	struct error err = { 0 };
	struct metrics m;

	make_scores(classes, label, p);
	ok(!measure(classes, &rows, p, &m, &err), "%s: measured", what);
	compare(&m, want, what);
}

static void test_regression(void)
{
	static float y[N], p[N];
	struct part rows = { .rows = N, .target = y };
	struct error err = { 0 };
	struct metrics m;

	for (size_t i = 0; i < N; i++) {
		y[i] = (float)(i * 37 % 101) / 8.0f;
		p[i] = y[i] + (float)((int)(i * 11 % 7) - 3) / 16.0f;
	}
	ok(!measure(0, &rows, p, &m, &err), "regression: measured");
	ok_near(m.rmse, want_regression.rmse, 1e-12, "regression: RMSE");
	ok_near(m.mae, want_regression.mae, 1e-12, "regression: MAE");
	ok_near(m.r2, want_regression.r2, 1e-12, "regression: R2");
	ok(metric_score(&m, "r2") == m.r2 && metric_score(&m, "rmse") == -m.rmse,
	   "a score is higher-better: RMSE comes negated");
	ok(metric_error(&m) == m.rmse, "the error of a regression is its RMSE");
	ok(isnan(metric_score(&m, "accuracy")),
	   "a regression has no accuracy");
}

/* Two rows, both of class 0. */
static void test_edges(void)
{
	static const int32_t label[] = { 0, 0 };
	static const float sure[] = { 1, 0, 1, 0 }, wrong[] = { 0, 1, 1, 0 };
	static const float target[] = { 2, 2 };
	struct part rows = { .rows = 2, .label = label };
	struct part flat = { .rows = 2, .target = target };
	struct error err = { 0 };
	struct metrics m;

	measure(2, &rows, sure, &m, &err);
	ok(isnan(m.auc), "one class present: the AUC is not defined");
	ok(m.accuracy == 1.0 && m.balanced_accuracy == 1.0,
	   "absent classes do not enter the balanced accuracy");
	ok(m.log_loss >= 0.0 && m.log_loss < 1e-6, "a sure hit costs nothing");
	measure(2, &rows, wrong, &m, &err);
	ok(isfinite(m.log_loss) && m.log_loss > 5.0,
	   "a sure miss costs much, and a finite amount");
	measure(0, &flat, target, &m, &err);
	ok(isnan(m.r2) && m.rmse == 0.0,
	   "a constant target has an RMSE and no R2");
}

static void test_refusals(void)
{
	static const int32_t label[] = { 0 };
	static const float bad[] = { 0.5f, NAN };
	struct part rows = { .rows = 1, .label = label }, none = { 0 };
	struct error err = { 0 };
	struct metrics m;

	ok(measure(2, &rows, bad, &m, &err) == ERR_DIVERGED,
	   "a score that is no number is a divergence");
	ok(measure(2, &none, bad, &m, &err) == ERR_DATA,
	   "no rows: an error, not a division by zero");
}

static void test_memory(void)
{
	static float p[N * 2];
	static int32_t label[N];
	struct part rows = { .rows = N, .label = label };
	struct dataset data = { .classes = 2 };
	struct error err = { 0 };
	struct metrics m;
	struct arena a;
	size_t failures = 0;
	int rc;

	make_scores(2, label, p);
	for (size_t at = 1;; at++) {
		arena_init(&a, 0);
		a.fail_at = at;
		rc = metric_compute(&m, &data, &rows, p, &a, &err);
		arena_clear(&a);
		if (!rc)
			break;
		failures += rc == ERR_MEMORY;
	}
	ok(failures > 0, "every allocation that fails is ERR_MEMORY");
}

static void test_names(void)
{
	struct metrics m = { .task = TASK_CLASSIFICATION, .accuracy = 0.75 };
	json_t *o = metric_to_json(&m);

	ok(json_object_size(o) == 4 && json_object_get(o, "balanced_accuracy"),
	   "a classification's object has its four keys");
	ok(metric_known("auc", TASK_CLASSIFICATION) &&
	   !metric_known("auc", TASK_REGRESSION) &&
	   !metric_known("acc", TASK_CLASSIFICATION), "metrics are known by name");
	ok(metric_error(&m) == 0.25, "the error is one minus the accuracy");
	json_decref(o);
}

int main(void)
{
	test_classification(2, &want_binary, "two classes");
	test_classification(5, &want_five, "five classes");
	test_regression();
	test_edges();
	test_refusals();
	test_memory();
	test_names();
	return tap_done();
}
