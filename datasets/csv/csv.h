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
	/* 0: the first of , ; tab | that the first line has; ' ': any number of
	 * blanks and tabs, as files made for Fortran have them. */
	char separator;
	char decimal;	/* of numbers, '.' or ',' */
	char comment;	/* lines that start with it are skipped; 0: none */
	bool no_header; /* columns are called c1, c2 ... */
	/* Names of the columns, in order; those of a header are replaced. */
	const char *const *names; /* (n_names) */
	size_t n_names;		  /* 0: as the header has them */
	bool rename;	/* a name that comes again gets _2, _3 ... behind it, instead
			 * of being an error */
	/* Texts that stand for a missing cell; NULL: the usual ones ("", NA,
	 * N/A, ?, nan, NaN, null, NULL), and among numbers - and . too. */
	const char *const *missing; /* (n_missing) */
	size_t n_missing;
	const char *const *categorical; /* (n_categorical) columns, by name */
	size_t n_categorical;
	const char *const *numeric; /* (n_numeric) columns, by name */
	size_t n_numeric;
	/* Names in these two lists that no column has are passed over. */
	bool optional;
	/* In this column a missing cell is an error. */
	const char *target; /* NULL: there is none */
	bool strip_dot;	    /* its texts may end with a full stop, which goes */
};

/* A file, or bytes that are called `path` in messages. */
struct csv_text {
	const char *bytes;
	size_t size;
	const char *path;
	size_t skip_lines; /* before anything else, whatever they hold */
};

struct csv {
	struct table table;
	uint32_t *line; /* (table.rows) where each row starts in its file */
	size_t files;
	size_t *end; /* (files) the rows of a file end before this row */
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

/* Several files as one table, rows in their order. The files decide together on
 * types and levels; a header must be the same in all. */
int csv_parse_all(const struct csv_text *texts, size_t n,
		  const struct csv_options *options, const struct table *like,
		  struct arena *a, struct csv *out, struct error *err);
/* The same from the paths alone; `bytes` and `size` of `files` are ignored. */
int csv_read_all(const struct csv_text *files, size_t n,
		 const struct csv_options *options, struct arena *a, struct csv *out,
		 struct error *err);

#endif
