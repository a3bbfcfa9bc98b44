#include "learners/kernel/gram.h"

#include "harness/base/blas.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

static struct arena arena;

static float *random_rows(size_t n, size_t cols, const char *purpose)
{
	float *x = ARENA_RAW(&arena, float, n * cols);

	rng_fill_normal(rng_make(1, purpose), 0, n * cols, x);
	return x;
}

/* The slow twin: one pair at a time, in double. */
static double slow(const struct gram_kernel *k, const float *a, const float *b,
		   size_t cols)
{
	double d2 = 0;

	for (size_t j = 0; j < cols; j++) {
		double d = (double)a[j] - (double)b[j];

		d2 += d * d;
	}
	if (k->kind == GRAM_GAUSSIAN)
		return exp(-d2 / (2 * (double)k->width * (double)k->width));
	if (k->kind == GRAM_LAPLACE)
		return exp(-sqrt(d2) / (double)k->width);
	return d2;
}

static void test_lower(enum gram_kind kind, size_t n, size_t cols, double tol)
{
	struct gram_kernel k = { .kind = kind, .width = 2.5f };
	struct gram_rows x = gram_rows_make(2, random_rows(n, cols, "x"), n,
					    cols, &arena);
	size_t ld = n + 3;
	float *one = ARENA_NEW(&arena, float, n * ld);
	float *four = ARENA_NEW(&arena, float, n * ld);
	double worst = 0;

	gram_lower(1, &k, &x, one, ld);
	gram_lower(4, &k, &x, four, ld);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++)
			worst = fmax(worst,
				     fabs((double)one[i * ld + j] -
					  slow(&k, x.x + i * cols,
					       x.x + j * cols, cols)));
	ok(worst < tol, "kind %d, %zu x %zu: agrees with single pairs (%.2g)",
	   (int)kind, n, cols, worst);
	ok(!memcmp(one, four, n * ld * sizeof(*one)),
	   "kind %d, %zu x %zu: same bits on 4 threads", (int)kind, n, cols);
	ok((double)one[(n - 1) * ld + n - 1] == (kind == GRAM_DISTANCE ? 0 : 1),
	   "kind %d: the diagonal is exact", (int)kind);
}

static void test_block(void)
{
	struct gram_kernel k = { .kind = GRAM_LAPLACE, .width = 2 };
	struct gram_rows a = gram_rows_make(1, random_rows(20, 5, "a"), 20, 5,
					    &arena);
	struct gram_rows b = gram_rows_make(1, random_rows(30, 5, "b"), 30, 5,
					    &arena);
	struct par_range ra = { 3, 17 }, rb = { 10, 30 };
	float out[14 * 21];
	double worst = 0;

	for (size_t i = 0; i < 14 * 21; i++)
		out[i] = 777;
	gram_block(&k, &a, ra, &b, rb, out, 21);
	for (size_t i = 0; i < 14; i++)
		for (size_t j = 0; j < 20; j++)
			worst = fmax(worst, fabs((double)out[i * 21 + j] -
						 slow(&k, a.x + (3 + i) * 5,
						      b.x + (10 + j) * 5, 5)));
	ok(worst < 1e-5, "a block of two sets of rows agrees with single pairs");
	ok((double)out[20] == 777, "what lies beside the block is left alone");
}

/* Points 0, 1, 3 on a line: distances 1, 2, 3. */
static void test_median(void)
{
	float x[3] = { 0, 1, 3 }, same[3] = { 5, 5, 5 }, median;
	struct gram_rows rows = gram_rows_make(1, x, 3, 1, &arena);
	struct error err;
	size_t used = arena.used, fails = 0;

	ok(gram_median(&rows, 1, &arena, &median, &err) == 0 &&
	   (double)median == 2, "the median of the distances 1, 2, 3 is 2");
	ok(arena.used == used, "scratch is given back");
	rows = gram_rows_make(1, same, 3, 1, &arena);
	gram_median(&rows, 1, &arena, &median, &err);
	ok((double)median == 1, "rows that are all the same have the width 1");
	rows.n = 1;
	gram_median(&rows, 1, &arena, &median, &err);
	ok((double)median == 1, "a single row has the width 1");
	for (;; fails++) {
		arena.fail_at = arena.calls + 1 + fails;
		if (gram_median(&rows, 1, &arena, &median, &err) == 0)
			break;
		if (err.code != ERR_MEMORY)
			break;
	}
	arena.fail_at = 0;
	ok(fails == 4, "each failing allocation is reported");
}

int main(void)
{
	blas_init();
	arena_init(&arena, 0);
	/* The difference of norms of size 7 or 60 keeps 24 bits of them; the
	 * root of a small distance magnifies that. */
	test_lower(GRAM_DISTANCE, 700, 7, 1e-4);
	test_lower(GRAM_GAUSSIAN, 700, 7, 1e-5);
	test_lower(GRAM_LAPLACE, 700, 7, 1e-4);
	test_lower(GRAM_LAPLACE, 1100, 60, 1e-4);
	test_lower(GRAM_GAUSSIAN, 1, 3, 1e-6);
	test_block();
	test_median();
	arena_clear(&arena);
	return tap_done();
}
