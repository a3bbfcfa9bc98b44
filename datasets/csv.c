/* One pass over the file, cells going straight to their columns. A column
 * counts as numeric until a text shows up; if numbers were read by then, its
 * text is gone, and a second pass reads such columns anew. */
#include "datasets/csv.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "datasets/csv_cell.h"
#include "datasets/levels.h"
#include "harness/base/file.h"
#include "harness/base/suggest.h"

enum mode {
	MODE_NUMBER,
	MODE_TEXT,
	MODE_LATE, /* was a number, turned out as text: for the second pass */
};

struct col {
	const char *name;
	enum mode mode;
	bool fixed;  /* numeric by decree: a text is an error */
	bool closed; /* a text that is not yet in `levels` is missing */
	bool is_target;
	bool has_numbers;
	float *cell; /* (room) */
	struct levels levels;
	const char *const *level_names; /* closed: given */
};

struct parser {
	const char *path;
	const struct csv_options *options;
	struct csv_scan scan;
	size_t cols, rows, room;
	struct col *col; /* (cols) in file order */
	uint32_t *line;	 /* (room) */
	bool late;	 /* a column is MODE_LATE */
	struct arena *a;
	struct error *err;
};

__attribute__((format(printf, 3, 4))) static int
fail_at(struct parser *p, size_t line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_set(p->err, ERR_DATA, "%s:%zu: %s", p->path, line, text);
}

static int fail_quote(struct parser *p, size_t line, enum csv_stop stop)
{
	return fail_at(p, line, stop == CSV_OPEN_QUOTE ?
		       "a quote is opened here and never closed" :
		       "text behind a closing quote; a quote inside of "
		       "quotes is written twice");
}

/* ---------------------------------------------------------------- columns */

static char guess_separator(const struct csv_scan *s)
{
	const char *end = memchr(s->at, '\n', (size_t)(s->end - s->at));
	size_t n = (size_t)((end ? end : s->end) - s->at);

	for (const char *c = ",;\t|"; *c; c++)
		if (memchr(s->at, *c, n))
			return *c;
	return ',';
}

/* The text of a cell, terminated, in the arena. */
static char *cell_string(struct parser *p, const struct csv_cell *cell)
{
	char *text = ARENA_NEW(p->a, char, cell->size + 1);

	if (text && cell->doubled)
		csv_cell_unquote(cell->text, cell->size, text);
	else if (text)
		memcpy(text, cell->text, cell->size);
	return text;
}

static size_t count_cells(struct csv_scan s)
{
	struct csv_cell cell;
	size_t n = 1;

	while (csv_cell_next(&s, &cell) == CSV_MORE)
		n++;
	return n;
}

/* A column nobody named is called by its number. */
static const char *column_name(struct parser *p, const struct csv_cell *cell,
			       size_t j)
{
	if (p->options->no_header || !cell->size)
		return arena_printf(p->a, "c%zu", j + 1);
	return cell_string(p, cell);
}

static int check_unique(struct parser *p)
{
	struct levels names;
	uint32_t code;

	levels_init(&names, p->a);
	for (size_t j = 0; j < p->cols; j++) {
		const char *name = p->col[j].name;

		if (levels_add(&names, name, strlen(name), &code, p->err))
			return p->err->code;
		if (code < j)
			return error_set(p->err, ERR_DATA, "%s:1: columns %u "
					 "and %zu are both called '%s'", p->path,
					 code + 1, j + 1, name);
	}
	return 0;
}

/* The first row gives the number of columns, and their names. */
static int read_header(struct parser *p)
{
	struct csv_scan s = p->scan;
	struct csv_cell cell;

	p->cols = count_cells(s);
	p->col = ARENA_NEW(p->a, struct col, p->cols);
	if (!p->col)
		return arena_error(p->a, p->err);
	for (size_t j = 0; j < p->cols; j++) {
		size_t line = s.line;
		enum csv_stop stop = csv_cell_next(&s, &cell);

		if (stop > CSV_ROW_END)
			return fail_quote(p, line, stop);
		p->col[j].name = column_name(p, &cell, j);
		if (!p->col[j].name)
			return arena_error(p->a, p->err);
		levels_init(&p->col[j].levels, p->a);
	}
	if (!p->options->no_header)
		p->scan = s;
	return check_unique(p);
}

static struct col *find_col(struct parser *p, const char *name)
{
	for (size_t j = 0; j < p->cols; j++)
		if (!strcmp(p->col[j].name, name))
			return &p->col[j];
	return NULL;
}

static int no_col(struct parser *p, const char *what, const char *name)
{
	const char **names = ARENA_RAW(p->a, const char *, p->cols);
	char hint[128];

	if (!names)
		return arena_error(p->a, p->err);
	for (size_t j = 0; j < p->cols; j++)
		names[j] = p->col[j].name;
	return error_set(p->err, ERR_CONFIG, "%s: %s: no column '%s'%s", p->path,
			 what, name,
			 suggest_text(name, names, p->cols, hint, sizeof(hint)));
}

/* What the options say of columns by name. */
static int apply_options(struct parser *p)
{
	const struct csv_options *o = p->options;
	struct col *c;

	for (size_t k = 0; k < o->n_categorical; k++) {
		c = find_col(p, o->categorical[k]);
		if (!c)
			return no_col(p, "categorical", o->categorical[k]);
		c->mode = MODE_TEXT;
	}
	for (size_t k = 0; k < o->n_numeric; k++) {
		c = find_col(p, o->numeric[k]);
		if (!c)
			return no_col(p, "numeric", o->numeric[k]);
		c->mode = MODE_NUMBER;
		c->fixed = true;
	}
	c = o->target ? find_col(p, o->target) : NULL;
	if (o->target && !c)
		return no_col(p, "target", o->target);
	if (c)
		c->is_target = true;
	return 0;
}

/* Types and codes as another file has them. */
static int apply_column(struct parser *p, struct col *c, const struct column *like)
{
	uint32_t code;

	c->fixed = !like->is_cat;
	c->mode = like->is_cat ? MODE_TEXT : MODE_NUMBER;
	c->closed = like->is_cat;
	c->level_names = like->level_names;
	for (size_t k = 0; k < like->levels; k++) {
		const char *name = like->level_names[k];

		if (levels_add(&c->levels, name, strlen(name), &code, p->err))
			return p->err->code;
	}
	return 0;
}

/* Match columns by name and put them in the order of `like`: order[k] is the
 * file's column that is column k there. */
static int apply_like(struct parser *p, const struct table *like, size_t *order)
{
	struct levels names;
	uint32_t code;

	levels_init(&names, p->a);
	for (size_t k = 0; k < like->cols; k++) {
		struct col *c = find_col(p, like->columns[k].name);

		if (!c)
			return no_col(p, "compared with the training file",
				      like->columns[k].name);
		order[k] = (size_t)(c - p->col);
		if (apply_column(p, c, &like->columns[k]) ||
		    levels_add(&names, c->name, strlen(c->name), &code, p->err))
			return p->err->code;
	}
	for (size_t j = 0; j < p->cols; j++) {
		const char *name = p->col[j].name;

		if (levels_find(&names, name, strlen(name)) == UINT32_MAX)
			return error_set(p->err, ERR_DATA, "%s: column '%s' is "
					 "not in the training file", p->path,
					 name);
	}
	return 0;
}

/* ---------------------------------------------------------------- rows */

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

/* The code of a text, which in an open column may be new. */
static int text_cell(struct parser *p, struct col *c, const struct csv_cell *cell,
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
		return fail_at(p, line, "the class '%.*s' of '%s' is in no "
			       "training row", (int)size, text, c->name);
	if (code != UINT32_MAX || c->closed) {
		arena_rewind(p->a, mark); /* the copy has done its work */
		return 0;
	}
	if (levels_add(&c->levels, text, size, &code, p->err))
		return p->err->code;
	*out = (float)code;
	return 0;
}

/* A text where so far there were numbers. */
static int turn_to_text(struct parser *p, struct col *c,
			const struct csv_cell *cell, size_t line)
{
	if (c->fixed)
		return fail_at(p, line, "column '%s': '%.*s' is not a number",
			       c->name, (int)(cell->size < 40 ? cell->size : 40),
			       cell->text);
	c->mode = c->has_numbers ? MODE_LATE : MODE_TEXT;
	p->late |= c->has_numbers;
	return 0;
}

/* Any cell but a plain number. */
static int other_cell(struct parser *p, struct col *c, enum csv_stop *stop)
{
	size_t line = p->scan.line;
	float *out = &c->cell[p->rows];
	struct csv_cell cell;

	*stop = csv_cell_next(&p->scan, &cell);
	if (*stop > CSV_ROW_END)
		return fail_quote(p, line, *stop);
	*out = NAN;
	if (is_missing(p->options, &cell))
		return c->is_target ? fail_at(p, line, "the target '%s' is "
					      "missing", c->name) : 0;
	if (c->mode == MODE_NUMBER) {
		if (csv_cell_parse(cell.text, cell.size, p->scan.decimal, out)) {
			c->has_numbers = true;
			return 0;
		}
		if (turn_to_text(p, c, &cell, line))
			return p->err->code;
	}
	return c->mode == MODE_TEXT ? text_cell(p, c, &cell, line, out) : 0;
}

static int fail_ragged(struct parser *p, size_t line, size_t cells,
		       enum csv_stop stop)
{
	if (stop == CSV_MORE)
		cells += count_cells(p->scan);
	return fail_at(p, line, "%zu cells where the first row has %zu", cells,
		       p->cols);
}

static int read_row(struct parser *p)
{
	size_t line = p->scan.line;
	enum csv_stop stop = CSV_MORE;
	float value;

	for (size_t j = 0; j < p->cols; j++) {
		struct col *c = &p->col[j];

		if (stop != CSV_MORE)
			return fail_ragged(p, line, j, stop);
		if (c->mode == MODE_NUMBER &&
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

static int read_rows(struct parser *p)
{
	const struct csv_scan start = p->scan;

	p->late = false;
	p->rows = 0;
	while (csv_skip_blank_lines(&p->scan))
		if (read_row(p))
			return p->err->code;
	p->scan = start;
	return 0;
}

/* ---------------------------------------------------------------- result */

static int check_numbers(struct parser *p, const struct col *c)
{
	for (size_t i = 0; i < p->rows; i++)
		if (isinf(c->cell[i]))
			return fail_at(p, p->line[i], "column '%s': an infinite "
				       "number, or one too large", c->name);
	return 0;
}

/* Codes by order of appearance -> codes by name. */
static int sort_levels(struct parser *p, struct col *c)
{
	uint32_t *rank;

	if (levels_sort(&c->levels, &c->level_names, &rank, p->err))
		return p->err->code;
	for (size_t i = 0; i < p->rows; i++)
		if (!isnan(c->cell[i]))
			c->cell[i] = (float)rank[(size_t)c->cell[i]];
	return 0;
}

static int finish(struct parser *p, const size_t *order, struct csv *out)
{
	struct table *t = &out->table;

	*t = (struct table){ .rows = p->rows, .cols = p->cols };
	t->columns = ARENA_NEW(p->a, struct column, p->cols);
	t->cell = ARENA_NEW(p->a, float *, p->cols);
	if (!t->columns || !t->cell)
		return arena_error(p->a, p->err);
	for (size_t k = 0; k < p->cols; k++) {
		struct col *c = &p->col[order ? order[k] : k];
		bool is_cat = c->mode == MODE_TEXT;

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
	return 0;
}

/* ---------------------------------------------------------------- file */

/* Room for as many rows as there are line ends, and never for more than there
 * can be: a row takes a byte a column. */
static int make_room(struct parser *p)
{
	size_t size = (size_t)(p->scan.end - p->scan.at), lines = 1;
	const char *at = p->scan.at;

	while ((at = memchr(at, '\n', (size_t)(p->scan.end - at)))) {
		lines++;
		at++;
	}
	p->room = size / p->cols + 1;
	if (p->room > lines)
		p->room = lines;
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
static int check_text(struct parser *p)
{
	size_t size = (size_t)(p->scan.end - p->scan.at), line = 1;
	const char *nul = memchr(p->scan.at, '\0', size);

	if (!nul)
		return 0;
	for (const char *c = p->scan.at; c < nul; c++)
		line += *c == '\n';
	return fail_at(p, line, "a NUL byte: not a text file, or not UTF-8");
}

static int begin(struct parser *p)
{
	struct csv_scan *s = &p->scan;

	if (s->end - s->at >= 3 && !memcmp(s->at, "\xef\xbb\xbf", 3))
		s->at += 3;
	if (check_text(p))
		return p->err->code;
	if (!csv_skip_blank_lines(s))
		return error_set(p->err, ERR_DATA, "%s: the file is empty",
				 p->path);
	s->separator = p->options->separator ? p->options->separator :
					       guess_separator(s);
	s->decimal = p->options->decimal ? p->options->decimal : '.';
	if (s->separator == s->decimal)
		return error_set(p->err, ERR_CONFIG, "%s: '%c' cannot be both "
				 "separator and decimal point", p->path,
				 s->decimal);
	return read_header(p);
}

static int parse(const char *bytes, size_t size, const char *path,
		 const struct csv_options *options, const struct table *like,
		 struct arena *a, struct csv *out, struct error *err)
{
	struct parser p = {
		.path = path,
		.options = options,
		.scan = { .at = bytes, .end = bytes + size, .line = 1 },
		.a = a,
		.err = err,
	};
	size_t *order = NULL;

	if (begin(&p) || apply_options(&p))
		return err->code;
	if (like) {
		order = ARENA_NEW(a, size_t, like->cols);
		if (!order)
			return arena_error(a, err);
		if (apply_like(&p, like, order))
			return err->code;
	}
	if (make_room(&p) || read_rows(&p))
		return err->code;
	for (size_t j = 0; j < p.cols; j++)
		if (p.col[j].mode == MODE_LATE)
			p.col[j].mode = MODE_TEXT;
	if (p.late && read_rows(&p))
		return err->code;
	if (!p.rows)
		return error_set(err, ERR_DATA, "%s: a header and no rows", path);
	return finish(&p, order, out);
}

int csv_parse(const char *bytes, size_t size, const char *path,
	      const struct csv_options *options, struct arena *a,
	      struct csv *out, struct error *err)
{
	return parse(bytes, size, path, options, NULL, a, out, err);
}

int csv_read_like(const char *path, const struct csv_options *options,
		  const struct table *like, struct arena *a, struct csv *out,
		  struct error *err)
{
	struct file_map m;
	int rc = file_map(&m, path, err);

	if (rc)
		return rc;
	rc = parse((const char *)m.data, m.size, path, options, like, a, out, err);
	file_unmap(&m);
	return rc;
}

int csv_read(const char *path, const struct csv_options *options,
	     struct arena *a, struct csv *out, struct error *err)
{
	return csv_read_like(path, options, NULL, a, out, err);
}
