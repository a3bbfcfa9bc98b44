/* As strict as the rest of the catalogue (catalog.c): a key that does not fit
 * its neighbours would not fail here and now, it would fail months later on the
 * machine of somebody who fetches. So each pair of keys that makes no sense
 * together is refused, with its place. */
#include "datasets/origin.h"

#include <ctype.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define DIGEST_DIGITS 64

/* sha256 of a file, or tree_sha256 of a folder: the key says which it is. */
static int read_digest(const struct yaml *map, struct origin_file *o,
		       struct error *err)
{
	const char *key = yaml_get(map, "tree_sha256") ? "tree_sha256" : "sha256";
	int rc = yaml_need_string(map, key, &o->sha256, err);

	if (rc)
		return rc;
	if (yaml_get(map, "tree_sha256") && yaml_get(map, "sha256"))
		return yaml_error(map, err, "'sha256' is of a file, 'tree_sha256' "
				  "of a folder: give one");
	o->is_tree = key[0] == 't';
	if (strlen(o->sha256) != DIGEST_DIGITS ||
	    strspn(o->sha256, "0123456789abcdef") != DIGEST_DIGITS)
		return yaml_error(yaml_get(map, key), err, "'%s' must be 64 "
				  "lower-case hexadecimal digits", key);
	return 0;
}

/* Paths are joined to the cache's folder: none may lead out of it. A final
 * slash would shift the names inside of a folder, which its digest covers. */
static bool path_is_safe(const char *path)
{
	return path[0] && path[0] != '/' && !strstr(path, "..") &&
	       path[strlen(path) - 1] != '/';
}

/* Debian Policy 5.6.1. Names go to apt-get, where a leading '-' would be an
 * option, and into a pattern of file names. */
static bool package_is_good(const char *name)
{
	return isalnum((unsigned char)name[0]) && name[1] &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789+-.")] == '\0';
}

/* Addresses for people and for libcurl, which would take file: and ftp: too. */
static int get_address(const struct yaml *map, const char *key,
		       const char **out, struct error *err)
{
	int rc = yaml_get_string(map, key, out, err);

	if (rc || !*out)
		return rc;
	if ((strncmp(*out, "https://", 8) && strncmp(*out, "http://", 7)) ||
	    strpbrk(*out, " \t\n"))
		return yaml_error(yaml_get(map, key), err, "'%s' must be an "
				  "http(s) address without spaces", *out);
	return 0;
}

/* A list of names or patterns inside an archive. */
static int get_paths(const struct yaml *map, const char *key, struct arena *a,
		     const char *const **out, size_t *n, struct error *err)
{
	int rc = yaml_get_strings(a, map, key, out, n, err);

	if (!rc && yaml_get(map, key) && !*n)
		return yaml_error(yaml_get(map, key), err, "'%s' is empty", key);
	for (size_t k = 0; !rc && k < *n; k++)
		if (!path_is_safe((*out)[k]))
			return yaml_error(yaml_get(map, key), err, "'%s' must be "
					  "a path inside the archive",
					  (*out)[k]);
	return rc;
}

/* `member` is the short form of `members` with one. */
static int read_members(const struct yaml *map, struct arena *a,
			struct origin_file *o, struct error *err)
{
	const char *key = yaml_get(map, "member") ? "member" : "members";
	int rc = get_paths(map, key, a, &o->members, &o->n_members, err);

	if (!rc)
		rc = get_paths(map, "keep", a, &o->keep, &o->n_keep, err);
	if (rc)
		return rc;
	if (yaml_get(map, "member") && yaml_get(map, "members"))
		return yaml_error(yaml_get(map, "members"), err, "'member' is "
				  "one, 'members' are several: give one of both");
	if (yaml_get(map, "member") && o->n_members != 1)
		return yaml_error(yaml_get(map, "member"), err, "'member' is "
				  "one path; 'members' takes a list");
	return 0;
}

/* A whole number of at least `min` that must be there. */
static int need_size(const struct yaml *map, const char *key, int64_t min,
		     size_t *out, struct error *err)
{
	const struct yaml *node = yaml_get(map, key);
	int64_t v = 0;
	int rc;

	if (!node)
		return yaml_error(map, err, "'%s' is missing", key);
	rc = yaml_int(node, min, UINT32_MAX, &v, err);
	*out = (size_t)v;
	return rc;
}

/* All three must be there: a default for `skip` would quietly decide whether a
 * label counts towards the digest. */
static int read_lowest(const struct yaml *map, struct lowest *l,
		       struct error *err)
{
	static const char *const keys[] = { "record", "skip", "take" };
	const struct yaml *node = yaml_get(map, "lowest_sha256");
	int rc;

	if (!node)
		return 0;
	rc = yaml_check_keys(node, keys, COUNT(keys), err);
	if (!rc)
		rc = need_size(node, "record", 1, &l->record, err);
	if (!rc)
		rc = need_size(node, "skip", 0, &l->skip, err);
	if (!rc)
		rc = need_size(node, "take", 1, &l->take, err);
	if (!rc && l->skip >= l->record)
		return yaml_error(yaml_get(node, "skip"), err, "'skip' leaves "
				  "nothing of a record of %zu bytes", l->record);
	return rc;
}

/* Keys that do not fit each other. */
static int check_file(const struct yaml *map, const struct origin_file *o,
		      struct error *err)
{
	if (!path_is_safe(o->file))
		return yaml_error(yaml_get(map, "file"), err, "'%s' must be a "
				  "path inside a mirror", o->file);
	if (!o->url && !o->page)
		return yaml_error(map, err, "'url' is missing: the direct address "
				  "of the file, or 'page' where there is none");
	if (o->is_tree != (o->n_keep > 0))
		return yaml_error(map, err, "'keep' and 'tree_sha256' go "
				  "together: the digest is of what is kept");
	if (o->n_keep && o->n_members)
		return yaml_error(yaml_get(map, "keep"), err, "'keep' makes a "
				  "tree, 'member' a file: give one");
	if (o->n_keep && (o->lines || o->lowest.record))
		return yaml_error(map, err, "'lines' and 'lowest_sha256' are of "
				  "files, not of trees");
	if (o->lines && o->lowest.record)
		return yaml_error(map, err, "'lines' and 'lowest_sha256': give "
				  "one");
	return 0;
}

/* What is at an address, in a mirror, or brought by hand from a page. */
static int read_file(const struct yaml *map, struct arena *a,
		     struct origin_file *o, struct error *err)
{
	static const char *const keys[] = {
		"file",	  "url",	 "page", "sha256", "tree_sha256",
		"member", "members",	 "keep", "lines",  "lowest_sha256",
	};
	int rc = yaml_check_keys(map, keys, COUNT(keys), err);

	if (!rc)
		rc = yaml_need_string(map, "file", &o->file, err);
	if (!rc)
		rc = get_address(map, "url", &o->url, err);
	if (!rc)
		rc = get_address(map, "page", &o->page, err);
	if (!rc)
		rc = read_members(map, a, o, err);
	if (!rc && yaml_get(map, "lines"))
		rc = need_size(map, "lines", 1, &o->lines, err);
	if (!rc)
		rc = read_lowest(map, &o->lowest, err);
	if (!rc)
		rc = read_digest(map, o, err);
	return rc ? rc : check_file(map, o, err);
}

/* Digests are compulsory: without one, a package that is updated upstream would
 * change results without a trace. */
static int read_packaged(const struct yaml *map, struct origin_file *o,
			 struct error *err)
{
	static const char *const keys[] = { "package", "path", "sha256",
					    "tree_sha256" };
	int rc = yaml_check_keys(map, keys, COUNT(keys), err);

	if (!rc)
		rc = yaml_need_string(map, "package", &o->package, err);
	if (!rc)
		rc = yaml_need_string(map, "path", &o->path, err);
	if (rc)
		return rc;
	if (!package_is_good(o->package))
		return yaml_error(yaml_get(map, "package"), err,
				  "'%s' is no package name", o->package);
	if (!path_is_safe(o->path))
		return yaml_error(yaml_get(map, "path"), err, "'%s' must be a "
				  "path inside the package", o->path);
	return read_digest(map, o, err);
}

/* The order of the list is kept: it is the order of the paths that the reader
 * gets (images, labels ... of idx; index and data base of rdata). */
int origin_read(const struct yaml *entry, struct arena *a,
		const struct origin_file **origins, size_t *n,
		struct error *err)
{
	const struct yaml *list = yaml_get(entry, "files");
	struct origin_file *all;

	if (!list || list->kind != YAML_LIST || !list->n)
		return yaml_error(list ? list : entry, err, "'files' must be a "
				  "list of at least one");
	all = ARENA_NEW(a, struct origin_file, list->n);
	if (!all)
		return arena_error(a, err);
	for (size_t k = 0; k < list->n; k++) {
		const struct yaml *map = list->items[k];
		int rc = yaml_get(map, "file") ?
				 read_file(map, a, &all[k], err) :
				 read_packaged(map, &all[k], err);

		if (rc)
			return rc;
	}
	*origins = all;
	*n = list->n;
	return 0;
}

/* One word for lists; what an entry has decides. */
const char *origin_source(const struct origin_file *o)
{
	if (o->local)
		return "your own";
	return o->package ? o->package : o->url ? o->url : o->page;
}

/* A user's own file goes by its path. */
const char *origin_name(const struct origin_file *o)
{
	return o->file ? o->file : o->path;
}
