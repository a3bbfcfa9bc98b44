/* Layout, then a parse, then a second one where the decimal point or a type turns
 * out to be another; then every column by itself, and at last what each is for. */
#include "datasets/own/infer.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "datasets/csv/csv_cell.h"
#include "datasets/own/infer_parts.h"

/* One inference from the bytes to the columns. `scratch` has the parsed tables and
 * goes at the end; whatever outlives the call is in `a`, so no name may point into the
 * table. */
struct work {
	const char *bytes;
	size_t size;
	const char *path;
	const struct own_settings *s;
	struct infer_layout layout;
	struct csv_options options;
	struct csv csv;
	struct arena scratch;
	struct arena *a; /* of the result */
	struct inferred *out;
	struct notes *notes;
	struct error *err;
};

/* In the order of enum infer_kind; `info` prints them and JSON has them as they are,
 * so a word that changes here breaks readers of that output. */
const char *infer_kind_name(enum infer_kind k)
{
	static const char *const names[] = { "numeric", "categorical", "boolean", "date",
					     "amount",	"text",	       "empty" };

	return names[k];
}

/* In the order of enum infer_role; the same words stand in errors such as "cannot be
 * the target and split". */
const char *infer_role_name(enum infer_role r)
{
	static const char *const names[] = { "feature", "target", "dropped", "split",
					     "text" };

	return names[r];
}

/* ---------------------------------------------------------------- parse */

/* Columns whose type was given: dates as texts, as the file spells them. */
static int typed_columns(struct work *w, enum own_type x, enum own_type y,
			 const char *const **out, size_t *n)
{
	const char **list = ARENA_NEW(&w->scratch, const char *, w->s->n_types);

	if (!list)
		return arena_error(&w->scratch, w->err);
	*n = 0;
	for (size_t k = 0; k < w->s->n_types; k++)
		if (w->s->types[k].type == x || w->s->types[k].type == y)
			list[(*n)++] = w->s->types[k].name;
	*out = list;
	return 0;
}

/* Into scratch memory; a second parse leaves the first one there until the end. The
 * table of an earlier parse must not be used afterwards: its cells are of the other
 * decimal point. */
static int parse(struct work *w)
{
	return csv_parse(w->bytes, w->size, w->path, &w->options, NULL, &w->scratch, &w->csv,
			 w->err);
}

/* Are all texts of the column numbers with a decimal comma, and one at least has it? A
 * column of texts is read again as numbers only where every text would be one: a
 * single "n/k" keeps it a category. */
static bool has_commas(const struct column *c)
{
	size_t commas = 0;
	float x;

	for (size_t k = 0; k < c->levels; k++) {
		const char *text = c->level_names[k];

		if (!csv_cell_parse(text, strlen(text), ',', &x))
			return false;
		commas += strchr(text, ',') != NULL;
	}
	return c->is_cat && commas;
}

/* Whole numbers say nothing of the decimal point. Cells of a column that was read as
 * numbers, with a decimal point as yet. */
static bool has_fractions(const struct table *t, size_t j)
{
	for (size_t i = 0; !t->columns[j].is_cat && i < t->rows; i++)
		if (!isnan(t->cell[j][i]) && fabsf(t->cell[j][i] - rintf(t->cell[j][i])) > 0)
			return true;
	return false;
}

/* One file has one decimal point: 3.14 anywhere speaks against the comma. With commas
 * between the cells a decimal comma would need quotes in every cell, which nobody
 * writes; such cells stay texts. */
static bool is_decimal_comma(const struct work *w)
{
	const struct table *t = &w->csv.table;
	size_t commas = 0;

	if (w->s->decimal || w->layout.separator == ',')
		return false;
	for (size_t j = 0; j < t->cols; j++) {
		if (has_fractions(t, j))
			return false;
		commas += has_commas(&t->columns[j]);
	}
	return commas > 0;
}

/* An empty cell is a hole whatever else a person names. */
static int take_missing(struct work *w)
{
	const char **list = ARENA_NEW(w->a, const char *, w->s->n_missing + 1);

	if (!list)
		return arena_error(w->a, w->err);
	list[0] = "";
	for (size_t k = 0; k < w->s->n_missing; k++)
		list[k + 1] = w->s->missing[k];
	w->out->missing = list;
	w->out->n_missing = w->s->n_missing + 1;
	return 0;
}

/* What the parse needs to know; markers that a person gives replace the found. */
static int prepare(struct work *w)
{
	struct inferred *out = w->out;

	infer_layout(w->bytes, w->size, w->s, &w->layout);
	if (w->s->missing) {
		if (take_missing(w))
			return (int)w->err->code;
	} else if (infer_markers(w->bytes, w->size, &w->layout, w->a, &out->missing,
				 &out->n_missing, w->notes, w->err)) {
		return (int)w->err->code;
	}
	w->options = (struct csv_options){ .separator = w->layout.separator,
					   .decimal = w->s->decimal,
					   .no_header = !w->layout.header,
					   .rename = true,
					   .missing = out->missing,
					   .n_missing = out->n_missing };
	return typed_columns(w, OWN_CATEGORICAL, OWN_DATE, &w->options.categorical,
			     &w->options.n_categorical);
}

/* The decimal comma can only be seen once the columns are: numbers with one come out
 * of the first parse as texts. `header`, `separator` and `decimal` are written down as
 * found, because the reader is told them later and must not guess by itself. */
static int read_table(struct work *w)
{
	struct inferred *out = w->out;

	if (prepare(w) || parse(w))
		return (int)w->err->code;
	out->decimal = w->s->decimal ? w->s->decimal : '.';
	if (is_decimal_comma(w)) {
		out->decimal = w->options.decimal = ',';
		notes_add(w->notes, NOTE_INFO, "numbers are written with a decimal comma "
			  "('decimal: .' if they are not)");
		if (parse(w))
			return (int)w->err->code;
	}
	out->separator = w->layout.separator;
	out->header = w->layout.header;
	out->rows = w->csv.table.rows;
	out->cols = w->csv.table.cols;
	if (!out->header)
		notes_add(w->notes, NOTE_INFO, "the first row is data: columns are called c1, "
			  "c2 ... ('header: true' if it has their names)");
	return 0;
}

/* Names that were changed are told: they are what a person will type. */
static void note_names(struct work *w)
{
	struct csv_scan s = { .at = w->bytes, .end = w->bytes + w->size, .line = 1,
			      .separator = w->layout.separator };
	struct csv_cell cell;

	if (!w->out->header)
		return;
	if (w->size >= 3 && !memcmp(w->bytes, "\xef\xbb\xbf", 3))
		s.at += 3;
	csv_skip_blank_lines(&s);
	for (size_t j = 0; j < w->out->cols; j++) {
		const char *name = w->out->columns[j].name;

		csv_cell_next(&s, &cell);
		if (!cell.size)
			notes_add(w->notes, NOTE_INFO, "column %zu has no name: it is called "
				  "'%s'", j + 1, name);
		else if (!cell.doubled && (strlen(name) != cell.size ||
					   memcmp(name, cell.text, cell.size) != 0))
			notes_add(w->notes, NOTE_INFO, "column %zu is called '%s': '%.*s' comes "
				  "more than once", j + 1, name, (int)cell.size, cell.text);
	}
}

/* ---------------------------------------------------------------- types */

/* What a person said of the type of a column, or NULL. Names are compared as the
 * parser has them, after a second "a" became "a_2". */
static const struct own_column *told(const struct own_settings *s, const char *name)
{
	for (size_t k = 0; k < s->n_types; k++)
		if (!strcmp(s->types[k].name, name))
			return &s->types[k];
	return NULL;
}

/* The order of a column that is ambiguous is as a person says. Where one 31/1 settles
 * the order nothing is ambiguous, and day_first has no say. */
static void tell_order(const struct own_settings *s, struct infer_column *c)
{
	if (c->kind != INFER_DATE || !c->ambiguous || s->day_first < 0)
		return;
	c->order = s->day_first ? DATE_DAY_FIRST : DATE_MONTH_FIRST;
	c->ambiguous = false;
}

/* Dates that a person names may be 20240131 as well. The sight of the column is put
 * into the message: the texts that are no dates are most often seen in it. */
static int tell_date(struct work *w, size_t j)
{
	const struct column *c = &w->csv.table.columns[j];
	struct infer_column *out = &w->out->columns[j];

	if (!date_find(c->level_names, c->levels, w->s->day_first, &out->order))
		return error_set(w->err, ERR_DATA, "%s: column '%s' is to be a date, but is "
				 "not in all rows (it has %s)", w->path, out->name, out->sight);
	out->ambiguous = false;
	out->kind = INFER_DATE;
	return 0;
}

/* A text where a number is said to be: the parser names the line. That second parse is
 * for its error alone: where it fails it says path:line of the first cell that is no
 * number. */
static int tell_numeric(struct work *w, size_t j)
{
	const char *const name[] = { w->csv.table.columns[j].name };
	enum infer_kind k = w->out->columns[j].kind;

	if (k == INFER_NUMERIC || k == INFER_AMOUNT || k == INFER_EMPTY)
		return 0;
	w->options.numeric = name;
	w->options.n_numeric = 1;
	return parse(w);
}

/* After the column was studied, so that its counts are those of the file. */
static int tell_type(struct work *w, size_t j)
{
	struct infer_column *c = &w->out->columns[j];
	const struct own_column *t = told(w->s, c->name);

	if (!t)
		return 0;
	c->is_told = true;
	if (t->type == OWN_DATE)
		return tell_date(w, j);
	if (t->type == OWN_NUMERIC)
		return tell_numeric(w, j);
	c->kind = INFER_CATEGORICAL;
	return 0;
}

/* One after the other; none depends on another. */
static int read_columns(struct work *w)
{
	struct inferred *out = w->out;

	out->columns = ARENA_NEW(w->a, struct infer_column, out->cols);
	if (!out->columns)
		return arena_error(w->a, w->err);
	for (size_t j = 0; j < out->cols; j++) {
		if (infer_column(&w->csv.table, j, out->decimal, w->a, &out->columns[j],
				 w->err) ||
		    tell_type(w, j))
			return (int)w->err->code;
		tell_order(w->s, &out->columns[j]);
	}
	note_names(w);
	return 0;
}

/* Where the target is missing, by line. Only three lines are kept, however many there
 * are: a message has room for no more, and the count says the rest. */
static void find_holes(struct work *w)
{
	struct inferred *out = w->out;
	const float *y;

	if (out->target == out->cols)
		return;
	y = w->csv.table.cell[out->target];
	for (size_t i = 0; i < out->rows; i++) {
		if (!isnan(y[i]))
			continue;
		if (out->no_target < 3)
			out->no_target_line[out->no_target] = w->csv.line[i];
		out->no_target++;
	}
}

/* Roles come last: ids and constants are told by what the columns hold. */
static int infer_all(struct work *w)
{
	if (read_table(w) || read_columns(w) ||
	    infer_roles(w->s, w->path, w->a, w->out, w->notes, w->err))
		return (int)w->err->code;
	find_holes(w);
	return w->notes->failed ? arena_error(w->notes->arena, w->err) : 0;
}

/* The parsed table is large and goes; what is known of it stays. */
int infer_table(const char *bytes, size_t size, const char *path,
		const struct own_settings *s, struct arena *a, struct inferred *out,
		struct notes *notes, struct error *err)
{
	struct work w = { .bytes = bytes, .size = size, .path = path, .s = s, .a = a,
			  .out = out, .notes = notes, .err = err };
	int rc;

	*out = (struct inferred){ 0 };
	arena_init(&w.scratch, 0);
	rc = infer_all(&w);
	arena_clear(&w.scratch);
	return rc;
}
