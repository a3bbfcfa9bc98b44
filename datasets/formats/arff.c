/* The rows of ARFF files, twice: first all is checked and counted, then it is
 * stored. So a file that is wrong takes no memory for cells, and sparse rows,
 * which may stand for far more cells than bytes, are known in number before any
 * is stored. */
#include "datasets/formats/arff.h"

#include <math.h>
#include <string.h>

#include "datasets/csv/csv_cell.h"
#include "datasets/formats/arff_parser.h"
#include "harness/base/file.h"

/* ---------------------------------------------------------------- values */

/* `n` digits at *s as a number from low to high, else -1; steps over them. */
static int digits(const char **s, const char *end, int n, int low, int high)
{
	int v = 0;

	for (int k = 0; k < n; k++, ++*s) {
		if (*s >= end || **s < '0' || **s > '9')
			return -1;
		v = 10 * v + (**s - '0');
	}
	return v >= low && v <= high ? v : -1;
}

/* Step over one character that must be there. */
static bool is_next(const char **s, const char *end, char c)
{
	return *s < end && *(*s)++ == c;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. Years start in March,
 * so that the leap day is the last (Hinnant 2013, "chrono-compatible low-level
 * date algorithms", days_from_civil). */
static int days_since_1970(int year, int month, int day)
{
	int y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
	int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* YYYY-MM-DD, then nothing or a T or blank and HH:MM or HH:MM:SS. */
static bool parse_date(const struct arff_word *w, float *out)
{
	const char *s = w->text, *end = s + w->size;
	int hour = 0, minute = 0, second = 0;
	int year = digits(&s, end, 4, 0, 9999), month, day;

	if (year < 0 || !is_next(&s, end, '-') ||
	    (month = digits(&s, end, 2, 1, 12)) < 0 || !is_next(&s, end, '-') ||
	    (day = digits(&s, end, 2, 1, 31)) < 0)
		return false;
	if (s < end) {
		if ((*s != 'T' && *s != ' ') || !s++ ||
		    (hour = digits(&s, end, 2, 0, 24)) < 0 || !is_next(&s, end, ':') ||
		    (minute = digits(&s, end, 2, 0, 59)) < 0)
			return false;
		if (s < end && (!is_next(&s, end, ':') ||
				(second = digits(&s, end, 2, 0, 60)) < 0))
			return false;
	}
	*out = (float)(days_since_1970(year, month, day) +
		       (hour * 3600 + minute * 60 + second) / 86400.0);
	return s == end;
}

/* NaN is how Java prints what is missing. */
static int number_value(struct arff_parser *p, const struct arff_attribute *t,
			const struct arff_word *w, float *out)
{
	if (!csv_cell_parse(w->text, w->size, '.', out)) {
		*out = NAN;
		if (!arff_word_is(w, "nan"))
			return arff_fail(p, "'%s' has '%.*s' where a number is needed",
					 t->name, arff_shown(w->size),
					 w->text);
	}
	if (isinf(*out))
		return arff_fail(p, "'%s': an infinite number, or one too large",
				 t->name);
	return 0;
}

/* Nominal values must be declared. Strings become known in the second pass, their
 * texts stay in the file until the levels are sorted. */
static int text_value(struct arff_parser *p, struct arff_attribute *t,
		      struct arff_word *w, float *out)
{
	struct arena_mark mark = arena_mark(p->a);
	uint32_t code;

	if (arff_word_plain(p, w))
		return p->err->code;
	code = levels_find(&t->levels, w->text, w->size);
	if (code == UINT32_MAX && t->kind == ARFF_NOMINAL)
		return arff_fail(p, "'%.*s' is not declared as a value of '%s'",
				 arff_shown(w->size), w->text, t->name);
	if (code != UINT32_MAX || !p->store)
		arena_rewind(p->a, mark);
	else if (levels_add(&t->levels, w->text, w->size, &code, p->err))
		return p->err->code;
	*out = (float)code;
	return 0;
}

/* A question mark in quotes is a text. */
static int take_value(struct arff_parser *p, struct arff_attribute *t, const char *stops)
{
	struct arff_word w;
	float value = NAN;

	if (arff_take_word(p, stops, &w))
		return p->err->code;
	if (!w.quoted && w.size == 1 && *w.text == '?') {
		/* stays missing */
	} else if (t->kind == ARFF_NUMBER) {
		if (number_value(p, t, &w, &value))
			return p->err->code;
	} else if (t->kind == ARFF_DATE) {
		if (!parse_date(&w, &value))
			return arff_fail(p, "'%s': '%.*s' is no date in ISO 8601", t->name,
					 arff_shown(w.size), w.text);
	} else if (text_value(p, t, &w, &value)) {
		return p->err->code;
	}
	if (p->store)
		t->cell[p->rows] = value;
	return 0;
}

/* ---------------------------------------------------------------- rows */

/* Values are counted as they come and not beforehand: a quoted comma is none. */
static int read_dense(struct arff_parser *p)
{
	for (size_t j = 0; j < p->cols; j++) {
		if (p->p == p->stop)
			return arff_fail(p, "%zu values where %zu attributes are declared",
					 j, p->cols);
		if (take_value(p, &p->attribute[j], ","))
			return p->err->code;
		arff_skip_comma(p);
	}
	return 0;
}

/* What a sparse row does not name: 0, which for Weka is also the number of the
 * first nominal value. Its strings have no such value that is known. */
static void fill_row(struct arff_parser *p)
{
	for (size_t j = 0; p->store && j < p->cols; j++) {
		struct arff_attribute *t = &p->attribute[j];
		bool zero = t->kind == ARFF_NUMBER || t->kind == ARFF_NOMINAL;

		t->cell[p->rows] = zero ? 0 : NAN;
	}
}

/* A column number, counted from 0 and ascending in its row. */
static int take_index(struct arff_parser *p, size_t least, size_t *out)
{
	struct arff_word w;
	size_t index = 0;

	if (arff_take_word(p, ",}", &w))
		return p->err->code;
	for (size_t i = 0; i < w.size; i++) {
		if (w.text[i] < '0' || w.text[i] > '9' || index >= p->cols)
			index = p->cols;
		else
			index = 10 * index + (size_t)(w.text[i] - '0');
	}
	if (index >= p->cols)
		return arff_fail(p, "'%.*s' is no number of an attribute, 0 to %zu",
				 arff_shown(w.size), w.text, p->cols - 1);
	if (index < least)
		return arff_fail(p, "attribute %zu stands behind a later one", index);
	*out = index;
	return 0;
}

/* {0 1.5, 7 x} */
static int read_sparse(struct arff_parser *p)
{
	size_t least = 0, j = 0;

	p->sparse = true;
	p->p++;
	fill_row(p);
	arff_skip_blanks(p);
	while (p->p < p->stop && *p->p != '}') {
		if (take_index(p, least, &j) || take_value(p, &p->attribute[j], ",}"))
			return p->err->code;
		least = j + 1;
		arff_skip_comma(p);
	}
	if (p->p == p->stop)
		return arff_fail(p, "a sparse row without its }");
	p->p++;
	return 0;
}

/* A brace in front makes a row sparse, one by one: a file may mix both.
 * Weka's weights, "{5}" behind a row, are refused, not ignored: they would
 * change every sum. */
static int read_row(struct arff_parser *p)
{
	if (*p->p == '{' ? read_sparse(p) : read_dense(p))
		return p->err->code;
	arff_skip_blanks(p);
	if (p->p < p->stop)
		return arff_fail(p, "more than the %zu values that are declared; weights "
				    "of rows are not known",
				 p->cols);
	p->rows++;
	return 0;
}

/* From @data to the end. */
static int read_rows(struct arff_parser *p)
{
	p->rows = 0;
	while (arff_next_line(p))
		if (read_row(p))
			return p->err->code;
	return 0;
}

/* ---------------------------------------------------------------- table */

/* For exactly the rows that were counted. A dense row has two bytes a cell, so
 * only sparse rows need a limit. */
static int make_room(struct arff_parser *p)
{
	if (!p->rows)
		return error_set(p->err, ERR_DATA, "%s: @data and no rows", p->path);
	if (p->rows > UINT32_MAX || (p->sparse && p->rows > TABLE_SPARSE_MAX / p->cols))
		return error_set(p->err, ERR_DATA,
				 "%s: %zu rows of %zu attributes are more than the %zu "
				 "cells that sparse rows may stand for",
				 p->path, p->rows, p->cols, TABLE_SPARSE_MAX);
	for (size_t j = 0; j < p->cols; j++) {
		p->attribute[j].cell = ARENA_RAW(p->a, float, p->rows);
		if (!p->attribute[j].cell)
			return arena_error(p->a, p->err);
	}
	return 0;
}

/* Codes by order of appearance -> codes by name. */
static int sort_strings(struct arff_parser *p, struct arff_attribute *t)
{
	uint32_t *rank;

	if (levels_sort(&t->levels, &t->level_names, &rank, p->err))
		return p->err->code;
	for (size_t i = 0; i < p->rows; i++)
		if (!isnan(t->cell[i]))
			t->cell[i] = (float)rank[(size_t)t->cell[i]];
	return 0;
}

/* Levels of strings are known only now; those of nominal columns keep the
 * order in which they were declared. */
static int finish(struct arff_parser *p, struct table *out)
{
	*out = (struct table){ .rows = p->rows, .cols = p->cols };
	out->columns = ARENA_NEW(p->a, struct column, p->cols);
	out->cell = ARENA_NEW(p->a, float *, p->cols);
	if (!out->columns || !out->cell)
		return arena_error(p->a, p->err);
	for (size_t j = 0; j < p->cols; j++) {
		struct arff_attribute *t = &p->attribute[j];

		if (t->kind == ARFF_STRING && sort_strings(p, t))
			return p->err->code;
		out->columns[j] = (struct column){
			.name = t->name,
			.is_cat = t->kind == ARFF_NOMINAL || t->kind == ARFF_STRING,
			.levels = t->levels.n,
			.level_names = t->level_names,
		};
		out->cell[j] = t->cell;
	}
	return 0;
}

/* No text has a NUL byte; UTF-16 has one in every other place. */
static int check_text(struct arff_parser *p, const char *bytes, size_t size)
{
	const char *nul = memchr(bytes, '\0', size);

	if (!nul)
		return 0;
	p->line = 1;
	for (const char *c = bytes; c < nul; c++)
		p->line += *c == '\n';
	return arff_fail(p, "a NUL byte: not a text file, or not UTF-8");
}

/* The parser is copied behind the header, so that the second pass starts
 * where the first did, with the same attributes and line numbers. */
int arff_parse(const char *bytes, size_t size, const char *path, struct arena *a,
	       struct table *out, struct error *err)
{
	struct arff_parser p = {
		.path = path, .at = bytes, .end = bytes + size, .a = a, .err = err
	};
	struct arff_parser data;

	if (check_text(&p, bytes, size))
		return err->code;
	if (size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
		p.at += 3;
	if (arff_read_header(&p))
		return err->code;
	data = p;
	if (read_rows(&p) || make_room(&p))
		return err->code;
	data.store = true;
	return read_rows(&data) ? err->code : finish(&data, out);
}

/* Nothing of the table points into the map: names and cells are copies. */
int arff_read(const char *path, struct arena *a, struct table *out, struct error *err)
{
	struct file_map m;
	int rc = file_map(&m, path, err);

	if (rc)
		return rc;
	rc = arff_parse((const char *)m.data, m.size, path, a, out, err);
	file_unmap(&m);
	return rc;
}
