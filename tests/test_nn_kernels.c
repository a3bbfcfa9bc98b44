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
	memcpy(y, d, sizeof(y));
	k->raise_to(y, x, N);
	for (size_t i = 0; i < N; i++)
		good &= y[i] == (x[i] > d[i] ? x[i] : d[i]);
	memcpy(y, x, sizeof(y));
	k->add_bias(y, a, ROWS, COLS);
	for (size_t i = 0; i < N; i++)
		good &= y[i] == x[i] + a[i % COLS];
	ok(good, "%s: relu, maximum and bias as plain loops", level);
}

/* <im2col(u), v> = <u, col2im(v)> for all u and v: each the other's
 * transpose. */
static void test_patches(const struct nn_kernels *k, const char *level)
{
	const struct nn_patches p = { .height = 9, .width = 7, .channels = 3,
				      .window = 3, .stride = 2,
				      .out_height = 4, .out_width = 3 };
	static float cols[12 * 27], image[9 * 7 * 3];
	double left = 0, right = 0;

	k->im2col(&p, x, cols);
	for (size_t i = 0; i < 12 * 27; i++)
		left += (double)cols[i] * (double)d[i];
	ok(cols[27] == x[2 * 3] && cols[27 * 3] == x[2 * 7 * 3] &&
		   cols[9] == x[7 * 3],
	   "%s: im2col puts patches in rows", level);
	memset(image, 0, sizeof(image));
	k->col2im(&p, d, image);
	for (size_t i = 0; i < 9 * 7 * 3; i++)
		right += (double)image[i] * (double)x[i];
	ok_near(left, right, 1e-4, "%s: col2im is its transpose", level);
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
		test_patches(k, level);
	}
	return tap_done();
}
