/* Separator, header and markers of holes, from the bytes alone. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasets/csv/csv_cell.h"
#include "datasets/own/infer_parts.h"

#define SEPARATORS ",;\t|"
#define LINES	   8 /* that decide on the separator */

/* The scan at the first line that holds something. */
static struct csv_scan start(const char *bytes, size_t size, char separator)
{
	struct csv_scan s = { .at = bytes, .end = bytes + size, .line = 1,
			      .separator = separator, .decimal = '.' };

	if (size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
		s.at += 3;
	csv_skip_blank_lines(&s);
	return s;
}

/* Step over the rest of a row. False at the end, or where quotes are broken. Line ends
 * inside quotes belong to the cell, which is why rows are not found by looking for
 * line ends. */
static bool skip_row(struct csv_scan *s)
{
	struct csv_cell cell;
	enum csv_stop stop;

	do
		stop = csv_cell_next(s, &cell);
	while (stop == CSV_MORE);
	return stop == CSV_ROW_END && csv_skip_blank_lines(s);
}

/* Cells a row when that separates, counted while the first rows agree; the more rows
 * agree the better. Commas in numbers or texts rarely agree for long. Above LINES
 * where all rows agree, below 1 where they do not, so that agreement stands above the
 * number of cells. */
static double score(const char *bytes, size_t size, char separator)
{
	struct csv_scan s = start(bytes, size, separator);
	size_t first = s.at < s.end ? csv_count_cells(s) : 1;
	size_t agree = 1;

	if (first < 2)
		return 0;
	while (agree < LINES && skip_row(&s)) {
		if (csv_count_cells(s) != first)
			return (double)agree / LINES;
		agree++;
	}
	return LINES + (double)first;
}

/* The one that cuts the first rows into the same number of cells. Comma where nothing
 * separates: a single column has to be called something. */
static char guess_separator(const char *bytes, size_t size)
{
	char best = ',';
	double most = 0, now;

	for (const char *c = SEPARATORS; *c; c++) {
		now = score(bytes, size, *c);
		/* 1,5;2,5 splits both ways: a comma between digits is the less
		 * likely one where a semicolon agrees as well */
		if (now > most || (*c == ';' && now >= LINES && best == ',')) {
			most = now;
			best = *c;
		}
	}
	return best;
}

/* Names are no numbers: where half of the first row's cells are, it is data. A row
 * without any number has names, also where the rows below have none either: in a table
 * of texts nothing tells, and a person may say header: false. */
static bool guess_header(const char *bytes, size_t size, char separator)
{
	struct csv_scan s = start(bytes, size, separator);
	size_t cells = 0, numbers = 0;
	struct csv_cell cell;
	enum csv_stop stop;
	float x;

	do {
		stop = csv_cell_next(&s, &cell);
		cells++;
		numbers += csv_cell_parse(cell.text, cell.size, '.', &x) ||
			   csv_cell_parse(cell.text, cell.size, ',', &x);
	} while (stop == CSV_MORE);
	return !numbers || 2 * numbers < cells;
}

/* What a person says is not looked for. */
void infer_layout(const char *bytes, size_t size, const struct own_settings *s,
		  struct infer_layout *out)
{
	out->separator = s->separator ? s->separator : guess_separator(bytes, size);
	out->header = s->header >= 0 ? s->header
				     : guess_header(bytes, size, out->separator);
}

/* ---------------------------------------------------------------- markers */

/* In any case of letters, but for "none", which as a word is an answer. */
static const char *const marks[] = { "NA", "N/A", "NaN", "NULL", "None", "?",
				     "-",  ".",	  "#N/A", "#NA", "<NA>", "missing" };
#define MARKS	 (sizeof(marks) / sizeof(*marks))
#define NONE	 4
#define DASH	 6
#define SPELLED	 4 /* ways to spell one: NA, na, Na */
#define LONGEST	 7

/* NUL-terminated, as longer texts are no markers. */
struct marker {
	char text[LONGEST + 1];
	size_t count;
};

struct markers {
	struct marker list[MARKS][SPELLED];
	size_t plus; /* cells "+", the sign beside which "-" is no hole */
};

/* Short texts only: this is asked of every cell of the file. A doubled quote inside
 * means that it is a text of somebody who quotes. */
static int mark_of(const struct csv_cell *c)
{
	if (c->size > LONGEST || !c->size || c->doubled)
		return -1;
	for (size_t k = 0; k < MARKS; k++)
		if (strlen(marks[k]) == c->size && !strncasecmp(marks[k], c->text, c->size))
			return k == NONE && memcmp(c->text, "None", 4) != 0 ? -1 : (int)k;
	return -1;
}

/* A fifth spelling of the same marker stays a text, and shows as one. */
static void count(struct markers *m, int k, const struct csv_cell *c)
{
	for (size_t i = 0; i < SPELLED; i++) {
		struct marker *at = &m->list[k][i];

		if (!at->count)
			memcpy(at->text, c->text, c->size);
		if (strlen(at->text) == c->size && !memcmp(at->text, c->text, c->size)) {
			at->count++;
			return;
		}
	}
}

/* Every cell below the header. Broken quotes end it: the parser tells of them. */
static void count_all(const char *bytes, size_t size, const struct infer_layout *layout,
		      struct markers *m)
{
	struct csv_scan s = start(bytes, size, layout->separator);
	struct csv_cell cell;

	if (layout->header && !skip_row(&s))
		return;
	while (s.at < s.end) {
		if (csv_cell_next(&s, &cell) > CSV_ROW_END)
			return;
		if (cell.size == 1 && *cell.text == '+')
			m->plus++;
		if (cell.size && cell.size <= LONGEST) {
			int k = mark_of(&cell);

			if (k >= 0)
				count(m, k, &cell);
		}
	}
}

/* In a fixed order, as the list becomes part of what names the data in the cache. A
 * marker is one for the whole file: "-" in one column is a hole in all of them. */
int infer_markers(const char *bytes, size_t size, const struct infer_layout *layout,
		  struct arena *a, const char *const **out, size_t *n,
		  struct notes *notes, struct error *err)
{
	const char **list = ARENA_NEW(a, const char *, MARKS * SPELLED + 1);
	struct markers m = { 0 };

	if (!list)
		return arena_error(a, err);
	count_all(bytes, size, layout, &m);
	list[0] = "";
	*n = 1;
	for (size_t k = 0; k < MARKS; k++)
		for (size_t i = 0; i < SPELLED && m.list[k][i].count; i++) {
			if (k == DASH && m.plus)
				continue;
			list[*n] = arena_strdup(a, m.list[k][i].text);
			if (!list[(*n)++])
				return arena_error(a, err);
			notes_add(notes, NOTE_INFO, "'%s' stands for a missing cell in %zu "
				  "cells ('missing: [...]' changes that)",
				  m.list[k][i].text, m.list[k][i].count);
		}
	*out = list;
	return 0;
}
