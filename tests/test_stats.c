#include "results/stats.h"

#include "tests/stats_reference.h"
#include "tests/tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static double relative(double got, double want)
{
	return fabs(got - want) / fmax(fabs(want), 1e-300);
}

static void test_student(void)
{
	double worst = 0.0, round_trip = 0.0;

	for (size_t i = 0; i < COUNT(reference_quantile); i++) {
		double p = reference_quantile[i].p, df = reference_quantile[i].df;
		double t = stats_t_quantile(p, df);

		worst = fmax(worst, relative(t, reference_quantile[i].t));
		round_trip = fmax(round_trip, fabs(stats_t_cdf(t, df) - p));
	}
	/* SciPy 1.10's own search for the quantile stops at about 3e-9. */
	ok_near(worst, 0.0, 5e-9, "stats: quantiles of Student's t as SciPy's");
	ok_near(round_trip, 0.0, 2e-14, "stats: the distribution undoes them");
	/* Any table of the t-distribution: 2 and 4 degrees of freedom. */
	ok_near(stats_t_quantile(0.975, 2), 4.302653, 5e-7,
		"stats: 4.303 for three repeats");
	ok_near(stats_t_quantile(0.975, 4), 2.776445, 5e-7,
		"stats: 2.776 for five");
	ok(stats_t_quantile(0.5, 7) < 1e-15, "stats: the median of t is 0");
	ok_near(stats_t_quantile(0.975, 1e7), 1.959964, 1e-6,
		"stats: with many degrees it is the normal's");
}

/* With 1 and 2 degrees of freedom the quantile is elementary. */
static void test_student_closed_forms(void)
{
	double worst = 0.0;

	for (double p = 0.01; p < 1.0; p += 0.07) {
		double one = tan(M_PI * (p - 0.5));
		double two = (2.0 * p - 1.0) / sqrt(2.0 * p * (1.0 - p));

		worst = fmax(worst, relative(stats_t_quantile(p, 1), one));
		worst = fmax(worst, relative(stats_t_quantile(p, 2), two));
	}
	ok_near(worst, 0.0, 1e-13, "stats: quantiles are exact where known");
}

static void test_beta(void)
{
	double worst = 0.0;

	for (size_t i = 0; i < COUNT(reference_beta); i++) {
		double got = stats_beta(reference_beta[i].a, reference_beta[i].b,
					reference_beta[i].x);

		worst = fmax(worst, fabs(got - reference_beta[i].i));
	}
	ok_near(worst, 0.0, 1e-13, "stats: the incomplete beta as SciPy's");
	ok(stats_beta(2, 3, 0) == 0.0 && stats_beta(2, 3, 1) == 1.0,
	   "stats: it goes from 0 to 1");
}

static void test_moments(void)
{
	size_t n = COUNT(reference_sample);
	struct stats_interval i = stats_t_interval(reference_sample, n, 0.95);
	double far[] = { 1e9 + 1, 1e9 + 2, 1e9 + 3 }, none[] = { 1.0, 0.0 };

	ok_near(stats_sd(reference_sample, n), reference_sd, 1e-15,
		"stats: standard deviation");
	ok_near(stats_geometric_mean(reference_sample, n), reference_gmean,
		1e-14, "stats: geometric mean");
	ok(fabs(i.lo - reference_lo) < 1e-13 && fabs(i.hi - reference_hi) < 1e-13,
	   "stats: the t-interval as SciPy's");
	ok(stats_sd(far, 3) == 1.0, "stats: no digits lost beside a large mean");
	ok(isnan(stats_mean(far, 0)) && isnan(stats_sd(far, 1)) &&
		   isnan(stats_t_interval(far, 1, 0.95).lo),
	   "stats: too few values give NaN");
	ok(isnan(stats_geometric_mean(none, 2)),
	   "stats: no geometric mean of a zero");
}

static void test_median_and_ranks(void)
{
	double odd[] = { 3, 1, 2 }, even[] = { 4, 1, 3, 2 }, bad[] = { 1, NAN };
	double x[] = { 0.9, 0.7, 0.9, 0.95, -INFINITY }, rank[5];
	double want[] = { 2.5, 4, 2.5, 1, 5 };

	ok(stats_median(odd, 3) == 2.0 && stats_median(even, 4) == 2.5,
	   "stats: median of odd and even counts");
	ok(isnan(stats_median(bad, 2)) && isnan(stats_median(bad, 0)),
	   "stats: of NaN or nothing there is none");
	stats_ranks(x, 5, rank);
	ok(!memcmp(rank, want, sizeof(want)),
	   "stats: ranks from the largest, ties share their places");
}

/* The table in the back of every textbook, to its three digits. */
static void test_printed_table(void)
{
	static const double df[] = { 1, 2, 3, 5, 10, 30, 120 };
	static const double p[] = { 0.95, 0.975, 0.995 };
	static const double want[3][7] = {
		{ 6.314, 2.920, 2.353, 2.015, 1.812, 1.697, 1.658 },
		{ 12.706, 4.303, 3.182, 2.571, 2.228, 2.042, 1.980 },
		{ 63.657, 9.925, 5.841, 4.032, 3.169, 2.750, 2.617 },
	};
	double worst = 0.0, skew = 0.0;

	for (size_t i = 0; i < COUNT(p); i++) {
		for (size_t j = 0; j < COUNT(df); j++) {
			double t = stats_t_quantile(p[i], df[j]);

			worst = fmax(worst, fabs(t - want[i][j]));
			skew = fmax(skew, fabs(t + stats_t_quantile(1 - p[i],
								    df[j])));
		}
	}
	ok_near(worst, 0.0, 5.1e-4, "stats: the printed table of Student's t");
	/* 1 - p is rounded, and the tail at df 1 magnifies it. */
	ok_near(skew, 0.0, 1e-9, "stats: the lower quantile mirrors the upper");
}

/* The smallest samples, and ties of every kind. */
static void test_smallest(void)
{
	double two[] = { 1, 3 }, same[] = { 5, 5, 5 }, rank[3];
	struct stats_interval i = stats_t_interval(two, 2, 0.95);
	struct stats_interval none = stats_t_interval(same, 3, 0.95);

	ok(fabs(i.lo + 10.7062047) < 1e-6 && fabs(i.hi - 14.7062047) < 1e-6,
	   "stats: two values have a wide interval");
	ok(none.lo == 5.0 && none.hi == 5.0, "stats: equal values have none");
	ok(isnan(stats_t_interval(two, 0, 0.95).hi), "stats: nor has nothing");
	stats_ranks(same, 3, rank);
	ok(rank[0] == 2.0 && rank[1] == 2.0 && rank[2] == 2.0,
	   "stats: all tied share the middle rank");
	stats_ranks(two, 1, rank);
	ok(rank[0] == 1.0, "stats: one alone is first");
}

int main(void)
{
	test_student();
	test_student_closed_forms();
	test_beta();
	test_moments();
	test_median_and_ranks();
	test_printed_table();
	test_smallest();
	return tap_done();
}
