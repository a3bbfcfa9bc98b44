/* Where to cut a numeric column: quantiles of its values by weight.
 *
 * Chen & Guestrin 2016 (appendix) sketch weighted quantiles of data that does
 * not fit in memory; here a sample does, so they are exact for it: sort, join
 * equal values, add up weights. A row of weight 2 then counts as two rows, and
 * one of weight 0 as none.
 */
#ifndef TRIARCH_GBDT_QUANTILE_H
#define TRIARCH_GBDT_QUANTILE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "harness/base/arena.h"

/* Workspace of one thread: the distinct values of a column, ascending. */
struct quantile {
	size_t runs;
	uint32_t *key;	/* (runs) values, as quantile_key has them */
	double *weight; /* (runs) sum over the rows that have the value */
	/* private */
	uint32_t *spare;
	uint64_t *wide;
};

/* Unsigned keys in the order of the floats; -0 equals 0. Not for NaN. */
static inline uint32_t quantile_key(float x)
{
	uint32_t u;

	x += 0.0f;
	memcpy(&u, &x, sizeof(u));
	return u & 0x80000000u ? ~u : u | 0x80000000u;
}

static inline float quantile_value(uint32_t key)
{
	uint32_t u = key & 0x80000000u ? key & 0x7fffffffu : ~key;
	float x;

	memcpy(&x, &u, sizeof(x));
	return x;
}

/* A key and the weight of its row in one word, for quantile_sort_weighed. */
static inline uint64_t quantile_word(uint32_t key, float weight)
{
	uint32_t u;

	memcpy(&u, &weight, sizeof(u));
	return (uint64_t)key << 32 | u;
}

/* Room for `most` values, with weights or without; false: out of memory. */
bool quantile_init(struct quantile *q, size_t most, bool weighed, struct arena *a);

/* The runs of n <= most keys, of weight 1 each; `key` is overwritten. */
void quantile_sort(struct quantile *q, uint32_t *key, size_t n);

/* The same for words; weights are positive. */
void quantile_sort_weighed(struct quantile *q, uint64_t *word, size_t n);

/* One value more (there is room for it), to a run that is there already or to
 * one of its own: the many zeros of a sparse column. */
void quantile_add(struct quantile *q, float value, double weight);

/* The heaviest run, the first of equal ones; runs >= 1. */
size_t quantile_heaviest(const struct quantile *q);

/* edge <- the largest value of each bin, ascending; at most `max` >= 1 bins.
 * Each value has a bin to itself while there are few of them, and always when
 * it weighs more than a bin should; the others share bins of about equal
 * weight. Returns how many. */
uint32_t quantile_edges(const struct quantile *q, size_t max, float *edge);

#endif
