/* Cells of a CSV file, one after the other. For datasets/csv*.c, and numbers for
 * other readers of text.
 *
 * RFC 4180 with what files in the wild need besides: any line end, blanks
 * around unquoted cells, text behind the last line end. With a blank as the
 * separator, any number of blanks and tabs is one separator, and those at the
 * ends of a line are none.
 */
#ifndef TRIARCH_CSV_CELL_H
#define TRIARCH_CSV_CELL_H

#include <stdbool.h>
#include <stddef.h>

/* Where the scan is. All characters up to `end` may be read, none behind. */
struct csv_scan {
	const char *at, *end;
	size_t line; /* of `at`, counted from 1 */
	char separator, decimal;
	char comment; /* lines that start with it are skipped; 0: none */
};

enum csv_stop {
	CSV_MORE,	 /* a cell; another follows in this row */
	CSV_ROW_END,	 /* a cell, the last of its row */
	CSV_OPEN_QUOTE,	 /* the file ends inside quotes */
	CSV_AFTER_QUOTE, /* text between a closing quote and the separator */
};

struct csv_cell {
	const char *text; /* without blanks around it and without its quotes */
	size_t size;
	bool doubled; /* holds doubled quotes: see csv_cell_unquote */
};

/* Read one cell and step over what ends it. */
enum csv_stop csv_cell_next(struct csv_scan *s, struct csv_cell *cell);

/* Try to read the cell at `s->at` as a plain number without quotes or blanks.
 * True: *value is set, and the scan and *stop are as csv_cell_next leaves
 * them. False: nothing has changed. */
bool csv_cell_number(struct csv_scan *s, float *value, enum csv_stop *stop);

/* A whole text as a number; also accepts "inf", which callers refuse by name. */
bool csv_cell_parse(const char *text, size_t size, char decimal, float *value);

/* Halve doubled quotes; `to` has room for `size` bytes. Returns the new size. */
size_t csv_cell_unquote(const char *text, size_t size, char *to);

/* Cells from here to the end of the row. */
size_t csv_count_cells(struct csv_scan s);

/* Step over line ends with nothing between them, and over comments. False at the
 * end. */
bool csv_skip_blank_lines(struct csv_scan *s);

#endif
