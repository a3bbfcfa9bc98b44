#include "harness/base/blas.h"
#include "harness/base/rng.h"
#include "learners/kernel/nearest.h"
#include "tests/learner_fit.h"
#include "tests/reference_data.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;

static void test_reference(void)
{
	struct dataset d = reference_data(TASK_CLASSIFICATION);
	float p[REF_TEST * REF_CLASSES], y[REF_TEST];
	size_t n = REF_TEST * REF_CLASSES;

	learner_fit("knn", "k=5,weights=uniform", &d, &d.test, &arena, NULL, p,
		    &err);
	ok(reference_error(p, ref_knn_uniform, n) < 1e-6,
	   "uniform votes are scikit-learn's");
	learner_fit("knn", "k=5,weights=distance", &d, &d.test, &arena, NULL, p,
		    &err);
	/* distances by norms less products: a few 2^-24 of 20, over 0.1 */
	ok(reference_error(p, ref_knn_distance, n) < 1e-4,
	   "votes by distance are scikit-learn's");
	d = reference_data(TASK_REGRESSION);
	learner_fit("knn", "k=5,weights=distance", &d, &d.test, &arena, NULL, y,
		    &err);
	ok(reference_error(y, ref_knn_target, REF_TEST) < 1e-3,
	   "a target's weighted mean is scikit-learn's");
}

static void test_exact(void)
{
	float x[4] = { 0, 1, 1, 2 }, y[4] = { 9, 2, 4, 9 }, at = 1, got;
	struct part one = { .rows = 1, .x = &at };
	struct dataset d = {
		.task = TASK_REGRESSION, .view = VIEW_DENSE, .cols = 1,
		.train = { .rows = 4, .x = x, .target = y },
	};

	learner_fit("knn", "k=4,weights=distance", &d, &one, &arena, NULL, &got,
		    &err);
	ok((double)got == 3, "neighbours at distance 0 outvote all others");
	learner_fit("knn", "k=100,weights=uniform", &d, &one, &arena, NULL, &got,
		    &err);
	ok((double)got == 6, "more neighbours than rows are all of them");
}

/* Whole numbers: distances are exact, and full of ties. */
static void test_nearest(size_t n, size_t k)
{
	size_t m = 150, cols = 3;
	float *x = ARENA_NEW(&arena, float, n * cols);
	float *at = ARENA_NEW(&arena, float, m * cols);
	struct neighbour *got = ARENA_NEW(&arena, struct neighbour, m * k);
	struct neighbour *four = ARENA_NEW(&arena, struct neighbour, m * k);
	struct nearest s = { .k = k };
	bool good = true;

	for (size_t i = 0; i < n * cols; i++)
		x[i] = (float)rng_below(rng_make(1, "x"), i, 7);
	for (size_t i = 0; i < m * cols; i++)
		at[i] = (float)rng_below(rng_make(1, "at"), i, 7);
	s.rows = gram_rows_make(1, x, n, cols, &arena);
	nearest_find(&s, at, m, 1, &arena, got, &err);
	nearest_find(&s, at, m, 4, &arena, four, &err);
	for (size_t i = 0; i < m; i++) {
		bool *used = ARENA_NEW(&arena, bool, n);

		for (size_t j = 0; j < k; j++) {
			size_t best = n;
			float least = INFINITY;

			for (size_t r = 0; r < n; r++) {
				float d2 = 0;

				for (size_t c = 0; c < cols; c++) {
					float d = x[r * cols + c] -
						  at[i * cols + c];

					d2 += d * d;
				}
				if (!used[r] && d2 < least) {
					least = d2;
					best = r;
				}
			}
			used[best] = true;
			good = good && got[i * k + j].row == best;
		}
	}
	ok(good, "the nearest %zu of %zu, ties to the earlier row", k, n);
	ok(!memcmp(got, four, m * k * sizeof(*got)),
	   "the nearest %zu of %zu: same on 4 threads", k, n);
}

int main(void)
{
	blas_init();
	arena_init(&arena, 0);
	test_reference();
	test_exact();
	test_nearest(1, 1);
	test_nearest(200, 5);
	test_nearest(2500, 3);
	arena_clear(&arena);
	return tap_done();
}
