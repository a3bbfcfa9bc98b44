/* A fixed random order of some of n places, the twin of grids. */
#ifndef TRIARCH_PLACE_ORDER_H
#define TRIARCH_PLACE_ORDER_H

#include "harness/base/arena.h"
#include "harness/base/rng.h"

/* from[j] = the place whose content comes to place j: a permutation of 0 .. n-1
 * in which round(share * n) places, drawn at random, take part and the others
 * stay. In the arena; ERR_MEMORY. */
int place_order(size_t n, double share, struct rng r, struct arena *a, uint32_t **from,
		struct error *err);

#endif
