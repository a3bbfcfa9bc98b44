/* Rows of a table that cannot be learned from, left out before it becomes items.
 * For readers whose files have targets with holes that the catalogue knows of.
 */
#ifndef TRIARCH_TABLE_ROWS_H
#define TRIARCH_TABLE_ROWS_H

#include "datasets/table.h"

/* The option `missing_target: drop | error` of a reader: true for drop, false
 * for error and where the option is absent. ERR_CONFIG at the option's place. */
int table_rows_option(const struct source *src, bool *drop, struct error *err);

/* Keep the rows whose target is not missing, in their order. `t` gets arrays of
 * its own in the arena when there is something to leave out; what they were
 * stays as it was. Levels that no row has any more keep their codes. ERR_CONFIG:
 * no such column (with "did you mean"); ERR_MEMORY. A table without any target
 * is left with no rows, which table_to_items reports. */
int table_rows_with_target(struct table *t, const char *target, struct arena *a,
			   struct error *err);

/* The option `train_rows: N` of a reader: the first N rows are the official
 * training part, the others the test part, set in `out`, whose n is set. Nothing
 * where the option is absent. ERR_CONFIG at its place: N is not below n;
 * ERR_MEMORY. */
int table_rows_official(const struct source *src, struct arena *a, struct items *out,
			struct error *err);

#endif
