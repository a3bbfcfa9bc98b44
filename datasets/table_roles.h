/* Columns that say how rows belong together: group, fold, time; and columns
 * whose numbers are names. Private to table.c.
 *
 * group	rows of one value never part in a split; several columns joined
 *		by '+' are a group by all of them
 * fold		official folds, numbered in the order of the values
 * time		ascending time, a numeric column; cells are floats, so seconds
 *		since 1970 would lose two minutes: days or a row number do not
 *
 * A row without one of them is an error (ERR_DATA, with the first such row): it
 * could be put anywhere, and that would decide what a split measures.
 */
#ifndef TRIARCH_TABLE_ROLES_H
#define TRIARCH_TABLE_ROLES_H

#include "datasets/table.h"

struct table_roles {
	size_t n_group;
	size_t *group;	    /* (n_group) columns */
	size_t fold, time; /* columns, SIZE_MAX: none */
};

/* The columns by name; those of group and fold are marked as left out (cols).
 * ERR_CONFIG: no such column, or it is the target. */
int table_roles_find(const struct table *t, const struct source *src, size_t target,
		     struct table_roles *out, bool *left_out, struct arena *a,
		     struct error *err);

/* Fill group, fold and time of the items. */
int table_roles_take(const struct table *t, const struct table_roles *roles,
		     struct arena *a, struct items *out, struct error *err);

/* Turn the numeric ones of src->categorical into categorical columns with levels
 * in ascending order. The table's lists are replaced, what they pointed to stays
 * as it was. */
int table_categorical(struct table *t, const struct source *src, struct arena *a,
		      struct error *err);

#endif
