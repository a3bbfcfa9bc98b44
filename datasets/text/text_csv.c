/* Labelled texts in the rows of a CSV or TSV file. The cells are csv_cell.h's;
 * what makes a table of them (csv.h) would keep one copy of each different text
 * as a level, sort them and guess types, none of which a corpus wants. */
#include "datasets/text/text_source.h"

#include <stdlib.h>
#include <string.h>

#include "datasets/csv/csv_cell.h"
#include "harness/base/suggest.h"

/* Where the columns are, and the cells of one row. */
struct columns {
	size_t n;	 /* of a row */
	size_t label;
	size_t *text;	 /* (source.n_text_columns) */
	struct csv_cell *cell; /* (n) */
};

/* In the words of csv.c; the line is that of the opening quote. */
static int fail(const struct text_source *s, size_t line, enum csv_stop stop,
		struct error *err)
{
	return error_set(err, ERR_DATA, "%s:%zu: %s", s->path, line,
			 stop == CSV_OPEN_QUOTE ?
				 "a quote is opened here and never closed" :
				 "text behind a closing quote; a quote inside of "
				 "quotes is written twice");
}

/* One row at the scan, which must have as many cells as the first. */
static int read_row(const struct text_source *s, struct csv_scan *scan,
		    const struct columns *c, struct error *err)
{
	size_t line = scan->line, n = 0;
	enum csv_stop stop = CSV_MORE;

	while (stop == CSV_MORE) {
		struct csv_cell extra;

		stop = csv_cell_next(scan, n < c->n ? &c->cell[n] : &extra);
		if (stop > CSV_ROW_END)
			return fail(s, line, stop, err);
		n++;
	}
	if (n == c->n)
		return 0;
	return error_set(err, ERR_DATA, "%s:%zu: %zu cells where the first row "
			 "has %zu", s->path, line, n, c->n);
}

/* A column number from 1; 0 when the text is none. */
static size_t number_of(const char *text)
{
	char *end;
	unsigned long n;

	if (*text < '0' || *text > '9')
		return 0;
	n = strtoul(text, &end, 10);
	return *end ? 0 : n;
}

/* A column by its name, or by its number from 1. */
static int find(const struct text_source *s, const struct columns *c,
		const char *name, const char *const *names, size_t *out,
		struct error *err)
{
	size_t number = number_of(name);
	char hint[80];

	for (*out = 0; names && *out < c->n; (*out)++)
		if (!strcmp(names[*out], name))
			return 0;
	*out = number - 1;
	if (number && number <= c->n)
		return 0;
	return error_set(err, ERR_CONFIG, "%s: no column '%s'%s", s->path, name,
			 names ? suggest_text(name, names, c->n, hint,
					      sizeof(hint)) :
				 " (without a header: by number)");
}

/* A cell's bytes with doubled quotes halved, once and in place: the buffer is
 * ours, and halving never writes ahead of where it reads. */
static char *cell_text(struct csv_cell *cell)
{
	char *text = (char *)(size_t)cell->text;

	if (cell->doubled)
		cell->size = csv_cell_unquote(text, cell->size, text);
	cell->doubled = false;
	return text;
}

/* The names of the first row; without a header it is a row like others, and is
 * only counted. */
static int read_names(const struct text_source *s, struct csv_scan *scan,
		      struct columns *c, struct arena *a,
		      const char *const **names, struct error *err)
{
	const char **list;

	*names = NULL;
	c->n = csv_count_cells(*scan);
	c->cell = ARENA_NEW(a, struct csv_cell, c->n);
	c->text = ARENA_NEW(a, size_t, s->n_text_columns);
	list = ARENA_NEW(a, const char *, s->header ? c->n : 0);
	if (!c->cell || !c->text || !list)
		return arena_error(a, err);
	if (!s->header)
		return 0;
	if (read_row(s, scan, c, err))
		return err->code;
	for (size_t j = 0; j < c->n; j++) {
		char *name = cell_text(&c->cell[j]);

		name[c->cell[j].size] = '\0'; /* the scan has passed it */
		list[j] = name;
	}
	*names = list;
	return 0;
}

/* All columns before any row: a slip in the catalogue is told at once. */
static int find_columns(const struct text_source *s, struct csv_scan *scan,
			struct columns *c, struct arena *a, struct error *err)
{
	const char *const *names;

	if (read_names(s, scan, c, a, &names, err) ||
	    find(s, c, s->label_column, names, &c->label, err))
		return err->code;
	for (size_t k = 0; k < s->n_text_columns; k++)
		if (find(s, c, s->text_columns[k], names, &c->text[k], err))
			return err->code;
	return 0;
}

/* The text of a row: a cell where it lies, or a copy of several with a blank
 * between two. */
static int join(const struct text_source *s, const struct columns *c,
		struct arena *a, char **text, size_t *size, struct error *err)
{
	struct csv_cell *cell = &c->cell[c->text[0]];
	size_t n = 0;
	char *to;

	if (s->n_text_columns == 1) {
		*text = cell_text(cell);
		*size = cell->size;
		return 0;
	}
	for (size_t k = 0; k < s->n_text_columns; k++)
		n += c->cell[c->text[k]].size + 1;
	*text = to = ARENA_RAW(a, char, n);
	if (!to)
		return arena_error(a, err);
	for (size_t k = 0; k < s->n_text_columns; k++) {
		cell = &c->cell[c->text[k]];
		if (k)
			*to++ = ' ';
		memcpy(to, cell_text(cell), cell->size);
		to += cell->size;
	}
	*size = (size_t)(to - *text);
	return 0;
}

/* The label first: as text may be the same cell, it must be halved by then. */
static int add_row(const struct text_source *s, const struct columns *cols,
		   struct corpus *c, size_t line, struct error *err)
{
	struct csv_cell *label = &cols->cell[cols->label];
	const char *name = cell_text(label);
	size_t size = 0;
	char *text;

	if (join(s, cols, c->arena, &text, &size, err))
		return err->code;
	return text_source_add(s, c, text, size, name, label->size, line, err);
}

/* The columns' scratch is small beside the file and stays. */
int text_csv_read(const struct text_source *s, struct corpus *c,
		  struct error *err)
{
	struct columns cols = { 0 };
	struct csv_scan scan = { .separator = s->separator, .decimal = '.' };
	struct utf8_text t;

	if (utf8_read(s->path, s->from, c->arena, &t, err))
		return err->code;
	scan.at = t.bytes;
	scan.end = t.bytes + t.size;
	scan.line = 1;
	if (!csv_skip_blank_lines(&scan))
		return error_set(err, ERR_DATA, "%s: the file is empty", s->path);
	if (find_columns(s, &scan, &cols, c->arena, err))
		return err->code;
	while (csv_skip_blank_lines(&scan)) {
		size_t line = scan.line;

		if (read_row(s, &scan, &cols, err) ||
		    add_row(s, &cols, c, line, err))
			return err->code;
	}
	return 0;
}
