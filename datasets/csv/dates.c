/* A date is parsed once for each distinct text of its column: rows share levels,
 * and a million rows of a log have a few thousand days. */
#include "datasets/csv/dates.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define PARTS 6

/* ---------------------------------------------------------------- parse */

/* [at, end) of a text that no NUL needs to end. */
struct scan {
	const char *at, *end;
};

/* Up to `most` digits as a number, and how many there were. At most four here, so an
 * int cannot run over. *count tells 1 from 01 and from nothing. */
static int digits(struct scan *s, int most, int *count)
{
	int value = 0;

	for (*count = 0; *count < most && s->at < s->end &&
			 isdigit((unsigned char)*s->at); ++*count)
		value = 10 * value + (*s->at++ - '0');
	return value;
}

/* One of a few characters, or nothing at all. strchr finds the NUL of its list too,
 * hence the last test: a NUL in the text is no mark. */
static bool take(struct scan *s, const char *any)
{
	if (s->at == s->end || !strchr(any, *s->at) || !*s->at)
		return false;
	s->at++;
	return true;
}

/* The Gregorian rule, also before it was one: data has no other calendar. */
static int month_length(int year, int month)
{
	static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return length[month - 1] + (month == 2 && leap);
}

/* The two digits of a year as POSIX strptime reads them (%y). Three digits, or one,
 * are no year of a file that means dates. */
static bool full_year(int *year, int count)
{
	if (count == 2)
		*year += *year < 69 ? 2000 : 1900;
	return count == 2 || count == 4;
}

/* 20240131 has no marks between; its digits are counted off. */
static bool parse_compact(struct scan *s, struct date *d)
{
	int y, m, day;

	d->year = digits(s, 4, &y);
	d->month = digits(s, 2, &m);
	d->day = digits(s, 2, &day);
	return y == 4 && m == 2 && day == 2;
}

/* Three numbers with the same mark between; ISO has the year first. The first mark has
 * to come again, which keeps 1-2/3 and ranges out. */
static bool parse_day(struct scan *s, enum date_order order, struct date *d)
{
	int value[3], count[3];
	char mark;

	if (order == DATE_COMPACT)
		return parse_compact(s, d);
	value[0] = digits(s, 4, &count[0]);
	if (s->at == s->end)
		return false;
	mark = *s->at;
	if (!take(s, "-/."))
		return false;
	value[1] = digits(s, 2, &count[1]);
	if (s->at == s->end || *s->at++ != mark)
		return false;
	value[2] = digits(s, 4, &count[2]);
	if (order == DATE_ISO) {
		*d = (struct date){ value[0], value[1], value[2], 0, 0, 0, false };
		return count[0] == 4 && count[1] && count[2] && count[2] < 3;
	}
	*d = (struct date){ .year = value[2],
			    .month = value[order == DATE_DAY_FIRST],
			    .day = value[order == DATE_MONTH_FIRST] };
	return count[0] && count[0] < 3 && count[1] && full_year(&d->year, count[2]);
}

/* Z, +02:00, +0200: the clock that people read on the wall is what counts. Not
 * converted: two rows of one wall clock stay at one hour of the day, which is what a
 * learner makes use of. */
static bool parse_zone(struct scan *s)
{
	int count;

	if (take(s, "Z") || s->at == s->end)
		return s->at == s->end;
	if (!take(s, "+-"))
		return false;
	digits(s, 2, &count);
	take(s, ":");
	digits(s, 2, &count);
	return s->at == s->end;
}

/* AM and PM; false for an hour that such a clock does not have. 12 AM is midnight and
 * 12 PM noon, hence the remainder. */
static bool take_half_day(struct scan *s, int *hour)
{
	bool pm;

	take(s, " ");
	if (s->end - s->at != 2 || toupper((unsigned char)s->at[1]) != 'M')
		return true;
	pm = toupper((unsigned char)s->at[0]) == 'P';
	if ((!pm && toupper((unsigned char)s->at[0]) != 'A') || *hour < 1 || *hour > 12)
		return false;
	*hour = *hour % 12 + (pm ? 12 : 0);
	s->at = s->end;
	return true;
}

/* hh:mm[:ss[.fraction]], with AM or PM where they are used. A second may be 60, which
 * leap seconds are. */
static bool parse_time(struct scan *s, struct date *d)
{
	double scale = 0.1;
	int count;

	d->hour = digits(s, 2, &count);
	if (!count || !take(s, ":"))
		return false;
	d->minute = digits(s, 2, &count);
	if (count != 2)
		return false;
	if (take(s, ":"))
		d->second = digits(s, 2, &count);
	if (take(s, ".,"))
		for (; s->at < s->end && isdigit((unsigned char)*s->at); scale /= 10)
			d->second += scale * (*s->at++ - '0');
	take(s, " ");
	d->has_time = true;
	return take_half_day(s, &d->hour) && d->hour < 24 && d->minute < 60 &&
	       d->second < 61 && parse_zone(s);
}

/* The day must be one that exists: 31/2 tells that the order is another. */
bool date_parse(const char *text, size_t size, enum date_order order, struct date *out)
{
	struct scan s = { .at = text, .end = text + size };

	*out = (struct date){ 0 };
	if (!parse_day(&s, order, out) || out->year < 1 || out->month < 1 ||
	    out->month > 12 || out->day < 1 ||
	    out->day > month_length(out->year, out->month))
		return false;
	if (s.at == s.end)
		return true;
	return take(&s, " T") && parse_time(&s, out);
}

/* All or none: one text that is no date makes a column of texts. No texts are no
 * dates: an empty column is something else. */
static bool all_parse(const char *const *texts, size_t n, enum date_order order)
{
	struct date d;

	for (size_t k = 0; k < n; k++)
		if (!date_parse(texts[k], strlen(texts[k]), order, &d))
			return false;
	return n > 0;
}

/* Eight digits are more often a number, so they are a date only where somebody says
 * so; nobody asks for a guess of those. ISO first, since it cannot be taken for one of
 * the others: its year has four digits in front. */
bool date_guess(const char *const *texts, size_t n, enum date_order *order,
		bool *ambiguous)
{
	bool day, month;

	*ambiguous = false;
	*order = DATE_ISO;
	if (all_parse(texts, n, DATE_ISO))
		return true;
	day = all_parse(texts, n, DATE_DAY_FIRST);
	month = all_parse(texts, n, DATE_MONTH_FIRST);
	*order = day ? DATE_DAY_FIRST : DATE_MONTH_FIRST;
	*ambiguous = day && month;
	return day || month;
}

/* Where the column itself settles the order, a word to the contrary does not count. */
bool date_find(const char *const *texts, size_t n, int day_first,
	       enum date_order *order)
{
	bool ambiguous, found = date_guess(texts, n, order, &ambiguous);

	if (found && ambiguous && day_first >= 0)
		*order = day_first ? DATE_DAY_FIRST : DATE_MONTH_FIRST;
	if (found || !all_parse(texts, n, DATE_COMPACT))
		return found;
	*order = DATE_COMPACT;
	return true;
}

/* Days from the civil calendar with years that begin in March, so that the leap
 * day is the last of its year (Hinnant 2014, "chrono-compatible low-level date
 * algorithms", days_from_civil). */
double date_days(const struct date *d)
{
	int y = d->year - (d->month <= 2), era = y / 400, of_era = y - era * 400;
	int of_year = (153 * (d->month + (d->month > 2 ? -3 : 9)) + 2) / 5 + d->day - 1;
	int day = of_era * 365 + of_era / 4 - of_era / 100 + of_year;

	return (double)(era * 146097 + day - 719468) +
	       (d->hour * 3600 + d->minute * 60 + d->second) / 86400;
}

/* 1970-01-01 was a Thursday. The remainder of a negative number is negative in C,
 * hence twice. */
int date_weekday(const struct date *d)
{
	long days = (long)floor(date_days(d));

	return (int)(((days + 3) % 7 + 7) % 7) + 1;
}

/* ---------------------------------------------------------------- tables */

/* The order that most texts are of: by it the odd one is found and named. Four orders
 * and no more than the levels of one column: what it costs is only paid where an error
 * is told. */
static enum date_order best_order(const char *const *texts, size_t n)
{
	enum date_order best = DATE_ISO;
	size_t most = 0;
	struct date d;

	for (int order = DATE_ISO; order <= DATE_COMPACT; order++) {
		size_t good = 0;

		for (size_t k = 0; k < n; k++)
			good += date_parse(texts[k], strlen(texts[k]), (enum date_order)order, &d);
		if (good > most) {
			most = good;
			best = (enum date_order)order;
		}
	}
	return best;
}

/* All distinct texts of a column as dates. Where no order fits all, the odd text is
 * told and not the first one. */
static int parse_levels(const struct column *c, int day_first,
			struct arena *a, struct date **out, struct error *err)
{
	struct date *d = ARENA_NEW(a, struct date, c->levels);
	enum date_order order = DATE_ISO;

	if (!d)
		return arena_error(a, err);
	if (!date_find(c->level_names, c->levels, day_first, &order))
		order = best_order(c->level_names, c->levels);
	for (size_t k = 0; k < c->levels; k++)
		if (!date_parse(c->level_names[k], strlen(c->level_names[k]), order, &d[k]))
			return error_set(err, ERR_DATA, "column '%s': '%.40s' is no date, "
					 "or of another order than the others",
					 c->name, c->level_names[k]);
	*out = d;
	return 0;
}

/* From the first day on, for floats: 20,000 days and a time of the day would be
 * minutes apart. The column is no category any more afterwards, and its level names
 * are gone. */
int dates_number(struct table *t, const char *name, int day_first, struct arena *a,
		 struct error *err)
{
	struct date *d;
	double first = INFINITY;
	struct column *c;
	size_t j = 0;
	float *x;

	while (j < t->cols && strcmp(t->columns[j].name, name) != 0)
		j++;
	if (j == t->cols || !t->columns[j].is_cat)
		return 0;
	c = &t->columns[j];
	if (parse_levels(c, day_first, a, &d, err))
		return (int)err->code;
	x = ARENA_RAW(a, float, t->rows);
	if (!x)
		return arena_error(a, err);
	for (size_t k = 0; k < c->levels; k++)
		first = fmin(first, floor(date_days(&d[k])));
	for (size_t i = 0; i < t->rows; i++)
		x[i] = isnan(t->cell[j][i]) ? NAN :
		       (float)(date_days(&d[(size_t)t->cell[j][i]]) - first);
	*c = (struct column){ .name = c->name };
	t->cell[j] = x;
	return 0;
}

/* Hours with their minutes: a part of its own for those would be noise. In the order
 * of the names in add_part. */
static float part_of(const struct date *d, double first, int part)
{
	switch (part) {
	case 0:
		return (float)d->year;
	case 1:
		return (float)d->month;
	case 2:
		return (float)d->day;
	case 3:
		return (float)date_weekday(d);
	case 4:
		return (float)(d->hour + d->minute / 60.0);
	default:
		return (float)(date_days(d) - first);
	}
}

/* Does the part differ between the dates? Years of one year teach nothing. Of the
 * distinct dates, so that the answer is that of all rows. Parts are whole numbers or
 * compare by bits, hence no tolerance. */
static bool varies(const struct date *d, size_t n, double first, int part)
{
	for (size_t k = 1; k < n; k++) {
		float diff = part_of(&d[k], first, part) - part_of(&d[0], first, part);

		if (diff < 0 || diff > 0)
			return true;
	}
	return false;
}

/* One part as a new column behind the others of `to`. Holes stay holes in every part. */
static int add_part(struct table *to, const struct table *from, size_t j,
		    const float *value, int part, struct arena *a, struct error *err)
{
	static const char *const names[PARTS] = { "year", "month", "day",
						  "weekday", "hour", "days" };
	const float *cell = from->cell[j];
	float *x = ARENA_RAW(a, float, from->rows);
	const char *name = arena_printf(a, "%s_%s", from->columns[j].name, names[part]);

	if (!x || !name)
		return arena_error(a, err);
	for (size_t i = 0; i < from->rows; i++)
		x[i] = isnan(cell[i]) ? NAN : value[(size_t)cell[i]];
	to->columns[to->cols] = (struct column){ .name = name };
	to->cell[to->cols++] = x;
	return 0;
}

/* The parts of column j. A column whose dates are all the same gives none. "days" is
 * counted from the earliest day of the file, in all rows alike: training and test have
 * one origin. */
static int expand_one(struct table *to, const struct table *from, size_t j,
		      int day_first, struct arena *a, struct error *err)
{
	const struct column *c = &from->columns[j];
	float *value = ARENA_RAW(a, float, c->levels);
	struct date *d;
	double first = INFINITY;

	if (!value)
		return arena_error(a, err);
	if (parse_levels(c, day_first, a, &d, err))
		return (int)err->code;
	for (size_t k = 0; k < c->levels; k++)
		first = fmin(first, floor(date_days(&d[k])));
	for (int part = 0; part < PARTS; part++) {
		if (!varies(d, c->levels, first, part))
			continue;
		for (size_t k = 0; k < c->levels; k++)
			value[k] = part_of(&d[k], first, part);
		if (add_part(to, from, j, value, part, a, err))
			return (int)err->code;
	}
	return 0;
}

/* A handful of columns, asked for once a file. */
static bool is_named(const char *name, const char *const *names, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (!strcmp(name, names[k]))
			return true;
	return false;
}

/* A name that no column has is a slip, and a column of numbers has no dates. */
static int check_names(const struct table *t, const char *const *names, size_t n,
		       struct error *err)
{
	for (size_t k = 0; k < n; k++) {
		size_t j = 0;

		while (j < t->cols && strcmp(t->columns[j].name, names[k]))
			j++;
		if (j == t->cols)
			return error_set(err, ERR_CONFIG, "dates: no column '%s'", names[k]);
		if (!t->columns[j].is_cat)
			return error_set(err, ERR_CONFIG, "dates: '%s' is a column of "
					 "numbers", names[k]);
	}
	return 0;
}

/* In place of the column, so that the order of the others stays. The old arrays stay
 * in the arena; the table has new lists. */
int dates_expand(struct table *t, const char *const *names, size_t n,
		 int day_first, struct arena *a, struct error *err)
{
	size_t most = t->cols + PARTS * n;
	struct table to = { .rows = t->rows };

	if (!n)
		return 0;
	if (check_names(t, names, n, err))
		return (int)err->code;
	to.columns = ARENA_NEW(a, struct column, most);
	to.cell = ARENA_NEW(a, float *, most);
	if (!to.columns || !to.cell)
		return arena_error(a, err);
	for (size_t j = 0; j < t->cols; j++) {
		if (is_named(t->columns[j].name, names, n)) {
			if (expand_one(&to, t, j, day_first, a, err))
				return (int)err->code;
			continue;
		}
		to.columns[to.cols] = t->columns[j];
		to.cell[to.cols++] = t->cell[j];
	}
	*t = to;
	return 0;
}
