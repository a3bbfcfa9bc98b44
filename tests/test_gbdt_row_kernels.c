/* Loops over rows at every level this machine runs, against plain loops. */
#include "learners/gbdt/hist_kernels.h"
#include "learners/gbdt/row_kernels.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

enum { MOST = 5003, GUARD = 16 };

static const uint32_t mark = 0xdeadbeef;

static uint8_t bin[2 * MOST];

/* ------------------------------------------------------------- parting */

/* Three buffers of n, each with a guard behind it that nobody may touch. */
struct sides {
	uint32_t row[3][MOST + GUARD]; /* the rows, left, right */
	int32_t gh[3][MOST + GUARD];
};

static struct sides s, want;

static void fill_sides(size_t n, uint64_t seed)
{
	struct rng r = rng_make(seed, "part");

	for (size_t b = 0; b < 3; b++)
		for (size_t i = 0; i < n + GUARD; i++) {
			s.row[b][i] = mark;
			s.gh[b][i] = (int32_t)mark;
		}
	for (size_t i = 0; i < n; i++) {
		s.row[0][i] = (uint32_t)(2 * i + rng_below(r, i, 2));
		s.gh[0][i] = (int32_t)(7 * s.row[0][i]) - 3000;
	}
	want = s;
}

static size_t slow_part(const uint8_t left[256], size_t n)
{
	size_t l = 0, r = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t row = s.row[0][i];
		size_t side = left[bin[row]] ? 1 : 2;
		size_t at = side == 1 ? l++ : r++;

		want.row[side][at] = row;
		want.gh[side][at] = (int32_t)(7 * row) - 3000;
	}
	return l;
}

static bool guarded(const struct sides *x, size_t n, size_t b, bool with_gh)
{
	bool good = true;

	for (size_t i = with_gh ? n : 0; i < n + GUARD; i++)
		good &= x->gh[b][i] == (int32_t)mark;
	for (size_t i = n; i < n + GUARD; i++)
		good &= x->row[b][i] == mark;
	return good;
}

/* `lefts` and the right ones where they belong; the left ones are in `to`. */
static bool parted(size_t n, size_t lefts, size_t to, bool with_gh)
{
	size_t rights = n - lefts;

	return !memcmp(s.row[to], want.row[1], lefts * sizeof(**s.row)) &&
	       !memcmp(s.row[2], want.row[2], rights * sizeof(**s.row)) &&
	       (!with_gh ||
		(!memcmp(s.gh[to], want.gh[1], lefts * sizeof(**s.gh)) &&
		 !memcmp(s.gh[2], want.gh[2], rights * sizeof(**s.gh))));
}

struct part_result {
	bool count, parted, guarded;
};

static void try_part(const struct row_kernels *k, const uint8_t left[256],
		     size_t n, bool in_place, bool with_gh,
		     struct part_result *all)
{
	size_t to = in_place ? 0 : 1, lefts, got;

	fill_sides(n, n);
	lefts = slow_part(left, n);
	got = k->part(bin, left, s.row[0], with_gh ? s.gh[0] : NULL, n,
		      s.row[to], with_gh ? s.gh[to] : NULL, s.row[2],
		      with_gh ? s.gh[2] : NULL);
	all->count &= got == lefts;
	all->parted &= parted(n, lefts, to, with_gh);
	all->guarded &= guarded(&s, n, to, with_gh || in_place) &&
			guarded(&s, n, 2, with_gh);
}

/* Every small n, some large ones, and cuts that send all rows one way. */
static void test_part(const struct row_kernels *k, const char *level)
{
	struct part_result all = { true, true, true };
	uint8_t left[256];

	for (size_t cut = 0; cut < 4; cut++) {
		for (size_t b = 0; b < 256; b++)
			left[b] = cut == 0 ? b % 3 == 1 : cut == 1 ? b < 5 :
				  cut == 2 ? 0 : 1;
		for (size_t n = 0; n < 44; n++)
			for (size_t way = 0; way < 4; way++)
				try_part(k, left, n < 41 ? n : MOST - 43 + n,
					 way & 1, way & 2, &all);
	}
	ok(all.count, "%s: part counts the left ones", level);
	ok(all.parted, "%s: parts in order, in place or not, words with rows",
	   level);
	ok(all.guarded, "%s: writes nothing behind n rows of a side", level);
}

/* ------------------------------------------------------------- rounding */

enum { N = 400 };

static float g[N], h[N];
static uint32_t rows[N];
static int32_t gh[N];

static void fill_values(void)
{
	struct rng r = rng_make(5, "quantize");

	for (size_t i = 0; i < N; i++) {
		g[i] = (float)rng_normal(r, i);
		h[i] = (float)rng_uniform(r, N + i);
		rows[i] = (uint32_t)(N - 1 - i); /* rows, not places, count */
	}
}

/* A value's mean over many keys is the value; each is one of its neighbours. */
static void test_unbiased(const struct row_kernels *k, const char *level)
{
	enum { KEYS = 4000 };
	static double mean[2][N];
	struct rng r = rng_make(1, "keys");
	double worst = 0, shift = 0;
	bool near = true;

	fill_values();
	memset(mean, 0, sizeof(mean));
	for (size_t t = 0; t < KEYS; t++) {
		struct row_scale scale = { 12, 24, rng_u32(r, t) };

		k->quantize(&scale, g, h, rows, N, gh);
		for (size_t i = 0; i < N; i++) {
			double a = narrow_gradient(gh[i]), b = narrow_hessian(gh[i]);
			double x = 12 * (double)g[rows[i]];
			double y = 24 * (double)h[rows[i]];

			near &= fabs(a - x) < 1 && fabs(b - y) < 1;
			mean[0][i] += (a - x) / KEYS;
			mean[1][i] += (b - y) / KEYS;
		}
	}
	for (size_t i = 0; i < N; i++) {
		worst = fmax(worst, fmax(fabs(mean[0][i]), fabs(mean[1][i])));
		shift += (mean[0][i] + mean[1][i]) / (2 * N);
	}
	ok(near, "%s: a rounded value is a neighbour of its own", level);
	/* a mean of 4,000 has a deviation of at most .008; 800 of them */
	ok(worst < 0.032, "%s: unbiased, each row (off by %.3f steps)", level,
	   worst);
	/* .0064 on average, over sqrt(800): four deviations */
	ok(fabs(shift) < 1e-3, "%s: and over all (off by %.1e)", level, shift);
}

/* Gradient and hessian are rounded by bits of their own, rows as well. */
static void test_independent(const struct row_kernels *k, const char *level)
{
	enum { KEYS = 3000 };
	float half[N];
	double both = 0, next = 0;
	struct rng r = rng_make(2, "keys");

	for (size_t i = 0; i < N; i++) {
		half[i] = 0.5f;
		rows[i] = (uint32_t)i;
	}
	for (size_t t = 0; t < KEYS; t++) {
		struct row_scale scale = { 1, 1, rng_u32(r, t) };

		k->quantize(&scale, half, half, rows, N, gh);
		for (size_t i = 0; i + 1 < N; i++) {
			both += (narrow_gradient(gh[i]) - 0.5) *
				(narrow_hessian(gh[i]) - 0.5);
			next += (narrow_gradient(gh[i]) - 0.5) *
				(narrow_gradient(gh[i + 1]) - 0.5);
		}
	}
	both *= 4.0 / KEYS / (N - 1);
	next *= 4.0 / KEYS / (N - 1);
	/* 1.2 million products of +-1: a deviation of 9e-4 */
	ok(fabs(both) < 4e-3 && fabs(next) < 4e-3,
	   "%s: no correlation of halves (%.1e) or of neighbours (%.1e)", level,
	   both, next);
}

static void test_whole_numbers(const struct row_kernels *k, const char *level)
{
	bool exact = true, constant = true;

	for (size_t i = 0; i < N; i++) {
		g[i] = (float)(int)i - 200;
		h[i] = 0.1f;
		rows[i] = (uint32_t)i;
	}
	for (uint32_t key = 0; key < 300; key++) {
		struct row_scale scale = { 0.5f, 1 / 0.1f, key * 0x9e3779b9u };

		k->quantize(&scale, g, h, rows, N, gh);
		for (size_t i = 0; i < N; i++) {
			exact &= i % 2 || narrow_gradient(gh[i]) ==
						  ((int)i - 200) / 2;
			constant &= narrow_hessian(gh[i]) == 1;
		}
	}
	ok(exact, "%s: whole numbers of steps stay what they are", level);
	ok(constant, "%s: equal hessians of .1 are one step each", level);
}

static void test_bounds(const struct row_kernels *k, const char *level)
{
	static float big[6] = { 3e6f, -3e6f, 2047, -2047, 0, 1e9f };
	static float heavy[6] = { 1e7f, 4095, 0, -5, 4096, 1 };
	uint32_t row[6] = { 0, 1, 2, 3, 4, 5 };
	int32_t out[6];
	bool good = true;

	for (uint32_t key = 0; key < 200; key++) {
		struct row_scale scale = { 1, 1, key };

		k->quantize(&scale, big, heavy, row, 6, out);
		good &= narrow_gradient(out[0]) == HIST_GRADIENT_MAX &&
			narrow_gradient(out[1]) == -HIST_GRADIENT_MAX &&
			narrow_gradient(out[2]) == 2047 &&
			narrow_gradient(out[3]) == -2047 &&
			narrow_gradient(out[4]) == 0 &&
			narrow_gradient(out[5]) == 2047;
		good &= narrow_hessian(out[0]) == HIST_HESSIAN_MAX &&
			narrow_hessian(out[1]) == 4095 && !narrow_hessian(out[2]) &&
			!narrow_hessian(out[3]) && narrow_hessian(out[4]) == 4095 &&
			narrow_hessian(out[5]) == 1;
	}
	ok(good, "%s: what is too large for a word is brought to its bound",
	   level);
}

/* ------------------------------------------------------------- sums */

static void test_sums(const struct row_kernels *k, const char *level)
{
	bool good = true, added = true;

	fill_values();
	for (size_t n = 1; n < 60; n++) {
		double out[5] = { 3, 4 }, a = 3, b = 4, top = 0, most = 0, least = 9;

		k->sums(g, h, rows, n, out);
		for (size_t i = 0; i < n; i++) {
			a += fabs((double)g[rows[i]]);
			b += (double)h[rows[i]];
			top = fmax(top, fabs((double)g[rows[i]]));
			most = fmax(most, (double)h[rows[i]]);
			least = fmin(least, (double)h[rows[i]]);
		}
		/* orders of adding doubles */
		added &= fabs(out[0] - a) < 1e-12 && fabs(out[1] - b) < 1e-12;
		good &= out[2] == top && out[3] == most && out[4] == least;
	}
	ok(added, "%s: sums of |g| and h are added", level);
	ok(good, "%s: extremes are exact", level);
}

static void test_sums_tell(const struct row_kernels *k, const char *level)
{
	double out[5] = { 0 };

	fill_values();
	g[rows[3]] = NAN;
	h[rows[4]] = -INFINITY;
	k->sums(g, h, rows, 9, out);
	ok(isnan(out[0]) && isinf(out[1]),
	   "%s: what is no number shows in the sums", level);
}

/* ------------------------------------------------------------- weaving */

static uint8_t column[HIST_WIDTH][200], woven[200 * HIST_WIDTH + GUARD];

static bool woven_right(const uint8_t *const *from, size_t width, size_t first,
			size_t n)
{
	bool good = true;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < width; j++)
			good &= woven[i * width + j] ==
				(from[j] ? from[j][first + i] : 0);
	for (size_t i = n * width; i < sizeof(woven); i++)
		good &= woven[i] == 0xa5;
	return good;
}

static void test_weave(const struct row_kernels *k, const char *level)
{
	bool good = true;
	struct rng r = rng_make(4, "weave");

	for (size_t j = 0; j < HIST_WIDTH; j++)
		for (size_t i = 0; i < 200; i++)
			column[j][i] = (uint8_t)rng_u32(r, j * 200 + i);
	for (size_t width = 4; width <= HIST_WIDTH; width += 4)
		for (size_t n = 0; n < 101; n += n < 40 ? 1 : 20)
			for (size_t first = 0; first < 100; first += 33)
				for (size_t live = 0; live <= width; live++) {
					const uint8_t *from[HIST_WIDTH] = { 0 };

					for (size_t j = 0; j < live; j++)
						from[j] = column[j];
					memset(woven, 0xa5, sizeof(woven));
					k->weave(from, width, first, n, woven, width);
					good &= woven_right(from, width, first, n);
				}
	ok(good, "%s: columns are woven, and zeros for those that are not there",
	   level);
}

int main(void)
{
	struct rng r = rng_make(3, "row kernels");

	for (size_t i = 0; i < 2 * MOST; i++)
		bin[i] = (uint8_t)rng_u32(r, i);
	for (int l = 0; l <= (int)simd_level(); l++) {
		const struct row_kernels *k =
			SIMD_AT(row_kernels, (enum simd_level)l);
		const char *name = simd_level_name((enum simd_level)l);

		test_part(k, name);
		test_unbiased(k, name);
		test_independent(k, name);
		test_whole_numbers(k, name);
		test_bounds(k, name);
		test_sums(k, name);
		test_sums_tell(k, name);
		test_weave(k, name);
	}
	return tap_done();
}
