/* Ranks mapped to a normal law: a column of any shape becomes a standard normal
 * one, by a map that keeps its order and can be undone.
 *
 * Training values are sorted; the value on ranks [lo, hi) of n (ties have a run
 * of ranks) stands at probability p = (lo + hi) / 2n and becomes z = the normal
 * quantile of p (van der Waerden 1952, with mid-ranks). Between the values the
 * map is linear, outside of them constant.
 */
#ifndef TRIARCH_GAUSS_MAP_H
#define TRIARCH_GAUSS_MAP_H

#include "harness/base/arena.h"

#define GAUSS_MAP_KNOTS 1000 /* at most: beyond, evenly spaced by rank */
#define GAUSS_MAP_CLIP	5.2  /* |z|; probability 1e-7, as scikit-learn has it */

struct gauss_map {
	size_t n;     /* knots; 0: no training value; 1: a constant column */
	float *value; /* (n) strictly ascending */
	double *z;    /* (n) ascending */
};

/* Room for a map of `count` training values. ERR_MEMORY. */
int gauss_map_init(struct gauss_map *m, size_t count, struct arena *a,
		   struct error *err);

/* Fit on `count` values, at most those of gauss_map_init, all finite; they are
 * sorted in place. Allocates nothing: may run in par_for. */
void gauss_map_fit(struct gauss_map *m, float *values, size_t count);

/* z of a value (which is no NaN), and the value of a z. 0 where the map has no
 * or one knot (its value, in the inverse). Exact inverses at the knots; values
 * outside the training range come back as its ends. */
double gauss_map_apply(const struct gauss_map *m, float value);
float gauss_map_invert(const struct gauss_map *m, double z);

/* The quantile of the standard normal law at p in (0, 1), to about 1e-15 of
 * its size. */
double gauss_quantile(double p);

#endif
