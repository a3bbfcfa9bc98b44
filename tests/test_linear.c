#include "harness/base/blas.h"
#include "learners/linear/lbfgs.h"
#include "tests/learner_fit.h"
#include "tests/reference_data.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;

/* The same rows as sparse ones: every cell is an entry. */
static void make_sparse(struct dataset *d, struct part *p)
{
	uint64_t *start = ARENA_NEW(&arena, uint64_t, p->rows + 1);
	uint32_t *index = ARENA_NEW(&arena, uint32_t, p->rows * d->cols);

	for (size_t i = 0; i < p->rows * d->cols; i++)
		index[i] = (uint32_t)(i % d->cols);
	for (size_t i = 0; i <= p->rows; i++)
		start[i] = i * d->cols;
	d->view = VIEW_SPARSE;
	p->value = p->x;
	p->x = NULL;
	p->row_start = start;
	p->index = index;
}

static void test_logistic(bool sparse)
{
	struct dataset d = reference_data(TASK_CLASSIFICATION);
	float p[REF_TEST * REF_CLASSES];
	double e;

	if (sparse) {
		make_sparse(&d, &d.train);
		make_sparse(&d, &d.test);
	}
	learner_fit("linear", "l2=1,iterations=1000", &d, &d.test, &arena, NULL,
		    p, &err);
	e = reference_error(p, ref_logistic, REF_TEST * REF_CLASSES);
	/* The fit stops at a gradient of 1e-4 a row. */
	ok(e < 2e-3, "%s logistic regression is scikit-learn's (%.2g)",
	   sparse ? "sparse" : "dense", e);
}

static void test_ridge(bool sparse)
{
	struct dataset d = reference_data(TASK_REGRESSION);
	float y[REF_TEST];
	double e;

	if (sparse) {
		make_sparse(&d, &d.train);
		make_sparse(&d, &d.test);
	}
	learner_fit("linear", "l2=2,iterations=1000", &d, &d.test, &arena, NULL,
		    y, &err);
	e = reference_error(y, ref_ridge, REF_TEST);
	/* closed form: float output alone; else the stop at 1e-4 */
	ok(e < (sparse ? 5e-3 : 5e-6), "%s ridge regression is scikit-learn's "
	   "(%.2g)", sparse ? "sparse" : "dense", e);
}

static void test_singular(void)
{
	/* sums of squares of 4, so that the second pivot is exactly 0 */
	float x[8] = { 1, 1, 1, 1, -1, -1, -1, -1 };
	float y[4] = { 1, 1, -1, -1 }, got[4];
	struct dataset d = {
		.task = TASK_REGRESSION, .view = VIEW_DENSE, .cols = 2,
		.train = { .rows = 4, .x = x, .target = y },
	};

	ok(learner_fit("linear", "l2=0", &d, &d.train, &arena, NULL, got, &err) ==
		   ERR_DIVERGED, "equal columns without a penalty are an error");
	ok(strstr(err.text, "raise l2") != NULL, "... that names the cure");
	ok(learner_fit("linear", "l2=1e-3", &d, &d.train, &arena, NULL, got,
		       &err) == 0, "with one they are none");
	ok_near(got[2], -1, 1e-2, "... and fit");
}

/* Rosenbrock's valley, from (-1.2, 1): not convex, hence a stern test. */
static double rosenbrock(void *ctx, const float *x, float *g)
{
	double a = 1 - (double)x[0];
	double b = (double)x[1] - (double)x[0] * (double)x[0];

	(void)ctx;
	g[0] = (float)(-2 * a - 400 * b * (double)x[0]);
	g[1] = (float)(200 * b);
	return a * a + 100 * b * b;
}

/* sum_i (i % 10 + 1) (x_i - 1)^2 over more elements than one chunk has */
static double bowl(void *ctx, const float *x, float *g)
{
	size_t n = *(size_t *)ctx;
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double w = (double)(i % 10 + 1), d = (double)x[i] - 1;

		g[i] = (float)(2 * w * d);
		sum += w * d * d;
	}
	return sum;
}

static bool stop_at_three(void *ctx, size_t done, size_t total, double loss)
{
	(void)ctx, (void)total, (void)loss;
	return done < 3;
}

static void test_lbfgs(void)
{
	static float big[2][40000];
	float x[2] = { -1.2f, 1 };
	size_t n = 40000;
	struct run run = { .arena = &arena, .threads = 1 };
	struct lbfgs_problem p = { .n = 2, .eval = rosenbrock,
				   .iterations = 200, .tolerance = 1e-4 };

	lbfgs_minimise(&p, x, &run, &err);
	ok(fabs((double)x[0] - 1) < 1e-3 && fabs((double)x[1] - 1) < 1e-3,
	   "lbfgs follows Rosenbrock's valley to (1, 1) in %zu steps", run.steps);
	p = (struct lbfgs_problem){ .n = n, .eval = bowl, .ctx = &n,
				    .iterations = 100, .tolerance = 1e-4 };
	lbfgs_minimise(&p, big[0], &run, &err);
	ok(fabs((double)big[0][9] - 1) < 1e-4, "lbfgs over several chunks");
	run.threads = 4;
	lbfgs_minimise(&p, big[1], &run, &err);
	ok(!memcmp(big[0], big[1], sizeof(big[0])), "... same bits on 4 threads");
	run.tick = stop_at_three;
	x[0] = -1.2f, x[1] = 1;
	p = (struct lbfgs_problem){ .n = 2, .eval = rosenbrock,
				    .iterations = 200, .tolerance = 1e-4 };
	lbfgs_minimise(&p, x, &run, &err);
	ok(run.steps == 3 && run.stopped, "a tick can end it after three steps");
	x[0] = NAN;
	ok(lbfgs_minimise(&p, x, &run, &err) == ERR_DIVERGED,
	   "a start that is not finite is an error");
}

int main(void)
{
	blas_init();
	arena_init(&arena, 0);
	test_logistic(false);
	test_logistic(true);
	test_ridge(false);
	test_ridge(true);
	test_singular();
	test_lbfgs();
	arena_clear(&arena);
	return tap_done();
}
