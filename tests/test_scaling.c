/* Promises of datasets/views/scaling.h. */
#include "datasets/views/scaling.h"

#include <stdlib.h>

#include "harness/base/rng.h"
#include "tests/tap.h"

enum { TRAIN = 300, VALID = 20, TEST = 50, COLS = 70 };

static float train[TRAIN * COLS], valid[VALID * COLS], test[TEST * COLS];
static float raw_train[TRAIN * COLS], raw_test[TEST * COLS];

/* Column j has mean j and deviation 10^(j % 5 - 2); column 3 is constant 0.1 in
 * training, column 4 moves by a millionth there and is 2 elsewhere. */
static float draw(uint64_t part, size_t i, size_t j)
{
	struct rng r = rng_sub(rng_make(6, "scaling"), part);
	double size = pow(10, (double)(j % 5) - 2);
	double v = (double)j + size * rng_normal(r, i * COLS + j);

	if (j == 3)
		v = part ? 0.2 : 0.1;
	if (j == 4)
		v = part ? 2 : i % 2 ? 1e-6 : -1e-6;
	return (float)v;
}

static struct scaling make(double floor)
{
	for (size_t j = 0; j < COLS; j++) {
		for (size_t i = 0; i < TRAIN; i++)
			train[i * COLS + j] = draw(0, i, j);
		for (size_t i = 0; i < VALID; i++)
			valid[i * COLS + j] = draw(1, i, j);
		for (size_t i = 0; i < TEST; i++)
			test[i * COLS + j] = draw(2, i, j);
	}
	memcpy(raw_train, train, sizeof(train));
	memcpy(raw_test, test, sizeof(test));
	return (struct scaling){ .x = { train, valid, test },
				 .n = { TRAIN, VALID, TEST }, .cols = COLS,
				 .floor = floor };
}

static void moments(const float *x, size_t n, size_t j, double *mean, double *sd)
{
	*mean = *sd = 0;
	for (size_t i = 0; i < n; i++)
		*mean += (double)x[i * COLS + j] / (double)n;
	for (size_t i = 0; i < n; i++)
		*sd += pow((double)x[i * COLS + j] - *mean, 2) / (double)n;
	*sd = sqrt(*sd);
}

static void run(const struct scaling *s, int threads)
{
	struct error err;
	struct arena a;

	arena_init(&a, 0);
	if (scaling_apply(s, threads, &a, &err))
		abort();
	arena_clear(&a);
}

static void standardises(void)
{
	struct scaling s = make(0);
	double mean, sd, worst = 0, off = 0, most = 0;
	bool zero = true;

	run(&s, 1);
	for (size_t j = 0; j < COLS; j++) {
		if (j == 3)
			continue;
		moments(train, TRAIN, j, &mean, &sd);
		worst = fmax(worst, fmax(fabs(mean), fabs(sd - 1)));
		moments(raw_train, TRAIN, j, &mean, &sd);
		for (size_t i = 0; i < TEST; i++) {
			double z = ((double)raw_test[i * COLS + j] - mean) / sd;

			z = fmax(-10, fmin(10, z));
			off = fmax(off, fabs(z - (double)test[i * COLS + j]));
			most = fmax(most, fabs((double)test[i * COLS + j]));
		}
	}
	/* values of up to 4, rounded to float */
	ok_near(worst, 0, 1e-6, "training columns have mean 0 and deviation 1");
	ok_near(off, 0, 1e-5, "test columns are scaled by what training says");
	ok(most <= 10, "and clipped at ten deviations");
	for (size_t i = 0; i < TRAIN; i++)
		zero &= train[i * COLS + 3] == 0;
	for (size_t i = 0; i < TEST; i++)
		zero &= test[i * COLS + 3] == 0;
	ok(zero, "0.1 in all training rows is a constant, and becomes 0");
	ok(fabs((double)test[4]) > 9.9,
	   "without a floor a column that hardly moved shouts");
}

static void has_floor(void)
{
	struct scaling s = make(0.1);
	double square = 0, mean, sd, worst = 0;

	for (size_t j = 0; j < COLS; j++) {
		moments(raw_train, TRAIN, j, &mean, &sd);
		square += j == 3 ? 0 : sd * sd / COLS;
	}
	run(&s, 1);
	for (size_t j = 0; j < COLS; j++) {
		double want, got;

		moments(raw_train, TRAIN, j, &mean, &want);
		moments(train, TRAIN, j, &mean, &got);
		want = j == 3 ? 0 : fmin(1, want / (0.1 * sqrt(square)));
		worst = fmax(worst, fabs(got - want));
	}
	ok_near(worst, 0, 1e-6, "a floor: a share of the root mean square");
	ok(fabs((double)test[4]) < 1, "a column that hardly moved stays quiet");
}

static void same_bits(void)
{
	static float one[TRAIN * COLS], one_test[TEST * COLS];
	struct scaling s = make(0.1);
	bool same = true;

	run(&s, 1);
	memcpy(one, train, sizeof(one));
	memcpy(one_test, test, sizeof(one_test));
	for (int t = 2; t <= 4; t += 2) {
		s = make(0.1);
		run(&s, t);
		same &= !memcmp(one, train, sizeof(one)) &&
			!memcmp(one_test, test, sizeof(one_test));
	}
	ok(same, "same bits on 1, 2 and 4 threads");
}

static void small(void)
{
	struct scaling s = make(0.5);
	struct error err;
	struct arena a;
	size_t failed = 0;
	bool good = true;

	s.n[0] = 1;
	run(&s, 2);
	for (size_t k = 0; k < TEST * COLS; k++)
		good &= test[k] == 0;
	ok(good, "one training row: every column is a constant");
	s = make(0.5);
	s.n[0] = 0;
	run(&s, 2);
	for (size_t k = 0; k < TEST * COLS; k++)
		good &= isfinite(test[k]) != 0;
	ok(good, "no training row: finite");
	s.cols = 0;
	run(&s, 1);
	ok(scaling_clip(11) <= 10 && scaling_clip(-1e300) >= -10 &&
		   scaling_clip(0.5) == 0.5,
	   "no column: nothing happens; clips at ten");
	s = make(0);
	for (size_t k = 1; k <= 2; k++) {
		arena_init(&a, 0);
		a.fail_at = k;
		failed += scaling_apply(&s, 1, &a, &err) == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(failed == 2, "every failing allocation is an error");
}

int main(void)
{
	standardises();
	has_floor();
	same_bits();
	small();
	return tap_done();
}
