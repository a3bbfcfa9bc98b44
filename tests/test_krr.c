#include "harness/base/blas.h"
#include "learners/kernel/targets.h"
#include "tests/learner_fit.h"
#include "tests/reference_data.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;

static void test_reference(const char *kernel, const float *want)
{
	struct dataset d = reference_data(TASK_REGRESSION);
	char options[64];
	float y[REF_TEST];

	snprintf(options, sizeof(options), "kernel=%s,bandwidth=1,ridge=0.1",
		 kernel);
	learner_fit("krr", options, &d, &d.test, &arena, NULL, y, &err);
	/* Targets of size 5; condition 1000, so 1000 * 2^-24 relative. */
	ok(reference_error(y, want, REF_TEST) < 5e-4,
	   "%s: predictions are scikit-learn's (%.2g)", kernel,
	   reference_error(y, want, REF_TEST));
}

/* f(x) = k(x, X) (K + ridge)^-1 y by plain double elimination: the slow twin. */
static double closed_form(const float *x, const float *y, size_t n, double width,
			  double ridge, double at)
{
	double a[12][13], f = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++)
			a[i][j] = exp(-fabs((double)x[i] - (double)x[j]) / width);
		a[i][i] += ridge;
		a[i][n] = (double)y[i];
	}
	for (size_t k = 0; k < n; k++) {
		for (size_t i = 0; i < n; i++) {
			double r = a[i][k] / a[k][k];

			for (size_t j = k; i != k && j <= n; j++)
				a[i][j] -= r * a[k][j];
		}
	}
	for (size_t i = 0; i < n; i++)
		f += exp(-fabs((double)x[i] - at) / width) * a[i][n] / a[i][i];
	return f;
}

/* Mean 0 and deviation 1 already, so that encoding changes nothing. */
static void test_closed_form(void)
{
	float x[12], y[12], at[3] = { 0.1f, 2.5f, 7.7f }, got[3];
	struct part rows = { .rows = 3, .x = at };
	struct dataset d = {
		.task = TASK_REGRESSION, .view = VIEW_DENSE, .cols = 1,
		.train = { .rows = 12, .x = x, .target = y },
	};

	for (size_t i = 0; i < 12; i++) {
		x[i] = (float)(i * i % 12) + 0.25f * (float)i;
		y[i] = i % 2 ? 1.0f : -1.0f;
	}
	learner_fit("krr", "ridge=0.5", &d, &rows, &arena, NULL, got, &err);
	for (size_t t = 0; t < 3; t++) {
		float gaps[66];
		size_t n = 0;

		for (size_t i = 0; i < 12; i++)
			for (size_t j = 0; j < i; j++)
				gaps[n++] = fabsf(x[i] - x[j]);
		for (size_t i = 0; i < n; i++) /* sorted enough: a few swaps */
			for (size_t j = i + 1; j < n; j++)
				if (gaps[j] < gaps[i]) {
					float s = gaps[i];

					gaps[i] = gaps[j];
					gaps[j] = s;
				}
		ok_near(got[t], closed_form(x, y, 12, (double)gaps[n / 2], 0.5,
					    (double)at[t]),
			1e-5, "closed form in double, at %g", (double)at[t]);
	}
}

static void test_classes(void)
{
	struct dataset d = reference_data(TASK_CLASSIFICATION);
	float p[REF_TEST * REF_CLASSES];
	size_t right = 0;

	learner_fit("krr", "", &d, &d.test, &arena, NULL, p, &err);
	for (size_t i = 0; i < REF_TEST; i++) {
		const float *row = p + i * REF_CLASSES;
		size_t best = 0;

		for (size_t c = 1; c < REF_CLASSES; c++)
			best = row[c] > row[best] ? c : best;
		right += best == (size_t)d.test.label[i];
	}
	ok(right >= 6, "classes are found where there is something to find");
}

/* The same row twice with opposite targets and next to no ridge. */
static void test_fallback(void)
{
	float x[4] = { 1, 1, 2, 3 }, y[4] = { -1, 1, 0, 0 }, got[4];
	struct dataset d = {
		.task = TASK_REGRESSION, .view = VIEW_DENSE, .cols = 1,
		.train = { .rows = 4, .x = x, .target = y },
	};
	struct run run = { .threads = 2 };
	int rc = learner_fit("krr", "ridge=1e-9", &d, &d.train, &arena, &run,
			     got, &err);

	ok(rc == 0, "a ridge below float's resolution still fits");
	ok(strstr(run.note, "double") != NULL, "... in double, and says so");
	ok_near(got[0], 0, 0.05, "... and the twins meet in the middle");
	run = (struct run){ .threads = 2 };
	learner_fit("krr", "ridge=0.1", &d, &d.train, &arena, &run, got, &err);
	ok(!run.note[0], "no note where float was enough");
}

static void test_weights(void)
{
	float x[3] = { 0, 1, 2 }, y[3] = { 0, 1, 5 }, twice[4] = { 0, 1, 2, 2 };
	float y2[4] = { 0, 1, 5, 5 }, weight[3] = { 1, 1, 2 }, a, b;
	float at = 1.5f;
	struct part one = { .rows = 1, .x = &at };
	struct dataset d = {
		.task = TASK_REGRESSION, .view = VIEW_DENSE, .cols = 1,
		.train = { .rows = 3, .x = x, .target = y, .weight = weight },
	};

	/* median distance: 1 with three rows, 1 with four: {1,2,2,1,1,0} */
	learner_fit("krr", "ridge=0.3", &d, &one, &arena, NULL, &a, &err);
	d.train = (struct part){ .rows = 4, .x = twice, .target = y2 };
	learner_fit("krr", "ridge=0.3", &d, &one, &arena, NULL, &b, &err);
	ok_near(a, b, 1e-5, "a row of weight 2 is the row twice");
}

static void test_limit(void)
{
	static float x[1000], got[1000];
	struct dataset d = {
		.task = TASK_REGRESSION, .view = VIEW_DENSE, .cols = 1,
		.train = { .rows = 1000, .x = x, .target = x },
	};
	struct arena small;

	arena_init(&small, 3000000); /* of the 4,000,000 bytes that K takes */
	ok(learner_fit("krr", "", &d, &d.train, &small, NULL, got, &err) ==
		   ERR_UNSUPPORTED, "a kernel matrix above the memory limit is "
		   "unsupported: %s", err.text);
	arena_clear(&small);
}

static void test_calibration(void)
{
	/* Right in 9 of 10 rows with a margin of 1: log(9) is the best beta. */
	float held[20], centre[2] = { 0, 0 };
	int32_t label[10] = { 1 };
	struct targets t = { .outputs = 2, .classes = true, .scale = 1,
			     .temperature = 1, .centre = centre };

	for (size_t i = 0; i < 10; i++) {
		held[2 * i] = 1;
		held[2 * i + 1] = 0;
	}
	targets_calibrate(&t, held, label, 10);
	ok_near(1 / t.temperature, log(9.0), 0.01,
		"the temperature makes margins as sure as they are right");
}

int main(void)
{
	blas_init();
	arena_init(&arena, 0);
	test_reference("laplace", ref_krr_laplace);
	test_reference("gaussian", ref_krr_gaussian);
	test_closed_form();
	test_classes();
	test_fallback();
	test_weights();
	test_limit();
	test_calibration();
	arena_clear(&arena);
	return tap_done();
}
