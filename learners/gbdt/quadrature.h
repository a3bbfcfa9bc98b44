/* Rules of Gauss and Legendre on [0, 1]. */
#ifndef TRIARCH_GBDT_QUADRATURE_H
#define TRIARCH_GBDT_QUADRATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/arena.h"

/* Points and weights of the n-point rule: exact for polynomials up to degree
 * 2 n - 1. */
void quadrature_make(size_t n, double *point, double *weight);

/* Rules for 1 .. QUADRATURE_TABLES points, and one with the most that are needed. */
enum { QUADRATURE_TABLES = 32 };

struct quadrature {
	size_t most;		/* points of the last rule */
	double *point, *weight; /* of all rules, one behind the other */
};

/* For polynomials of degree below `factors`; false when out of memory. */
bool quadrature_init(struct quadrature *q, size_t factors, struct arena *a);

/* A rule for degrees below `factors`: its points are at q->point[*start ..]. */
size_t quadrature_points(const struct quadrature *q, size_t factors, size_t *start);

#endif
