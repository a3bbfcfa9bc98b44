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

/* The definition itself, pair by pair: what the sort by ranks must equal. */
static double slow_auc(const int32_t *label, const float *p, size_t classes,
		       int32_t c)
{
	double right = 0.0, pairs = 0.0;

	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < N; k++) {
			float x = p[i * classes + (size_t)c];
			float y = p[k * classes + (size_t)c];

			if (label[i] != c || label[k] == c)
				continue;
			pairs += 1.0;
			right += x > y ? 1.0 : x == y ? 0.5 : 0.0;
		}
	return right / pairs;
}

static void test_auc(void)
{
	static float p[N * 3];
	static int32_t label[N];
	struct part rows = { .rows = N, .label = label };
	struct error err = { 0 };
	struct metrics m;

	make_scores(2, label, p);
	measure(2, &rows, p, &m, &err);
	/* whole numbers of half pairs below 2^53: the order of sums is all */
	ok_near(m.auc, slow_auc(label, p, 2, 1), 1e-13,
		"the AUC is the share of pairs in the right order");
	make_scores(3, label, p);
	measure(3, &rows, p, &m, &err);
	ok_near(m.auc, (slow_auc(label, p, 3, 0) + slow_auc(label, p, 3, 1) +
			slow_auc(label, p, 3, 2)) / 3.0, 1e-13,
		"with three classes the mean of one against the rest");
	for (size_t i = 0; i < N; i++) {
		label[i] = i >= N / 2;
		p[2 * i + 1] = (float)i / N;
		p[2 * i] = 1.0f - p[2 * i + 1];
	}
	measure(2, &rows, p, &m, &err);
	ok(m.auc == 1.0, "a perfect order has 1");
	for (size_t i = 0; i < N; i++)
		label[i] = 1 - label[i];
	measure(2, &rows, p, &m, &err);
	ok(m.auc == 0.0, "the reverse has 0");
	for (size_t i = 0; i < 2 * N; i++)
		p[i] = 0.5f;
	measure(2, &rows, p, &m, &err);
	ok(m.auc == 0.5, "equal scores have a half");
}

static void test_conventions(void)
{
	static const int32_t label[] = { 1, 0, 2, 0 };
	static const float tied[] = { 1, 1, 0,  1, 1, 0,  0, 1, 1,  1, 0, 0 };
	static const float half[] = { 0.5f, 0.5f, 0,  0.5f, 0.5f, 0,
				      0, 0.5f, 0.5f,  1, 0, 0 };
	static const float miss[] = { 1, 0, 0,  1, 0, 0,  0, 0, 1,  1, 0, 0 };
	struct part rows = { .rows = 4, .label = label };
	struct metrics m, same;
	struct error err = { 0 };

	measure(3, &rows, tied, &m, &err);
	ok(m.accuracy == 0.5, "of equal scores the lower class is the answer");
	measure(3, &rows, half, &same, &err);
	ok(m.log_loss == same.log_loss,
	   "the log loss normalises rows: a common factor does not count");
	measure(3, &rows, miss, &m, &err);
	/* one of four rows at -log(2^-23) = 23 log 2 nats */
	ok_near(m.log_loss, 23.0 * log(2.0) / 4.0, 1e-6,
		"a sure miss costs 15.9 nats");
	ok(metric_score(&m, "log_loss") == -m.log_loss,
	   "and as a score comes negated");
	ok_near(m.balanced_accuracy, 2.0 / 3.0, 1e-15,
		"balanced: the mean over classes, however rare");
}

/* Small misses beside a large mean: sums of squares alone would lose them. */
static void test_far_from_zero(void)
{
	static float y[N], p[N], far_y[N], far_p[N];
	struct part near = { .rows = N, .target = y };
	struct part far = { .rows = N, .target = far_y };
	struct error err = { 0 };
	struct metrics a, b;

	for (size_t i = 0; i < N; i++) {
		y[i] = (float)(i * 37 % 101);
		p[i] = y[i] + (float)((int)(i * 11 % 7) - 3);
		far_y[i] = y[i] + 16000000.0f; /* whole numbers: exact floats */
		far_p[i] = p[i] + 16000000.0f;
	}
	measure(0, &near, p, &a, &err);
	measure(0, &far, far_p, &b, &err);
	ok_near(b.rmse, a.rmse, 1e-12, "the RMSE does not see a shift");
	ok_near(b.mae, a.mae, 1e-12, "nor does the mean miss");
	/* the mean is rounded at 16e6 * 2^-52 a term */
	ok_near(b.r2, a.r2, 1e-9, "nor R2");
}

static void test_undefined(void)
{
	struct metrics m = { .task = TASK_REGRESSION, .r2 = NAN, .rmse = 2.0 };
	json_t *o = metric_to_json(&m);

	ok(json_is_null(json_object_get(o, "r2")) &&
	   json_real_value(json_object_get(o, "rmse")) == 2.0,
	   "what is not defined is null in a row, the rest is a number");
	ok(isnan(metric_score(&m, "no such")), "an unknown name has no score");
	json_decref(o);
}

int main(void)
{
	test_auc();
	test_conventions();
	test_far_from_zero();
	test_undefined();
	test_classification(2, &want_binary, "two classes");
	test_classification(5, &want_five, "five classes");
	test_regression();
	test_edges();
	test_refusals();
	test_memory();
	test_names();
	return tap_done();
}
