/* Statistics over a handful of repeats or tasks. Sums are in double and in the
 * order given; NaN in gives NaN out. */
#ifndef TRIARCH_STATS_H
#define TRIARCH_STATS_H

#include <stddef.h>

/* NAN when n is 0 (sd: below 2). sd divides by n - 1. */
double stats_mean(const double *x, size_t n);
double stats_sd(const double *x, size_t n);
/* exp of the mean of logs; NAN when one is not positive. */
double stats_geometric_mean(const double *x, size_t n);
/* Sorts x. The middle, or the mean of the two in the middle. */
double stats_median(double *x, size_t n);

/* The regularised incomplete beta function I_x(a, b), a, b > 0, 0 <= x <= 1. */
double stats_beta(double a, double b, double x);
/* Student's t with `df` > 0 degrees of freedom: P(T <= t), and the t at which
 * it is p (0 < p < 1). Good to 1e-13 for a
 * few degrees of freedom, 1e-11 for thousands. */
double stats_t_cdf(double t, double df);
double stats_t_quantile(double p, double df);

struct stats_interval {
	double lo, hi;
};
/* The two-sided t-interval of the mean, `level` such as 0.95; NAN below two
 * values. It takes the values as independent: repeats of one task share rows,
 * so it is the interval over seeds and splits of this data set, not over data
 * sets (Nadeau & Bengio 2003 widen it for that). */
struct stats_interval stats_t_interval(const double *x, size_t n, double level);

/* Ranks from 1, the largest x first; ties share the mean of their places. */
void stats_ranks(const double *x, size_t n, double *rank);

#endif
