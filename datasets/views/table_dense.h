/* Tables as finite numbers, for learners that measure distances or multiply
 * matrices: what the dense and quantile views share.
 *
 * A numeric column becomes one column, scaled or mapped by rank; a hole is 0,
 * and a column with holes in training has an indicator right behind it. A
 * categorical column is one-hot over the levels seen in training, at most
 * TABLE_DENSE_LEVELS of them (the most frequent), all 0 for the others.
 */
#ifndef TRIARCH_TABLE_DENSE_H
#define TRIARCH_TABLE_DENSE_H

#include "datasets/encode.h"

#define TABLE_DENSE_LEVELS 256

/* Raise when the numbers change: part of the version of encoders that use it. */
#define TABLE_DENSE_VERSION 2

enum table_numbers {
	/* less the training mean, over the training deviation, clipped at
	 * SCALING_CLIP */
	TABLE_SCALED,
	/* by training rank to a normal law (gauss_map.h) */
	TABLE_RANKED,
};

/* Sets out->cols and x (rows, cols) of train, valid and test; the rest of `out`
 * is the caller's (encode_begin). Columns without a training value, or with one
 * alone, are 0 throughout. ERR_MEMORY. */
int table_dense(const struct items *items, const struct split *split,
		enum table_numbers numbers, int threads, struct arena *a,
		struct dataset *out, struct error *err);

#endif
