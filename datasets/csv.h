/* Tables in CSV files.
 *
 * RFC 4180: cells in double quotes may hold separators, line ends and doubled
 * quotes. Also: CR LF or LF, a byte order mark, blanks around unquoted cells,
 * blank lines (skipped). UTF-8 is passed through; other encodings are refused
 * when they show themselves by NUL bytes. A file that gzip, bzip2 or xz packed
 * is unpacked into memory. A column is numeric when all its cells that are not
 * missing are numbers, else categorical, with its distinct texts in byte order as
 * levels.
 */
#ifndef TRIARCH_CSV_H
#define TRIARCH_CSV_H

#include "datasets/table.h"

struct csv_options {
	char separator; /* 0: the first of , ; tab | that the first line has */
	char decimal;	/* of numbers, '.' or ',' */
	bool no_header; /* columns are called c1, c2 ... */
	bool rename;	/* a name that comes again gets _2, _3 ... behind it, instead
			 * of being an error */
	/* Texts that stand for a missing cell; NULL: the usual ones ("", NA,
	 * N/A, ?, nan, NaN, null, NULL). */
	const char *const *missing; /* (n_missing) */
	size_t n_missing;
	const char *const *categorical; /* (n_categorical) columns, by name */
	size_t n_categorical;
	const char *const *numeric; /* (n_numeric) columns, by name */
	size_t n_numeric;
	/* In this column a missing cell is an error. */
	const char *target; /* NULL: there is none */
};

struct csv {
	struct table table;
	const uint32_t *line; /* (table.rows) where each row starts */
};

/* Errors say "path:line: ..."; ERR_IO, ERR_DATA, ERR_CONFIG, ERR_MEMORY. All
 * that comes out lives in the arena: at most some 20 bytes a byte of the file. */
int csv_read(const char *path, const struct csv_options *options, struct arena *a,
	     struct csv *out, struct error *err);

/* A file of the same kind as one already read: its columns in the order of
 * `like`, of the same types, with the same codes. Its columns may come in
 * another order; a column too few or too many is an error. A text that `like`
 * does not know is missing, but an error in the target. */
int csv_read_like(const char *path, const struct csv_options *options,
		  const struct table *like, struct arena *a, struct csv *out,
		  struct error *err);

/* The same for bytes that are called `path` in messages; `like` may be NULL. */
int csv_parse(const char *bytes, size_t size, const char *path,
	      const struct csv_options *options, const struct table *like,
	      struct arena *a, struct csv *out, struct error *err);

#endif
