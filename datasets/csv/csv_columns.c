/* The columns of a CSV file: their names, and what is known of them before the
 * first row is read. */
#include "datasets/csv/csv_parser.h"

#include <string.h>

#include "harness/base/suggest.h"

/* A table that is wider is no table of ours, or a file with one endless line; a
 * column costs some hundred bytes before its first row. */
#define COLUMNS_MAX 100000

/* The text of a cell, terminated, in the arena: names outlive the file.
 * Doubled quotes are halved on the way, so that a name is what a spreadsheet
 * would show. */
static char *cell_string(struct csv_parser *p, const struct csv_cell *cell)
{
	char *text = ARENA_NEW(p->a, char, cell->size + 1);

	if (text && cell->doubled)
		csv_cell_unquote(cell->text, cell->size, text);
	else if (text)
		memcpy(text, cell->text, cell->size);
	return text;
}

/* A column nobody named is called by its number, so that it can be dropped or
 * chosen all the same. R's write.csv leaves the name of the row numbers empty.
 */
static const char *column_name(struct csv_parser *p, const struct csv_cell *cell,
			       size_t j)
{
	if (p->options->n_names)
		return arena_strdup(p->a, p->options->names[j]);
	if (p->options->no_header || !cell->size)
		return arena_printf(p->a, "c%zu", j + 1);
	return cell_string(p, cell);
}

/* name_2, or the first number behind it that nobody has. */
static int rename_column(struct csv_parser *p, struct levels *names, size_t j)
{
	const char *name = p->col[j].name, *next = name;
	uint32_t code = 0;

	for (unsigned k = 2; code < j; k++) {
		next = arena_printf(p->a, "%s_%u", name, k);
		if (!next)
			return arena_error(p->a, p->err);
		if (levels_add(names, next, strlen(next), &code, p->err))
			return p->err->code;
	}
	p->col[j].name = next;
	return 0;
}

/* Targets and drops are chosen by name, so a name must mean one column. */
static int check_unique(struct csv_parser *p, size_t line)
{
	struct levels names;
	uint32_t code;

	levels_init(&names, p->a);
	for (size_t j = 0; j < p->cols; j++) {
		const char *name = p->col[j].name;

		if (levels_add(&names, name, strlen(name), &code, p->err))
			return p->err->code;
		if (code < j && p->options->rename) {
			if (rename_column(p, &names, j))
				return p->err->code;
			continue;
		}
		if (code < j)
			return csv_fail(p, line,
					"columns %u and %zu are both called '%s'",
					code + 1, j + 1, name);
	}
	return 0;
}

/* The first row gives the number of columns, and their names unless there is no
 * header; then it is read again as the first row of data. */
int csv_columns_read(struct csv_parser *p)
{
	struct csv_scan s = p->scan;
	struct csv_cell cell;
	size_t first = s.line;

	p->cols = csv_count_cells(s);
	if (p->cols > COLUMNS_MAX)
		return csv_fail(p, first, "%zu columns; at most %d are read", p->cols,
				COLUMNS_MAX);
	if (p->options->n_names && p->options->n_names != p->cols)
		return csv_fail(p, first, "%zu cells, but %zu columns are named", p->cols,
				p->options->n_names);
	p->col = ARENA_NEW(p->a, struct csv_col, p->cols);
	if (!p->col)
		return arena_error(p->a, p->err);
	for (size_t j = 0; j < p->cols; j++) {
		size_t line = s.line;
		enum csv_stop stop = csv_cell_next(&s, &cell);

		if (stop > CSV_ROW_END)
			return csv_fail_quote(p, line, stop);
		p->col[j].name = column_name(p, &cell, j);
		if (!p->col[j].name)
			return arena_error(p->a, p->err);
		levels_init(&p->col[j].levels, p->a);
	}
	if (!p->options->no_header)
		p->scan = s;
	return check_unique(p, first);
}

/* In the same order, too: who joins files that differ has another table in mind
 * than the one that would come out. */
int csv_columns_same(struct csv_parser *p)
{
	struct csv_scan s = p->scan;
	struct csv_cell cell;
	size_t first = s.line, n = csv_count_cells(s);
	struct arena_mark mark = arena_mark(p->a);

	if (n != p->cols)
		return csv_fail(p, first, "%zu cells where %s has %zu", n,
				p->text[0].path, p->cols);
	if (p->options->no_header)
		return 0;
	for (size_t j = 0; j < p->cols; j++) {
		size_t line = s.line;
		enum csv_stop stop = csv_cell_next(&s, &cell);
		const char *name;

		if (stop > CSV_ROW_END)
			return csv_fail_quote(p, line, stop);
		name = column_name(p, &cell, j);
		if (!name)
			return arena_error(p->a, p->err);
		if (strcmp(name, p->col[j].name))
			return csv_fail(p, line, "column %zu is '%s' where %s has '%s'",
					j + 1, name, p->text[0].path, p->col[j].name);
		arena_rewind(p->a, mark);
	}
	p->scan = s;
	return 0;
}

/* Asked a few times a file, so a search in order is enough. */
static struct csv_col *find_col(struct csv_parser *p, const char *name)
{
	for (size_t j = 0; j < p->cols; j++)
		if (!strcmp(p->col[j].name, name))
			return &p->col[j];
	return NULL;
}

/* ERR_CONFIG: it is the asker who is wrong, or has another file in mind. */
static int no_col(struct csv_parser *p, const char *what, const char *name)
{
	const char **names = ARENA_RAW(p->a, const char *, p->cols);
	char hint[128];

	if (!names)
		return arena_error(p->a, p->err);
	for (size_t j = 0; j < p->cols; j++)
		names[j] = p->col[j].name;
	return error_set(p->err, ERR_CONFIG, "%s: %s: no column '%s'%s", p->path, what,
			 name, suggest_text(name, names, p->cols, hint, sizeof(hint)));
}

/* What a person says of a column stands above what its cells look like. */
int csv_columns_options(struct csv_parser *p)
{
	const struct csv_options *o = p->options;
	struct csv_col *c;

	for (size_t k = 0; k < o->n_categorical; k++) {
		c = find_col(p, o->categorical[k]);
		if (!c && !o->optional)
			return no_col(p, "categorical", o->categorical[k]);
		if (c)
			c->mode = CSV_TEXT;
	}
	for (size_t k = 0; k < o->n_numeric; k++) {
		c = find_col(p, o->numeric[k]);
		if (!c && !o->optional)
			return no_col(p, "numeric", o->numeric[k]);
		if (!c)
			continue;
		c->mode = CSV_NUMBER;
		c->fixed = true;
	}
	c = o->target ? find_col(p, o->target) : NULL;
	if (o->target && !c)
		return no_col(p, "target", o->target);
	if (c)
		c->is_target = true;
	return 0;
}

/* Types and codes as another file has them. Levels are put into the table in
 * their order, so that the codes come out the same. */
static int apply_column(struct csv_parser *p, struct csv_col *c,
			const struct column *like)
{
	uint32_t code;

	c->fixed = !like->is_cat;
	c->mode = like->is_cat ? CSV_TEXT : CSV_NUMBER;
	c->closed = like->is_cat;
	c->level_names = like->level_names;
	for (size_t k = 0; k < like->levels; k++) {
		const char *name = like->level_names[k];

		if (levels_add(&c->levels, name, strlen(name), &code, p->err))
			return p->err->code;
	}
	return 0;
}

/* Both ways: each column of `like` must be here, and no other. A file with other
 * columns is most likely another file, and guessing would hide that. */
int csv_columns_like(struct csv_parser *p, const struct table *like, size_t *order)
{
	struct levels names;
	uint32_t code;

	levels_init(&names, p->a);
	for (size_t k = 0; k < like->cols; k++) {
		struct csv_col *c = find_col(p, like->columns[k].name);

		if (!c)
			return error_set(p->err, ERR_DATA,
					 "%s: column '%s' of "
					 "the training file is missing",
					 p->path, like->columns[k].name);
		order[k] = (size_t)(c - p->col);
		if (apply_column(p, c, &like->columns[k]) ||
		    levels_add(&names, c->name, strlen(c->name), &code, p->err))
			return p->err->code;
	}
	for (size_t j = 0; j < p->cols; j++) {
		const char *name = p->col[j].name;

		if (levels_find(&names, name, strlen(name)) == UINT32_MAX)
			return error_set(p->err, ERR_DATA,
					 "%s: column '%s' is not in the training file",
					 p->path, name);
	}
	return 0;
}
