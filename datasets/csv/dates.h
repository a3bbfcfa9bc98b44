/* Dates in the texts of a table: told apart, and taken into parts.
 *
 * Understood are year-month-day, day/month/year and month/day/year with any of
 * - / . between, and 20240131; an hour, minute and second may follow behind a
 * blank or a T, a time zone behind those is passed over. Whether the day or the
 * month comes first is decided by the whole column: one 31/1 is enough.
 */
#ifndef TRIARCH_DATES_H
#define TRIARCH_DATES_H

#include "datasets/table.h"

enum date_order { DATE_ISO, DATE_DAY_FIRST, DATE_MONTH_FIRST, DATE_COMPACT };

struct date {
	int year, month, day; /* the proleptic Gregorian calendar */
	int hour, minute;
	double second;
	bool has_time;
};

/* Of a text of `size` bytes; false when it is no date of that order. Years are
 * four digits, or two: 69 .. 99 of the last century, as POSIX has them. */
bool date_parse(const char *text, size_t size, enum date_order order, struct date *out);

/* The order in which all texts are dates, false when there is none. *ambiguous:
 * day and month could change places in every one; then the order is day first. */
bool date_guess(const char *const *texts, size_t n, enum date_order *order,
		bool *ambiguous);

/* The same with what a person says of ambiguous ones (`day_first`: -1 nothing, 0
 * no, 1 yes), and with 20240131: for columns that are known to hold dates. */
bool date_find(const char *const *texts, size_t n, int day_first,
	       enum date_order *order);

double date_days(const struct date *d);	   /* since 1970-01-01, with the time */
int date_weekday(const struct date *d);	   /* 1 Monday .. 7 Sunday */

/* Put numbers in place of the dates of a column: days since the first one, which
 * is what a split by time needs. Columns of numbers, and a name that is no column,
 * are left as they are. `day_first` as in date_find. ERR_DATA names a text that is
 * no date; ERR_MEMORY. */
int dates_number(struct table *t, const char *name, int day_first, struct arena *a,
		 struct error *err);

/* Put number columns in place of the n named columns, except those that are the
 * same in every row: NAME_year, NAME_month, NAME_day, NAME_weekday, NAME_hour
 * and NAME_days since the first date. ERR_CONFIG when there is no such column,
 * ERR_DATA, ERR_MEMORY. */
int dates_expand(struct table *t, const char *const *names, size_t n,
		 int day_first, struct arena *a, struct error *err);

#endif
