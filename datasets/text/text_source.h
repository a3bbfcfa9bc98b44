/* Files of labelled text, format by format. Private to read_text.c and the
 * files text_*.c beside it.
 */
#ifndef TRIARCH_TEXT_SOURCE_H
#define TRIARCH_TEXT_SOURCE_H

#include "datasets/reader.h"
#include "datasets/text/corpus.h"
#include "datasets/text/utf8.h"

enum text_format {
	TEXT_CSV,	    /* rows, RFC 4180; with tabs for commas: tsv */
	TEXT_LINES,	    /* label, separator, text */
	TEXT_LINES_BY_FILE, /* a text a line, a class a file */
	TEXT_FOLDERS,	    /* a text a file, a class a folder */
};

/* One path of the data set and how it is read. */
struct text_source {
	const char *path;
	enum text_format format;
	enum official official;
	struct utf8_source from;
	size_t max_bytes; /* of a text, what is longer is cut; 0: none */
	/* Numeric labels: label_base is classes[0]. */
	const char *const *classes; /* (n_classes), NULL: as labels say */
	size_t n_classes;
	bool has_base;
	int64_t label_base;
	const char *label_until; /* the label ends before it; NULL: nowhere */

	char separator; /* csv, lines */
	bool header;	/* csv: the first row has names */
	const char *const *text_columns; /* (n_text_columns) by name or number */
	size_t n_text_columns;
	const char *label_column;

	const char *class_name; /* lines_by_file */

	int64_t label_level; /* folders: -1 is the folder that holds the file */
	const char *part[4]; /* by enum official: a folder's name, or NULL */
	unsigned strip;	     /* enum usenet_part, bits */
};

/* Keys of the catalogue, NULL-terminated. */
extern const char *const text_source_keys[];

/* The options for all paths of `src`: (src->n_paths) of *out, in the arena.
 * ERR_CONFIG with file:line:column; ERR_MEMORY. */
int text_source_options(const struct source *src, struct arena *a,
		 struct text_source **out, struct error *err);

/* One text with its label as the file has it. `text` must have room for a NUL
 * at text[size]; it and the label must stay. `line` is for messages. ERR_DATA,
 * ERR_MEMORY. */
int text_source_add(const struct text_source *s, struct corpus *c, char *text,
	     size_t size, const char *label, size_t label_size, size_t line,
	     struct error *err);

/* All texts of one path; "path:line: ..." in errors. */
int text_csv_read(const struct text_source *s, struct corpus *c,
		  struct error *err);
int text_lines_read(const struct text_source *s, struct corpus *c,
		    struct error *err);
int text_folders_read(const struct text_source *s, struct corpus *c,
		      struct error *err);

#endif
