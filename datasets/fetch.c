/* CACHE/packages/PACKAGE/ is the unpacked package, as a whole or not at all:
 *
 *	.lock-PACKAGE		held while the package is checked and brought
 *	.tmp-PACKAGE-XXXXXX/	where it is downloaded, unpacked and checked;
 *				then its `tree` is renamed to PACKAGE
 *
 * A kill at any moment leaves the old folder, the new one, or none, and at
 * most a temporary folder, which the next fetch of the package removes. */
#include "datasets/fetch.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/folder.h"
#include "datasets/package.h"
#include "harness/base/file.h"
#include "harness/base/hash.h"

/* Data code prints nothing itself: whoever asked decides what to show. */
__attribute__((format(printf, 2, 3))) static void
say(const struct fetch *f, const char *fmt, ...)
{
	char line[256];
	va_list ap;

	if (!f->say)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	f->say(f->say_ctx, line);
}

/* A path from pieces; too long a one is an error, never cut off: half a path
 * may name something else. */
__attribute__((format(printf, 3, 4))) static int
join(char out[PATH_MAX], struct error *err, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, PATH_MAX, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= PATH_MAX)
		return error_set(err, ERR_IO, "path too long: '%.60s...'", out);
	return 0;
}

/* Where a file of the catalogue is once its package is unpacked. */
static int file_path(char out[PATH_MAX], const struct fetch *f,
		     const struct origin_file *o, struct error *err)
{
	if (o->local)
		return join(out, err, "%s", o->path);
	return join(out, err, "%s/packages/%s/%s", f->cache, o->package, o->path);
}

/* One file or folder under `root` against the catalogue. ERR_MISSING and
 * ERR_DATA differ on purpose: the first is the state before a fetch, the
 * second is damage. */
static int check_file(const struct origin_file *o, const char *root,
		      struct error *err)
{
	char path[PATH_MAX], hex[HASH_HEX] = "";
	struct arena scratch;
	int rc = o->local ? join(path, err, "%s", o->path)
			  : join(path, err, "%s/%s", root, o->path);

	if (rc)
		return rc;
	if (!file_exists(path) && o->local)
		return error_set(err, ERR_DATA, "'%s' is gone", path);
	if (!file_exists(path))
		return error_set(err, ERR_MISSING, "package %s: no '%s' in it",
				 o->package, o->path);
	arena_init(&scratch, 0);
	rc = o->is_tree ? folder_digest(path, &scratch, hex, err) :
			  hash_file(path, hex, err);
	arena_clear(&scratch);
	if (rc || !strcmp(hex, o->sha256))
		return rc;
	if (o->local)
		return error_set(err, ERR_DATA, "'%s' has changed since it was looked at: "
				 "start again", path);
	return error_set(err, ERR_DATA, "%s of package %s has sha256 %s, the "
			 "catalogue says %s", o->path, o->package, hex,
			 o->sha256);
}

/* All files of one package of the entry under `root`. Packages are shared
 * between entries, but each entry checks only its own files. */
static int check_package(const struct entry *e, const char *package,
			 const char *root, struct error *err)
{
	for (size_t k = 0; k < e->n_origins; k++) {
		int rc;

		if (strcmp(e->origins[k].package, package))
			continue;
		rc = check_file(&e->origins[k], root, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* Put the finished tree where `dir` is or will be. What stood there is moved
 * into `temp` first (rename cannot replace a folder that is not empty). */
static int move_in_place(const char *temp, const char *dir, struct error *err)
{
	char tree[PATH_MAX], old[PATH_MAX];
	int rc = join(tree, err, "%s/tree", temp);

	if (!rc)
		rc = join(old, err, "%s/old", temp);
	if (rc)
		return rc;
	if (file_exists(dir) && rename(dir, old))
		return error_set(err, ERR_IO, "cannot move '%s' away: %s", dir,
				 strerror(errno));
	if (!rename(tree, dir))
		return 0;
	rc = error_set(err, ERR_IO, "cannot make '%s': %s", dir, strerror(errno));
	rename(old, dir); /* best effort: the old state is better than none */
	return rc;
}

/* What a killed fetch left. The lock is held, so nobody else is at work. */
static void remove_leftovers(const struct fetch *f, const char *package)
{
	char pattern[PATH_MAX];
	struct error err;
	glob_t g;

	if (join(pattern, &err, "%s/packages/.tmp-%s-??????", f->cache, package))
		return;
	if (!glob(pattern, 0, NULL, &g))
		for (size_t k = 0; k < g.gl_pathc; k++)
			folder_remove(g.gl_pathv[k]);
	globfree(&g);
}

/* Download, check, move in place; the package's lock is held. Digests are
 * checked before the move, so a wrong package never takes the place of a right
 * one. */
static int bring(const struct fetch *f, const struct entry *e,
		 const char *package, const char *dir, struct error *err)
{
	char temp[PATH_MAX], tree[PATH_MAX];
	int rc = join(temp, err, "%s/packages/.tmp-%s-XXXXXX", f->cache, package);

	if (rc)
		return rc;
	remove_leftovers(f, package);
	if (!mkdtemp(temp))
		return error_set(err, ERR_IO, "cannot create a folder in "
				 "'%s/packages': %s", f->cache, strerror(errno));
	say(f, "fetching package %s", package);
	rc = package_unpack(package, f->mirror, f->offline, temp, err);
	if (!rc)
		rc = join(tree, err, "%s/tree", temp);
	if (!rc)
		rc = check_package(e, package, tree, err);
	if (!rc)
		rc = move_in_place(temp, dir, err);
	folder_remove(temp);
	return rc;
}

/* The error that every way to data that is not here ends in. */
static int missing(const struct fetch *f, const struct entry *e,
		   const char *package, struct error *err)
{
	return error_set(err, ERR_MISSING, "data set '%s' (package %s) is not in "
			 "%s; run 'triarch fetch %s'", e->name, package,
			 f->cache, e->name);
}

/* The package is there and right afterwards, or an error says why not. Damage
 * is mended like absence, wherever there is a source; offline without a mirror
 * it stays an error. */
static int fetch_package(const struct fetch *f, const struct entry *e,
			 const char *package, struct error *err)
{
	char dir[PATH_MAX], lock[PATH_MAX];
	bool has_source = !f->offline || f->mirror;
	int rc, handle;

	rc = join(dir, err, "%s/packages", f->cache);
	if (!rc)
		rc = file_make_dirs(dir, err);
	if (!rc)
		rc = join(lock, err, "%s/packages/.lock-%s", f->cache, package);
	if (!rc)
		rc = join(dir, err, "%s/packages/%s", f->cache, package);
	if (rc)
		return rc;
	handle = file_lock(lock, err);
	if (handle < 0)
		return handle;
	/* under the lock: another process may have brought it meanwhile */
	rc = check_package(e, package, dir, err);
	if (has_source && (rc == ERR_MISSING || rc == ERR_DATA))
		rc = bring(f, e, package, dir, err);
	else if (rc == ERR_MISSING)
		rc = missing(f, e, package, err);
	file_unlock(handle);
	return rc;
}

/* Is this the first file of its package? */
static bool is_first(const struct entry *e, size_t k)
{
	for (size_t i = 0; i < k; i++)
		if (!strcmp(e->origins[i].package, e->origins[k].package))
			return false;
	return true;
}

/* Cheap enough for `list` to ask of every entry: no digest is computed. */
bool fetch_present(const struct fetch *f, const struct entry *e)
{
	char path[PATH_MAX];
	struct error err;

	for (size_t k = 0; k < e->n_origins; k++)
		if (file_path(path, f, &e->origins[k], &err) ||
		    !file_exists(path))
			return false;
	return true;
}

/* Each package once, even where several files of the entry come from it. */
int fetch_entry(const struct fetch *f, const struct entry *e, struct error *err)
{
	for (size_t k = 0; k < e->n_origins; k++) {
		int rc = 0;

		if (!e->origins[k].local && is_first(e, k))
			rc = fetch_package(f, e, e->origins[k].package, err);
		if (rc)
			return error_wrap(err, "%s", e->name);
	}
	return 0;
}

/* Full digests, on what is there; brings nothing. A load calls it before files
 * are read, so that a result never comes from damaged data. */
int fetch_verify(const struct fetch *f, const struct entry *e, struct error *err)
{
	char dir[PATH_MAX];

	for (size_t k = 0; k < e->n_origins; k++) {
		const struct origin_file *o = &e->origins[k];
		int rc = join(dir, err, "%s/packages/%s", f->cache, o->package);

		if (!rc)
			rc = check_file(o, dir, err);
		if (rc == ERR_MISSING)
			return missing(f, e, o->package, err);
		if (rc && o->local)
			return rc;
		if (rc)
			return error_wrap(err, "%s (run 'triarch fetch %s' to "
					  "bring it again)", e->name, e->name);
	}
	return 0;
}

/* In the order of the catalogue, which is the reader's. */
int fetch_paths(const struct fetch *f, const struct entry *e, struct arena *a,
		const char *const **paths, struct error *err)
{
	const char **list = ARENA_NEW(a, const char *, e->n_origins);

	if (!list)
		return arena_error(a, err);
	for (size_t k = 0; k < e->n_origins; k++) {
		const struct origin_file *o = &e->origins[k];

		list[k] = o->local ? arena_strdup(a, o->path) :
			  arena_printf(a, "%s/packages/%s/%s", f->cache,
				       o->package, o->path);
		if (!list[k])
			return arena_error(a, err);
	}
	*paths = list;
	return 0;
}
