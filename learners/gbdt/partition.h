/* The rows of a tree, those of a leaf side by side and in ascending order. */
#ifndef TRIARCH_GBDT_PARTITION_H
#define TRIARCH_GBDT_PARTITION_H

#include <stdbool.h>

#include "harness/base/arena.h"
#include "learners/gbdt/row_kernels.h"

/* Row numbers and their narrow words. */
struct partition_rows {
	uint32_t *row;
	int32_t *gh; /* NULL: gradients are looked up by row */
};

struct partition {
	struct partition_rows rows;	/* (capacity) */
	struct partition_rows left, right; /* scratch alike; `left` for several
					    * threads only */
	size_t *lefts; /* a chunk */
};

/* Room for `capacity` rows; with_gh: their words go with them. False when out
 * of memory. */
bool partition_allocate(struct partition *p, size_t capacity, bool with_gh,
			int threads, struct arena *a);

/* Rows [begin, end): those with left[bin[row]] to the front, order kept on both
 * sides; how many they are. Ranges that do not overlap may be split at the
 * same time, with one thread each. */
size_t partition_split(struct partition *p, size_t begin, size_t end,
		       const uint8_t *bin, const uint8_t left[256], int threads);

/* Undo a split: [begin, middle) and [middle, end) become one ascending range. */
void partition_join(struct partition *p, size_t begin, size_t middle, size_t end);

#endif
