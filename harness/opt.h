/* Command-line options of a verb as a table: parsing and --help come from it.
 *
 * main.c has already taken out the options that every verb has (--catalog,
 * --suites, --cache, -o, --offline, -q, -v, --color).
 */
#ifndef TRIARCH_OPT_H
#define TRIARCH_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

enum opt_kind {
	OPT_FLAG,   /* bool *out: true */
	OPT_STRING, /* const char **out */
	OPT_INT,    /* int64_t *out, within [min, max] */
	OPT_REAL,   /* double *out, within [min, max] */
	OPT_LIST,   /* struct opt_list *out: may be given many times */
	OPT_ARG,    /* const char **out: an argument without a dash, optional */
	OPT_ARGS,   /* struct opt_list *out: all arguments without a dash */
};

struct opt_list {
	const char **items; /* (n) */
	size_t n;
};

struct opt {
	enum opt_kind kind;
	char letter;	   /* 'n' for -n, 0: none */
	const char *name;  /* "rows" for --rows; NULL ends the table */
	const char *value; /* what to call the value in --help: "N" */
	void *out;
	const char *help; /* one line */
	double min, max;  /* numbers only; both 0: any */
};

/* Read argv[1..argc) into the table's places. `--name V`, `--name=V`, `-n V`
 * and `-nV`; `--` ends the options. ERR_USAGE with "did you mean". When
 * --help or -h is there, prints usage, summary and the table on stdout and
 * gives 1. */
int opt_parse(const struct opt *table, const char *usage, const char *summary,
	      struct arena *a, int argc, char **argv, struct error *err);

#endif
