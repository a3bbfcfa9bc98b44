/* What is done to a table between the CSV parser and the items:
 *
 * 	rename		true: names that come twice get numbers
 * 	dates		columns of dates, of which parts are made (dates.h)
 * 	day_first	dates are day/month (true) or month/day (by the column)
 * 	amounts		columns of $1,234 or 12%, read as numbers (amounts.h)
 * 	missing_target	drop: rows without a target are left out (error)
 *
 * The time of a split may be a column of dates as well; it becomes days. */
#ifndef TRIARCH_CSV_CHANGES_H
#define TRIARCH_CSV_CHANGES_H

#include "datasets/csv/csv.h"

#define CSV_CHANGES_KEYS "rename", "dates", "day_first", "amounts", "missing_target"

struct csv_changes {
	const char *const *dates, *const *amounts; /* (n_dates), (n_amounts) */
	size_t n_dates, n_amounts;
	char decimal;	/* of amounts */
	int day_first;	/* -1: by the column */
	bool drop_rows; /* without a target */
};

/* The options of the source, and what follows for the parser, whose own options
 * `o` were read before. ERR_CONFIG, ERR_MEMORY. */
int csv_changes_read(struct csv_changes *c, const struct source *src,
		     struct csv_options *o, struct arena *a, struct error *err);

/* ERR_CONFIG, ERR_DATA, ERR_MEMORY. */
int csv_changes_apply(const struct csv_changes *c, const struct source *src,
		      struct table *t, struct arena *a, struct error *err);

#endif
