/* Every level this machine runs against plain loops in double. */
#include "learners/nn/nn_kernels.h"

#include "harness/base/rng.h"

#include "tests/tap.h"

#define ROWS 600 /* more than one block of a two-level sum */
#define COLS 71	 /* and more than one of columns, with a rest */
#define N (ROWS * COLS)

static float x[N], d[N], y[N], a[COLS], b[COLS], c[COLS];

static void fill(void)
{
	struct rng r = rng_make(2, "kernels");

	rng_fill_normal(r, 0, N, x);
	rng_fill_normal(r, N, N, d);
	rng_fill_normal(r, 2 * N, COLS, a);
	rng_fill_normal(r, 3 * N, COLS, b);
	rng_fill_normal(r, 4 * N, COLS, c);
}

static void test_sums(const struct nn_kernels *k, const char *level)
{
	float sum[COLS], spread[COLS], cross[COLS];
	double worst = 0;

	k->col_sum(x, ROWS, COLS, sum);
	k->col_spread(x, a, ROWS, COLS, spread);
	k->col_cross(d, x, a, ROWS, COLS, cross);
	for (size_t j = 0; j < COLS; j++) {
		double s = 0, v = 0, t = 0;

		for (size_t i = 0; i < ROWS; i++) {
			double u = (double)x[i * COLS + j] - (double)a[j];

			s += (double)x[i * COLS + j];
			v += u * u;
			t += (double)d[i * COLS + j] * u;
		}
		worst = fmax(worst, fabs(s - (double)sum[j]));
		worst = fmax(worst, fabs(v - (double)spread[j]));
		worst = fmax(worst, fabs(t - (double)cross[j]));
	}
	/* float sums of 600 values, of up to 5,000 */
	ok(worst < 5e-3, "%s: column sums as plain loops", level);
}

static void test_affine(const struct nn_kernels *k, const char *level)
{
	double worst = 0;

	k->affine(x, a, b, ROWS, COLS, y);
	for (size_t i = 0; i < N; i++)
		worst = fmax(worst, fabs((double)a[i % COLS] * (double)x[i] +
					 (double)b[i % COLS] - (double)y[i]));
	k->affine2(d, x, a, b, c, ROWS, COLS, y);
	for (size_t i = 0; i < N; i++)
		worst = fmax(worst,
			     fabs((double)a[i % COLS] * (double)d[i] +
				  (double)b[i % COLS] * (double)x[i] +
				  (double)c[i % COLS] - (double)y[i]));
	ok(worst < 1e-5, "%s: affine maps as plain loops", level);
}

static void test_each(const struct nn_kernels *k, const char *level)
{
	bool good = true;

	memcpy(y, x, sizeof(y));
	k->relu(y, N);
	for (size_t i = 0; i < N; i++)
		good &= y[i] == (x[i] > 0 ? x[i] : 0);
	memcpy(y, d, sizeof(y));
	k->relu_back(x, y, N);
	for (size_t i = 0; i < N; i++)
		good &= y[i] == (x[i] > 0 ? d[i] : 0);
	memcpy(y, x, sizeof(y));
	k->add_bias(y, a, ROWS, COLS);
	for (size_t i = 0; i < N; i++)
		good &= y[i] == x[i] + a[i % COLS];
	ok(good, "%s: relu and bias as plain loops", level);
}

/* One column of one window, the slow way: its largest value's place. */
static size_t largest_at(const struct nn_windows *s, size_t channels,
			 size_t window, size_t column)
{
	size_t from = window / s->width * s->down +
		      window % s->width * s->across + column;
	size_t best = from;

	for (size_t k = 0; k < s->window; k++)
		for (size_t j = 0; j < s->run; j += channels)
			if (x[from + k * s->pitch + j] > x[best])
				best = from + k * s->pitch + j;
	return best;
}

/* Windows that overlap, of more channels than one block holds. */
static void test_pool(const struct nn_kernels *k, const char *level)
{
	enum { SIDE = 7, C = 70, OUT = 3 };
	const struct nn_windows s = { .window = 3, .run = 3 * C,
				      .pitch = SIDE * C, .across = 2 * C,
				      .down = 2 * SIDE * C, .height = OUT,
				      .width = OUT };
	static float out[OUT * OUT * C], got[SIDE * SIDE * C];
	static float want[SIDE * SIDE * C];
	bool good = true;

	memset(got, 0, sizeof(got));
	memset(want, 0, sizeof(want));
	k->max_pool(&s, x, C, out);
	k->max_back(&s, x, d, C, got);
	for (size_t i = 0; i < OUT * OUT * C; i++) {
		size_t at = largest_at(&s, C, i / C, i % C);

		good &= out[i] == x[at];
		want[at] += d[i];
	}
	ok(good, "%s: pooling takes the largest of each window", level);
	ok(!memcmp(got, want, sizeof(got)),
	   "%s: and gives it the gradient", level);
}

/* Of equal values the first takes all, so that no gradient is doubled. */
static void test_ties(const struct nn_kernels *k, const char *level)
{
	const struct nn_windows s = { .window = 2, .run = 2, .pitch = 2,
				      .across = 2, .down = 4, .height = 1,
				      .width = 1 };
	const float same[4] = { 1, 3, 3, 3 }, one = 5;
	float got[4] = { 0 };

	k->max_back(&s, same, &one, 1, got);
	ok(got[0] == 0 && got[1] == 5 && got[2] == 0 && got[3] == 0,
	   "%s: of equal values the first takes the gradient", level);
}

/* The slow twin is rng_philox itself; a count that fills no whole group of
 * lanes, and counters that carry into their upper half. */
static void test_philox(const struct nn_kernels *k, const char *level)
{
	enum { BLOCKS = 37 };
	const struct rng r = { .seed = 0x123456789abcdef0u,
			       .purpose = 0xfedcba9876543210u };
	const uint64_t first = 0xfffffff0u;
	const uint32_t key[2] = { 0x9abcdef0u, 0x12345678u };
	uint32_t got[4 * BLOCKS + 1], want[4];
	bool good = true;

	got[4 * BLOCKS] = 77;
	k->philox(r, first, BLOCKS, got);
	for (uint64_t i = 0; i < BLOCKS; i++) {
		const uint32_t at[4] = { (uint32_t)(first + i),
					 (uint32_t)((first + i) >> 32),
					 0x76543210u, 0xfedcba98u };

		rng_philox(at, key, want);
		good &= !memcmp(want, got + 4 * i, sizeof(want));
	}
	ok(good && got[4 * BLOCKS] == 77,
	   "%s: random blocks side by side are those one by one", level);
}

int main(void)
{
	fill();
	for (int l = SIMD_BASE; l <= (int)simd_level(); l++) {
		const struct nn_kernels *k = SIMD_AT(nn_kernels, l);
		const char *level = simd_level_name((enum simd_level)l);

		test_sums(k, level);
		test_affine(k, level);
		test_each(k, level);
		test_pool(k, level);
		test_ties(k, level);
		test_philox(k, level);
	}
	return tap_done();
}
