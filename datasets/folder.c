/* Folders with fts(3); nftw(3) would need a global variable to carry the
 * arena. Links are never followed: a loop or a link out of the folder must not
 * decide what a data set contains, nor what is removed. */
#include "datasets/folder.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One file found, newest first. */
struct found {
	struct found *next;
	const char *path;
};

/* The entries come unsorted: sorting by path afterwards is one rule for all
 * file systems, where fts would sort within each folder. */
static FTS *open_tree(const char *path)
{
	char *paths[] = { (char *)(size_t)path, NULL };

	/* NOCHDIR: another thread may rely on the working folder */
	return fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
}

/* Every regular file under the root. Links and devices are no data: they are
 * passed over, so that a digest does not depend on what they point to. */
static int list_files(FTS *tree, const char *root, struct arena *a,
		      struct found **list, size_t *n, struct error *err)
{
	FTSENT *f;

	/* at its end fts_read sets errno to 0, on a failure to something else */
	while ((f = fts_read(tree)) != NULL) {
		struct found *item;

		if (f->fts_info == FTS_ERR || f->fts_info == FTS_DNR ||
		    f->fts_info == FTS_NS)
			return error_set(err, ERR_IO, "cannot read '%s': %s",
					 f->fts_path, strerror(f->fts_errno));
		if (f->fts_info != FTS_F || !strcmp(f->fts_path, root))
			continue;
		item = ARENA_NEW(a, struct found, 1);
		if (item)
			item->path = arena_strdup(a, f->fts_path);
		if (!item || !item->path)
			return arena_error(a, err);
		item->next = *list;
		*list = item;
		(*n)++;
	}
	if (errno)
		return error_set(err, ERR_IO, "cannot read '%s': %s", root,
				 strerror(errno));
	return 0;
}

/* Byte order, not the locale's: the digest must not depend on the user. */
static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A list first, as fts does not say how many files there will be; then an
 * array. */
int folder_files(const char *root, struct arena *a, const char *const **paths,
	       size_t *n, struct error *err)
{
	struct found *list = NULL;
	FTS *tree = open_tree(root);
	const char **sorted;
	size_t k = 0;
	int rc;

	*n = 0;
	if (!tree)
		return error_set(err, ERR_IO, "cannot open '%s': %s", root,
				 strerror(errno));
	rc = list_files(tree, root, a, &list, n, err);
	fts_close(tree);
	if (!rc && !*n)
		rc = error_set(err, ERR_IO, "no files in '%s'", root);
	if (rc)
		return rc;
	sorted = ARENA_NEW(a, const char *, *n);
	if (!sorted)
		return arena_error(a, err);
	for (; list; list = list->next)
		sorted[k++] = list->path;
	qsort(sorted, *n, sizeof(*sorted), compare_paths);
	*paths = sorted;
	return 0;
}

/* Hash names (from `skip` on) and contents. The NULs that end both keep ("ab",
 * "c") and ("a", "bc") apart. */
static int hash_list(const char *const *paths, size_t n, size_t skip,
		     char hex[HASH_HEX], struct error *err)
{
	struct hash *h = hash_new();
	int rc = 0;

	if (!h)
		return error_set(err, ERR_MEMORY, "out of memory");
	for (size_t k = 0; k < n && !rc; k++) {
		rc = hash_file(paths[k], hex, err);
		hash_add_string(h, paths[k] + skip);
		hash_add_string(h, hex);
	}
	hash_finish(h, hex);
	return rc;
}

/* The digest of a folder moves with it: only names relative to it count, and
 * neither times nor permissions do, which unpacking may change. */
int folder_digest(const char *path, struct arena *a, char hex[HASH_HEX],
		struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	const char *const *paths;
	size_t n;
	int rc = folder_files(path, a, &paths, &n, err);

	hex[0] = '\0';
	if (!rc)
		rc = hash_list(paths, n, strlen(path) + 1, hex, err);
	arena_rewind(a, mark);
	return rc;
}

/* Best effort: it cleans up after errors, and must not hide them by its own. */
void folder_remove(const char *path)
{
	FTS *tree = open_tree(path);
	FTSENT *f;

	if (!tree)
		return;
	/* FTS_DP comes after what is in the folder, FTS_D before */
	while ((f = fts_read(tree)) != NULL)
		if (f->fts_info != FTS_D)
			remove(f->fts_accpath);
	fts_close(tree);
}
