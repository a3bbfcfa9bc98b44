/* The cache:
 *
 *	packages/PACKAGE/	a Debian package, unpacked (fetch_package.c)
 *	files/DIGEST/NAME	a file by the digest of its content, or a tar of
 *				a tree by the digest of that (fetch_file.c)
 *	downloads/HASH.part	what came so far from the address of that hash
 *	stamps/HASH		"this was verified" (stamp.c)
 *
 * Names that begin with a dot are locks and temporaries. */
#include "datasets/fetch/fetch.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "datasets/fetch/fetch_parts.h"
#include "datasets/fetch/stamp.h"
#include "datasets/fetch/unpack.h"
#include "datasets/folder.h"
#include "harness/base/file.h"
#include "harness/base/hash.h"

void fetch_say(const struct fetch *f, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!f->say)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	f->say(f->say_ctx, line);
}

/* Half a path may name something else. */
int fetch_join(char out[PATH_MAX], struct error *err, const char *fmt, ...)
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

/* The digest in the path makes two sets that share a file share the copy, and a
 * changed catalogue never meet an old one. */
int fetch_place(char out[PATH_MAX], const struct fetch *f,
		const struct origin_file *o, struct error *err)
{
	const char *slash;

	if (o->local)
		return fetch_join(out, err, "%s", o->path);
	if (o->package)
		return fetch_join(out, err, "%s/packages/%s/%s", f->cache,
				  o->package, o->path);
	slash = strrchr(o->file, '/');
	return fetch_join(out, err, "%s/files/%s/%s", f->cache, o->sha256,
			  slash ? slash + 1 : o->file);
}

/* What the catalogue's digest is of: a file, a folder, or the members of the
 * tar that stands for one. */
static int digest_of(const struct origin_file *o, const char *path,
		     struct arena *a, char hex[HASH_HEX], struct error *err)
{
	struct spool s;
	int rc;

	if (!o->is_tree)
		return hash_file(path, hex, err);
	if (!o->n_keep)
		return folder_digest(path, a, hex, err);
	rc = spool_open(&s, NULL, UINT64_MAX, a, err);
	if (!rc)
		rc = unpack_keep(path, o->keep, o->n_keep, &s, err);
	if (!rc)
		rc = spool_tree_digest(&s, hex, err);
	spool_close(&s);
	return rc;
}

/* The signature is taken before the digest: what is written to in between gets
 * a stamp that does not hold. */
static int check_content(const struct fetch *f, const struct origin_file *o,
			 const char *path, const char *home, bool anew,
			 struct arena *a, struct error *err)
{
	char hex[HASH_HEX] = "", sig[HASH_HEX] = "";
	bool known = stamp_signature(path, a, sig);
	int rc;

	if (known && !anew && stamp_holds(f->cache, home, o->sha256, sig))
		return 0;
	rc = digest_of(o, path, a, hex, err);
	if (rc)
		return rc;
	if (!strcmp(hex, o->sha256)) {
		if (known)
			stamp_set(f->cache, home, o->sha256, sig);
		return 0;
	}
	if (o->local)
		return error_set(err, ERR_DATA, "'%s' has changed since it was looked "
				 "at: start again", path);
	return error_set(err, ERR_DATA, "'%s' (%s%s) has sha256 %s, the catalogue "
			 "says %s", origin_name(o), o->package ? "package " : "",
			 o->package ? o->package : path, hex, o->sha256);
}

/* A memory of its own: a folder may have many names, and the answer is short. */
int fetch_check(const struct fetch *f, const struct origin_file *o,
		const char *path, const char *home, bool anew,
		struct error *err)
{
	struct arena scratch;
	int rc;

	if (!file_exists(path) && o->package)
		return error_set(err, ERR_MISSING, "package %s: no '%s' in it",
				 o->package, o->path);
	if (!file_exists(path))
		return error_set(err, ERR_MISSING, "no file '%s'", path);
	arena_init(&scratch, 0);
	rc = check_content(f, o, path, home, anew, &scratch, err);
	arena_clear(&scratch);
	return rc;
}

/* The error that every way to data that is not here ends in. */
int fetch_missing(const struct fetch *f, const struct entry *e,
		  const struct origin_file *o, struct error *err)
{
	if (o->local)
		return error_set(err, ERR_MISSING, "'%s' is not there", o->path);
	return error_set(err, ERR_MISSING, "data set '%s' (%s%s) is not in %s; "
			 "run 'triarch fetch %s'", e->name,
			 o->package ? "package " : "",
			 o->package ? o->package : o->file, f->cache, e->name);
}

/* Cheap enough for `list` to ask of every entry: no digest is computed. */
bool fetch_present(const struct fetch *f, const struct entry *e)
{
	char path[PATH_MAX];
	struct error err;

	for (size_t k = 0; k < e->n_origins; k++)
		if (fetch_place(path, f, &e->origins[k], &err) ||
		    !file_exists(path))
			return false;
	return true;
}

/* A path of the user's is taken where it is: there is nowhere to fetch it
 * from. */
static int check_local(const struct fetch *f, const struct entry *e,
		       const struct origin_file *o, bool anew,
		       struct error *err)
{
	if (!file_exists(o->path))
		return fetch_missing(f, e, o, err);
	return fetch_check(f, o, o->path, o->path, anew, err);
}

/* In the order of the catalogue; the first that cannot be had ends it, since a
 * data set in part is of no use. */
int fetch_entry(const struct fetch *f, const struct entry *e, struct error *err)
{
	for (size_t k = 0; k < e->n_origins; k++) {
		const struct origin_file *o = &e->origins[k];
		int rc;

		if (o->local)
			rc = check_local(f, e, o, false, err);
		else if (o->package)
			rc = fetch_package(f, e, k, err);
		else
			rc = fetch_file(f, e, k, err);
		if (rc)
			return error_wrap(err, "%s", e->name);
	}
	return 0;
}

/* Full digests, on what is there; brings nothing. A load calls it before files
 * are read, so that a result never comes from damaged data. */
int fetch_verify(const struct fetch *f, const struct entry *e, struct error *err)
{
	char path[PATH_MAX];

	for (size_t k = 0; k < e->n_origins; k++) {
		const struct origin_file *o = &e->origins[k];
		int rc = fetch_place(path, f, o, err);

		if (!rc)
			rc = fetch_check(f, o, path, path, true, err);
		if (rc == ERR_MISSING)
			return fetch_missing(f, e, o, err);
		if (rc && o->local)
			return error_wrap(err, "%s", e->name);
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
	char path[PATH_MAX];

	if (!list)
		return arena_error(a, err);
	for (size_t k = 0; k < e->n_origins; k++) {
		int rc = fetch_place(path, f, &e->origins[k], err);

		if (rc)
			return rc;
		list[k] = arena_strdup(a, path);
		if (!list[k])
			return arena_error(a, err);
	}
	*paths = list;
	return 0;
}
