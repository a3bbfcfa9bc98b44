/* Statistics for tables: small samples, exact definitions, no library.
 *
 * Student's quantile comes from the incomplete beta function, whose continued
 * fraction is in every handbook (DLMF chapter 8, https://dlmf.nist.gov/8.17),
 * and is found by halving an interval; tests/stats_reference.h holds SciPy's
 * values. Demsar 2006 ("Statistical comparisons of classifiers over multiple
 * data sets", JMLR 7) argues for ranks where tasks differ in difficulty: the
 * board's summary averages ranks and not scores.
 */
#include "results/stats.h"

#include <math.h>
#include <stdlib.h>

#define FRACTION_STEPS 10000 /* converges in O(sqrt(max(a, b))) */
#define FRACTION_TINY 1e-300 /* instead of a zero denominator */
#define FRACTION_END 1e-16

double stats_mean(const double *x, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return n ? sum / (double)n : NAN;
}

double stats_sd(const double *x, size_t n)
{
	double mean = stats_mean(x, n), sum = 0.0;

	/* Two passes: the one-pass formula loses all digits when the spread
	 * is small beside the mean, as it is with accuracies. */
	for (size_t i = 0; i < n; i++)
		sum += (x[i] - mean) * (x[i] - mean);
	return n > 1 ? sqrt(sum / (double)(n - 1)) : NAN;
}

/* The mean for ratios: twice as good here and half as good there is even, which
 * an arithmetic mean of ratios would call 1.25. */
double stats_geometric_mean(const double *x, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++) {
		if (!(x[i] > 0.0))
			return NAN;
		sum += log(x[i]);
	}
	return n ? exp(sum / (double)n) : NAN;
}

/* For qsort; no NaN gets here. */
static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double stats_median(double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isnan(x[i]))
			return NAN;
	if (!n)
		return NAN;
	qsort(x, n, sizeof(*x), ascending);
	return n % 2 ? x[n / 2] : 0.5 * (x[n / 2 - 1] + x[n / 2]);
}

/* ---------------------------------------------------------------- Student */

/* Lentz's method divides by what may vanish by chance; a tiny number in its
 * place moves the result by less than rounding does. */
static double not_zero(double x)
{
	return fabs(x) < FRACTION_TINY ? FRACTION_TINY : x;
}

/* The continued fraction of the incomplete beta function, DLMF 8.17.22, by the
 * modified Lentz method (Thompson & Barnett 1986). Converges fast for
 * x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
	double c = 1.0, d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
	double f = d;

	for (int i = 1; i < FRACTION_STEPS; i++) {
		double m = (double)i, step;
		double even = m * (b - m) * x /
			      ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
		double odd = -(a + m) * (a + b + m) * x /
			     ((a + 2.0 * m) * (a + 2.0 * m + 1.0));

		d = 1.0 / not_zero(1.0 + even * d);
		c = not_zero(1.0 + even / c);
		f *= c * d;
		d = 1.0 / not_zero(1.0 + odd * d);
		c = not_zero(1.0 + odd / c);
		step = c * d;
		f *= step;
		if (fabs(step - 1.0) < FRACTION_END)
			break;
	}
	return f;
}

/* DLMF 8.17.8; the symmetry I_x(a, b) = 1 - I_1-x(b, a) picks the side on which
 * the fraction converges fast. */
double stats_beta(double a, double b, double x)
{
	double front;

	if (x <= 0.0 || x >= 1.0)
		return x <= 0.0 ? 0.0 : 1.0;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) +
		    b * log1p(-x));
	if (x < (a + 1.0) / (a + b + 2.0))
		return front * beta_fraction(a, b, x) / a;
	return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

/* P(T > t) for t >= 0, kept as a tail so that small ones keep their digits. */
static double t_tail(double t, double df)
{
	return 0.5 * stats_beta(0.5 * df, 0.5, df / (df + t * t));
}

/* By symmetry, from the tail that is small. */
double stats_t_cdf(double t, double df)
{
	return t < 0.0 ? t_tail(-t, df) : 1.0 - t_tail(t, df);
}

/* Doubling finds an upper end, for p near 1/2 already the first. */
double stats_t_quantile(double p, double df)
{
	double tail = p < 0.5 ? p : 1.0 - p, lo = 0.0, hi = 1.0;

	while (t_tail(hi, df) > tail && hi < 1e300)
		hi *= 2.0;
	/* Halving until neighbours: slow, sure, and never a hot path. */
	for (;;) {
		double mid = lo + 0.5 * (hi - lo);

		if (mid <= lo || mid >= hi)
			return p < 0.5 ? -mid : mid;
		if (t_tail(mid, df) > tail)
			lo = mid;
		else
			hi = mid;
	}
}

struct stats_interval stats_t_interval(const double *x, size_t n, double level)
{
	double mean = stats_mean(x, n), half;

	if (n < 2)
		return (struct stats_interval){ NAN, NAN };
	half = stats_t_quantile(0.5 + 0.5 * level, (double)(n - 1)) *
	       stats_sd(x, n) / sqrt((double)n);
	return (struct stats_interval){ mean - half, mean + half };
}

/* ---------------------------------------------------------------- ranks */

void stats_ranks(const double *x, size_t n, double *rank)
{
	/* Quadratic, for the few families or learners of a task. */
	for (size_t i = 0; i < n; i++) {
		size_t above = 0, same = 0;

		for (size_t k = 0; k < n; k++) {
			above += x[k] > x[i];
			same += x[k] == x[i];
		}
		rank[i] = (double)above + 0.5 * (double)(same + 1);
	}
}
