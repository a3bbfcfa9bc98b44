/* The life of the index: open, schema, close, drop. What can go wrong with it
 * is sorted into two kinds, because they are cured differently: ERR_DATA is a
 * file that is damaged or of another version (make it anew), all else is a
 * place that cannot be written (keep it in memory). */
#include "results/store_index.h"

#include <limits.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "results/record_fields.h"
#include "results/store_index_private.h"

#define BUSY_MS 30000 /* the first index of a huge store takes that long */

/* The low byte is the primary code; the rest of it says which page or call. */
int index_error(struct index *ix, struct error *err)
{
	int code = sqlite3_errcode(ix->db) & 0xff;
	enum err kind = ERR_IO;

	/* SQLITE_ERROR: a table or column is not there. */
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB ||
	    code == SQLITE_ERROR || code == SQLITE_CONSTRAINT)
		kind = ERR_DATA;
	else if (code == SQLITE_NOMEM)
		kind = ERR_MEMORY;
	return error_set(err, kind, "index of results: %s",
			 sqlite3_errmsg(ix->db));
}

int index_exec(struct index *ix, const char *sql, struct error *err)
{
	if (sqlite3_exec(ix->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return index_error(ix, err);
}

int index_prepare(struct index *ix, const char *sql, sqlite3_stmt **out,
		  struct error *err)
{
	if (sqlite3_prepare_v2(ix->db, sql, -1, out, NULL) == SQLITE_OK)
		return 0;
	return index_error(ix, err);
}

/* SQLITE_ROW is fine too: a PRAGMA may answer. */
int index_done(struct index *ix, sqlite3_stmt *stmt, struct error *err)
{
	int code = sqlite3_step(stmt), rc = 0;

	if (code != SQLITE_DONE && code != SQLITE_ROW)
		rc = index_error(ix, err);
	sqlite3_reset(stmt);
	return rc;
}

/* ---------------------------------------------------------------- schema */

/* Affinity only: SQLite stores what it is given. */
static const char *column_type(enum record_kind kind)
{
	switch (kind) {
	case RECORD_INT:
	case RECORD_COUNT:
		return "INTEGER";
	case RECORD_REAL:
		return "REAL";
	default:
		return "TEXT";
	}
}

/* The tables; columns are the fields of a record under their own names, so
 * that people can ask with plain SQL. sqlite3_free it. */
static char *schema(void)
{
	sqlite3_str *s = sqlite3_str_new(NULL);

	sqlite3_str_appendall(
		s, "CREATE TABLE folders (name TEXT PRIMARY KEY, changed "
		   "INTEGER NOT NULL);"
		   "CREATE TABLE rows (folder TEXT NOT NULL, file TEXT NOT "
		   "NULL");
	for (size_t i = 0; i < record_fields_n; i++)
		sqlite3_str_appendf(s, ", \"%w\" %s", record_fields[i].name,
				    column_type(record_fields[i].kind));
	sqlite3_str_appendall(
		s, ", PRIMARY KEY (folder, file));"
		   "CREATE INDEX rows_key ON rows (key, created, file);");
	return sqlite3_str_finish(s);
}

/* The index of a program with other fields is another: the version is taken
 * from the text of the schema (28 bits of its digest, never 0). */
static int schema_version(const char *sql)
{
	char hex[HASH_HEX];

	hash_bytes(sql, strlen(sql), hex);
	hex[7] = '\0';
	return (int)strtol(hex, NULL, 16) | 1;
}

/* 0 in a new or emptied file. */
static int read_version(struct index *ix, int *version, struct error *err)
{
	sqlite3_stmt *stmt;
	int rc = index_prepare(ix, "PRAGMA user_version", &stmt, err);

	if (rc)
		return rc;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		*version = sqlite3_column_int(stmt, 0);
	else
		rc = index_error(ix, err);
	sqlite3_finalize(stmt);
	return rc;
}

/* Create the tables, unless another process did while we waited. */
static int create_tables(struct index *ix, const char *sql, int want,
			 struct error *err)
{
	char set[64];
	int version = 0;
	int rc = index_exec(ix, "BEGIN IMMEDIATE", err);

	if (rc)
		return rc;
	snprintf(set, sizeof(set), "PRAGMA user_version = %d", want);
	rc = read_version(ix, &version, err);
	if (!rc && !version)
		rc = index_exec(ix, sql, err);
	if (!rc && !version)
		rc = index_exec(ix, set, err);
	if (!rc)
		return index_exec(ix, "COMMIT", err);
	sqlite3_exec(ix->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* An empty file gets our tables; one with another version is not ours to mend
 * but to drop, which the caller does on ERR_DATA. */
static int check_schema(struct index *ix, struct error *err)
{
	char *sql = schema();
	int want, version = 0, rc;

	if (!sql)
		return error_set(err, ERR_MEMORY, "out of memory: sqlite");
	want = schema_version(sql);
	rc = read_version(ix, &version, err);
	if (!rc && !version)
		rc = create_tables(ix, sql, want, err);
	if (!rc && !version)
		rc = read_version(ix, &version, err);
	if (!rc && version != want)
		rc = error_set(err, ERR_DATA,
			       "the index of results is of another version");
	sqlite3_free(sql);
	return rc;
}

/* OR REPLACE, because another process may have indexed the same file between
 * our listing and our transaction. */
static int prepare_insert(struct index *ix, struct error *err)
{
	sqlite3_str *s = sqlite3_str_new(ix->db);
	char *sql;
	int rc;

	sqlite3_str_appendall(s, "INSERT OR REPLACE INTO rows VALUES (?, ?");
	for (size_t i = 0; i < record_fields_n; i++)
		sqlite3_str_appendall(s, ", ?");
	sqlite3_str_appendall(s, ")");
	sql = sqlite3_str_finish(s);
	if (!sql)
		return error_set(err, ERR_MEMORY, "out of memory: sqlite");
	rc = index_prepare(ix, sql, &ix->insert, err);
	sqlite3_free(sql);
	return rc;
}

/* ---------------------------------------------------------------- life */

/* NORMAL: after a power cut the index may lack its last rows, which the next
 * listing brings back; FULL would pay an fsync more for each sync. */
static int open_database(struct index *ix, const char *path, struct error *err)
{
	/* NOMUTEX: a store belongs to one thread, and its locks would be taken
	 * for every column of every row. */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(path, &ix->db, flags, NULL) != SQLITE_OK)
		return index_error(ix, err);
	sqlite3_busy_timeout(ix->db, BUSY_MS);
	return index_exec(ix, "PRAGMA synchronous = NORMAL;"
			      "PRAGMA cache_size = -32000;", err);
}

/* A stat that fails leaves zeros, which are no file's: index_current then says
 * no, and the index is opened again. */
int index_open(struct index **out, const char *dir, bool in_memory,
	       struct error *err)
{
	struct index *ix = calloc(1, sizeof(*ix));
	char path[PATH_MAX];
	int rc;

	if (!ix)
		return error_set(err, ERR_MEMORY, "out of memory: index");
	snprintf(ix->cells, sizeof(ix->cells), "%s/cells", dir);
	snprintf(path, sizeof(path), "%s/" INDEX_FILE, dir);
	rc = open_database(ix, in_memory ? ":memory:" : path, err);
	if (!rc)
		rc = check_schema(ix, err);
	if (!rc)
		rc = prepare_insert(ix, err);
	if (rc) {
		index_close(ix);
		return rc;
	}
	*out = ix;
	if (!in_memory && stat(path, &ix->opened))
		ix->opened = (struct stat){ 0 };
	return 0;
}

/* The caches go with it: texts of one index may be damaged, those of the next
 * are read anew. */
void index_close(struct index *ix)
{
	if (!ix)
		return;
	for (size_t i = 0; i < INDEX_FIELDS_MAX * INDEX_SLOTS; i++) {
		struct index_cached *c = &ix->cache[0][0] + i;

		free(c->text);
		json_decref(c->value);
	}
	sqlite3_finalize(ix->insert);
	sqlite3_close(ix->db);
	free(ix);
}

bool index_current(const struct index *ix, const char *dir)
{
	char path[PATH_MAX];
	struct stat now;

	snprintf(path, sizeof(path), "%s/" INDEX_FILE, dir);
	return !stat(path, &now) && now.st_ino == ix->opened.st_ino &&
	       now.st_dev == ix->opened.st_dev;
}

/* The journal first: left alone beside a new file, SQLite would play it back
 * into pages it was not written for. */
void index_drop(const char *dir)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" INDEX_FILE "-journal", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/" INDEX_FILE, dir);
	unlink(path);
}
