/* What the files of the CSV parser share. Private to datasets/csv*.c. */
#ifndef TRIARCH_CSV_PARSER_H
#define TRIARCH_CSV_PARSER_H

#include "datasets/csv/csv.h"
#include "datasets/csv/csv_cell.h"
#include "datasets/levels.h"

enum csv_mode {
	CSV_NUMBER,
	CSV_TEXT,
	CSV_LATE, /* was a number, turned out as text: for the second pass */
};

struct csv_col {
	const char *name;
	enum csv_mode mode;
	bool fixed;  /* numeric by decree: a text is an error */
	bool closed; /* a text that is not yet in `levels` is missing */
	bool is_target;
	bool has_numbers;
	float *cell; /* (room) */
	struct levels levels;
	const char *const *level_names; /* closed: given */
};

struct csv_parser {
	const struct csv_text *text; /* (n_texts) */
	size_t n_texts;
	struct csv_scan *start; /* (n_texts) the first rows */
	size_t *end;		/* (n_texts) rows up to the end of each */
	const char *path;	/* of the text that is read now */
	const struct csv_options *options;
	struct csv_scan scan;
	size_t cols, rows, room;
	struct csv_col *col; /* (cols) in file order */
	uint32_t *line;	     /* (room) */
	bool number_marks;   /* no cell may be taken for a number unseen */
	bool late;	     /* a column is CSV_LATE */
	struct arena *a;
	struct error *err;
};

/* ERR_DATA at a line, or for what csv_cell_next found wrong with quotes. */
int csv_fail(struct csv_parser *p, size_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int csv_fail_quote(struct csv_parser *p, size_t line, enum csv_stop stop);

/* Names and number of columns from the first row at the scan. */
int csv_columns_read(struct csv_parser *p);

/* The header of another text against the columns of the first. */
int csv_columns_same(struct csv_parser *p);

/* What the options say of columns by name. */
int csv_columns_options(struct csv_parser *p);

/* Columns as another file has them, by name: order[k] is the file's column
 * that is column k of `like`. */
int csv_columns_like(struct csv_parser *p, const struct table *like, size_t *order);

#endif
