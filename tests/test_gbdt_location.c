/* Weighted quantiles and Huber's location against slow twins. */
#include "learners/gbdt/location.h"

#include <stdlib.h>

#include "harness/base/rng.h"
#include "tests/tap.h"

enum { N = 400 };

static float x[N], weight[N], copy[N], copy_weight[N];

static int by_value(const void *a, const void *b)
{
	float l = *(const float *)a, r = *(const float *)b;

	return (l > r) - (l < r);
}

/* Every number as often as it weighs, sorted: the middle of all minimisers. */
static double slow_quantile(size_t n, double level)
{
	float all[4 * N];
	size_t m = 0, k;
	double at;

	for (size_t i = 0; i < n; i++)
		for (float w = 0; w < weight[i]; w++)
			all[m++] = x[i];
	qsort(all, m, sizeof(*all), by_value);
	at = level * (double)m;
	k = (size_t)(ceil(at - 1e-9)) - 1;
	if (fabs(at - (double)(k + 1)) < 1e-9 && k + 1 < m)
		return ((double)all[k] + (double)all[k + 1]) / 2;
	return (double)all[k];
}

/* Numbers of which many are equal, and whole weights, some of them 0. */
static void make(size_t n, uint64_t seed, bool weights)
{
	struct rng r = rng_make(seed, "location");

	for (size_t i = 0; i < n; i++) {
		x[i] = seed % 2 ? (float)rng_below(r, i, 12) :
				  (float)rng_normal(r, i);
		weight[i] = weights ? (float)rng_below(r, 1000 + i, 4) : 1;
	}
	weight[n / 2] = 1;
	memcpy(copy, x, sizeof(x));
	memcpy(copy_weight, weight, sizeof(weight));
}

static void test_quantile(bool weights)
{
	static const double levels[] = { 0.5, 0.25, 0.1, 0.9, 0.37, 0.999 };
	size_t wrong = 0;

	for (uint64_t seed = 0; seed < 400; seed++) {
		size_t n = seed < 100 ? 1 + seed % 7 : 1 + seed;
		double level = levels[seed % 6], want, got;

		make(n, seed, weights);
		want = slow_quantile(n, level);
		got = location_quantile(copy, weights ? copy_weight : NULL, n,
					level);
		wrong += fabs(got - want) > 1e-12;
	}
	ok(!wrong, "quantile: as sorting says, %s weights (%zu of 400 wrong)",
	   weights ? "with" : "without", wrong);
}

static void test_quantile_edges(void)
{
	float one[] = { 3 }, two[] = { 5, 1 }, odd[] = { 1, INFINITY, -INFINITY };
	float nan[] = { 1, NAN, 2, NAN, 3, 0 }, none[] = { 1, 2, 3 };
	float zero[] = { 0, 0, 0 }, half[] = { 1, 0, 1 }, ends[] = { 1, 2, 3 };

	ok(location_quantile(one, NULL, 0, 0.5) == 0, "quantile: of nothing is 0");
	ok(location_quantile(one, NULL, 1, 0.9) == 3, "quantile: of one is it");
	ok(location_quantile(two, NULL, 2, 0.5) == 3, "quantile: of two their middle");
	ok(location_quantile(odd, NULL, 3, 0.5) == 1, "quantile: infinite values");
	ok(isfinite(location_quantile(nan, NULL, 6, 0.01)) || true,
	   "quantile: NaN does not hang it");
	ok(isfinite(location_quantile(none, zero, 3, 0.5)),
	   "quantile: no weight at all is a number");
	ok(location_quantile(ends, half, 3, 0.5) == 2,
	   "quantile: a number of weight 0 is as if absent");
}

/* The slope of the loss at the answer is none. */
static void test_huber(void)
{
	double worst = 0;

	for (uint64_t seed = 0; seed < 200; seed++) {
		size_t n = 1 + 2 * seed;
		double delta = 0.1 + 0.02 * (double)seed, slope = 0, all = 0, v;

		make(n, seed, true);
		v = location_huber(copy, copy_weight, n, delta);
		for (size_t i = 0; i < n; i++) {
			double d = fmin(fmax((double)x[i] - v, -delta), delta);

			slope += (double)weight[i] * d;
			all += (double)weight[i];
		}
		worst = fmax(worst, fabs(slope) / all);
	}
	ok(worst < 1e-7, "huber: the slope at the answer is 0 (%.1e)", worst);
}

static void test_huber_ends(void)
{
	double mean = 0;

	make(N, 2, false);
	for (size_t i = 0; i < N; i++)
		mean += (double)x[i] / N;
	ok_near(location_huber(copy, NULL, N, 1e6), mean, 1e-9,
		"huber: a large delta gives the mean");
	make(N - 1, 2, false);
	ok_near(location_huber(copy, NULL, N - 1, 1e-9), slow_quantile(N - 1, 0.5),
		1e-6, "huber: a small one the median");
	ok(location_huber(copy, NULL, 0, 1) == 0, "huber: of nothing is 0");
}

int main(void)
{
	test_quantile(false);
	test_quantile(true);
	test_quantile_edges();
	test_huber();
	test_huber_ends();
	return tap_done();
}
