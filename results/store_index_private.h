/* What the files of the index share: store_index.c (its life), index_sync.c
 * (from files to rows) and index_query.c (from rows to records). */
#ifndef TRIARCH_STORE_INDEX_PRIVATE_H
#define TRIARCH_STORE_INDEX_PRIVATE_H

#include <limits.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "results/store_index.h"

#define INDEX_FILE "index.sqlite"
#define INDEX_FIELDS_MAX 64 /* a record has fewer fields */
#define INDEX_SLOTS 64 /* objects remembered a field */

/* An object that a column held in an earlier row: machines, parameters and
 * versions repeat, and parsing them is what a large board spends its time on. */
struct index_cached {
	char *text;
	size_t size;
	json_t *value;
};

struct index {
	sqlite3 *db;
	sqlite3_stmt *insert; /* folder, file, then the fields */
	char cells[PATH_MAX];
	struct stat opened; /* the file as it was; zero for one in memory */
	struct index_cached cache[INDEX_FIELDS_MAX][INDEX_SLOTS];
	struct index_cached *recent[INDEX_FIELDS_MAX]; /* the slot used last */
};

/* The error of the last call, as one of ours. Returns its code. */
int index_error(struct index *ix, struct error *err);
int index_exec(struct index *ix, const char *sql, struct error *err);
int index_prepare(struct index *ix, const char *sql, sqlite3_stmt **out,
		  struct error *err);
/* Run a bound statement that gives no rows, and reset it. */
int index_done(struct index *ix, sqlite3_stmt *stmt, struct error *err);

#endif
