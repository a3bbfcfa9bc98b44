/* A store is three things that can fail apart: cell files (the truth), files of
 * predictions (bound to their row by a digest) and an index (a convenience).
 * Only the first two may make a publication fail. */
#include "results/store.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/hash.h"
#include "results/predictions.h"
#include "results/store_file.h"
#include "results/store_index.h"

#define LOCK_PUBLISH ".publish.lock"
#define LOCK_INDEX ".index.lock"

struct store {
	char dir[PATH_MAX - 256]; /* room for the names below it */
	struct index *index;	  /* opened when first needed */
	bool in_memory;		  /* the index could not be kept on disk */
	pid_t owner;		  /* who opened it: SQLite forbids children */
};

/* ---------------------------------------------------------------- life */

/* 256 bytes of PATH_MAX stay free, so that no name below can be cut. */
static int store_new(struct store **out, const char *dir, struct error *err)
{
	struct store *s;

	if (strlen(dir) >= sizeof(s->dir))
		return error_set(err, ERR_IO, "path too long: '%.60s...'", dir);
	s = calloc(1, sizeof(*s));
	if (!s)
		return error_set(err, ERR_MEMORY, "out of memory: store");
	strcpy(s->dir, dir);
	s->owner = getpid();
	*out = s;
	return 0;
}

static void path_in(const struct store *s, const char *name,
		    char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/%s", s->dir, name);
}

/* access and not an attempt to write: a store that is only looked at must not
 * change. Publishing asks the disk again anyway. */
int store_open(struct store **s, const char *dir, struct error *err)
{
	char path[PATH_MAX];
	int rc = store_new(s, dir, err);

	if (rc)
		return rc;
	path_in(*s, "cells", path);
	rc = file_make_dirs(path, err);
	if (!rc && access(path, W_OK))
		rc = error_set(err, ERR_IO, "cannot write to '%s': %s", path,
			       strerror(errno));
	if (!rc)
		return 0;
	store_close(*s);
	*s = NULL;
	return error_wrap(err, "results folder '%s' (choose another with -o)",
			  dir);
}

int store_open_readonly(struct store **s, const char *dir, struct error *err)
{
	char path[PATH_MAX];
	int rc = store_new(s, dir, err);

	if (rc)
		return rc;
	path_in(*s, "cells", path);
	if (file_exists(path))
		return 0;
	store_close(*s);
	*s = NULL;
	return error_set(err, ERR_MISSING,
			 "no results in '%s': triarch run makes them, -o names "
			 "another folder", dir);
}

static void close_index(struct store *s)
{
	/* A forked child that closed it would drop its parent's locks. */
	if (s->owner == getpid())
		index_close(s->index);
	s->index = NULL;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	close_index(s);
	free(s);
}

const char *store_dir(const struct store *s)
{
	return s->dir;
}

/* ---------------------------------------------------------------- publish */

/* Made when needed: an empty store is one folder, not 512. */
static int make_folders(const struct store *s, const struct record *r,
			struct error *err)
{
	char path[PATH_MAX];
	int rc = store_folder(s->dir, "cells", r->key, path, err);

	if (!rc)
		rc = file_make_dirs(path, err);
	if (!rc)
		rc = store_folder(s->dir, "predictions", r->key, path, err);
	return rc ? rc : file_make_dirs(path, err);
}

/* A part without rows has no file. */
static int write_part(const struct store *s, const struct record *r,
		      const struct predictions *p, bool test,
		      struct error *err)
{
	char path[PATH_MAX];
	int rc;

	if (!p || !p->rows)
		return 0;
	rc = store_predictions_path(s->dir, r, test, path, err);
	return rc ? rc : predictions_write(path, p, err);
}

/* Predictions come first, so that a row, once it is there, has them; whoever
 * finds the row already there touches nothing. */
static int publish_locked(const struct store *s, const struct record *r,
			  const struct predictions *valid,
			  const struct predictions *test, bool *existed,
			  struct error *err)
{
	char path[PATH_MAX];
	int rc = store_cell_path(s->dir, r, path, err);

	if (rc)
		return rc;
	*existed = file_exists(path);
	if (*existed)
		return 0;
	/* Predictions without a row belong to a run that was killed between
	 * the two, and are replaced. */
	rc = write_part(s, r, valid, false, err);
	if (!rc)
		rc = write_part(s, r, test, true, err);
	return rc ? rc : store_write_cell(path, r, existed, err);
}

int store_publish(struct store *s, const struct record *r,
		  const struct predictions *valid,
		  const struct predictions *test, bool *existed,
		  struct error *err)
{
	char path[PATH_MAX];
	bool ignored;
	int lock, rc;

	assert(strlen(r->key) == HASH_HEX - 1);
	rc = make_folders(s, r, err);
	if (rc)
		return rc;
	/* link(2) alone decides which row wins; the lock only keeps another
	 * run's predictions from landing beside it. */
	path_in(s, LOCK_PUBLISH, path);
	lock = file_lock(path, err);
	if (lock < 0)
		return lock;
	rc = publish_locked(s, r, valid, test, existed ? existed : &ignored,
			    err);
	file_unlock(lock);
	return rc ? error_wrap(err, "publishing a row of %s on %s", r->learner,
			       r->task) : 0;
}

static bool is_readable(const char *folder, const char *name)
{
	struct error ignored;
	struct record r;
	struct arena a;
	char path[PATH_MAX + 256];
	bool good;

	arena_init(&a, 0);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	good = !store_read_cell(path, &a, &r, &ignored);
	if (good)
		record_clear(&r);
	arena_clear(&a);
	return good;
}

int store_last_written(const struct store *s, const char *key,
		       const char *fingerprint, int64_t *last, int64_t *taken,
		       struct error *err)
{
	char folder[PATH_MAX];
	struct dirent *file;
	DIR *dir;

	*last = *taken = -1;
	if (store_folder(s->dir, "cells", key, folder, err))
		return (int)err->code;
	dir = opendir(folder);
	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return error_set(err, ERR_IO, "cannot read folder '%s': %s",
				 folder, strerror(errno));
	while ((file = readdir(dir))) {
		int64_t r = store_name_repetition(file->d_name, key,
						  fingerprint);

		if (r > *taken)
			*taken = r;
		if (r > *last && is_readable(folder, file->d_name))
			*last = r;
	}
	closedir(dir);
	return 0;
}

/* Two digests: the file's own covers all of it against damage, the row's covers
 * the scores and binds the file to the row. */
int store_predictions(struct store *s, const struct record *r, bool test,
		      struct arena *a, struct predictions *out,
		      struct error *err)
{
	char path[PATH_MAX], hex[HASH_HEX];
	int rc = store_predictions_path(s->dir, r, test, path, err);

	if (!rc)
		rc = predictions_read(path, a, out, err);
	if (rc || !test || !r->pred_sha256[0])
		return rc;
	predictions_hash(out, hex);
	if (!strcmp(hex, r->pred_sha256))
		return 0;
	return error_set(err, ERR_DATA,
			 "%s: not the predictions its row was made from", path);
}

/* ---------------------------------------------------------------- index */

/* In memory once the disk has refused, for the rest of this store's life. */
static int open_index(struct store *s, struct error *err)
{
	if (s->index)
		return 0;
	return index_open(&s->index, s->dir, s->in_memory, err);
}

/* Try the file; when it is corrupt make it anew; when it cannot be kept on
 * disk (no space, no permission) keep one in memory for this process. */
static int sync_somehow(struct store *s,
			void (*say)(void *ctx, const char *line), void *ctx,
			size_t *broken, struct error *err)
{
	int rc = ERR_BUG;

	for (int attempt = 0; attempt < 3; attempt++) {
		rc = open_index(s, err);
		if (!rc)
			rc = index_sync(s->index, say, ctx, broken, err);
		if (!rc || s->in_memory)
			return rc;
		close_index(s);
		if (rc == ERR_DATA && attempt == 0)
			index_drop(s->dir);
		else
			s->in_memory = true;
	}
	return rc;
}

/* Whoever writes the index or drops it holds its lock; a folder that cannot
 * take a lock file gets an index in memory, which needs none. */
static int sync_index(struct store *s, bool drop,
		      void (*say)(void *ctx, const char *line), void *ctx,
		      size_t *broken, struct error *err)
{
	char path[PATH_MAX];
	struct error ignored;
	int lock, rc;

	path_in(s, LOCK_INDEX, path);
	lock = file_lock(path, &ignored);
	if (s->index && !s->in_memory &&
	    (drop || !index_current(s->index, s->dir)))
		close_index(s);
	if (drop && !s->in_memory)
		index_drop(s->dir);
	rc = sync_somehow(s, say, ctx, broken, err);
	if (lock >= 0)
		file_unlock(lock);
	return rc;
}

int store_sync(struct store *s, void (*say)(void *ctx, const char *line),
	       void *ctx, size_t *broken, struct error *err)
{
	assert(s->owner == getpid());
	return sync_index(s, false, say, ctx, broken, err);
}

/* The index, read at least once from the files. */
static int need_index(struct store *s, struct error *err)
{
	return s->index ? 0 : store_sync(s, NULL, NULL, NULL, err);
}

/* A count is one number: after damage it can simply be asked again. */
int store_count(struct store *s, const char *key, const char *fingerprint,
		int64_t *count, int64_t *last_repetition, struct error *err)
{
	int rc = need_index(s, err);

	if (rc)
		return rc;
	rc = index_count(s->index, key, fingerprint, count, last_repetition,
			 err);
	if (rc != ERR_DATA)
		return rc;
	rc = sync_index(s, true, NULL, NULL, NULL, err);
	if (rc)
		return rc;
	return index_count(s->index, key, fingerprint, count, last_repetition,
			   err);
}

/* Counts what was handed out, so that a damaged index is made anew and asked
 * again only when nobody has seen a row yet. */
struct counted {
	int (*row)(void *ctx, const struct record *r);
	void *ctx;
	size_t rows;
	int said; /* what the caller's function returned */
};

/* index_each's error and the caller's own non-zero return look alike; `said`
 * keeps them apart. */
static int count_row(void *ctx, const struct record *r)
{
	struct counted *c = ctx;

	c->rows++;
	c->said = c->row(c->ctx, r);
	return c->said;
}

/* Rows that were handed out cannot be taken back: damage noticed after the
 * first is an error to the caller, whose next call finds a new index. */
int store_each_of(struct store *s, const char *const *keys, size_t n,
		  const char *const *fields, size_t n_fields,
		  int (*row)(void *ctx, const struct record *r), void *ctx,
		  struct error *err)
{
	struct counted c = { .row = row, .ctx = ctx };
	const struct index_query q = { .keys = keys, .n = n, .fields = fields,
				       .n_fields = n_fields, .row = count_row,
				       .ctx = &c };
	int rc = need_index(s, err);

	if (rc)
		return rc;
	rc = index_each(s->index, &q, err);
	if (rc != ERR_DATA || c.said)
		return rc;
	rc = sync_index(s, true, NULL, NULL, NULL, err);
	if (rc)
		return rc;
	if (c.rows)
		return error_set(err, ERR_IO, "the index of '%s' was damaged "
					      "and has been made anew: run "
					      "this again", s->dir);
	return index_each(s->index, &q, err);
}

int store_each(struct store *s, const char *const *keys, size_t n,
	       int (*row)(void *ctx, const struct record *r), void *ctx,
	       struct error *err)
{
	return store_each_of(s, keys, n, NULL, 0, row, ctx, err);
}
