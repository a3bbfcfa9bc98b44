/* From rows of the index to records.
 *
 * Each field of record_fields is a column of its own name, so a row is read by
 * walking that table. Objects are stored as JSON text and parsed when they are
 * asked for; most of a store's rows repeat a few machines, parameters and
 * versions, so parsed objects are remembered by their text.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "results/record_fields.h"
#include "results/store_index_private.h"

/* The object in a column, through the field's cache: a new reference. Most
 * columns hold what they held in the row before (one machine, one commit), so
 * that slot is looked at before the text is hashed. */
static json_t *cached_object(struct index *ix, size_t field, const char *text,
			     size_t size)
{
	struct index_cached *c = ix->recent[field], copy = { .size = size };

	if (c && c->size == size && !memcmp(c->text, text, size))
		return json_incref(c->value);
	c = &ix->cache[field][hash_fnv1a(text, size) % INDEX_SLOTS];
	ix->recent[field] = c;
	if (c->value && c->size == size && !memcmp(c->text, text, size))
		return json_incref(c->value);
	copy.value = json_loadb(text, size, 0, NULL);
	copy.text = copy.value ? malloc(size + 1) : NULL;
	if (!copy.text)
		return copy.value; /* uncached, or not to be parsed */
	memcpy(copy.text, text, size);
	free(c->text);
	json_decref(c->value);
	*c = copy;
	return json_incref(copy.value);
}

/* NULL in the column is no object; anything else must parse. */
static bool read_object(struct index *ix, size_t field, sqlite3_stmt *stmt,
			int at, json_t **out)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);

	assert(field < INDEX_FIELDS_MAX);
	if (!text)
		return sqlite3_column_type(stmt, at) == SQLITE_NULL;
	*out = cached_object(ix, field, text,
			     (size_t)sqlite3_column_bytes(stmt, at));
	return *out;
}

/* Column `at` into its field; false when the index holds what no row can. */
static bool read_column(struct index *ix, size_t field, sqlite3_stmt *stmt,
			int at, struct record *r)
{
	const struct record_field *f = &record_fields[field];
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

/* One question that is being answered: the query, and which field stands in
 * which column of the statement. */
struct answer {
	struct index *ix;
	const struct index_query *q;
	sqlite3_stmt *stmt;
	size_t field[INDEX_FIELDS_MAX]; /* (columns) indices of record_fields */
	int columns;
};

/* Text points into SQLite's own memory: it lives until the next step, which is
 * as long as store.h promises. */
static int deliver_row(struct answer *a, struct error *err)
{
	struct record r;
	bool good = true;
	int rc;

	record_init(&r);
	for (int at = 0; good && at < a->columns; at++)
		good = read_column(a->ix, a->field[at], a->stmt, at, &r);
	if (good)
		rc = a->q->row(a->q->ctx, &r);
	else
		rc = error_set(err, ERR_DATA, "index of results: damaged row");
	record_clear(&r);
	return rc;
}

/* Run the bound statement to its end, or until a row's function stops it. */
static int deliver_all(struct answer *a, struct error *err)
{
	int code = SQLITE_DONE, rc = 0;

	while (!rc && (code = sqlite3_step(a->stmt)) == SQLITE_ROW)
		rc = deliver_row(a, err);
	if (!rc && code != SQLITE_DONE)
		rc = index_error(a->ix, err);
	sqlite3_reset(a->stmt);
	return rc;
}

/* Asked once a query and field. */
static bool is_wanted(const struct index_query *q, const char *name)
{
	bool found = !q->fields;

	for (size_t i = 0; i < q->n_fields && !found; i++)
		found = !strcmp(q->fields[i], name);
	return found;
}

/* Which fields are asked for; a name that no field has is a bug of ours. */
static void choose_columns(struct answer *a)
{
	for (size_t i = 0; i < record_fields_n; i++)
		if (is_wanted(a->q, record_fields[i].name))
			a->field[a->columns++] = i;
	assert(!a->q->fields || (size_t)a->columns == a->q->n_fields);
}

/* The order is that of index rows_key, so SQLite sorts nothing. */
static int prepare_select(struct answer *a, struct error *err)
{
	sqlite3_str *s = sqlite3_str_new(a->ix->db);
	char *sql;
	int rc;

	for (int i = 0; i < a->columns; i++)
		sqlite3_str_appendf(s, "%s\"%w\"", i ? ", " : "SELECT ",
				    record_fields[a->field[i]].name);
	sqlite3_str_appendf(s, " FROM rows%s ORDER BY key, created, file",
			    a->q->keys ? " WHERE key = ?" : "");
	sql = sqlite3_str_finish(s);
	if (!sql)
		return error_set(err, ERR_MEMORY, "out of memory: sqlite");
	rc = index_prepare(a->ix, sql, &a->stmt, err);
	sqlite3_free(sql);
	return rc;
}

/* A lookup a key: SQLite limits the terms of an IN list, and 100,000 keys of a
 * prepared statement cost less than parsing them. Sorted, because rows come in
 * the order of their keys, and because neighbours share pages. */
static int each_key(struct answer *a, struct error *err)
{
	size_t n = a->q->n;
	const char **sorted = malloc((n + 1) * sizeof(*sorted));
	int rc = 0;

	if (!sorted)
		return error_set(err, ERR_MEMORY, "out of memory: keys");
	if (n)
		memcpy(sorted, a->q->keys, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), text_order);
	for (size_t i = 0; !rc && i < n; i++) {
		if (i && !strcmp(sorted[i], sorted[i - 1]))
			continue;
		sqlite3_bind_text(a->stmt, 1, sorted[i], -1, SQLITE_STATIC);
		rc = deliver_all(a, err);
	}
	free(sorted);
	return rc;
}

int index_each(struct index *ix, const struct index_query *q,
	       struct error *err)
{
	struct answer a = { .ix = ix, .q = q };
	/* One read transaction: one picture of the store, and one lock. */
	int rc = index_exec(ix, "BEGIN", err);

	if (rc)
		return rc;
	choose_columns(&a);
	rc = prepare_select(&a, err);
	if (!rc)
		rc = q->keys ? each_key(&a, err) : deliver_all(&a, err);
	sqlite3_finalize(a.stmt);
	sqlite3_exec(ix->db, "COMMIT", NULL, NULL, NULL);
	return rc;
}

/* The key is indexed, so this reads a handful of rows. */
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
