/* The hot loops at every level this machine runs, against plain loops. */
#include "learners/gbdt/gbdt_kernels.h"
#include "learners/gbdt/fixed.h"
#include "learners/gbdt/partition.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { ROWS = 500, WIDTH = 13 };

static uint8_t cells[ROWS * WIDTH];
static uint32_t rows[ROWS];
static int64_t gh[ROWS];
static struct bins_block block;

/* Columns of 3, 20, 37 ... bins, and every row but each seventh in the leaf. */
static size_t make_block(void)
{
	struct rng r = rng_make(3, "kernels");
	size_t n = 0;

	block = (struct bins_block){ .width = WIDTH, .live = WIDTH,
					.bin = cells };
	for (size_t j = 0; j < WIDTH; j++) {
		block.place[j] = (uint8_t)j;
		block.start[j] = (uint32_t)block.cells;
		block.cells += 3 + 17 * j;
	}
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t j = 0; j < WIDTH; j++)
			cells[i * WIDTH + j] = (uint8_t)rng_below(
				r, i * WIDTH + j, 3 + 17 * j);
		if (i % 7 == 0)
			continue;
		rows[n] = (uint32_t)i;
		gh[n++] = gh_pack((int32_t)rng_below(r, 90000 + i, 2000) - 1000,
				  (int32_t)rng_below(r, 80000 + i, 1000));
	}
	return n;
}

static void test_build(const struct gbdt_kernels *k, const char *level)
{
	static int64_t fast[2000], slow[2000];
	static double gradient[2000];
	size_t n = make_block();
	bool apart = true;

	memset(fast, 0, sizeof(fast));
	memset(slow, 0, sizeof(slow));
	memset(gradient, 0, sizeof(gradient));
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < WIDTH; j++) {
			size_t cell = block.start[j] +
				      cells[rows[i] * WIDTH + j];

			slow[cell] += gh[i];
			gradient[cell] += gh_gradient(gh[i]);
		}
	}
	k->build(fast, &block, rows, gh, n);
	ok(!memcmp(fast, slow, sizeof(fast)), "%s: histogram as a plain loop's",
	   level);
	for (size_t i = 0; i < 2000; i++)
		apart &= gradient[i] == gh_gradient(fast[i]);
	ok(apart, "%s: gradient and hessian do not run into each other", level);
	memset(slow, 0, sizeof(slow));
	k->build(slow, &block, rows, gh, n / 3);
	k->subtract(fast, slow, 2000);
	memset(slow, 0, sizeof(slow));
	k->build(slow, &block, rows + n / 3, gh + n / 3, n - n / 3);
	ok(!memcmp(fast, slow, sizeof(fast)),
	   "%s: a parent less one child is the other child", level);
}

/* The definition, one bin at a time. */
static double slow_score(const struct gbdt_scan *s, int64_t left)
{
	int64_t right = s->total - left;
	double value = 0;
	int64_t side[2] = { left, right };

	for (int i = 0; i < 2; i++) {
		double g = fabs(gh_gradient(side[i]) * (double)GBDT_UNIT);
		double h = gh_hessian(side[i]) * (double)GBDT_UNIT;

		if (h < (double)s->least)
			return -1;
		g = fmax(g - (double)s->l1, 0);
		value += g * g / (h + (double)s->l2);
	}
	return value;
}

static void test_scan(const struct gbdt_kernels *k, const char *level, size_t n,
		      float l1)
{
	float score[256] __attribute__((aligned(64)));
	int64_t cell[256], total = 0, left = 0;
	struct rng r = rng_make(n, "scan");
	struct gbdt_scan s = { .l1 = l1, .l2 = 0.01f, .least = 0.02f };
	double worst = 0, top = -1;
	float got;

	for (size_t b = 0; b < n; b++) {
		cell[b] = gh_pack((int32_t)(rng_normal(r, b) * 1e6),
				  (int32_t)rng_below(r, 500 + b, 4000000));
		total += cell[b];
	}
	s.total = total;
	s.to_left = left = gh_pack(77777, 55555);
	s.total += left;
	got = k->scan(&s, cell, n, score);
	for (size_t b = 0; b < n; b++) {
		double want;

		left += cell[b];
		want = slow_score(&s, left);
		top = fmax(top, want);
		worst = fmax(worst, fabs(want - (double)score[b]) /
					    (fabs(want) + 1e-9));
	}
	/* a dozen float roundings, some of a difference */
	ok(worst < 1e-4, "%s: scores of %zu bins, l1 %g (worst %.1e)", level, n,
	   (double)l1, worst);
	ok(fabs(top - (double)got) <= 1e-4 * fabs(top),
	   "%s: returns the largest of %zu", level, n);
}

static void test_part(const struct gbdt_kernels *k, const char *level)
{
	uint32_t out[ROWS], want[ROWS];
	int64_t gh_out[ROWS];
	uint8_t left[256];
	size_t n = make_block(), front = 0, back = n, got;
	bool pairs = true;

	for (size_t b = 0; b < 256; b++)
		left[b] = b % 3 == 1;
	for (size_t i = 0; i < n; i++) {
		if (left[cells[rows[i] * WIDTH + 4]])
			want[front++] = rows[i];
		else
			want[--back] = rows[i];
	}
	got = k->part(cells + 4, WIDTH, left, rows, gh, n, out, gh_out);
	ok(got == front && !memcmp(out, want, n * sizeof(*out)),
	   "%s: parts rows in order, the right side reversed", level);
	for (size_t i = 0; i < n; i++)
		for (size_t m = 0; m < n; m++)
			pairs &= rows[m] != out[i] || gh[m] == gh_out[i];
	ok(pairs, "%s: gradients stay with their rows", level);
	ok(k->part(cells, WIDTH, left, rows, gh, 0, out, gh_out) == 0,
	   "%s: no rows, none left", level);
}

/* More rows than one chunk holds, on 1 and on 4 threads. */
static void test_partition(void)
{
	enum { N = 40000 };
	struct arena a;
	struct partition p;
	uint8_t *bin, left[256] = { 0, 1, 1 };
	size_t lefts = 0;
	bool good = true;

	arena_init(&a, 0);
	bin = ARENA_NEW(&a, uint8_t, N);
	for (size_t i = 0; i < N; i++)
		bin[i] = (uint8_t)(i * i % 5);
	for (int threads = 1; threads <= 4; threads += 3) {
		partition_allocate(&p, N, &a);
		for (size_t i = 0; i < N; i++) {
			p.rows[i] = (uint32_t)i;
			p.gh[i] = (int64_t)i * 3;
		}
		lefts = partition_split(&p, 5, N - 5, bin, 1, left, threads);
		for (size_t i = 0; i < N; i++)
			good &= p.gh[i] == 3 * (int64_t)p.rows[i];
		for (size_t i = 6; i < N - 5; i++)
			good &= i == 5 + lefts || p.rows[i - 1] < p.rows[i];
		for (size_t i = 5; i < N - 5; i++)
			good &= left[bin[p.rows[i]]] == (i < 5 + lefts);
		good &= p.rows[4] == 4 && p.rows[N - 5] == N - 5;
		ok(good, "partition: stable, within its range, on %d threads",
		   threads);
	}
	for (size_t i = 1, rc = 0; !rc; i++) {
		arena_clear(&a);
		a.calls = 0;
		a.fail_at = i;
		rc = partition_allocate(&p, 10, &a);
		if (rc)
			ok(i == 6, "partition: every failing allocation is told");
	}
	arena_clear(&a);
}

static void test_fixed(void)
{
	enum { N = 20000 };
	static float g[N], h[N];
	static int64_t packed[N];
	static uint32_t index[N];
	double partial[9], sum = 0, hess = 0, off = 0;
	struct rng r = rng_make(9, "fixed");
	struct fixed f;

	for (size_t i = 0; i < N; i++) {
		g[i] = (float)rng_normal(r, i);
		h[i] = (float)rng_uniform(r, 70000 + i);
		index[i] = (uint32_t)i;
		sum += (double)g[i];
		hess += (double)h[i];
	}
	ok(fixed_pack(&f, g, h, index, N, packed, partial, 2), "fixed: packs");
	/* steps of N / 2^30 of the mean, rounded to nearest, N of them */
	ok_near(fixed_gradient(&f, f.total), sum, 1e-2, "fixed: sum of gradients");
	ok_near(fixed_hessian(&f, f.total), hess, 1e-2, "fixed: sum of hessians");
	for (size_t i = 0; i < N; i++)
		off = fmax(off, fabs(fixed_gradient(&f, packed[i]) - (double)g[i]));
	/* half a step is sum |g| / 2^31; a float's rounding of g comes to it */
	ok(off < 0.51 * f.gradient / (1 << 30) + 4e-7, "fixed: each within half a step");
	g[3] = INFINITY;
	ok(!fixed_pack(&f, g, h, index, N, packed, partial, 1),
	   "fixed: an infinite gradient is refused");
	memset(g, 0, sizeof(g));
	ok(fixed_pack(&f, g, h, index, N, packed, partial, 1) &&
		   gh_gradient(f.total) == 0,
	   "fixed: all zero is zero");
	g[0] = 1e-42f;
	ok(fixed_pack(&f, g, h, index, 1, packed, partial, 1),
	   "fixed: a denormal sum does no harm");
}

/* Several chunks, on 1 and on 4 threads. */
static void test_fixed_threads(void)
{
	enum { N = 200000 };
	struct arena a;
	struct rng r = rng_make(2, "fixed threads");
	struct fixed f[2];
	float *g, *h;
	int64_t *packed[2];
	uint32_t *index;
	double partial[12];

	arena_init(&a, 0);
	g = ARENA_RAW(&a, float, N);
	h = ARENA_RAW(&a, float, N);
	index = ARENA_RAW(&a, uint32_t, N);
	for (size_t i = 0; i < N; i++) {
		g[i] = (float)rng_uniform(r, i) - 0.3f;
		h[i] = 1;
		index[i] = (uint32_t)i;
	}
	for (int k = 0; k < 2; k++) {
		packed[k] = ARENA_RAW(&a, int64_t, N);
		fixed_pack(&f[k], g, h, index, N, packed[k], partial, k ? 4 : 1);
	}
	ok(!memcmp(packed[0], packed[1], N * sizeof(int64_t)) &&
		   f[0].total == f[1].total && f[0].gradient == f[1].gradient,
	   "fixed: same bits on 4 threads");
	/* every h is rounded the same way: N halves of a step at worst */
	ok_near(fixed_hessian(&f[0], f[0].total), N, N * 2e-4,
		"fixed: 200,000 equal hessians keep their sum to 2e-4");
	arena_clear(&a);
}

int main(void)
{
	for (int l = 0; l <= (int)simd_level(); l++) {
		const struct gbdt_kernels *k =
			SIMD_AT(gbdt_kernels, (enum simd_level)l);
		const char *name = simd_level_name((enum simd_level)l);
		static const size_t sizes[] = { 0, 1, 7, 8, 16, 100, 255 };

		test_build(k, name);
		for (size_t i = 0; i < 7; i++)
			test_scan(k, name, sizes[i], i % 2 ? 0.05f : 0.0f);
		test_part(k, name);
	}
	test_partition();
	test_fixed();
	test_fixed_threads();
	return tap_done();
}
