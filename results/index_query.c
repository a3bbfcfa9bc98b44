/* From rows of the index to records. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/record_fields.h"
#include "results/store_index_private.h"

/* FNV-1a: our own texts, no adversary. */
static size_t slot_of(const char *text, size_t size)
{
	uint32_t h = 0x811c9dc5u;

	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)text[i]) * 0x01000193u;
	return (h ^ h >> 16) & (INDEX_SLOTS - 1);
}

/* The object in a column, through the field's cache: a new reference. */
static json_t *cached_object(struct index_cached *slots, const char *text,
			     size_t size)
{
	struct index_cached *c = &slots[slot_of(text, size)];
	json_t *value;
	char *copy;

	if (c->value && c->size == size && !memcmp(c->text, text, size))
		return json_incref(c->value);
	value = json_loadb(text, size, 0, NULL);
	copy = value ? malloc(size + 1) : NULL;
	if (!copy)
		return value; /* uncached, or not to be parsed */
	memcpy(copy, text, size);
	free(c->text);
	json_decref(c->value);
	*c = (struct index_cached){ copy, size, json_incref(value) };
	return value;
}

/* NULL in the column is no object; anything else must parse. */
static bool read_object(struct index *ix, size_t field, sqlite3_stmt *stmt,
			int at, json_t **out)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);

	assert(field < INDEX_CACHE);
	if (!text)
		return sqlite3_column_type(stmt, at) == SQLITE_NULL;
	*out = cached_object(ix->cache[field], text,
			     (size_t)sqlite3_column_bytes(stmt, at));
	return *out;
}

/* One column into its field; false when the index holds what no row can. */
static bool read_column(struct index *ix, size_t field, sqlite3_stmt *stmt,
			struct record *r)
{
	const struct record_field *f = &record_fields[field];
	int at = (int)field;
	void *p = record_at(f, r);
	const char *text;

	switch (f->kind) {
	case RECORD_TEXT:
		text = (const char *)sqlite3_column_text(stmt, at);
		*(const char **)p = text;
		return text;
	case RECORD_INT:
	case RECORD_COUNT:
		*(int64_t *)p = sqlite3_column_int64(stmt, at);
		return true;
	case RECORD_REAL:
		*(double *)p = sqlite3_column_type(stmt, at) == SQLITE_NULL ?
				       NAN :
				       sqlite3_column_double(stmt, at);
		return true;
	case RECORD_STATUS:
		text = (const char *)sqlite3_column_text(stmt, at);
		return text && !status_from_name(text, p);
	case RECORD_OBJECT:
		return read_object(ix, field, stmt, at, p);
	}
	return false;
}

/* Text points into SQLite's own memory: it lives until the next step, which is
 * as long as store.h promises. */
static int deliver_row(struct index *ix, sqlite3_stmt *stmt,
		       int (*row)(void *ctx, const struct record *r), void *ctx,
		       struct error *err)
{
	struct record r;
	bool good = true;
	int rc;

	record_init(&r);
	for (size_t i = 0; good && i < record_fields_n; i++)
		good = read_column(ix, i, stmt, &r);
	if (good)
		rc = row(ctx, &r);
	else
		rc = error_set(err, ERR_DATA, "index of results: damaged row");
	record_clear(&r);
	return rc;
}

static int deliver_all(struct index *ix, sqlite3_stmt *stmt,
		       int (*row)(void *ctx, const struct record *r), void *ctx,
		       struct error *err)
{
	int code = SQLITE_DONE, rc = 0;

	while (!rc && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = deliver_row(ix, stmt, row, ctx, err);
	if (!rc && code != SQLITE_DONE)
		rc = index_error(ix, err);
	sqlite3_reset(stmt);
	return rc;
}

/* Columns in the order of the table of fields, so that number and field are
 * the same index. */
static int prepare_select(struct index *ix, bool by_key, sqlite3_stmt **stmt,
			  struct error *err)
{
	sqlite3_str *s = sqlite3_str_new(ix->db);
	char *sql;
	int rc;

	for (size_t i = 0; i < record_fields_n; i++)
		sqlite3_str_appendf(s, "%s\"%w\"", i ? ", " : "SELECT ",
				    record_fields[i].name);
	sqlite3_str_appendf(s, " FROM rows%s ORDER BY key, created, file",
			    by_key ? " WHERE key = ?" : "");
	sql = sqlite3_str_finish(s);
	if (!sql)
		return error_set(err, ERR_MEMORY, "out of memory: sqlite");
	rc = index_prepare(ix, sql, stmt, err);
	sqlite3_free(sql);
	return rc;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A lookup a key: SQLite limits the terms of an IN list, and 100,000 keys of a
 * prepared statement cost less than parsing them. */
static int each_key(struct index *ix, sqlite3_stmt *stmt,
		    const char *const *keys, size_t n,
		    int (*row)(void *ctx, const struct record *r), void *ctx,
		    struct error *err)
{
	const char **sorted = malloc((n + 1) * sizeof(*sorted));
	int rc = 0;

	if (!sorted)
		return error_set(err, ERR_MEMORY, "out of memory: keys");
	if (n)
		memcpy(sorted, keys, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_text);
	for (size_t i = 0; !rc && i < n; i++) {
		if (i && !strcmp(sorted[i], sorted[i - 1]))
			continue;
		sqlite3_bind_text(stmt, 1, sorted[i], -1, SQLITE_STATIC);
		rc = deliver_all(ix, stmt, row, ctx, err);
	}
	free(sorted);
	return rc;
}

int index_each(struct index *ix, const char *const *keys, size_t n,
	       int (*row)(void *ctx, const struct record *r), void *ctx,
	       struct error *err)
{
	sqlite3_stmt *stmt = NULL;
	/* One read transaction: one picture of the store, and one lock. */
	int rc = index_exec(ix, "BEGIN", err);

	if (rc)
		return rc;
	rc = prepare_select(ix, keys, &stmt, err);
	if (!rc && keys)
		rc = each_key(ix, stmt, keys, n, row, ctx, err);
	else if (!rc)
		rc = deliver_all(ix, stmt, row, ctx, err);
	sqlite3_finalize(stmt);
	sqlite3_exec(ix->db, "COMMIT", NULL, NULL, NULL);
	return rc;
}

int index_count(struct index *ix, const char *key, const char *fingerprint,
		int64_t *count, int64_t *last_repetition, struct error *err)
{
	sqlite3_stmt *stmt;
	int rc = index_prepare(ix, "SELECT count(*), ifnull(max(repetition), "
				   "-1) FROM rows WHERE key = ?1 AND (?2 IS "
				   "NULL OR fingerprint = ?2)", &stmt, err);

	if (rc)
		return rc;
	sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, fingerprint, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		*count = sqlite3_column_int64(stmt, 0);
		*last_repetition = sqlite3_column_int64(stmt, 1);
	} else {
		rc = index_error(ix, err);
	}
	sqlite3_finalize(stmt);
	return rc;
}
