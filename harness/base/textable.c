/* Cells are text from the start: what a format needs is decided by whoever sets
 * the cell (digits, "-" for nothing), and four writers lay the same cells out. A
 * failed allocation is remembered and told once, by textable_format, so that
 * those who fill a table of twelve columns need not ask twelve times.
 */
#include "harness/base/textable.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/suggest.h"

#define GAP 2 /* blanks between columns */

static const char *const format_names[] = { "table", "md", "csv", "json" };
#define FORMATS (sizeof(format_names) / sizeof(format_names[0]))

int textable_format_from_name(const char *name, enum textable_format *out,
			      struct error *err)
{
	char hint[64];

	for (size_t i = 0; i < FORMATS; i++) {
		if (!strcmp(name, format_names[i])) {
			*out = (enum textable_format)i;
			return 0;
		}
	}
	return error_set(err, ERR_USAGE,
			 "--format is table, md, csv or json, not '%s'%s", name,
			 suggest_text(name, format_names, FORMATS, hint,
				      sizeof(hint)));
}

/* ---------------------------------------------------------------- filling */

void textable_init(struct textable *t, struct arena *a,
		   const struct textable_column *columns, size_t cols)
{
	*t = (struct textable){ .arena = a, .columns = columns, .cols = cols };
}

/* Doubling in an arena wastes at most as much again as it holds. A row starts
 * with all its cells, so a column that is never set is "" and not garbage. */
void textable_add_row(struct textable *t)
{
	if (!t->failed && t->rows == t->room) {
		size_t room = t->room ? 2 * t->room : 16;
		struct textable_cell *cells =
			ARENA_RAW(t->arena, struct textable_cell, room * t->cols);

		if (cells && t->rows)
			memcpy(cells, t->cells,
			       t->rows * t->cols * sizeof(*cells));
		t->failed = !cells;
		t->cells = cells;
		t->room = room;
	}
	if (t->failed)
		return;
	for (size_t j = 0; j < t->cols; j++)
		t->cells[t->rows * t->cols + j] =
			(struct textable_cell){ .text = "" };
	t->rows++;
}

/* A cell of the last row; NULL after a failed allocation. */
static struct textable_cell *last_cell(struct textable *t, size_t col)
{
	return t->failed ? NULL : &t->cells[(t->rows - 1) * t->cols + col];
}

/* Nearly all cells are short: one vsnprintf and one copy. A long one is measured
 * by the first and printed by the second, into room that text_fill made. */
void textable_set(struct textable *t, size_t col, const char *fmt, ...)
{
	struct textable_cell *cell = last_cell(t, col);
	struct text text = { .arena = t->arena };
	char small[128];
	va_list ap;
	int n;

	if (!cell)
		return;
	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < (int)sizeof(small)) {
		cell->text = arena_strdup(t->arena, small);
	} else {
		text_fill(&text, ' ', (size_t)n);
		va_start(ap, fmt);
		if (!text.failed)
			vsnprintf(text.data, (size_t)n + 1, fmt, ap);
		va_end(ap);
		cell->text = text.data;
	}
	t->failed = !cell->text;
}

void textable_color(struct textable *t, size_t col, const char *color)
{
	struct textable_cell *cell = last_cell(t, col);

	if (cell)
		cell->color = color;
}

/* ---------------------------------------------------------------- table */

/* The widest of title and cells, in what is seen. */
static size_t column_width(const struct textable *t, size_t j)
{
	size_t width = text_width(t->columns[j].title);

	for (size_t i = 0; i < t->rows; i++) {
		size_t w = text_width(t->cells[i * t->cols + j].text);

		width = w > width ? w : width;
	}
	return width;
}

/* One cell, padded to its column; the last column has no blanks behind it. */
static void put_padded(const struct textable *t, size_t j, size_t width,
		       const char *s, const char *color, struct text *out)
{
	size_t pad = width - text_width(s);

	if (j)
		text_fill(out, ' ', GAP);
	if (t->columns[j].number)
		text_fill(out, ' ', pad);
	if (color)
		text_printf(out, "\033[%sm%s\033[0m", color, s);
	else
		text_add(out, s);
	if (!t->columns[j].number && j + 1 < t->cols)
		text_fill(out, ' ', pad);
}

/* Blanks at the end would break a diff of two boards. */
static void trim_line(struct text *out)
{
	while (out->size && out->data[out->size - 1] == ' ')
		out->size--;
	text_add(out, "\n");
}

/* Widths are in code points seen, so a colour's bytes do not count. */
static void format_aligned(const struct textable *t, bool color,
			   const size_t *width, struct text *out)
{
	for (size_t j = 0; j < t->cols; j++)
		put_padded(t, j, width[j], t->columns[j].title,
			   color ? TEXTABLE_DIM : NULL, out);
	trim_line(out);
	for (size_t i = 0; i < t->rows; i++) {
		const struct textable_cell *row = &t->cells[i * t->cols];

		for (size_t j = 0; j < t->cols; j++)
			put_padded(t, j, width[j], row[j].text,
				   color ? row[j].color : NULL, out);
		trim_line(out);
	}
}

/* ---------------------------------------------------------------- others */

/* Bold is the one colour that Markdown has. */
static void put_md_cell(const struct textable_cell *cell, struct text *out)
{
	bool bold = cell->color && !strcmp(cell->color, TEXTABLE_BOLD);

	text_add(out, bold ? " **" : " ");
	for (const char *s = cell->text; *s; s++) {
		if (*s == '|')
			text_add(out, "\\");
		text_add_bytes(out, s, 1);
	}
	text_add(out, bold ? "** |" : " |");
}

static void format_md(const struct textable *t, struct text *out)
{
	text_add(out, "|");
	for (size_t j = 0; j < t->cols; j++)
		text_printf(out, " %s |", t->columns[j].title);
	text_add(out, "\n|");
	for (size_t j = 0; j < t->cols; j++)
		text_add(out, t->columns[j].number ? "---:|" : ":---|");
	text_add(out, "\n");
	for (size_t i = 0; i < t->rows; i++) {
		text_add(out, "|");
		for (size_t j = 0; j < t->cols; j++)
			put_md_cell(&t->cells[i * t->cols + j], out);
		text_add(out, "\n");
	}
}

/* RFC 4180: quoted when it must be, quotes doubled. */
static void put_csv_cell(const char *s, bool last, struct text *out)
{
	bool quote = strpbrk(s, ",\"\r\n");

	if (quote)
		text_add(out, "\"");
	for (; *s; s++) {
		if (*s == '"')
			text_add(out, "\"");
		text_add_bytes(out, s, 1);
	}
	if (quote)
		text_add(out, "\"");
	text_add(out, last ? "\n" : ",");
}

static void format_csv(const struct textable *t, struct text *out)
{
	for (size_t j = 0; j < t->cols; j++)
		put_csv_cell(t->columns[j].key, j + 1 == t->cols, out);
	for (size_t k = 0; k < t->rows * t->cols; k++)
		put_csv_cell(t->cells[k].text, (k + 1) % t->cols == 0, out);
}

/* A number column holds text that already is JSON. */
static json_t *cell_to_json(const struct textable *t, size_t i, size_t j)
{
	const char *s = t->cells[i * t->cols + j].text;
	json_t *value;

	if (!t->columns[j].number)
		return json_string(s);
	value = json_loads(s, JSON_DECODE_ANY, NULL);
	return value ? value : json_null();
}

/* Keys in the order of the columns: jansson keeps that of insertion. */
json_t *textable_to_json(const struct textable *t)
{
	json_t *rows = json_array();
	int bad = t->failed || !rows;

	for (size_t i = 0; !bad && i < t->rows; i++) {
		json_t *row = json_object();

		for (size_t j = 0; !bad && j < t->cols; j++)
			bad = json_object_set_new(row, t->columns[j].key,
						  cell_to_json(t, i, j));
		bad |= json_array_append_new(rows, row);
	}
	if (!bad)
		return rows;
	json_decref(rows);
	return NULL;
}

static void format_json(const struct textable *t, struct text *out)
{
	json_t *rows = textable_to_json(t);
	char *s = rows ? json_dumps(rows, JSON_INDENT(2)) : NULL;

	if (s)
		text_printf(out, "%s\n", s);
	else
		out->failed = true;
	free(s);
	json_decref(rows);
}

/* The widths are only needed by the aligned form, but are cheap. */
int textable_format(const struct textable *t, enum textable_format f,
		    bool color, struct text *out, struct error *err)
{
	size_t *width = ARENA_NEW(t->arena, size_t, t->cols);

	if (t->failed || !width)
		return arena_error(t->arena, err);
	for (size_t j = 0; j < t->cols; j++)
		width[j] = column_width(t, j);
	switch (f) {
	case TEXTABLE_TABLE:
		format_aligned(t, color, width, out);
		break;
	case TEXTABLE_MD:
		format_md(t, out);
		break;
	case TEXTABLE_CSV:
		format_csv(t, out);
		break;
	case TEXTABLE_JSON:
		format_json(t, out);
		break;
	}
	return out->failed ? arena_error(out->arena, err) : 0;
}
