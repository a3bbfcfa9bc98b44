/* Twice over the text: first all is checked and counted, then it is stored. An
 * index is a promise of columns that costs ten bytes, so nothing is allocated
 * before every one of them is known. */
#include "datasets/formats/libsvm.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "datasets/csv/csv_cell.h"

struct parser {
	const struct libsvm_options *options;
	const char *path;
	const char *p, *stop; /* what is left of the line */
	size_t line;
	size_t rows, cols; /* of all files so far; features */
	float **cell;	   /* (1 + cols) of (rows) in the second pass, else NULL */
	struct arena *a;
	struct error *err;
};

__attribute__((format(printf, 2, 3))) static int fail(struct parser *p, const char *fmt,
						      ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_set(p->err, ERR_DATA, "%s:%zu: %s", p->path, p->line, text);
}

/* ---------------------------------------------------------------- words */

/* The form feeds that isspace() would add stand in no file known, and it asks
 * the locale. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line, from *from on; 0 bytes at its end. */
static size_t take_word(struct parser *p, const char **from)
{
	while (p->p < p->stop && is_blank(*p->p))
		p->p++;
	*from = p->p;
	while (p->p < p->stop && !is_blank(*p->p))
		p->p++;
	return (size_t)(p->p - *from);
}

/* For messages: words of a broken file may be long. */
static int shown(size_t size)
{
	return size < 40 ? (int)size : 40;
}

/* NaN is let through as a hole; infinity is not, since a scaled column would
 * be NaN throughout. */
static int number(struct parser *p, const char *what, const char *text, size_t size,
		  float *out)
{
	if (!csv_cell_parse(text, size, '.', out))
		return fail(p, "%s '%.*s' is no number", what, shown(size), text);
	if (isinf(*out))
		return fail(p, "%s '%.*s' is infinite or too large", what, shown(size),
			    text);
	return 0;
}

/* Digits up to the colon -> column, counted from 0. Stops at the first digit that
 * makes it too large, so that no index overflows. */
static int take_index(struct parser *p, const char *text, size_t size, size_t *column)
{
	const struct libsvm_options *o = p->options;
	size_t most = o->columns ? o->columns : LIBSVM_COLUMNS_MAX, index = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9')
			return fail(p, "'%.*s' is no index; INDEX:VALUE is needed",
				    shown(size), text);
		index = 10 * index + (size_t)(text[i] - '0');
		if (index >= most + o->base)
			return fail(p, "index %.*s: more than %zu columns%s", shown(size),
				    text, most,
				    o->columns ? ", as the options say" : "");
	}
	if (!size)
		return fail(p, "an index is missing before a colon");
	if (index < o->base)
		return fail(p, "index 0: the first is 1 unless the option base is 0");
	*column = index - o->base;
	return 0;
}

/* ---------------------------------------------------------------- rows */

/* INDEX:VALUE; `least` is the first column that may come. */
static int take_pair(struct parser *p, const char *word, size_t size, size_t *least)
{
	const char *colon = memchr(word, ':', size);
	size_t head, column = 0;
	float value;

	if (!colon)
		return fail(p, "'%.*s' where INDEX:VALUE should come", shown(size), word);
	head = (size_t)(colon - word);
	if (head == 3 && !memcmp(word, "qid", 3))
		return fail(p, "queries (qid) are for ranking, which is no task here");
	if (take_index(p, word, head, &column) ||
	    number(p, "value", colon + 1, size - head - 1, &value))
		return p->err->code;
	if (column < *least)
		return fail(p, "index %.*s does not stand behind a smaller one", (int)head,
			    word);
	*least = column + 1;
	if (p->cell)
		p->cell[1 + column][p->rows] = value;
	return 0;
}

/* One line that holds something. */
static int read_row(struct parser *p, const char *label, size_t size)
{
	size_t least = 0;
	float value;

	if (memchr(label, ',', size))
		return fail(p, "'%.*s': several labels a row are not known", shown(size),
			    label);
	if (number(p, "label", label, size, &value))
		return p->err->code;
	if (p->cell)
		p->cell[0][p->rows] = value;
	for (;;) {
		const char *word;

		size = take_word(p, &word);
		if (!size)
			break;
		if (take_pair(p, word, size, &least))
			return p->err->code;
	}
	if (least > p->cols)
		p->cols = least;
	p->rows++;
	return 0;
}

/* Lines are cut at their comment; blank ones are skipped. */
static int read_text(struct parser *p, const struct libsvm_text *t)
{
	const char *at = t->bytes, *end = at + t->size;
	size_t before = p->rows;

	p->path = t->path;
	p->line = 0;
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at)), *comment, *word;
		size_t size;

		p->line++;
		p->p = at;
		p->stop = stop ? stop : end;
		at = stop ? stop + 1 : end;
		comment = memchr(p->p, '#', (size_t)(p->stop - p->p));
		if (comment)
			p->stop = comment;
		size = take_word(p, &word);
		if (size && read_row(p, word, size))
			return p->err->code;
	}
	if (p->rows == before)
		return error_set(p->err, ERR_DATA, "%s: the file has no rows", p->path);
	return 0;
}

/* ---------------------------------------------------------------- table */

/* For what was counted; all zero, as rows name only what is not. */
static int make_table(struct parser *p, struct table *t)
{
	size_t cols = 1 + p->cols;
	char *name = arena_alloc_raw(p->a, cols, 16);

	if (p->rows > UINT32_MAX || p->rows > TABLE_SPARSE_MAX / cols)
		return error_set(p->err, ERR_DATA,
				 "%s: %zu rows of %zu columns are more than the %zu "
				 "cells that sparse rows may stand for",
				 p->path, p->rows, p->cols, TABLE_SPARSE_MAX);
	*t = (struct table){ .rows = p->rows, .cols = cols };
	t->columns = ARENA_NEW(p->a, struct column, cols);
	t->cell = ARENA_NEW(p->a, float *, cols);
	if (!t->columns || !t->cell || !name)
		return arena_error(p->a, p->err);
	for (size_t j = 0; j < cols; j++, name += 16) {
		t->cell[j] = ARENA_NEW(p->a, float, p->rows);
		if (!t->cell[j])
			return arena_error(p->a, p->err);
		if (j)
			snprintf(name, 16, "f%zu", j - 1 + p->options->base);
		t->columns[j].name = j ? name : "label";
	}
	return 0;
}

/* The number of columns that are declared must be there even if no row has them:
 * a test file that lacks the last word is of the same kind. */
int libsvm_parse(const struct libsvm_text *texts, size_t n,
		 const struct libsvm_options *options, struct arena *a,
		 struct table *out, size_t *end, struct error *err)
{
	struct parser p = { .options = options, .a = a, .err = err };

	for (size_t k = 0; k < n; k++) {
		if (read_text(&p, &texts[k]))
			return err->code;
		end[k] = p.rows;
	}
	if (options->columns)
		p.cols = options->columns;
	if (make_table(&p, out))
		return err->code;
	p.cell = out->cell;
	p.rows = 0;
	for (size_t k = 0; k < n; k++)
		if (read_text(&p, &texts[k]))
			return err->code;
	return 0;
}
