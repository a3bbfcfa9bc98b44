/* The two products of linear models against sums written out, and L-BFGS on
 * functions whose minimum is known. */
#include "harness/base/rng.h"
#include "learners/linear/design.h"
#include "learners/linear/lbfgs.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>

#define ROWS 700 /* more than one chunk of rows */
#define COLS 1100 /* and of columns */
#define OUTPUTS 3

static float dense[ROWS * COLS], w[COLS * OUTPUTS], p[ROWS * OUTPUTS];
static const float b[OUTPUTS] = { 1, -2, 0.5f };
static uint32_t column[ROWS * COLS];
static float value[ROWS * COLS];
static uint64_t start[ROWS + 1];
static float out[COLS * OUTPUTS], again[COLS * OUTPUTS];

/* One cell in fifty is not 0; some rows and columns have none. */
static void make_cells(void)
{
	struct rng r = rng_make(1, "design");
	size_t n = 0;

	for (size_t i = 0; i < ROWS; i++) {
		start[i] = n;
		for (size_t j = 0; j < COLS; j++) {
			if (i % 50 == 3 || j % 90 == 5 ||
			    rng_below(r, i * COLS + j, 50))
				continue;
			dense[i * COLS + j] = (float)(1 + (i + j) % 7) / 4;
			column[n] = (uint32_t)j;
			value[n++] = dense[i * COLS + j];
		}
	}
	start[ROWS] = n;
	for (size_t k = 0; k < COLS * OUTPUTS; k++)
		w[k] = (float)rng_uniform(r, k) - 0.5f;
	for (size_t k = 0; k < ROWS * OUTPUTS; k++)
		p[k] = (float)rng_uniform(r, 10000 + k) - 0.5f;
}

static struct dataset data_of(bool sparse)
{
	return (struct dataset){
		.view = sparse ? VIEW_SPARSE : VIEW_DENSE,
		.cols = COLS,
		.train = { .rows = ROWS, .x = sparse ? NULL : dense,
			   .row_start = sparse ? start : NULL,
			   .index = sparse ? column : NULL,
			   .value = sparse ? value : NULL },
	};
}

/* The largest distance to X w + b in double. */
static double times_error(void)
{
	double worst = 0;

	for (size_t i = 0; i < ROWS; i++) {
		for (size_t o = 0; o < OUTPUTS; o++) {
			double sum = (double)b[o];

			for (size_t j = 0; j < COLS; j++)
				sum += (double)dense[i * COLS + j] *
				       (double)w[j * OUTPUTS + o];
			worst = fmax(worst, fabs(sum - (double)out[i * OUTPUTS + o]));
		}
	}
	return worst;
}

static double transposed_error(void)
{
	double worst = 0;

	for (size_t j = 0; j < COLS; j++) {
		for (size_t o = 0; o < OUTPUTS; o++) {
			double sum = 0;

			for (size_t i = 0; i < ROWS; i++)
				sum += (double)dense[i * COLS + j] *
				       (double)p[i * OUTPUTS + o];
			worst = fmax(worst, fabs(sum - (double)out[j * OUTPUTS + o]));
		}
	}
	return worst;
}

static void test_products(bool sparse)
{
	const char *what = sparse ? "sparse" : "dense";
	struct dataset d = data_of(sparse);
	struct design x;
	struct arena a;
	struct error err;

	arena_init(&a, 0);
	ok(!design_init(&x, &d, &d.train, true, &a, &err), "design: %s", what);
	design_times(1, &x, w, b, OUTPUTS, out);
	/* sums of some 20 numbers of about 1 in float */
	ok(times_error() < 1e-5, "design: X w + b, %s", what);
	design_times(4, &x, w, b, OUTPUTS, again);
	ok(!memcmp(out, again, ROWS * OUTPUTS * sizeof(*out)),
	   "design: X w has the same bits on 4 threads, %s", what);
	design_transposed(1, &x, p, OUTPUTS, out);
	ok(transposed_error() < 1e-5, "design: X' p, %s", what);
	design_transposed(4, &x, p, OUTPUTS, again);
	ok(!memcmp(out, again, sizeof(out)),
	   "design: X' p has the same bits on 4 threads, %s", what);
	arena_clear(&a);
}

static void test_memory(void)
{
	struct dataset d = data_of(true);
	size_t failed = 0;

	for (size_t k = 1;; k++, failed++) {
		struct design x;
		struct arena a;
		struct error err;
		int rc;

		arena_init(&a, 0);
		a.fail_at = k;
		rc = design_init(&x, &d, &d.train, true, &a, &err);
		arena_clear(&a);
		if (!rc)
			break;
		if (rc != ERR_MEMORY)
			failed += 1000;
	}
	ok(failed > 0 && failed < 1000, "design: each of %zu allocations may fail",
	   failed);
}

/* ---------------------------------------------------------------- L-BFGS */

/* sum_i s_i (x_i - i)^2 / 2 with sizes s_i from 1 to 1000. */
static double bowl(void *ctx, const float *x, float *gradient)
{
	size_t n = *(size_t *)ctx;
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double s = pow(1000, (double)i / (double)n);
		double d = (double)x[i] - (double)i;

		sum += s * d * d / 2;
		gradient[i] = (float)(s * d);
	}
	return sum;
}

static double nowhere(void *ctx, const float *x, float *gradient)
{
	(void)ctx, (void)x;
	gradient[0] = 1;
	return NAN;
}

/* Stops after three steps. */
static bool three(void *ctx, size_t done, size_t total, double loss)
{
	(void)ctx, (void)total, (void)loss;
	return done < 3;
}

static void test_minimum(void)
{
	size_t n = 30;
	struct lbfgs_problem problem = { .n = n, .eval = bowl, .ctx = &n,
					 .iterations = 500, .tolerance = 1e-3 };
	struct arena a;
	struct run run = { .arena = &a, .threads = 2 };
	struct error err;
	float x[30] = { 0 }, g[30];
	double worst = 0, before, after;

	arena_init(&a, 0);
	ok(!lbfgs_minimise(&problem, x, &run, &err), "lbfgs: a bowl");
	for (size_t i = 0; i < n; i++)
		worst = fmax(worst, fabs((double)x[i] - (double)i));
	ok(worst < 2e-3, "lbfgs: finds its bottom (off by %.1e)", worst);
	memset(x, 0, sizeof(x));
	before = bowl(&n, x, g);
	run = (struct run){ .arena = &a, .threads = 2, .tick = three };
	ok(!lbfgs_minimise(&problem, x, &run, &err) && run.stopped &&
		   run.steps == 3, "lbfgs: stops when told to");
	after = bowl(&n, x, g);
	ok(after < before, "lbfgs: and keeps the best point so far");
	problem.eval = nowhere;
	run = (struct run){ .arena = &a, .threads = 2 };
	ok(lbfgs_minimise(&problem, x, &run, &err) == ERR_DIVERGED,
	   "lbfgs: a start that is no number is an error");
	problem.eval = bowl;
	for (size_t k = 1; k <= 2; k++) {
		struct arena none;

		arena_init(&none, 0);
		none.fail_at = k;
		run.arena = &none;
		ok(lbfgs_minimise(&problem, x, &run, &err) == ERR_MEMORY,
		   "lbfgs: allocation %zu may fail", k);
		arena_clear(&none);
	}
	arena_clear(&a);
}

int main(void)
{
	make_cells();
	test_products(false);
	test_products(true);
	test_memory();
	test_minimum();
	return tap_done();
}
