#include "harness/base/simd.h"

#include <stdint.h>
#include <stdlib.h>

#include "harness/base/rng.h"
#include "tests/tap.h"

#define N 1003 /* no multiple of any width */

/* Distance in units of the last place; both finite and positive. */
static int64_t ulps(float a, float b)
{
	int32_t i, j;

	memcpy(&i, &a, 4);
	memcpy(&j, &b, 4);
	return llabs((int64_t)i - (int64_t)j);
}

static float random_in(uint64_t index, double lo, double hi)
{
	struct rng r = rng_make(1, "test/simd");

	return (float)(lo + (hi - lo) * rng_uniform(r, index));
}

/* The slow twin is libm in double precision, rounded once. */
static void test_exp(const struct vec_kernels *k, const char *level)
{
	static float x[200000], y[200000];
	size_t n = sizeof(x) / sizeof(x[0]);
	int64_t worst = 0;

	for (size_t i = 0; i < n; i++)
		x[i] = random_in(i, -87.33, 88.72);
	k->exp(x, y, n);
	for (size_t i = 0; i < n; i++) {
		int64_t d = ulps(y[i], (float)exp((double)x[i]));

		worst = d > worst ? d : worst;
	}
	ok(worst <= 2, "%s: exp is within 2 ulp of libm (%d)", level,
	   (int)worst);
}

static void test_exp_edges(const struct vec_kernels *k, const char *level)
{
	float x[] = { 0.0f, -0.0f, 88.72283f, 88.73f, -87.33654f, -87.34f,
		      1e30f, -1e30f, INFINITY, -INFINITY, NAN };
	float y[sizeof(x) / sizeof(x[0])];

	k->exp(x, y, sizeof(x) / sizeof(x[0]));
	ok(y[0] == 1.0f && y[1] == 1.0f, "%s: exp(0) is 1", level);
	ok(ulps(y[2], expf(88.72283f)) <= 2, "%s: exp near its top", level);
	ok(isinf(y[3]) && isinf(y[6]) && isinf(y[8]), "%s: exp overflows to inf",
	   level);
	ok(ulps(y[4], expf(-87.33654f)) <= 2, "%s: exp near its bottom", level);
	ok(y[5] == 0.0f && y[7] == 0.0f && y[9] == 0.0f, "%s: exp ends in 0",
	   level);
	ok(isnan(y[10]), "%s: exp keeps NaN", level);
}

/* A value may not depend on the lane or tail it is computed in. */
static void test_positions(const struct vec_kernels *k, const char *level)
{
	float x[80], whole[80], part[80];
	bool same = true;

	for (size_t i = 0; i < 80; i++)
		x[i] = random_in(i, -5, 5);
	k->sigmoid(x, whole, 80);
	for (size_t from = 0; from < 80; from++) {
		for (size_t to = from + 1; to <= 80; to++) {
			k->sigmoid(x + from, part, to - from);
			same = same && !memcmp(part, whole + from,
					       (to - from) * sizeof(float));
		}
	}
	ok(same, "%s: a value does not depend on its place", level);
	k->sigmoid(x, x, 80);
	ok(!memcmp(x, whole, sizeof(x)), "%s: in place gives the same", level);
}

static void test_kernel_values(const struct vec_kernels *k, const char *level)
{
	float d2[N], g[N], l[N];
	double worst_g = 0, worst_l = 0;

	for (size_t i = 0; i < N; i++)
		d2[i] = g[i] = l[i] = random_in(i, -0.01, 60);
	k->gaussian(g, 0.7f, N);
	k->laplace(l, 0.7f, N);
	for (size_t i = 0; i < N; i++) {
		double d = d2[i], want = exp(-0.7 * sqrt(d > 0 ? d : 0));

		worst_l = fmax(worst_l, fabs(l[i] - want) / want);
		want = exp(-0.7 * d);
		worst_g = fmax(worst_g, fabs(g[i] - want) / want);
	}
	/* The argument, up to 42, is rounded to 24 bits before exp: 42 * 2^-24. */
	ok(worst_g < 4e-6, "%s: gaussian agrees with libm (%.2g)", level, worst_g);
	ok(worst_l < 1e-6, "%s: laplace agrees with libm, negative distances "
	   "count as 0 (%.2g)", level, worst_l);
}

static void test_dot_axpy(const struct vec_kernels *k, const char *level)
{
	float x[N], y[N], z[N];
	double worst_dot = 0, worst_axpy = 0;

	for (size_t i = 0; i < N; i++) {
		x[i] = random_in(i, -1, 1);
		y[i] = random_in(N + i, -1, 1);
	}
	for (size_t n = 0; n < N; n += n < 150 ? 1 : 97) {
		double want = 0, size = 1e-30;

		for (size_t i = 0; i < n; i++) {
			want += (double)x[i] * y[i];
			size += fabs((double)x[i] * y[i]);
		}
		worst_dot = fmax(worst_dot,
				 fabs(k->dot(x, y, n) - want) / size);
		memcpy(z, y, sizeof(z));
		k->axpy(0.3f, x, z, n);
		for (size_t i = 0; i < N; i++) {
			double add = i < n ? (double)0.3f * x[i] : 0;

			worst_axpy = fmax(worst_axpy, fabs(z[i] - (y[i] + add)));
		}
	}
	/* A few roundings of 2^-24 relative to the sum of sizes. */
	ok(worst_dot < 1e-6, "%s: dot agrees with double sums for every tail "
	   "(%.2g)", level, worst_dot);
	ok(worst_axpy < 2e-7, "%s: axpy writes its n elements and no other",
	   level);
}

static void test_max(const struct vec_kernels *k, const char *level)
{
	float x[100];
	bool good = true;

	for (size_t n = 1; n <= 100; n++) {
		for (size_t at = 0; at < n; at++) {
			for (size_t i = 0; i < n; i++)
				x[i] = -2.0f - (float)i;
			x[at] = -1.0f;
			good = good && k->max(x, n) == -1.0f;
		}
	}
	ok(good, "%s: max finds it at every place of every length", level);
}

static void softmax_slow(const float *x, double *p, size_t cols)
{
	double top = -INFINITY, sum = 0;

	for (size_t j = 0; j < cols; j++)
		top = fmax(top, x[j]);
	for (size_t j = 0; j < cols; j++)
		sum += p[j] = exp(x[j] - top);
	for (size_t j = 0; j < cols; j++)
		p[j] /= sum;
}

static void test_softmax(const struct vec_kernels *k, const char *level)
{
	float x[5 * 40], p[5 * 40];
	double want[40], worst = 0;

	for (size_t cols = 1; cols <= 40; cols++) {
		for (size_t i = 0; i < 5 * cols; i++)
			x[i] = p[i] = random_in(i, -100, 100);
		k->softmax(p, 5, cols);
		for (size_t i = 0; i < 5; i++) {
			softmax_slow(x + i * cols, want, cols);
			for (size_t j = 0; j < cols; j++)
				worst = fmax(worst,
					     fabs(p[i * cols + j] - want[j]));
		}
	}
	/* x - max, up to 200, is rounded to 24 bits: an error of 1e-5 relative
	 * only where the probability itself is below 1e-40. */
	ok(worst < 1e-6, "%s: softmax rows agree with libm (%.2g)", level, worst);
}

static void test_sigmoid(const struct vec_kernels *k, const char *level)
{
	float x[N], y[N];
	double worst = 0;

	for (size_t i = 0; i < N; i++)
		x[i] = random_in(i, -30, 30);
	x[0] = -200.0f;
	x[1] = 200.0f;
	k->sigmoid(x, y, N);
	for (size_t i = 0; i < N; i++)
		worst = fmax(worst, fabs(y[i] - 1 / (1 + exp(-(double)x[i]))));
	ok(worst < 2e-7, "%s: sigmoid agrees with libm, far ends included (%.2g)",
	   level, worst);
}

int main(void)
{
	for (int l = SIMD_BASE; l <= (int)simd_level(); l++) {
		const struct vec_kernels *k =
			SIMD_AT(vec_kernels, (enum simd_level)l);
		const char *level = simd_level_name((enum simd_level)l);

		test_exp(k, level);
		test_exp_edges(k, level);
		test_positions(k, level);
		test_kernel_values(k, level);
		test_dot_axpy(k, level);
		test_max(k, level);
		test_softmax(k, level);
		test_sigmoid(k, level);
	}
	ok(simd_vec() == SIMD_PICK(vec_kernels), "simd_vec is the best level's");
	return tap_done();
}
