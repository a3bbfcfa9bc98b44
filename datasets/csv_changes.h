/* What is done to a parsed CSV table before it becomes items. Private to
 * datasets/read_csv.c. */
#ifndef TRIARCH_CSV_CHANGES_H
#define TRIARCH_CSV_CHANGES_H

#include "datasets/csv.h"

struct csv_changes {
	const char *const *dates, *const *amounts; /* columns by name */
	size_t n_dates, n_amounts;
	int day_first;	/* -1: by the column */
	char decimal;	/* of amounts */
	bool drop_rows; /* without a target */
};

/* The options dates, day_first, amounts, rename and missing_target; `o` gets
 * what the parser must know of them. ERR_CONFIG, ERR_MEMORY. */
int csv_changes_read(struct csv_changes *c, const struct source *src, struct arena *a,
		     struct csv_options *o, struct error *err);

/* Apply them; `csv` keeps its lines and the ends of its files. ERR_CONFIG for a
 * column that is not there, ERR_DATA for cells that are no date or amount. */
int csv_changes_apply(const struct csv_changes *c, struct csv *csv,
		      const struct source *src, struct arena *a, struct error *err);

#endif
