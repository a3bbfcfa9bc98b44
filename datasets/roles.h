/* Columns of a table that say how its rows hang together. */
#ifndef TRIARCH_ROLES_H
#define TRIARCH_ROLES_H

#include "datasets/table.h"

/* The names of src->group, time and fold, those that are NULL left out; returns
 * how many. They are no features. */
size_t roles_columns(const struct source *src, const char *out[3]);

/* Fill out->group, time and fold from those columns of `t`: groups and folds are
 * numbered by their distinct values, times are numbers. ERR_CONFIG (no such
 * column), ERR_DATA (a hole, or a text that is no time), ERR_MEMORY. */
int roles_fill(const struct table *t, const struct source *src, struct arena *a,
	       struct items *out, struct error *err);

#endif
