/* Scores of edges at every level this machine runs, against their definition;
 * the walk down trees is tested in test_gbdt_tree.c. */
#include "learners/gbdt/gbdt_kernels.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

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

/* Halves of a word next to each other's bounds. */
static void test_words(void)
{
	static const int32_t g[] = { 0, 1, -1, INT32_MAX, INT32_MIN };
	static const int32_t h[] = { 0, 1, INT32_MAX };
	bool apart = true;

	for (size_t i = 0; i < 5; i++)
		for (size_t j = 0; j < 3; j++) {
			int64_t word = gh_pack(g[i], h[j]);

			apart &= gh_gradient(word) == g[i] &&
				 gh_hessian(word) == h[j];
		}
	ok(apart, "words: gradient and hessian do not run into each other");
	ok(gh_pack(5, 7) + gh_pack(-6, 9) == gh_pack(-1, 16) &&
		   gh_pack(5, 7) - gh_pack(6, 3) == gh_pack(-1, 4),
	   "words: one addition adds both halves");
}

int main(void)
{
	test_words();
	for (int l = 0; l <= (int)simd_level(); l++) {
		const struct gbdt_kernels *k =
			SIMD_AT(gbdt_kernels, (enum simd_level)l);
		const char *name = simd_level_name((enum simd_level)l);
		static const size_t sizes[] = { 0, 1, 7, 8, 16, 100, 255, 256 };

		for (size_t i = 0; i < 8; i++) {
			test_scan(k, name, sizes[i], 0.0f);
			test_scan(k, name, sizes[i], 0.05f);
		}
	}
	return tap_done();
}
