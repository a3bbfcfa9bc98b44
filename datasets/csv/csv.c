/* One pass over the files, cells going straight to their columns. A column
 * counts as numeric until a text shows up; if numbers were read by then, its
 * text is gone, and a second pass reads such columns anew. */
#include "datasets/csv/csv.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "datasets/csv/csv_bytes.h"
#include "datasets/csv/csv_parser.h"

/* Editors jump to path:line. */
int csv_fail(struct csv_parser *p, size_t line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_set(p->err, ERR_DATA, "%s:%zu: %s", p->path, line, text);
}

/* The line is that of the opening quote: the end of the file says nothing. */
int csv_fail_quote(struct csv_parser *p, size_t line, enum csv_stop stop)
{
	return csv_fail(p, line,
			stop == CSV_OPEN_QUOTE
				? "a quote is opened here and never closed"
				: "text behind a closing quote; a quote inside of "
				  "quotes is written twice");
}

/* ---------------------------------------------------------------- rows */

/* Quoted or not: some programs quote every cell they write. */
static bool is_missing(const struct csv_options *o, const struct csv_cell *cell)
{
	static const char *const usual[] = { "",    "NA",  "N/A",  "?",
					     "nan", "NaN", "null", "NULL" };
	const char *const *list = o->missing ? o->missing : usual;
	size_t n = o->missing ? o->n_missing : sizeof(usual) / sizeof(*usual);

	for (size_t k = 0; k < n; k++)
		if (strlen(list[k]) == cell->size &&
		    !memcmp(list[k], cell->text, cell->size))
			return true;
	return false;
}

/* A dash or a point alone: a hole among numbers, but a name like any other among
 * texts (+ and - are the strands of a chromosome). */
static bool is_mark_among_numbers(const struct csv_parser *p, const struct csv_col *c,
				  const struct csv_cell *cell)
{
	return !p->options->missing && !c->is_target && cell->size == 1 &&
	       (*cell->text == '-' || *cell->text == '.');
}

/* Does a number, say 999, stand for a missing cell? Then the short cut for
 * numbers is closed, for it does not compare texts. */
static bool has_number_marks(const struct csv_options *o, char decimal)
{
	float unused;

	for (size_t k = 0; k < o->n_missing; k++)
		if (csv_cell_parse(o->missing[k], strlen(o->missing[k]), decimal,
				   &unused))
			return true;
	return false;
}

/* The code of a text, which in an open column may be new. Texts stay in the
 * mapped file until the levels are sorted; only those with doubled quotes are
 * copied, and given back when they turn out to be known. */
static int text_cell(struct csv_parser *p, struct csv_col *c, const struct csv_cell *cell,
		     size_t line, float *out)
{
	struct arena_mark mark = arena_mark(p->a);
	const char *text = cell->text;
	size_t size = cell->size;
	uint32_t code;

	if (cell->doubled) {
		char *copy = ARENA_RAW(p->a, char, size);

		if (!copy)
			return arena_error(p->a, p->err);
		size = csv_cell_unquote(text, size, copy);
		text = copy;
	}
	code = levels_find(&c->levels, text, size);
	*out = code == UINT32_MAX ? NAN : (float)code;
	if (code == UINT32_MAX && c->closed && c->is_target)
		return csv_fail(p, line, "the class '%.*s' of '%s' is in no training row",
				(int)size, text, c->name);
	if (code != UINT32_MAX || c->closed) {
		arena_rewind(p->a, mark); /* the copy has done its work */
		return 0;
	}
	if (levels_add(&c->levels, text, size, &code, p->err))
		return p->err->code;
	*out = (float)code;
	return 0;
}

/* A text where so far there were numbers. When only holes came before it, the
 * column can go on as text at once; else it waits for the second pass. */
static int turn_to_text(struct csv_parser *p, struct csv_col *c,
			const struct csv_cell *cell, size_t line)
{
	if (c->fixed)
		return csv_fail(p, line,
				"%s '%s' has the text '%.*s' where a number is needed",
				c->is_target ? "the target" : "column", c->name,
				(int)(cell->size < 40 ? cell->size : 40), cell->text);
	c->mode = c->has_numbers ? CSV_LATE : CSV_TEXT;
	p->late |= c->has_numbers;
	return 0;
}

/* Any cell but a plain number. */
static int other_cell(struct csv_parser *p, struct csv_col *c, enum csv_stop *stop)
{
	size_t line = p->scan.line;
	float *out = &c->cell[p->rows];
	struct csv_cell cell;

	*stop = csv_cell_next(&p->scan, &cell);
	if (*stop > CSV_ROW_END)
		return csv_fail_quote(p, line, *stop);
	*out = NAN;
	if (p->options->strip_dot && c->is_target && cell.size &&
	    cell.text[cell.size - 1] == '.')
		cell.size--;
	if (is_missing(p->options, &cell))
		return c->is_target
			       ? csv_fail(p, line, "the target '%s' is missing", c->name)
			       : 0;
	if (c->mode == CSV_NUMBER) {
		if (csv_cell_parse(cell.text, cell.size, p->scan.decimal, out)) {
			c->has_numbers = true;
			return 0;
		}
		if (is_mark_among_numbers(p, c, &cell)) {
			*out = NAN;
			c->has_numbers = true; /* a second pass would read it anew */
			return 0;
		}
		if (turn_to_text(p, c, &cell, line))
			return p->err->code;
	}
	return c->mode == CSV_TEXT ? text_cell(p, c, &cell, line, out) : 0;
}

/* Too few or too many cells; the rest of a long row is counted for the message. */
static int fail_ragged(struct csv_parser *p, size_t line, size_t cells,
		       enum csv_stop stop)
{
	if (stop == CSV_MORE)
		cells += csv_count_cells(p->scan);
	return csv_fail(p, line, "%zu cells where the first row has %zu", cells, p->cols);
}

/* The row's number is its place in every column, so a row that fails half-way
 * leaves no trace: the whole read fails. */
static int read_row(struct csv_parser *p)
{
	size_t line = p->scan.line;
	enum csv_stop stop = CSV_MORE;
	float value;

	for (size_t j = 0; j < p->cols; j++) {
		struct csv_col *c = &p->col[j];

		if (stop != CSV_MORE)
			return fail_ragged(p, line, j, stop);
		if (c->mode == CSV_NUMBER && !p->number_marks &&
		    csv_cell_number(&p->scan, &value, &stop)) {
			c->cell[p->rows] = value;
			c->has_numbers = true;
		} else if (other_cell(p, c, &stop)) {
			return p->err->code;
		}
	}
	if (stop != CSV_ROW_END)
		return fail_ragged(p, line, p->cols, stop);
	p->line[p->rows++] = (uint32_t)line;
	return 0;
}

/* All rows of all files. Each pass starts over, so both report the same places.
 */
static int read_rows(struct csv_parser *p)
{
	p->late = false;
	p->rows = 0;
	for (size_t k = 0; k < p->n_texts; k++) {
		size_t before = p->rows;

		p->path = p->text[k].path;
		p->scan = p->start[k];
		while (csv_skip_blank_lines(&p->scan))
			if (read_row(p))
				return p->err->code;
		if (p->rows == before)
			return error_set(p->err, ERR_DATA, "%s: a header and no rows",
					 p->path);
		p->end[k] = p->rows;
	}
	return 0;
}

/* ---------------------------------------------------------------- result */

/* Only now: until the end a column of 1e999s may still turn out as text. */
static int check_numbers(struct csv_parser *p, const struct csv_col *c)
{
	size_t k = 0;

	for (size_t i = 0; i < p->rows; i++) {
		k += i == p->end[k];
		p->path = p->text[k].path;
		if (isinf(c->cell[i]))
			return csv_fail(p, p->line[i],
					"column '%s': an infinite "
					"number, or one too large",
					c->name);
	}
	return 0;
}

/* Codes by order of appearance -> codes by name. */
static int sort_levels(struct csv_parser *p, struct csv_col *c)
{
	uint32_t *rank;

	if (levels_sort(&c->levels, &c->level_names, &rank, p->err))
		return p->err->code;
	for (size_t i = 0; i < p->rows; i++)
		if (!isnan(c->cell[i]))
			c->cell[i] = (float)rank[(size_t)c->cell[i]];
	return 0;
}

/* Columns change to the order of `like`, cells stay where they are. */
static int finish(struct csv_parser *p, const size_t *order, struct csv *out)
{
	struct table *t = &out->table;

	*t = (struct table){ .rows = p->rows, .cols = p->cols };
	t->columns = ARENA_NEW(p->a, struct column, p->cols);
	t->cell = ARENA_NEW(p->a, float *, p->cols);
	if (!t->columns || !t->cell)
		return arena_error(p->a, p->err);
	for (size_t k = 0; k < p->cols; k++) {
		struct csv_col *c = &p->col[order ? order[k] : k];
		bool is_cat = c->mode == CSV_TEXT;

		if (!is_cat && check_numbers(p, c))
			return p->err->code;
		if (is_cat && !c->closed && sort_levels(p, c))
			return p->err->code;
		t->columns[k] = (struct column){ .name = c->name,
						 .is_cat = is_cat,
						 .levels = c->levels.n,
						 .level_names = c->level_names };
		t->cell[k] = c->cell;
	}
	out->line = p->line;
	out->files = p->n_texts;
	out->end = p->end;
	return 0;
}

/* ---------------------------------------------------------------- file */

/* Rows that a text can have at most: one a line end, and no more than its bytes
 * allow, as a row takes a byte a column. */
static size_t rows_at_most(const struct csv_scan *s, size_t cols)
{
	size_t size = (size_t)(s->end - s->at), lines = 1;
	const char *at = s->at;

	while ((at = memchr(at, '\n', (size_t)(s->end - at)))) {
		lines++;
		at++;
	}
	return lines < size / cols + 1 ? lines : size / cols + 1;
}

static int make_room(struct csv_parser *p)
{
	p->room = 0;
	for (size_t k = 0; k < p->n_texts; k++)
		p->room += rows_at_most(&p->start[k], p->cols);
	if (p->room > UINT32_MAX)
		return error_set(p->err, ERR_DATA, "%s: too many rows", p->path);
	p->line = ARENA_RAW(p->a, uint32_t, p->room);
	for (size_t j = 0; j < p->cols; j++) {
		p->col[j].cell = ARENA_RAW(p->a, float, p->room);
		if (!p->col[j].cell || !p->line)
			return arena_error(p->a, p->err);
	}
	return 0;
}

/* Bytes that tell of another encoding, or of no text at all. */
static int check_text(struct csv_parser *p)
{
	size_t size = (size_t)(p->scan.end - p->scan.at), line = 1;
	const char *nul = memchr(p->scan.at, '\0', size);

	if (size >= 2 && !memcmp(p->scan.at, "\x1f\x8b", 2))
		return error_set(p->err, ERR_DATA,
				 "%s: a gzip file; unpack it with gunzip first", p->path);
	if (!nul)
		return 0;
	for (const char *c = p->scan.at; c < nul; c++)
		line += *c == '\n';
	return csv_fail(p, line, "a NUL byte: not a text file, or not UTF-8");
}

/* By the first line alone: data lines may hold commas in their texts. A comma
 * that is the decimal point separates nothing. */
static char guess_separator(const struct csv_scan *s)
{
	const char *end = memchr(s->at, '\n', (size_t)(s->end - s->at));
	size_t n = (size_t)((end ? end : s->end) - s->at);

	for (const char *c = ",;\t|"; *c; c++)
		if (*c != s->decimal && *c != s->comment && memchr(s->at, *c, n))
			return *c;
	return s->decimal == ',' ? ';' : ',';
}

/* To the first line that counts. */
static int skip_to_header(struct csv_parser *p, size_t lines)
{
	struct csv_scan *s = &p->scan;

	if (s->end - s->at >= 3 && !memcmp(s->at, "\xef\xbb\xbf", 3))
		s->at += 3;
	if (check_text(p))
		return p->err->code;
	for (; lines; lines--, s->line++) {
		const char *at = memchr(s->at, '\n', (size_t)(s->end - s->at));

		s->at = at ? at + 1 : s->end;
	}
	if (!csv_skip_blank_lines(s))
		return error_set(p->err, ERR_DATA, "%s: the file is empty", p->path);
	return 0;
}

/* One character cannot be two things. */
static int check_characters(const struct csv_parser *p)
{
	const struct csv_scan *s = &p->scan;

	if (s->separator == s->decimal)
		return error_set(p->err, ERR_CONFIG,
				 "%s: '%c' cannot be both separator and decimal point",
				 p->path, s->decimal);
	if (s->separator == s->comment)
		return error_set(p->err, ERR_CONFIG,
				 "%s: '%c' cannot be both separator and start of a "
				 "comment",
				 p->path, s->comment);
	return 0;
}

/* What can be told before any row is read: byte order mark, separator, names.
 * The decimal point comes before the separator, as a comma can be only one of
 * them. What the first file shows goes for all. */
static int begin_text(struct csv_parser *p, size_t k)
{
	const struct csv_text *t = &p->text[k];
	const struct csv_options *o = p->options;
	struct csv_scan *s = &p->scan;

	p->path = t->path;
	*s = (struct csv_scan){ .at = t->bytes,
				.end = t->bytes + t->size,
				.line = 1,
				.separator = k ? p->start[0].separator : o->separator,
				.decimal = o->decimal ? o->decimal : '.',
				.comment = o->comment };
	if (skip_to_header(p, t->skip_lines))
		return p->err->code;
	if (!s->separator)
		s->separator = guess_separator(s);
	if (check_characters(p) || (k ? csv_columns_same(p) : csv_columns_read(p)))
		return p->err->code;
	p->start[k] = *s;
	return 0;
}

static int begin(struct csv_parser *p)
{
	p->start = ARENA_NEW(p->a, struct csv_scan, p->n_texts);
	p->end = ARENA_NEW(p->a, size_t, p->n_texts);
	if (!p->start || !p->end)
		return arena_error(p->a, p->err);
	for (size_t k = 0; k < p->n_texts; k++)
		if (begin_text(p, k))
			return p->err->code;
	p->path = p->text[0].path;
	p->number_marks = has_number_marks(p->options, p->start[0].decimal);
	return 0;
}

/* A second pass reads every column again, which keeps it the same code; it is
 * needed only when a text shows up below numbers. */
int csv_parse_all(const struct csv_text *texts, size_t n,
		  const struct csv_options *options, const struct table *like,
		  struct arena *a, struct csv *out, struct error *err)
{
	struct csv_parser p = {
		.text = texts, .n_texts = n, .options = options, .a = a, .err = err
	};
	size_t *order = NULL;

	if (begin(&p) || csv_columns_options(&p))
		return err->code;
	if (like) {
		order = ARENA_NEW(a, size_t, like->cols);
		if (!order)
			return arena_error(a, err);
		if (csv_columns_like(&p, like, order))
			return err->code;
	}
	if (make_room(&p) || read_rows(&p))
		return err->code;
	for (size_t j = 0; j < p.cols; j++)
		if (p.col[j].mode == CSV_LATE)
			p.col[j].mode = CSV_TEXT;
	if (p.late && read_rows(&p))
		return err->code;
	return finish(&p, order, out);
}

int csv_parse(const char *bytes, size_t size, const char *path,
	      const struct csv_options *options, const struct table *like,
	      struct arena *a, struct csv *out, struct error *err)
{
	const struct csv_text text = { .bytes = bytes, .size = size, .path = path };

	return csv_parse_all(&text, 1, options, like, a, out, err);
}

/* Files are mapped, not read: cells are parsed where they lie, and of the texts
 * only distinct ones are ever copied. Nothing of `out` points into a mapping. */
static int read_mapped(const struct csv_text *files, size_t n,
		       const struct csv_options *options, const struct table *like,
		       struct arena *a, struct csv *out, struct error *err)
{
	struct csv_text *text = arena_copy(a, files, n * sizeof(*files));
	struct csv_bytes *map = ARENA_NEW(a, struct csv_bytes, n);
	size_t mapped = 0;
	int rc = 0;

	if (!text || !map)
		return arena_error(a, err);
	for (; !rc && mapped < n; mapped += !rc) {
		struct csv_bytes *b = &map[mapped];

		rc = csv_bytes_open(b, files[mapped].path, a, err);
		text[mapped].bytes = b->text;
		text[mapped].size = b->size;
	}
	if (!rc)
		rc = csv_parse_all(text, n, options, like, a, out, err);
	for (size_t k = 0; k < mapped; k++)
		csv_bytes_close(&map[k]);
	return rc;
}

int csv_read_all(const struct csv_text *files, size_t n,
		 const struct csv_options *options, struct arena *a, struct csv *out,
		 struct error *err)
{
	return read_mapped(files, n, options, NULL, a, out, err);
}

int csv_read_like(const char *path, const struct csv_options *options,
		  const struct table *like, struct arena *a, struct csv *out,
		  struct error *err)
{
	const struct csv_text file = { .path = path };

	return read_mapped(&file, 1, options, like, a, out, err);
}

int csv_read(const char *path, const struct csv_options *options, struct arena *a,
	     struct csv *out, struct error *err)
{
	return csv_read_like(path, options, NULL, a, out, err);
}
