/* What the two halves of the ARFF parser share. Private to datasets/arff*.c. */
#ifndef TRIARCH_ARFF_PARSER_H
#define TRIARCH_ARFF_PARSER_H

#include "datasets/formats/arff.h"
#include "datasets/levels.h"

#define ARFF_NAME_MAX 4096

enum arff_kind { ARFF_NUMBER, ARFF_NOMINAL, ARFF_STRING, ARFF_DATE };

struct arff_attribute {
	const char *name;
	enum arff_kind kind;
	struct levels levels;		/* nominal, string */
	const char *const *level_names; /* nominal: in the order declared */
	float *cell;			/* (rows) in the second pass, else NULL */
};

struct arff_parser {
	const char *path;
	const char *at, *end; /* what is left of the file */
	const char *p, *stop; /* what is left of the line */
	size_t line;	      /* of p, counted from 1 */
	struct arff_attribute *attribute; /* (cols) */
	size_t cols, room;
	size_t rows;
	bool sparse; /* a row was */
	bool store;  /* the second pass */
	struct arena *a;
	struct error *err;
};

/* A word of a line: quoted, or up to a blank or one of the stops. */
struct arff_word {
	const char *text; /* without its quotes */
	size_t size;
	bool quoted, escaped; /* escaped: see arff_word_plain */
};

/* ERR_DATA at the line. */
int arff_fail(struct arff_parser *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* How much of a word a message shows: those of a broken file may be long. */
static inline int arff_shown(size_t size)
{
	return size < 40 ? (int)size : 40;
}

/* The next line that holds anything, its blanks skipped; false at the end. */
bool arff_next_line(struct arff_parser *p);

/* To what comes next in the line; a comment is its end. */
void arff_skip_blanks(struct arff_parser *p);

/* Values stand apart by a comma, by blanks, or by both: to the next of them. */
void arff_skip_comma(struct arff_parser *p);

/* ERR_DATA when there is none, or its quote is not closed. */
int arff_take_word(struct arff_parser *p, const char *stops, struct arff_word *out);

/* Without its backslashes: a copy in the arena where there are any. ERR_MEMORY. */
int arff_word_plain(struct arff_parser *p, struct arff_word *w);

/* Is the word this keyword, in any case? */
bool arff_word_is(const struct arff_word *w, const char *keyword);

/* All up to @data, into p->attribute. */
int arff_read_header(struct arff_parser *p);

#endif
