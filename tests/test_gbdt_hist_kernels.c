/* Histograms at every level this machine runs, against plain loops. */
#include "learners/gbdt/gbdt_kernels.h"
#include "learners/gbdt/hist_kernels.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

enum { ROWS = 700, STEPS = 16 };

static const size_t strides[HIST_STRIDES] = { 17, 65, 257 };

static uint8_t cells[ROWS * HIST_WIDTH];
static uint32_t rows[ROWS];
static int32_t narrow[ROWS];
static int64_t wide[ROWS]; /* by row number */
static int32_t fast[HIST_CELLS], slow[HIST_CELLS];
static int64_t fast_wide[HIST_CELLS], slow_wide[HIST_CELLS];

/* Every row but each seventh; bins up to the last that the stride has room
 * for, and all rows of column 0 in one bin. */
static size_t fill(size_t width, size_t stride)
{
	struct rng r = rng_make(width * 1000 + stride, "hist kernels");
	size_t n = 0;

	for (size_t i = 0; i < ROWS; i++) {
		int32_t g = (int32_t)rng_below(r, 90000 + i, 25) - 12;
		int32_t h = (int32_t)rng_below(r, 80000 + i, 48);
		size_t bins = stride < 256 ? stride : 256;

		for (size_t j = 0; j < width; j++)
			cells[i * width + j] = (uint8_t)(
				j ? rng_below(r, i * width + j, bins) : bins - 1);
		wide[i] = gh_pack(g * 100000, h * 70000);
		if (i % 7 == 0)
			continue;
		rows[n] = (uint32_t)i;
		narrow[n++] = narrow_pack(g, h);
	}
	return n;
}

static size_t plain_loops(size_t n, size_t width, size_t stride)
{
	memset(slow, 0, sizeof(slow));
	memset(slow_wide, 0, sizeof(slow_wide));
	for (size_t k = 0; k < n; k++) {
		for (size_t j = 0; j < width; j++) {
			size_t cell = j * stride + cells[rows[k] * width + j];

			slow[cell] += narrow[k];
			slow_wide[cell] += wide[rows[k]];
		}
	}
	return width * stride;
}

/* All rows, and so few that nothing is fetched ahead; and into cells that are
 * in use already. */
static void test_variant(const struct hist_kernels *k, const char *level,
			 size_t width, size_t stride)
{
	size_t w = hist_width_index(width), s = hist_stride_index(stride);
	size_t n = fill(width, stride);
	static const size_t few[] = { 0, 1, 15, 16, 17, 33, ROWS };
	bool good = true, good_wide = true;

	for (size_t i = 0; i < sizeof(few) / sizeof(*few); i++) {
		size_t some = few[i] < n ? few[i] : n;

		plain_loops(some, width, stride);
		memset(fast, 0, sizeof(fast));
		memset(fast_wide, 0, sizeof(fast_wide));
		k->narrow[w][s](fast, cells, width, rows, narrow, some / 3);
		k->narrow[w][s](fast, cells, width, rows + some / 3,
				narrow + some / 3, some - some / 3);
		k->wide[w][s](fast_wide, cells, width, rows, wide, some / 2);
		k->wide[w][s](fast_wide, cells, width, rows + some / 2, wide,
			      some - some / 2);
		good &= !memcmp(fast, slow, sizeof(fast));
		good_wide &= !memcmp(fast_wide, slow_wide, sizeof(fast_wide));
	}
	ok(good, "%s: narrow, %zu columns, stride %zu, as a plain loop", level,
	   width, stride);
	ok(good_wide, "%s: wide, %zu columns, stride %zu, as a plain loop",
	   level, width, stride);
}

static void test_indices(void)
{
	bool good = true;

	for (size_t s = 0; s < HIST_STRIDES; s++)
		good &= hist_stride_index(strides[s]) == s &&
			hist_stride(strides[s]) == strides[s] &&
			hist_stride(strides[s] - 1) == strides[s];
	good &= hist_stride(1) == 17 && hist_stride(18) == 65 &&
		hist_stride(66) == 257 && hist_stride(256) == 257;
	for (size_t w = 0; w < HIST_WIDTHS; w++)
		good &= hist_width_index(4 * w + 4) == w;
	ok(good, "hist: each width and stride has its variant");
}

/* ------------------------------------------------------------- words */

static void test_words(void)
{
	static const int32_t g[] = { 0, 1, -1, 32767, -32768, -2047, 2047 };
	static const int32_t h[] = { 0, 1, 4095, 65535 };
	bool good = true;

	for (size_t i = 0; i < 7; i++)
		for (size_t j = 0; j < 4; j++) {
			int32_t word = narrow_pack(g[i], h[j]);

			good &= narrow_gradient(word) == g[i] &&
				narrow_hessian(word) == h[j];
		}
	ok(good, "hist: a narrow word holds -32768..32767 and 0..65535");
}

/* The first rows' magnitudes, one by one. */
static bool fits(const int32_t *gh, size_t n)
{
	int64_t g = 0, h = 0;

	for (size_t k = 0; k < n; k++) {
		g += narrow_gradient(gh[k]) < 0 ? -narrow_gradient(gh[k]) :
						  narrow_gradient(gh[k]);
		h += narrow_hessian(gh[k]);
	}
	return g <= 32767 && h <= 65535;
}

/* So many rows of the bound at most, and it is no more than 16 rows short. */
static bool span_is_right(const struct hist_kernels *k, const int32_t *gh,
			  size_t n)
{
	size_t got = k->span(gh, n);
	size_t least = n < STEPS ? n : STEPS;

	return got >= least && got <= n && fits(gh, got) &&
	       (got == n || (got % STEPS == 0 &&
			     !fits(gh, got + STEPS < n ? got + STEPS : n)));
}

/* Rows of one kind: the span is what the tightest half allows. */
static void test_span_bounds(const struct hist_kernels *k, const char *level)
{
	static int32_t gh[70000];
	static const struct {
		int32_t g, h;
		size_t want; /* of 70000 */
	} cases[] = {
		{ HIST_GRADIENT_MAX, 0, 16 },
		{ -HIST_GRADIENT_MAX, 0, 16 },
		{ 0, HIST_HESSIAN_MAX, 16 },
		{ -HIST_GRADIENT_MAX, HIST_HESSIAN_MAX, 16 },
		{ 1, 1, 32752 },   /* 32767 down to whole sixteens */
		{ -1, 0, 32752 },
		{ 0, 1, 65520 },   /* 65535 */
		{ 12, 24, 2720 },  /* 32767 / 12 = 2730, 65535 / 24 = 2730 */
		{ 0, 0, 70000 },
	};
	bool good = true, right = true;

	for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
		for (size_t i = 0; i < 70000; i++)
			gh[i] = narrow_pack(cases[c].g, cases[c].h);
		good &= k->span(gh, 70000) == cases[c].want;
		for (size_t n = 0; n < 40; n++)
			right &= span_is_right(k, gh, n);
	}
	ok(good, "%s: span is as long as both halves allow", level);
	ok(right, "%s: and for fewer than 40 rows", level);
	for (size_t i = 0; i < 70000; i++) /* 2047 * 16 + 15 = 32767 */
		gh[i] = i < 16 ? narrow_pack(-2047, 0) :
				 narrow_pack(i == 16 ? -15 : 0, 0);
	ok(k->span(gh, 32) == 32, "%s: the bound itself still fits", level);
	gh[17] = narrow_pack(1, 0);
	ok(k->span(gh, 32) == 16, "%s: one more does not", level);
}

/* Random tails: whatever the rows, one bin takes them all. */
static void test_span_random(const struct hist_kernels *k, const char *level)
{
	enum { N = 5000 };
	static int32_t gh[N];
	static uint8_t bin[N * 4];
	static uint32_t row[N];
	bool right = true, sums = true;

	for (uint32_t i = 0; i < N; i++)
		row[i] = i;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct rng r = rng_make(seed, "span");
		int64_t got[4 * 17] = { 0 }, want = 0;

		for (size_t i = 0; i < N; i++)
			gh[i] = narrow_pack(
				(int32_t)rng_below(r, i, seed % 2 ? 4095 : 30) -
					(seed % 2 ? 2047 : 28),
				(int32_t)rng_below(r, N + i, seed % 3 ? 40 : 4096));
		memset(fast, 0, sizeof(fast));
		for (size_t at = 0; at < N;) {
			size_t n = k->span(gh + at, N - at);

			right &= span_is_right(k, gh + at, N - at);
			k->narrow[0][0](fast, bin, 4, row + at, gh + at, n);
			k->empty(got, fast, 4 * 17, true);
			at += n;
		}
		for (size_t i = 0; i < N; i++)
			want += gh_pack(narrow_gradient(gh[i]),
					narrow_hessian(gh[i]));
		sums &= got[0] == want && got[17] == want;
	}
	ok(right, "%s: span never overflows and is not needlessly short", level);
	ok(sums, "%s: spans into one bin, emptied, are the sum of all rows",
	   level);
}

/* ------------------------------------------------------------- moving */

static void test_empty(const struct hist_kernels *k, const char *level)
{
	static const int32_t g[] = { 0, -1, 1, -32768, 32767, -5 };
	static const int32_t h[] = { 0, 65535, 1, 32768, 77 };
	bool stored = true, added = true, zero = true, beyond = true;

	for (size_t n = 0; n < 40; n++) {
		for (int add = 0; add < 2; add++) {
			for (size_t i = 0; i < 40; i++) {
				fast[i] = narrow_pack(g[i % 6], h[i % 5]);
				fast_wide[i] = gh_pack(-3 - (int32_t)i, 1 << 30);
			}
			k->empty(fast_wide, fast, n, add);
			for (size_t i = 0; i < 40; i++) {
				int64_t was = gh_pack(-3 - (int32_t)i, 1 << 30);
				int64_t want = gh_pack(g[i % 6], h[i % 5]);

				if (i >= n)
					beyond &= fast_wide[i] == was && fast[i] ==
						  narrow_pack(g[i % 6], h[i % 5]);
				else if (add)
					added &= fast_wide[i] == was + want;
				else
					stored &= fast_wide[i] == want;
				zero &= i >= n || fast[i] == 0;
			}
		}
	}
	ok(stored, "%s: emptied cells have the signs of both halves", level);
	ok(added, "%s: or are added to what was there", level);
	ok(zero, "%s: narrow cells are zero afterwards", level);
	ok(beyond, "%s: and those behind are not touched", level);
}

static void test_add(const struct hist_kernels *k, const char *level)
{
	int64_t a[40], b[40];
	bool sum = true, back = true;

	for (size_t n = 0; n < 40; n++) {
		for (size_t i = 0; i < 40; i++) {
			a[i] = gh_pack((int32_t)i * 40000000 - 800000000, 1000);
			b[i] = gh_pack(-7 - (int32_t)i, (int32_t)i * 20000000);
		}
		k->add(a, b, n);
		for (size_t i = 0; i < 40; i++) {
			int32_t j = (int32_t)i, more = i < n;

			sum &= gh_gradient(a[i]) == j * 40000000 - 800000000 -
							    more * (7 + j) &&
			       gh_hessian(a[i]) == 1000 + more * j * 20000000;
		}
		k->subtract(a, b, n);
		for (size_t i = 0; i < 40; i++)
			back &= a[i] == gh_pack((int32_t)i * 40000000 - 800000000,
						1000);
	}
	ok(sum, "%s: adding is by halves, n cells and no more", level);
	ok(back, "%s: subtracting takes it back exactly", level);
}

/* A parent less one child is the other child. */
static void test_sibling(const struct hist_kernels *k, const char *level)
{
	size_t n = fill(16, 257);
	static int64_t child[HIST_CELLS];

	memset(fast_wide, 0, sizeof(fast_wide));
	memset(slow_wide, 0, sizeof(slow_wide));
	memset(child, 0, sizeof(child));
	k->wide[3][2](fast_wide, cells, 16, rows, wide, n);
	k->wide[3][2](child, cells, 16, rows, wide, n / 3);
	k->subtract(fast_wide, child, HIST_CELLS);
	k->wide[3][2](slow_wide, cells, 16, rows + n / 3, wide, n - n / 3);
	ok(!memcmp(fast_wide, slow_wide, sizeof(fast_wide)),
	   "%s: a parent less one child is the other child", level);
}

int main(void)
{
	test_indices();
	test_words();
	for (int l = 0; l <= (int)simd_level(); l++) {
		const struct hist_kernels *k =
			SIMD_AT(hist_kernels, (enum simd_level)l);
		const char *name = simd_level_name((enum simd_level)l);

		for (size_t w = 4; w <= HIST_WIDTH; w += 4)
			for (size_t s = 0; s < HIST_STRIDES; s++)
				test_variant(k, name, w, strides[s]);
		test_span_bounds(k, name);
		test_span_random(k, name);
		test_empty(k, name);
		test_add(k, name);
		test_sibling(k, name);
	}
	return tap_done();
}
