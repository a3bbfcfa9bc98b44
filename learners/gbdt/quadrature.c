#include "learners/gbdt/quadrature.h"

#include <math.h>

/* P_n(x) and its derivative by the three-term recurrence. */
static double legendre(size_t n, double x, double *slope)
{
	double before = 1, p = x;

	for (size_t k = 2; k <= n; k++) {
		double next = ((2 * (double)k - 1) * x * p - ((double)k - 1) * before) /
			      (double)k;

		before = p;
		p = next;
	}
	*slope = (double)n * (x * p - before) / (x * x - 1);
	return p;
}

/* Newton's steps from the guess of Abramowitz & Stegun 22.16.6 converge in a few;
 * weights are theirs, 25.4.29, halved for an interval of length 1. */
void quadrature_make(size_t n, double *point, double *weight)
{
	for (size_t k = 0; k < n; k++) {
		double x = cos(M_PI * ((double)k + 0.75) / ((double)n + 0.5)), slope;

		for (int step = 0; step < 8; step++)
			x -= legendre(n, x, &slope) / slope;
		legendre(n, x, &slope);
		point[k] = (1 + x) / 2;
		weight[k] = 1 / ((1 - x * x) * slope * slope);
	}
}

/* Rules for 1, 2 ... n - 1 points lie before that for n. */
static size_t start_of(size_t n)
{
	return n ? n * (n - 1) / 2 : 0;
}

bool quadrature_init(struct quadrature *q, size_t factors, struct arena *a)
{
	size_t tables = start_of(QUADRATURE_TABLES + 1), last = tables;

	q->most = (factors + 1) / 2;
	if (q->most > QUADRATURE_TABLES)
		last += q->most;
	q->point = ARENA_NEW(a, double, last);
	q->weight = ARENA_NEW(a, double, last);
	if (!q->point || !q->weight)
		return false;
	for (size_t n = 1; n <= QUADRATURE_TABLES; n++)
		quadrature_make(n, q->point + start_of(n), q->weight + start_of(n));
	quadrature_make(last - tables, q->point + tables, q->weight + tables);
	return true;
}

/* Longer ones than the tables' are rare: one rule serves them all. */
size_t quadrature_points(const struct quadrature *q, size_t factors, size_t *start)
{
	size_t n = (factors + 1) / 2;

	*start = start_of(n <= QUADRATURE_TABLES ? n : QUADRATURE_TABLES + 1);
	return n <= QUADRATURE_TABLES ? n : q->most;
}
