/* Gradients as integers: what they keep of the floats. */
#include "learners/gbdt/fixed.h"
#include "harness/base/par.h"
#include "harness/base/rng.h"
#include "learners/gbdt/gbdt_kernels.h"
#include "learners/gbdt/hist_kernels.h"
#include "tests/tap.h"

enum { N = 200000, CHUNKS = N / FIXED_ROWS + 1 };

static float g[N], h[N];
static uint32_t rows[N];
static int64_t wide[N], wide2[N];
static int32_t narrow[N], narrow2[N];
static double partial[CHUNKS * FIXED_PARTIAL];

static struct fixed_rows take(size_t n, int threads)
{
	return (struct fixed_rows){ .g = g, .h = h, .rows = rows, .n = n,
				    .partial = partial, .threads = threads };
}

/* Normal gradients, uniform hessians, all rows; their sums. */
static void fill(size_t n, double sum[2])
{
	struct rng r = rng_make(9, "fixed");

	sum[0] = sum[1] = 0;
	for (size_t i = 0; i < n; i++) {
		g[i] = (float)rng_normal(r, i);
		h[i] = (float)rng_uniform(r, N + i);
		rows[i] = (uint32_t)i;
		sum[0] += (double)g[i];
		sum[1] += (double)h[i];
	}
}

/* ------------------------------------------------------------- wide words */

static void test_pack(void)
{
	enum { SOME = 20000 };
	struct fixed_rows r = take(SOME, 2);
	struct fixed f;
	double sum[2], off = 0, off_h = 0;
	int64_t total = 0;

	fill(SOME, sum);
	ok(fixed_pack(&f, &r, wide), "pack: finite gradients are taken");
	/* steps of SOME / 2^30 of the mean, rounded to nearest, SOME of them */
	ok_near(fixed_gradient(&f, f.total), sum[0], 1e-2, "pack: sum of gradients");
	ok_near(fixed_hessian(&f, f.total), sum[1], 1e-2, "pack: sum of hessians");
	for (size_t i = 0; i < SOME; i++) {
		off = fmax(off, fabs(fixed_gradient(&f, wide[i]) - (double)g[i]));
		off_h = fmax(off_h, fabs(fixed_hessian(&f, wide[i]) - (double)h[i]));
		total += wide[i];
	}
	/* half a step is sum |g| / 2^31; a float's rounding of g comes to it */
	ok(off < 0.51 * f.gradient / (1 << 30) + 4e-7 &&
		   off_h < 0.51 * f.hessian / (1 << 30) + 4e-7,
	   "pack: each within half a step");
	ok(total == f.total, "pack: the total is the sum of all words");
}

/* Words lie at their rows; others are left alone. */
static void test_pack_rows(void)
{
	struct fixed_rows r = take(100, 1);
	struct fixed f;
	double sum[2], want = 0;
	bool alone = true;

	fill(1000, sum);
	for (size_t k = 0; k < 1000; k++)
		wide[k] = 12345;
	for (size_t k = 0; k < 100; k++) {
		rows[k] = (uint32_t)(9 * k + 3);
		want += (double)g[9 * k + 3];
	}
	ok(fixed_pack(&f, &r, wide), "pack: some rows");
	ok_near(fixed_gradient(&f, f.total), want, 1e-5,
		"pack: the sum over the given rows");
	for (size_t k = 0; k < 1000; k++)
		alone &= k % 9 == 3 && k < 900 ? wide[k] != 12345 :
						wide[k] == 12345;
	ok(alone, "pack: each word at its row, and no other");
}

static void test_threads(void)
{
	struct fixed_rows one = take(N, 1), four = take(N, 4);
	struct fixed a, b;
	double sum[2];

	fill(N, sum);
	ok(fixed_pack(&a, &one, wide) && fixed_pack(&b, &four, wide2) &&
		   !memcmp(wide, wide2, sizeof(wide)) && a.total == b.total &&
		   a.gradient == b.gradient && a.hessian == b.hessian,
	   "pack: same bits on 4 threads");
	ok(fixed_quantize(&a, &one, 77, narrow) &&
		   fixed_quantize(&b, &four, 77, narrow2) &&
		   !memcmp(narrow, narrow2, sizeof(narrow)) &&
		   a.total == b.total && a.gradient == b.gradient &&
		   a.hessian == b.hessian,
	   "quantize: same bits on 4 threads");
	ok(fixed_quantize(&b, &one, 78, narrow2) &&
		   memcmp(narrow, narrow2, sizeof(narrow)),
	   "quantize: another key, other roundings");
}

/* ------------------------------------------------------------- both */

/* Neither may take what has no sum; f and words must survive what has none
 * but zeros. */
static bool refused(size_t n)
{
	struct fixed_rows r = take(n, 1);
	struct fixed f;

	return !fixed_pack(&f, &r, wide) && !fixed_quantize(&f, &r, 1, narrow);
}

static bool harmless(size_t n)
{
	struct fixed_rows r = take(n, 1);
	struct fixed f;
	bool good = fixed_pack(&f, &r, wide) &&
		    isfinite(fixed_gradient(&f, f.total)) &&
		    isfinite(fixed_hessian(&f, f.total));

	return good && fixed_quantize(&f, &r, 1, narrow) &&
	       isfinite(fixed_gradient(&f, f.total)) &&
	       isfinite(fixed_hessian(&f, f.total));
}

static void test_odd_values(void)
{
	static const float bad[] = { INFINITY, -INFINITY, NAN };
	struct fixed_rows r = take(500, 1);
	struct fixed f;
	double sum[2];
	bool good = true;

	for (size_t k = 0; k < 6; k++) {
		fill(500, sum);
		(k < 3 ? g : h)[k % 2 ? 499 : 0] = bad[k % 3];
		good &= refused(500);
	}
	ok(good, "fixed: what is not finite is refused");
	fill(500, sum);
	for (size_t i = 0; i < 500; i++)
		g[i] *= 1e37f;
	ok(harmless(500), "fixed: huge values are taken, as their sum is finite");
	memset(g, 0, sizeof(g));
	ok(harmless(500) && fixed_quantize(&f, &r, 3, narrow) &&
		   gh_gradient(f.total) == 0,
	   "fixed: all zero is zero");
	memset(h, 0, sizeof(h));
	ok(harmless(500) && fixed_quantize(&f, &r, 3, narrow) && f.total == 0 &&
		   f.hessian == 0,
	   "fixed: hessians of zero are zero");
	g[0] = h[0] = 1e-42f;
	ok(harmless(500) && harmless(1), "fixed: denormal sums do no harm");
	g[0] = h[0] = 1e-30f;
	ok(harmless(1) && fixed_quantize(&f, &r, 3, narrow) &&
		   fabs(fixed_gradient(&f, f.total) / 1e-30 - 1) < 1e-3,
	   "fixed: one row, however small, keeps its value");
}

/* ------------------------------------------------------------- narrow words */

/* The total over many keys is right on average, and each as near as n random
 * roundings are. */
static void test_unbiased(void)
{
	enum { SOME = 40000, KEYS = 200 };
	struct fixed_rows r = take(SOME, 2);
	struct rng keys = rng_make(4, "fixed keys");
	struct fixed f = { 0 };
	double sum[2], mean[2] = { 0 }, worst = 0, step[2], spread;

	fill(SOME, sum);
	for (size_t k = 0; k < KEYS; k++) {
		double off[2];

		if (!fixed_quantize(&f, &r, rng_u32(keys, k), narrow))
			return;
		off[0] = fixed_gradient(&f, f.total) - sum[0];
		off[1] = fixed_hessian(&f, f.total) - sum[1];
		mean[0] += off[0] / KEYS;
		mean[1] += off[1] / KEYS;
		worst = fmax(worst, fabs(off[0]) / f.gradient +
					    fabs(off[1]) / f.hessian);
	}
	step[0] = f.gradient / (1 << 30);
	step[1] = f.hessian / (1 << 30);
	/* a rounding has a deviation of sqrt(1/6) steps at random places */
	spread = sqrt(SOME / 6.0);
	ok(fabs(mean[0]) < 4 * spread * step[0] / sqrt(KEYS) &&
		   fabs(mean[1]) < 4 * spread * step[1] / sqrt(KEYS),
	   "quantize: sums are unbiased (%.2f and %.2f steps of %.0f)",
	   mean[0] / step[0], mean[1] / step[1], spread);
	ok(worst * (1 << 30) < 10 * spread, "quantize: and never far off");
}

/* A twelfth of the mean, and a 24th. */
static void test_steps(void)
{
	enum { SOME = 50000 };
	struct fixed_rows r = take(SOME, 2);
	struct fixed f;
	double sum[2], magnitude = 0;
	int64_t total = 0;
	bool near = true;

	fill(SOME, sum);
	for (size_t i = 0; i < SOME; i++)
		magnitude += fabs((double)g[i]);
	ok(fixed_quantize(&f, &r, 5, narrow), "quantize: finite gradients are taken");
	/* scales are floats */
	ok_near(f.gradient / (1 << 30), magnitude / SOME / 12, 1e-6,
		"quantize: a step is a twelfth of the mean gradient");
	ok_near(f.hessian / (1 << 30), sum[1] / SOME / 24, 1e-6,
		"quantize: and a 24th of the mean hessian");
	for (size_t i = 0; i < SOME; i++) {
		double a = narrow_gradient(narrow[i]) * f.gradient / (1 << 30);
		double b = narrow_hessian(narrow[i]) * f.hessian / (1 << 30);

		near &= fabs(a - (double)g[i]) < f.gradient / (1 << 30) &&
			fabs(b - (double)h[i]) < f.hessian / (1 << 30);
		total += gh_pack(narrow_gradient(narrow[i]),
				 narrow_hessian(narrow[i]));
	}
	ok(near, "quantize: each word is less than a step off");
	ok(total == f.total, "quantize: the total is the sum of all words");
}

/* Squared error, weights all alike: hessians are counts. */
static void test_constant_hessian(void)
{
	static const float value[] = { 1, 2, 0.1f, 0.3f, 1e-20f, 7e12f };
	struct fixed_rows r = take(70000, 2);
	struct fixed f;
	double sum[2];
	bool exact = true;

	fill(70000, sum);
	for (size_t k = 0; k < sizeof(value) / sizeof(*value); k++) {
		for (size_t i = 0; i < 70000; i++)
			h[i] = value[k];
		exact &= fixed_quantize(&f, &r, 11 + (uint32_t)k, narrow) &&
			 gh_hessian(f.total) == 70000 &&
			 fabs(fixed_hessian(&f, 1) / (double)value[k] - 1) < 1e-6;
		for (size_t i = 0; i < 70000; i++)
			exact &= narrow_hessian(narrow[i]) == 1;
	}
	ok(exact, "quantize: equal hessians are one step each");
	/* every h is rounded the same way: N halves of a step at worst */
	r = take(N, 2);
	for (size_t i = 0; i < N; i++)
		h[i] = 1;
	ok(fixed_pack(&f, &r, wide), "pack: equal hessians");
	ok_near(fixed_hessian(&f, f.total), N, N * 2e-4,
		"pack: 200,000 equal hessians keep their sum to 2e-4");
}

/* One row with as much gradient as all others: words stay in their bounds and
 * the sum stays right. */
static void test_tails(void)
{
	enum { SOME = 40000 };
	struct fixed_rows r = take(SOME, 1);
	struct fixed f;
	double sum[2];
	int32_t least = 0, most = 0, heaviest = 0;

	fill(SOME, sum);
	g[17] = 32000;
	g[18] = -32000;
	h[19] = 20000;
	sum[0] = sum[1] = 0;
	for (size_t i = 0; i < SOME; i++) {
		rows[i] = (uint32_t)i;
		sum[0] += (double)g[i];
		sum[1] += (double)h[i];
	}
	ok(fixed_quantize(&f, &r, 6, narrow), "quantize: heavy tails are taken");
	for (size_t i = 0; i < SOME; i++) {
		int32_t a = narrow_gradient(narrow[i]);
		int32_t b = narrow_hessian(narrow[i]);

		least = a < least ? a : least;
		most = a > most ? a : most;
		heaviest = b > heaviest ? b : heaviest;
	}
	ok(most == HIST_GRADIENT_MAX && least == -HIST_GRADIENT_MAX &&
		   heaviest == HIST_HESSIAN_MAX,
	   "quantize: the largest value has the largest word");
	ok_near(narrow_gradient(narrow[17]) * f.gradient / (1 << 30), 32000, 1,
		"quantize: which keeps its value");
	/* steps of 15.6 and 4.9; four deviations of 40,000 roundings, of which
	 * few are not to zero */
	ok_near(fixed_gradient(&f, f.total), sum[0],
		4 * sqrt(SOME * 0.8 * 32000 / 2047),
		"quantize: the sum of gradients with tails");
	ok_near(fixed_hessian(&f, f.total), sum[1],
		4 * sqrt(SOME * 0.5 * 20000 / 4095),
		"quantize: the sum of hessians with tails");
}

int main(void)
{
	test_pack();
	test_pack_rows();
	test_threads();
	test_odd_values();
	test_unbiased();
	test_steps();
	test_constant_hessian();
	test_tails();
	return tap_done();
}
