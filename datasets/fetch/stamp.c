/* git does the same with its index: stat(2) is a thousand times cheaper than a
 * digest of the content. The time of change (ctime) is in it because tools that
 * unpack or copy set the time of modification back, and cannot set that. What a
 * stamp cannot see is a disk that returns other bytes: `fetch --verify` and
 * every first load of a data set hash the content whatever the stamp says. */
#include "datasets/fetch/stamp.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "datasets/folder.h"
#include "harness/base/file.h"

/* Nanoseconds, for a file may be written twice within a second. */
static bool add_file(struct hash *h, const char *path, const char *name)
{
	struct stat st;
	char line[160];

	if (stat(path, &st))
		return false;
	snprintf(line, sizeof(line), "%lld %lld.%09ld %lld.%09ld %llu",
		 (long long)st.st_size, (long long)st.st_mtim.tv_sec,
		 st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec,
		 st.st_ctim.tv_nsec, (unsigned long long)st.st_ino);
	hash_add_string(h, name);
	hash_add_string(h, line);
	return true;
}

/* Of a folder all files count: which were there is part of its digest. */
static bool add_folder(struct hash *h, const char *root, struct arena *a)
{
	size_t n, skip = strlen(root) + 1;
	const char *const *paths;
	struct error err;

	if (folder_files(root, a, &paths, &n, &err))
		return false;
	for (size_t k = 0; k < n; k++)
		if (!add_file(h, paths[k], paths[k] + skip))
			return false;
	return true;
}

/* hash_finish also frees, so it is called in either case. */
bool stamp_signature(const char *path, struct arena *a, char sig[HASH_HEX])
{
	struct arena_mark mark = arena_mark(a);
	struct hash *h = hash_new();
	struct stat st;
	bool good = h && !stat(path, &st);

	if (good)
		good = S_ISDIR(st.st_mode) ? add_folder(h, path, a) :
					     add_file(h, path, "");
	arena_rewind(a, mark);
	if (h)
		hash_finish(h, sig);
	return good;
}

/* False when the path would be too long. */
static bool stamp_path(char out[PATH_MAX], const char *cache, const char *path,
		       const char *digest)
{
	struct hash *h = hash_new();
	char hex[HASH_HEX];

	if (!h)
		return false;
	hash_add_string(h, path);
	hash_add_string(h, digest);
	hash_finish(h, hex);
	return snprintf(out, PATH_MAX, "%s/stamps/%s", cache, hex) < PATH_MAX;
}

/* Anything but the very text of the signature is no stamp: a torn or foreign
 * file costs a digest, no more. */
bool stamp_holds(const char *cache, const char *path, const char *digest,
		 const char *sig)
{
	char at[PATH_MAX], text[HASH_HEX] = "";
	FILE *f;

	if (!stamp_path(at, cache, path, digest))
		return false;
	f = fopen(at, "rb");
	if (!f)
		return false;
	if (fread(text, 1, HASH_HEX - 1, f) != HASH_HEX - 1)
		text[0] = '\0';
	fclose(f);
	return !strcmp(text, sig);
}

/* The folder is made late: a cache that is only read gets no stamps. */
void stamp_set(const char *cache, const char *path, const char *digest,
	       const char *sig)
{
	char at[PATH_MAX];
	struct error err;

	if (!stamp_path(at, cache, path, digest))
		return;
	*strrchr(at, '/') = '\0';
	if (file_make_dirs(at, &err) || !stamp_path(at, cache, path, digest))
		return;
	file_replace(at, sig, strlen(sig), &err);
}
