/* Marks are peeled off both ends, thousands separators are taken out of the
 * middle, and what is left must be a number as the CSV reader knows it. */
#include "datasets/csv/amounts.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "datasets/csv/csv_cell.h"

#define LONGEST 64 /* digits and separators of one number */

/* A part of a text that belongs to somebody else. */
struct view_of {
	const char *at;
	size_t size;
};

/* Blanks stand between the number and its unit as often as not. Blanks alone: a tab or
 * a line end in a cell is no way to write a number. */
static void trim(struct view_of *v)
{
	for (; v->size && v->at[0] == ' '; v->at++)
		v->size--;
	while (v->size && v->at[v->size - 1] == ' ')
		v->size--;
}

/* Cut a word off the front or the back when it is there. A word that is all of the
 * text is not cut: "$" alone is no amount. */
static bool cut(struct view_of *v, const char *word, bool front)
{
	size_t n = strlen(word);

	if (v->size <= n || memcmp(front ? v->at : v->at + v->size - n, word, n) != 0)
		return false;
	v->at += front ? n : 0;
	v->size -= n;
	trim(v);
	return true;
}

/* Signs and codes of the currencies that are seen most; one of them is enough. Which
 * one it was is not kept; a column with two currencies is read as one of numbers, and
 * its note says that currency was taken off. */
static unsigned cut_currency(struct view_of *v)
{
	static const char *const signs[] = { "$", "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5",
					     "USD", "EUR", "GBP", "CHF", "JPY" };

	for (size_t k = 0; k < sizeof(signs) / sizeof(*signs); k++)
		if (cut(v, signs[k], true) || cut(v, signs[k], false))
			return AMOUNT_CURRENCY;
	return 0;
}

/* 1,234,567: one to three digits, then groups of three. Returns how many bytes the
 * digits take in `to`, or 0 when they are not grouped so. The sign may stand in front
 * of the digits and does not count for the run. The fraction behind the decimal point
 * is copied as it is. */
static size_t join_groups(const struct view_of *v, char group, char decimal, char *to)
{
	size_t n = 0, run = 0, groups = 0, i = 0;

	for (; i < v->size && v->at[i] != decimal; i++) {
		if (v->at[i] == group) {
			if (!run || run > 3 || (groups && run != 3))
				return 0;
			groups++;
			run = 0;
			continue;
		}
		run += isdigit((unsigned char)v->at[i]) != 0;
		to[n++] = v->at[i];
	}
	if (!groups || run != 3)
		return 0;
	memcpy(to + n, v->at + i, v->size - i);
	return n + v->size - i;
}

/* The sign is cut first, since it may stand on either side of the currency; what is
 * left in the end must be a number and nothing else, or the text is none. A text
 * longer than LONGEST is refused before its digits are joined: `joined` has no more
 * room. Infinity is a number to the CSV reader and no amount. */
bool amount_parse(const char *text, size_t size, char decimal, float *value,
		  unsigned *marks)
{
	struct view_of v = { text, size };
	bool negative;
	char joined[LONGEST];
	size_t n;

	*marks = 0;
	trim(&v);
	negative = v.size > 1 && *v.at == '-' && !isdigit((unsigned char)v.at[1]) &&
		   cut(&v, "-", true);
	*marks |= cut_currency(&v);
	if (cut(&v, "%", false))
		*marks |= AMOUNT_PERCENT;
	if (!v.size || v.size > LONGEST || (negative && strchr("+-", *v.at)))
		return false; /* one sign: --7 and -$-7 are slips */
	n = join_groups(&v, decimal == ',' ? '.' : ',', decimal, joined);
	if (n)
		*marks |= AMOUNT_THOUSANDS;
	if (!csv_cell_parse(n ? joined : v.at, n ? n : v.size, decimal, value) ||
	    isinf(*value))
		return false;
	*value = negative ? -*value : *value;
	return true;
}

/* Each distinct text once. The level names are gone afterwards: it is a column of
 * numbers like any other. */
static int convert(struct table *t, size_t j, char decimal, struct arena *a,
		   struct error *err)
{
	struct column *c = &t->columns[j];
	float *value = ARENA_RAW(a, float, c->levels), *x = ARENA_RAW(a, float, t->rows);
	unsigned marks;

	if (!value || !x)
		return arena_error(a, err);
	for (size_t k = 0; k < c->levels; k++)
		if (!amount_parse(c->level_names[k], strlen(c->level_names[k]), decimal,
				  &value[k], &marks))
			return error_set(err, ERR_DATA, "column '%s': '%.40s' is no number",
					 c->name, c->level_names[k]);
	for (size_t i = 0; i < t->rows; i++)
		x[i] = isnan(t->cell[j][i]) ? NAN : value[(size_t)t->cell[j][i]];
	*c = (struct column){ .name = c->name };
	t->cell[j] = x;
	return 0;
}

/* Columns that came out of the parser as numbers have no marks to take off. */
int amounts_convert(struct table *t, const char *const *names, size_t n, char decimal,
		    struct arena *a, struct error *err)
{
	for (size_t k = 0; k < n; k++) {
		size_t j = 0;

		while (j < t->cols && strcmp(t->columns[j].name, names[k]))
			j++;
		if (j == t->cols)
			return error_set(err, ERR_CONFIG, "amounts: no column '%s'", names[k]);
		if (t->columns[j].is_cat && convert(t, j, decimal, a, err))
			return (int)err->code;
	}
	return 0;
}
