/* From cell files to rows of the index: lists the folders that changed, reads
 * the files it does not know, forgets those that are gone.
 *
 * A folder's ctime says whether its list of names may have changed, and files
 * never change once they are published, so nothing but new files is ever read:
 * 256 calls of stat for a store in which nothing happened, whatever its size.
 * Git's index has the same problem with clocks as SETTLED_NS here ("racily
 * clean" entries) and the same cure: what is too young is looked at again.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/file.h"
#include "harness/base/text.h"
#include "results/record_fields.h"
#include "results/store_file.h"
#include "results/store_index_private.h"

/* A folder that changed less than this before it was listed may change again
 * within the same tick of its clock (or of a file server's, which may lag), so
 * it is listed again next time. */
#define SETTLED_NS (60 * INT64_C(1000000000))
#define UNSETTLED 0

/* One call of index_sync. */
struct sync {
	struct index *ix;
	void (*say)(void *ctx, const char *line);
	void *ctx;
	size_t broken;
	bool writing; /* a transaction is open */
	struct arena names;
	sqlite3_stmt *known_folder, *known_files, *set_folder, *drop_file;
};

/* A growing list of names in the arena. */
struct names {
	const char **at;
	size_t n, room;
};

/* Doubling in an arena wastes at most as much again as it holds. */
static int names_add(struct names *l, struct arena *a, const char *name,
		     struct error *err)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 256;
		const char **at = ARENA_RAW(a, const char *, room);

		if (!at)
			return arena_error(a, err);
		if (l->n)
			memcpy(at, l->at, l->n * sizeof(*at));
		l->at = at;
		l->room = room;
	}
	l->at[l->n] = arena_strdup(a, name);
	return l->at[l->n++] ? 0 : arena_error(a, err);
}

/* Only "*.json" is a cell; what else lies there is somebody else's. */
static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* The sorted names in a folder that end in `end` and do not start with a dot
 * (those are temporaries of a publication). A missing folder is empty. */
static int list_folder(const char *path, const char *end, struct arena *a,
		       struct names *out, struct error *err)
{
	DIR *d = opendir(path);
	struct dirent *e;
	bool stray = false;
	int rc = 0;

	*out = (struct names){ 0 };
	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return error_set(err, ERR_IO, "cannot list '%s': %s", path,
				 strerror(errno));
	while (!rc && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			stray |= e->d_name[1] == 't';
		else if (ends_with(e->d_name, end))
			rc = names_add(out, a, e->d_name, err);
	}
	closedir(d);
	if (stray)
		file_sweep(path);
	if (out->n)
		qsort(out->at, out->n, sizeof(*out->at), text_order);
	return rc;
}

/* ---------------------------------------------------------------- one row */

/* SQLITE_STATIC: the record outlives the step. Objects are written out for
 * the purpose and freed by SQLite. */
static int bind_field(sqlite3_stmt *stmt, int at, const struct record_field *f,
		      const struct record *r)
{
	const void *p = record_peek(f, r);
	char *text;

	switch (f->kind) {
	case RECORD_TEXT:
		return sqlite3_bind_text(stmt, at, *(const char *const *)p, -1,
					 SQLITE_STATIC);
	case RECORD_INT:
	case RECORD_COUNT:
		return sqlite3_bind_int64(stmt, at, *(const int64_t *)p);
	case RECORD_REAL: /* SQLite stores NaN as NULL */
		return sqlite3_bind_double(stmt, at, *(const double *)p);
	case RECORD_STATUS:
		return sqlite3_bind_text(stmt, at,
					 status_name(*(const enum status *)p),
					 -1, SQLITE_STATIC);
	case RECORD_OBJECT:
		if (!*(json_t *const *)p)
			return sqlite3_bind_null(stmt, at);
		text = json_dumps(*(json_t *const *)p, JSON_COMPACT);
		return text ? sqlite3_bind_text(stmt, at, text, -1, free) :
			      SQLITE_NOMEM;
	}
	return SQLITE_MISUSE;
}

static int insert_row(struct sync *s, const char *folder, const char *file,
		      const struct record *r, struct error *err)
{
	sqlite3_stmt *stmt = s->ix->insert;
	int code = sqlite3_bind_text(stmt, 1, folder, -1, SQLITE_STATIC), rc;

	if (code == SQLITE_OK)
		code = sqlite3_bind_text(stmt, 2, file, -1, SQLITE_STATIC);
	for (size_t i = 0; code == SQLITE_OK && i < record_fields_n; i++)
		code = bind_field(stmt, (int)i + 3, &record_fields[i], r);
	if (code == SQLITE_OK)
		rc = index_done(s->ix, stmt, err);
	else
		rc = error_set(err, ERR_MEMORY, "out of memory: sqlite");
	sqlite3_clear_bindings(stmt);
	return rc;
}

/* A file that is no row is told and left out; it harms nobody else. */
static int add_file(struct sync *s, const char *folder, const char *file,
		    struct error *err)
{
	char path[PATH_MAX + 256];
	struct arena_mark mark = arena_mark(&s->names);
	struct error why;
	struct record r;
	int rc = 0;

	snprintf(path, sizeof(path), "%s/%s/%s", s->ix->cells, folder, file);
	if (!store_read_cell(path, &s->names, &r, &why)) {
		rc = insert_row(s, folder, file, &r, err);
		record_clear(&r);
	} else {
		char line[sizeof(path) + sizeof(why.text) + 2];

		s->broken++;
		snprintf(line, sizeof(line), "%s: %s", path, why.text);
		if (s->say)
			s->say(s->ctx, line);
	}
	arena_rewind(&s->names, mark);
	return rc;
}

/* Rows follow files: a cell that was deleted was deleted on purpose. */
static int drop_file(struct sync *s, const char *folder, const char *file,
		     struct error *err)
{
	sqlite3_bind_text(s->drop_file, 1, folder, -1, SQLITE_STATIC);
	sqlite3_bind_text(s->drop_file, 2, file, -1, SQLITE_STATIC);
	return index_done(s->ix, s->drop_file, err);
}

/* ---------------------------------------------------------------- folders */

/* Names of the index: the first column of `stmt`, bound and ordered. */
static int known_names(struct sync *s, sqlite3_stmt *stmt, struct names *out,
		       struct error *err)
{
	int code, rc = 0;

	*out = (struct names){ 0 };
	while (!rc && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = names_add(out, &s->names,
			       (const char *)sqlite3_column_text(stmt, 0), err);
	if (!rc && code != SQLITE_DONE)
		rc = index_error(s->ix, err);
	sqlite3_reset(stmt);
	return rc;
}

/* Walk both sorted lists at once: a name on one side only is new or gone. */
static int merge(struct sync *s, const char *folder, const struct names *here,
		 const struct names *known, struct error *err)
{
	size_t i = 0, k = 0;
	int rc = 0;

	while (!rc && (i < here->n || k < known->n)) {
		int order = i == here->n  ? 1 :
			    k == known->n ? -1 :
					    strcmp(here->at[i], known->at[k]);

		if (order < 0)
			rc = add_file(s, folder, here->at[i], err);
		else if (order > 0)
			rc = drop_file(s, folder, known->at[k], err);
		i += order <= 0;
		k += order >= 0;
	}
	return rc;
}

/* At the first folder that may differ, so that a sync which finds nothing new
 * never waits for another process. */
static int start_writing(struct sync *s, struct error *err)
{
	int rc = s->writing ? 0 : index_exec(s->ix, "BEGIN IMMEDIATE", err);

	s->writing |= !rc;
	return rc;
}

/* The state of the folder when it was last listed. */
static int64_t known_changed(struct sync *s, const char *folder)
{
	int64_t changed = UNSETTLED;

	sqlite3_bind_text(s->known_folder, 1, folder, -1, SQLITE_STATIC);
	if (sqlite3_step(s->known_folder) == SQLITE_ROW)
		changed = sqlite3_column_int64(s->known_folder, 0);
	sqlite3_reset(s->known_folder);
	return changed;
}

/* Kept as a number of nanoseconds, compared for equality and never for order:
 * a restored backup may have older folders. */
static int set_changed(struct sync *s, const char *folder, int64_t changed,
		       struct error *err)
{
	sqlite3_bind_text(s->set_folder, 1, folder, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s->set_folder, 2, changed);
	return index_done(s->ix, s->set_folder, err);
}

/* Make the rows of one folder those of its files. `changed` was read before
 * the listing: what comes in between is seen again next time. */
static int sync_folder(struct sync *s, const char *folder, int64_t changed,
		       struct error *err)
{
	char path[PATH_MAX + 256];
	struct arena_mark mark = arena_mark(&s->names);
	struct names here, known;
	size_t broken = s->broken;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", s->ix->cells, folder);
	rc = list_folder(path, ".json", &s->names, &here, err);
	if (!rc)
		rc = start_writing(s, err);
	sqlite3_bind_text(s->known_files, 1, folder, -1, SQLITE_STATIC);
	if (!rc)
		rc = known_names(s, s->known_files, &known, err);
	if (!rc)
		rc = merge(s, folder, &here, &known, err);
	/* One with a broken file is looked at, and told, every time. */
	if (s->broken > broken)
		changed = UNSETTLED;
	if (!rc && changed != known_changed(s, folder))
		rc = set_changed(s, folder, changed, err);
	arena_rewind(&s->names, mark);
	return rc;
}

/* Good until the year 2262. */
static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* When the folder changed, by its inode (a copy that kept modification times
 * cannot fool that); UNSETTLED when too short ago to be trusted, or gone. */
static int64_t folder_changed(struct sync *s, const char *folder)
{
	char path[PATH_MAX + 256];
	struct timespec now;
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", s->ix->cells, folder);
	if (stat(path, &st))
		return UNSETTLED;
	clock_gettime(CLOCK_REALTIME, &now);
	if (nanoseconds(now) - nanoseconds(st.st_ctim) < SETTLED_NS)
		return UNSETTLED;
	return nanoseconds(st.st_ctim);
}

/* All folders that are here, and those the index alone remembers (they list
 * as empty, so their rows are forgotten). */
static int sync_folders(struct sync *s, struct error *err)
{
	struct names here, known;
	sqlite3_stmt *all;
	int rc = index_prepare(s->ix, "SELECT DISTINCT folder FROM rows ORDER "
				      "BY folder", &all, err);

	if (rc)
		return rc;
	rc = list_folder(s->ix->cells, "", &s->names, &here, err);
	if (!rc)
		rc = known_names(s, all, &known, err);
	sqlite3_finalize(all);
	for (size_t i = 0; !rc && i < here.n; i++) {
		int64_t changed = folder_changed(s, here.at[i]);

		if (changed == UNSETTLED ||
		    changed != known_changed(s, here.at[i]))
			rc = sync_folder(s, here.at[i], changed, err);
	}
	for (size_t k = 0; !rc && k < known.n; k++)
		if (!here.n || !bsearch(&known.at[k], here.at, here.n,
					sizeof(*here.at), text_order))
			rc = sync_folder(s, known.at[k], UNSETTLED, err);
	return rc;
}

/* Prepared once a sync: there are 256 folders to ask about. */
static int prepare_all(struct sync *s, struct error *err)
{
	struct index *ix = s->ix;
	int rc = index_prepare(ix, "SELECT changed FROM folders WHERE name = ?",
			       &s->known_folder, err);

	if (!rc)
		rc = index_prepare(ix, "SELECT file FROM rows WHERE folder = ? "
				       "ORDER BY file", &s->known_files, err);
	if (!rc)
		rc = index_prepare(ix, "INSERT OR REPLACE INTO folders "
				       "VALUES (?, ?)", &s->set_folder, err);
	if (!rc)
		rc = index_prepare(ix, "DELETE FROM rows WHERE folder = ? AND "
				       "file = ?", &s->drop_file, err);
	return rc;
}

/* All or nothing: a sync that fails half way leaves the index as it was. */
int index_sync(struct index *ix, void (*say)(void *ctx, const char *line),
	       void *ctx, size_t *broken, struct error *err)
{
	struct sync s = { .ix = ix, .say = say, .ctx = ctx };
	int rc;

	arena_init(&s.names, 0);
	rc = prepare_all(&s, err);
	if (!rc)
		rc = sync_folders(&s, err);
	if (!rc && s.writing)
		rc = index_exec(ix, "COMMIT", err);
	if (rc && s.writing)
		sqlite3_exec(ix->db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_finalize(s.known_folder);
	sqlite3_finalize(s.known_files);
	sqlite3_finalize(s.set_folder);
	sqlite3_finalize(s.drop_file);
	arena_clear(&s.names);
	if (!rc && broken)
		*broken = s.broken;
	return rc;
}
