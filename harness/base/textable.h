/* Rows of strings as a table for people, Markdown, CSV or JSON: the one way in
 * which verbs and boards print tables. */
#ifndef TRIARCH_TEXTABLE_H
#define TRIARCH_TEXTABLE_H

#include <jansson.h>

#include "harness/base/text.h"

enum textable_format { TEXTABLE_TABLE, TEXTABLE_MD, TEXTABLE_CSV, TEXTABLE_JSON };

/* "table", "md", "csv", "json"; ERR_USAGE with "did you mean". */
int textable_format_from_name(const char *name, enum textable_format *out,
			      struct error *err);

struct textable_column {
	const char *key;   /* in CSV and JSON: "fit_s" */
	const char *title; /* for people: "fit s" */
	bool number;	   /* set right; a bare number in JSON, empty is null */
};

struct textable_cell {
	const char *text;  /* "" when never set */
	const char *color; /* an SGR code such as TEXTABLE_BOLD, or NULL */
};
#define TEXTABLE_BOLD "1"
#define TEXTABLE_RED "31"
#define TEXTABLE_GREEN "32"
#define TEXTABLE_DIM "2"

struct textable {
	struct arena *arena;
	const struct textable_column *columns; /* (cols) */
	size_t cols;
	struct textable_cell *cells; /* (rows, cols) */
	size_t rows, room;
	bool failed; /* an allocation did; textable_format will say so */
};

/* Empty, with columns[0..cols), which must outlive it. */
void textable_init(struct textable *t, struct arena *a,
		   const struct textable_column *columns, size_t cols);

/* Start a row of empty cells; set one of its cells; colour it. */
void textable_add_row(struct textable *t);
void textable_set(struct textable *t, size_t col, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void textable_color(struct textable *t, size_t col, const char *color);

/* Append the table to `out`. Colours only in TEXTABLE_TABLE. ERR_MEMORY. */
int textable_format(const struct textable *t, enum textable_format f,
		    bool color, struct text *out, struct error *err);

/* A new reference to the rows as JSON objects; NULL when out of memory. */
json_t *textable_to_json(const struct textable *t);

#endif
