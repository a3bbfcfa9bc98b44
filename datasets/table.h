/* A table as a file has it, before a target is chosen.
 *
 * The csv, rdata, arff, libsvm and npy readers fill a `struct table`;
 * table_to_items does what they share: turn numbers that are names into
 * categories, pick and convert the target, number groups and folds, drop
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

/* Cells that a file may name without holding them (sparse rows): 1 GiB. */
#define TABLE_SPARSE_MAX ((size_t)1 << 28)

/* Errors (ERR_DATA, ERR_CONFIG): no such target (with "did you mean"), text
 * target in regression, missing or infinite targets, a single class, no rows,
 * no column left; what table_roles.h says. Class codes follow the order of the
 * column's levels, unused levels removed; a numeric class target gets its
 * sorted distinct values. */
int table_to_items(const struct table *t, const struct source *src,
		   struct arena *a, struct items *out, struct error *err);

/* Only the target: `y` (out->n) of column `c` as label or target of `out`, whose
 * n and task are set. For readers whose features are no table. */
int table_target(const struct column *c, const float *y, bool log_target,
		 struct arena *a, struct items *out, struct error *err);

/* The number of a column by name, or ERR_CONFIG "WHAT: no column ..." with the
 * nearest name there is. */
int table_find(const struct table *t, const char *what, const char *name, size_t *at,
	       struct arena *a, struct error *err);

#endif
