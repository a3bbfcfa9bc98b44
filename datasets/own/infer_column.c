/* One column of a parsed table: what it is, how much of it is there, and a line
 * that shows it. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "datasets/csv/amounts.h"
#include "datasets/own/infer_parts.h"
#include "harness/base/text.h"

#define SHOWN	    3 /* levels */
#define SHOWN_BYTES 24 /* of each */

/* Holes were left out before. */
static int by_value(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

/* Codes for "not known" that stand far outside of all other numbers, at least twice:
 * once is an outlier. `x` is sorted, (n). "Far" is farther from its neighbour than all
 * others are from each other, so -999 below temperatures is found and 999 among counts
 * is not. */
static void find_sentinel(const float *x, size_t n, struct infer_column *c)
{
	static const float codes[] = { -99, -999, -9999, -99999, 999, 9999, 99999 };
	size_t low = 1, high = 1;

	c->sentinel = NAN;
	if (n < 5 || !(x[n - 1] > x[0]))
		return;
	while (!(x[low] > x[0]))
		low++;
	while (!(x[n - 1 - high] < x[n - 1]))
		high++;
	for (size_t k = 0; k < sizeof(codes) / sizeof(*codes); k++) {
		bool at_low = !(fabsf(x[0] - codes[k]) > 0) && low > 1 &&
			      x[low] - x[0] > x[n - 1] - x[low];
		bool at_high = !(fabsf(x[n - 1] - codes[k]) > 0) && high > 1 &&
			       x[n - 1] - x[n - 1 - high] > x[n - 1 - high] - x[0];

		if (!at_low && !at_high)
			continue;
		c->sentinel = codes[k];
		c->sentinels = at_low ? low : high;
	}
}

/* Counts, range and order of numbers, on a sorted copy that is given back. `ordered`
 * compares with the last number that was there, over holes. */
static int study_numbers(const float *x, size_t n, struct arena *a,
			 struct infer_column *c, struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	float *sorted = ARENA_RAW(a, float, n), last = -INFINITY;
	size_t k = 0;

	if (!sorted)
		return arena_error(a, err);
	c->integers = c->ordered = true;
	for (size_t i = 0; i < n; i++) {
		if (isnan(x[i]))
			continue;
		c->integers &= !(fabsf(x[i] - rintf(x[i])) > 0);
		c->ordered &= x[i] >= last;
		last = sorted[k++] = x[i];
	}
	c->missing = n - k;
	qsort(sorted, k, sizeof(*sorted), by_value);
	for (size_t i = 0; i < k; i++)
		c->distinct += !i || sorted[i] > sorted[i - 1];
	c->min = k ? sorted[0] : NAN;
	c->max = k ? sorted[k - 1] : NAN;
	find_sentinel(sorted, k, c);
	arena_rewind(a, mark);
	c->kind = k ? INFER_NUMERIC : INFER_EMPTY;
	return 0;
}

/* ---------------------------------------------------------------- texts */

/* Runs of what is no white space. Bytes of UTF-8 beyond ASCII are no white space in
 * the C locale, so a word in any script counts once where blanks part it. */
static double words_of(const char *text)
{
	size_t n = 0;

	for (const char *p = text; *p; p++)
		n += !isspace((unsigned char)*p) &&
		     (p == text || isspace((unsigned char)p[-1]));
	return (double)n;
}

/* Two words at most, all of them answers to a yes-or-no question. 0 and 1 are numbers
 * by now and stay so: to a learner it is the same column. */
static bool all_boolean(const struct column *c)
{
	static const char *const words[] = { "true", "false", "yes", "no", "t",
					     "f",    "y",     "n",   "on", "off" };
	size_t known = 0;

	for (size_t k = 0; k < c->levels; k++)
		for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++)
			known += !strcasecmp(c->level_names[k], words[w]);
	return c->levels == 2 && known == 2;
}

/* Numbers with marks beside them. Where one has a percent sign all must: 0.5 and 50%
 * in one column are not the same unit. `decimal` is that of the file. One text without
 * any mark is fine beside others that have one. */
static bool all_amounts(const struct column *c, char decimal, struct infer_column *out)
{
	unsigned all = 0, every = ~0u, marks;
	float x;

	for (size_t k = 0; k < c->levels; k++) {
		if (!amount_parse(c->level_names[k], strlen(c->level_names[k]), decimal, &x,
				  &marks))
			return false;
		all |= marks;
		every &= marks;
	}
	out->marks = all;
	return c->levels && all && !((all ^ every) & AMOUNT_PERCENT);
}

/* From the narrowest meaning to the widest: yes and no are also categories, dates are
 * also texts. No text is an amount and a date as well, so which of them is asked first
 * is no matter. Marks are taken back where they turned out not to hold for all. */
static enum infer_kind kind_of_texts(const struct column *c, char decimal,
				     struct infer_column *out)
{
	if (!c->levels)
		return INFER_EMPTY;
	if (all_boolean(c))
		return INFER_BOOLEAN;
	if (all_amounts(c, decimal, out))
		return INFER_AMOUNT;
	out->marks = 0;
	if (date_guess(c->level_names, c->levels, &out->order, &out->ambiguous))
		return INFER_DATE;
	if (out->words > 5 && 2 * out->distinct > c->levels)
		return INFER_TEXT;
	return INFER_CATEGORICAL;
}

/* Words are counted over rows and not levels, for what is asked is how a row reads. */
static void study_texts(const struct column *c, const float *x, size_t n, char decimal,
			struct infer_column *out)
{
	double words = 0;

	for (size_t i = 0; i < n; i++) {
		out->missing += isnan(x[i]) != 0;
		if (!isnan(x[i]))
			words += words_of(c->level_names[(size_t)x[i]]);
	}
	out->distinct = c->levels;
	out->words = n > out->missing ? words / (double)(n - out->missing) : 0;
	out->kind = kind_of_texts(c, decimal, out);
	/* a sentence that comes again and again is a category */
	if (out->kind == INFER_TEXT && 2 * out->distinct < n - out->missing)
		out->kind = INFER_CATEGORICAL;
}

/* ---------------------------------------------------------------- sight */

/* The most frequent levels with their shares. A selection of three passes, not a sort:
 * levels may be as many as rows. */
static int show_levels(const struct table *t, size_t j, struct arena *a, const char **out,
		       struct error *err)
{
	const struct column *c = &t->columns[j];
	size_t *count = ARENA_NEW(a, size_t, c->levels), there = 0;
	struct text s = { .arena = a };

	if (!count)
		return arena_error(a, err);
	for (size_t i = 0; i < t->rows; i++)
		if (!isnan(t->cell[j][i])) {
			count[(size_t)t->cell[j][i]]++;
			there++;
		}
	for (size_t k = 0; k < SHOWN && k < c->levels; k++) {
		size_t best = 0, cut = SHOWN_BYTES;

		for (size_t l = 1; l < c->levels; l++)
			if (count[l] > count[best])
				best = l;
		if (strlen(c->level_names[best]) < cut)
			cut = strlen(c->level_names[best]);
		while (cut && ((unsigned char)c->level_names[best][cut] & 0xc0) == 0x80)
			cut--; /* never within a character of UTF-8 */
		text_printf(&s, "%s%.*s%s %.0f %%", k ? ", " : "", (int)cut,
			    c->level_names[best], c->level_names[best][cut] ? "..." : "",
			    100.0 * (double)count[best] / (double)there);
		count[best] = 0;
	}
	if (c->levels > SHOWN)
		text_add(&s, ", ...");
	if (s.failed)
		return arena_error(a, err);
	for (size_t k = 0; k < s.size; k++)
		if (iscntrl((unsigned char)s.data[k]))
			s.data[k] = ' '; /* a line is a column, whatever its cells hold */
	*out = s.data ? s.data : "";
	return 0;
}

/* Numbers have a range to show, texts their most frequent levels. */
int infer_column(const struct table *t, size_t j, char decimal, struct arena *a,
		 struct infer_column *out, struct error *err)
{
	const struct column *c = &t->columns[j];

	out->name = arena_strdup(a, c->name);
	out->why = "";
	if (!out->name)
		return arena_error(a, err);
	if (c->is_cat) {
		study_texts(c, t->cell[j], t->rows, decimal, out);
		return show_levels(t, j, a, &out->sight, err);
	}
	if (study_numbers(t->cell[j], t->rows, a, out, err))
		return (int)err->code;
	out->sight = out->kind == INFER_EMPTY ? "" :
		     arena_printf(a, "%.6g .. %.6g", (double)out->min, (double)out->max);
	return out->sight ? 0 : arena_error(a, err);
}

/* "id", "ID", "user_id", "userId", "uuid", "Unnamed: 0" (pandas), "rownames" (R). Ends
 * in "id" behind a mark, in "Id", or in "ID" behind a small letter; "paid", "grid" and
 * "VALID" do not. */
bool infer_id_name(const char *name)
{
	static const char *const whole[] = { "id", "uuid", "guid", "index", "idx", "key",
					     "rownames", "row_names", "row", "rowid",
					     "row_number", "rownum", "unnamed: 0", "no",
					     "nr", "number" };
	size_t n = strlen(name);

	for (size_t k = 0; k < sizeof(whole) / sizeof(*whole); k++)
		if (!strcasecmp(name, whole[k]))
			return true;
	if (n > 3 && strchr("_-. ", name[n - 3]) && !strcasecmp(name + n - 2, "id"))
		return true;
	if (n > 2 && !memcmp(name + n - 2, "Id", 2))
		return true;
	return n > 2 && !memcmp(name + n - 2, "ID", 2) && islower((unsigned char)name[n - 3]);
}
