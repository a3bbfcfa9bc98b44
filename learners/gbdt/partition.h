/* Which rows are in which leaf: one array of row numbers in which every leaf
 * owns a range, and their packed gradients beside them, so that a histogram
 * reads both in order. */
#ifndef TRIARCH_GBDT_PARTITION_H
#define TRIARCH_GBDT_PARTITION_H

#include "learners/gbdt/gbdt_kernels.h"

struct partition {
	uint32_t *rows; /* (capacity) */
	int64_t *gh;	/* (capacity) */
	/* private */
	uint32_t *rows_spare;
	int64_t *gh_spare;
	size_t *lefts; /* (chunks) */
};

/* Room for `capacity` rows; false when out of memory. */
bool partition_allocate(struct partition *p, size_t capacity, struct arena *a);

/* Part the range [begin, end): rows whose bin b of one column has left[b] = 1
 * come first, both sides keep their order. `bin` and `stride` as in
 * gbdt_kernels.h. Returns how many went left. */
size_t partition_split(struct partition *p, size_t begin, size_t end,
		       const uint8_t *bin, size_t stride,
		       const uint8_t left[256], int threads);

/* The packed sum of the range [begin, end). */
int64_t partition_sum(const struct partition *p, size_t begin, size_t end);

#endif
