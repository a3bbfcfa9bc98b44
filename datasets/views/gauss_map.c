/* What scikit-learn calls QuantileTransformer(output_distribution="normal"), but
 * with normal scores of mid-ranks: there the least training value is -5.2 of
 * any hundred rows, an outlier that the data did not have; here it is the
 * normal quantile of its own rank. */
#include "datasets/views/gauss_map.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Before threads start: gauss_map_fit then needs no memory of its own. */
int gauss_map_init(struct gauss_map *m, size_t count, struct arena *a,
		   struct error *err)
{
	size_t room = count < GAUSS_MAP_KNOTS ? count : GAUSS_MAP_KNOTS;

	m->n = 0;
	m->value = ARENA_RAW(a, float, room);
	m->z = ARENA_RAW(a, double, room);
	return m->value && m->z ? 0 : arena_error(a, err);
}

/* Abramowitz & Stegun 1964, 26.2.23, within 4.5e-4 for 0 < p <= 1/2: where
 * Newton's method starts. */
static double rough_quantile(double p)
{
	double t = sqrt(-2 * log(p));

	return -(t - (2.515517 + t * (0.802853 + t * 0.010328)) /
		 (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
}

/* Halley's method on the lower tail, where erfc keeps its relative precision;
 * each of three steps triples the digits, of which there are three to start. */
double gauss_quantile(double p)
{
	bool upper = p > 0.5;
	double q = upper ? 1 - p : p, z = rough_quantile(q);

	for (int k = 0; k < 3; k++) {
		double over = erfc(-z * M_SQRT1_2) / 2 - q;
		double u = over * sqrt(2 * M_PI) * exp(z * z / 2);

		z -= u / (1 + z * u / 2);
	}
	return upper ? -z : z;
}

/* For qsort; there are no NaN. */
static int by_value(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

/* The rank behind the run of values equal to sorted[lo]. */
static size_t run_end(const float *sorted, size_t n, size_t lo)
{
	size_t hi = lo + 1;

	while (hi < n && sorted[hi] <= sorted[lo])
		hi++;
	return hi;
}

/* Adds the run [lo, hi) as a knot. */
static void add_knot(struct gauss_map *m, const float *sorted, size_t n,
		     size_t lo, size_t hi)
{
	double z = gauss_quantile(((double)lo + (double)hi) / 2 / (double)n);

	m->value[m->n] = sorted[lo];
	m->z[m->n++] = fmax(-GAUSS_MAP_CLIP, fmin(GAUSS_MAP_CLIP, z));
}

/* Each distinct value is a knot as long as there is room. */
static size_t count_distinct(const float *sorted, size_t n)
{
	size_t distinct = 0;

	for (size_t lo = 0; lo < n; lo = run_end(sorted, n, lo))
		distinct++;
	return distinct;
}

/* With more values than knots the runs are taken that hold the ranks
 * k (n - 1) / (KNOTS - 1): both ends among them, frequent values once. */
void gauss_map_fit(struct gauss_map *m, float *values, size_t count)
{
	size_t next = 0; /* number of the next evenly spaced rank */
	bool all;

	m->n = 0;
	qsort(values, count, sizeof(*values), by_value);
	all = count_distinct(values, count) <= GAUSS_MAP_KNOTS;
	for (size_t lo = 0, hi; lo < count; lo = hi) {
		hi = run_end(values, count, lo);
		if (!all && next * (count - 1) / (GAUSS_MAP_KNOTS - 1) >= hi)
			continue;
		add_knot(m, values, count, lo, hi);
		while (!all && next * (count - 1) / (GAUSS_MAP_KNOTS - 1) < hi)
			next++;
	}
}

/* A point between two others, without leaving their range by rounding. */
static double between(double x, double x0, double x1, double y0, double y1)
{
	double y = y0 + (y1 - y0) * ((x - x0) / (x1 - x0));

	return y > y1 ? y1 : y;
}

/* Bisection for the last knot that is not above; the ends stay put. */
double gauss_map_apply(const struct gauss_map *m, float value)
{
	size_t lo = 0, hi = m->n;

	if (m->n < 2)
		return 0;
	/* extrapolating would make of a typing error a number of any size */
	if (value >= m->value[m->n - 1])
		return m->z[m->n - 1];
	if (value <= m->value[0])
		return m->z[0];
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->value[mid] <= value)
			lo = mid;
		else
			hi = mid;
	}
	return between((double)value, (double)m->value[lo],
		       (double)m->value[lo + 1], m->z[lo], m->z[lo + 1]);
}

/* As gauss_map_apply, with the axes exchanged. Knots that share a z (far out,
 * where they are clipped) give the first of their values. */
float gauss_map_invert(const struct gauss_map *m, double z)
{
	size_t lo = 0, hi = m->n;

	if (!m->n)
		return 0;
	if (z <= m->z[0])
		return m->value[0];
	if (z >= m->z[m->n - 1])
		return m->value[m->n - 1];
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->z[mid] <= z)
			lo = mid;
		else
			hi = mid;
	}
	return (float)between(z, m->z[lo], m->z[lo + 1], (double)m->value[lo],
			      (double)m->value[lo + 1]);
}
