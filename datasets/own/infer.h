/* What the columns of a person's table are, found out from their cells.
 *
 * The file is parsed once as the CSV reader would, twice where a decimal comma
 * turns up; then each column is judged by its distinct values. What a person says
 * (own_settings.h) stands above what is found. All that is decided has a note.
 */
#ifndef TRIARCH_INFER_H
#define TRIARCH_INFER_H

#include "datasets/csv/dates.h"
#include "datasets/own/notes.h"
#include "datasets/own/own_settings.h"

enum infer_kind {
	INFER_NUMERIC,
	INFER_CATEGORICAL,
	INFER_BOOLEAN, /* two words such as yes and no: categorical */
	INFER_DATE,
	INFER_AMOUNT, /* $1,234 or 12%: numeric */
	INFER_TEXT,   /* sentences */
	INFER_EMPTY,  /* nothing but holes */
};

enum infer_role {
	INFER_FEATURE,
	INFER_TARGET,
	INFER_DROPPED,
	INFER_SPLIT,	/* group, time or fold: no feature */
	INFER_DOCUMENT, /* the text that is learned from */
};

struct infer_column {
	const char *name;
	enum infer_kind kind;
	enum infer_role role;
	const char *why;   /* of a column that is dropped, else "" */
	const char *sight; /* "0 .. 17.5" or "red 61 %, blue 39 %" */
	size_t missing, distinct;
	float min, max; /* numeric */
	bool integers;	/* numeric: all are */
	bool ordered;	/* numeric: never falls from row to row */
	bool is_told;	/* its type was given */
	bool is_found;	/* dropped by what its cells are, not by a person */
	float sentinel; /* numeric: -999 or the like far from all others, or NaN */
	size_t sentinels; /* cells with it */
	double words;	/* text: the mean number of a cell */
	unsigned marks; /* amounts.h, of all cells */
	bool same_marks; /* all cells have them */
	enum date_order order;
	bool ambiguous;	/* dates: day and month could change places */
};

struct inferred {
	size_t rows, cols;
	struct infer_column *columns; /* (cols) */
	size_t target;		      /* column; cols where there is none */
	enum task task;
	char separator, decimal;
	bool header;
	const char *const *missing; /* (n_missing) markers that occur, and "" */
	size_t n_missing;
	/* Rows in which the target is missing, the first of their lines. */
	size_t no_target;
	uint32_t no_target_line[3];
	const char *document; /* the column of texts where the task is one, or NULL */
};

/* Infer from bytes that are called `path` in messages. Metadata goes to the arena,
 * notes to `notes`. ERR_DATA and ERR_CONFIG say path:line; ERR_MEMORY. */
int infer_table(const char *bytes, size_t size, const char *path,
		const struct own_settings *s, struct arena *a, struct inferred *out,
		struct notes *notes, struct error *err);

const char *infer_kind_name(enum infer_kind k); /* "numeric" ... */
const char *infer_role_name(enum infer_role r); /* "feature" ... */

#endif
