/* CACHE/packages/PACKAGE/ is the unpacked package, as a whole or not at all:
 *
 *	.lock-PACKAGE		held while the package is checked and brought
 *	.tmp-PACKAGE-XXXXXX/	where it is downloaded, unpacked and checked;
 *				then its `tree` is renamed to PACKAGE
 *
 * A kill at any moment leaves the old folder, the new one, or none, and at
 * most a temporary folder, which the next fetch of the package removes. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/fetch/fetch_parts.h"
#include "datasets/fetch/package.h"
#include "datasets/folder.h"
#include "harness/base/file.h"

/* Whole names only: a prefix would take "r-cran-a" for "r-cran-ab". */
static bool is_of(const struct origin_file *o, const char *package)
{
	return o->package && !strcmp(o->package, package);
}

/* All files of one package of the entry under `root`, which is `dir` or will
 * become it. Packages are shared between entries, but each entry checks only
 * its own files. */
static int check_package(const struct fetch *f, const struct entry *e,
			 const char *package, const char *root, const char *dir,
			 struct error *err)
{
	char path[PATH_MAX], home[PATH_MAX];

	for (size_t k = 0; k < e->n_origins; k++) {
		const struct origin_file *o = &e->origins[k];
		int rc;

		if (!is_of(o, package))
			continue;
		rc = fetch_join(path, err, "%s/%s", root, o->path);
		if (!rc)
			rc = fetch_join(home, err, "%s/%s", dir, o->path);
		if (!rc)
			rc = fetch_check(f, o, path, home, root != dir, err);
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
	int rc = fetch_join(tree, err, "%s/tree", temp);

	if (!rc)
		rc = fetch_join(old, err, "%s/old", temp);
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

	if (fetch_join(pattern, &err, "%s/packages/.tmp-%s-??????", f->cache,
		       package))
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
	int rc = fetch_join(temp, err, "%s/packages/.tmp-%s-XXXXXX", f->cache,
			    package);

	if (rc)
		return rc;
	remove_leftovers(f, package);
	if (!mkdtemp(temp))
		return error_set(err, ERR_IO, "cannot create a folder in "
				 "'%s/packages': %s", f->cache, strerror(errno));
	fetch_say(f, "fetching package %s", package);
	rc = package_unpack(package, f->mirror, f->offline, temp, err);
	if (!rc)
		rc = fetch_join(tree, err, "%s/tree", temp);
	if (!rc)
		rc = check_package(f, e, package, tree, dir, err);
	if (!rc)
		rc = move_in_place(temp, dir, err);
	folder_remove(temp);
	return rc;
}

/* The package is there and right afterwards, or an error says why not. Damage
 * is mended like absence, wherever there is a source; offline without a mirror
 * it stays an error. */
static int with_lock(const struct fetch *f, const struct entry *e,
		     const struct origin_file *o, struct error *err)
{
	char dir[PATH_MAX], lock[PATH_MAX];
	bool has_source = !f->offline || f->mirror;
	int rc, handle;

	rc = fetch_join(dir, err, "%s/packages", f->cache);
	if (!rc)
		rc = file_make_dirs(dir, err);
	if (!rc)
		rc = fetch_join(lock, err, "%s/packages/.lock-%s", f->cache,
				o->package);
	if (!rc)
		rc = fetch_join(dir, err, "%s/packages/%s", f->cache, o->package);
	if (rc)
		return rc;
	handle = file_lock(lock, err);
	if (handle < 0)
		return handle;
	/* under the lock: another process may have brought it meanwhile */
	rc = check_package(f, e, o->package, dir, dir, err);
	if (has_source && (rc == ERR_MISSING || rc == ERR_DATA))
		rc = bring(f, e, o->package, dir, err);
	else if (rc == ERR_MISSING)
		rc = fetch_missing(f, e, o, err);
	file_unlock(handle);
	return rc;
}

/* Each package once, even where several files of the entry come from it. */
int fetch_package(const struct fetch *f, const struct entry *e, size_t k,
		  struct error *err)
{
	for (size_t i = 0; i < k; i++)
		if (is_of(&e->origins[i], e->origins[k].package))
			return 0;
	return with_lock(f, e, &e->origins[k], err);
}
