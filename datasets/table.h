/* A table as a file has it, before a target is chosen.
 *
 * The csv, rdata (and later arff, npy ...) readers fill a `struct table`;
 * table_to_items does what they share: pick and convert the target, drop
 * columns, check that something can be learned.
 */
#ifndef TRIARCH_TABLE_H
#define TRIARCH_TABLE_H

#include "datasets/reader.h"

struct table {
	size_t rows, cols;
	struct column *columns; /* (cols) */
	float **cell;		/* (cols) of (rows); coding as in struct items */
};

/* Errors (ERR_DATA, ERR_CONFIG): no such target (with "did you mean"), text
 * target in regression, missing or infinite targets, a single class, no rows,
 * no column left. Class codes follow the order of the column's levels, unused
 * levels removed; a numeric class target gets its sorted distinct values. */
int table_to_items(const struct table *t, const struct source *src,
		   struct arena *a, struct items *out, struct error *err);

#endif
