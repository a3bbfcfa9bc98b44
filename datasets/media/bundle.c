/* Folders and archives behind one door. An archive is unpacked into memory: the
 * largest known here has 200 MB, and files that are never on disk need no
 * cleaning up after a crash. */
#include "datasets/media/bundle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "datasets/folder.h"
#include "datasets/media/members.h"

/* No honest archive of files that somebody would learn from packs better: zeros
 * through deflate reach 1032. */
#define MOST_RATIO 1100
#define FREE_BYTES ((size_t)64 << 20)

/* ---------------------------------------------------------------- archives */

/* The first walk counts, the second keeps. */
struct tally {
	const char *path;
	size_t most;	/* bytes of content at most */
	size_t n;	/* files */
	size_t names;	/* bytes of their names, with NUL */
	size_t content; /* bytes of all files */
};

struct keeper {
	struct tally room, used;
	struct bundle_file *files; /* (room.n) */
	char *names;		   /* (room.names) */
	unsigned char *content;	   /* (room.content) */
};

/* The number is bounded while counting, not after: an archive of a few MB can
 * hold millions of empty members, and each would cost a struct. */
static int count_file(void *ctx, const char *name, struct error *err)
{
	struct tally *t = ctx;

	if (++t->n > BUNDLE_MAX_FILES)
		return error_set(err, ERR_DATA, "'%s' has more than %d files",
				 t->path, BUNDLE_MAX_FILES);
	t->names += strlen(name) + 1;
	return 0;
}

/* What came out is measured, never what a header declares; a bomb stops at
 * the first block behind the limit and nothing of it was kept. */
static int count_data(void *ctx, const void *bytes, size_t size,
		      struct error *err)
{
	struct tally *t = ctx;

	(void)bytes;
	t->content += size;
	if (t->content > t->most)
		return error_set(err, ERR_DATA, "'%s' unpacks to more than %zu "
				 "MiB; unpack it into a folder", t->path,
				 t->most >> 20);
	return 0;
}

/* ERR_DATA rather than an assert: it is another process that did it. */
static int changed(const struct keeper *k, struct error *err)
{
	return error_set(err, ERR_DATA, "'%s' changed while it was read",
			 k->room.path);
}

/* The file is mapped, so that another process may have written to it since it
 * was counted: the room is checked again. */
static int keep_file(void *ctx, const char *name, struct error *err)
{
	struct keeper *k = ctx;
	size_t size = strlen(name) + 1;

	if (k->used.n == k->room.n || size > k->room.names - k->used.names)
		return changed(k, err);
	k->files[k->used.n++] = (struct bundle_file){
		.name = memcpy(k->names + k->used.names, name, size),
		.bytes = k->content + k->used.content,
	};
	k->used.names += size;
	return 0;
}

/* members_walk calls the file's visitor before its data, so there always is a
 * last file, and its content is contiguous behind `bytes`. */
static int keep_data(void *ctx, const void *bytes, size_t size,
		     struct error *err)
{
	struct keeper *k = ctx;

	if (size > k->room.content - k->used.content)
		return changed(k, err);
	memcpy(k->content + k->used.content, bytes, size);
	k->used.content += size;
	k->files[k->used.n - 1].size += size;
	return 0;
}

/* Names are unique once sorted (see below), so that the order of files, and
 * with it that of rows, is not qsort's to choose. */
static int compare_files(const void *x, const void *y)
{
	const struct bundle_file *f = x, *g = y;

	return strcmp(f->name, g->name);
}

/* tar can hold a name twice, of which unpacking keeps the last and a list shows
 * both: which of them was meant is for people to say. */
static int sort_files(struct bundle *b, struct bundle_file *files, size_t n,
		      struct error *err)
{
	qsort(files, n, sizeof(*files), compare_files);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(files[i - 1].name, files[i].name))
			return error_set(err, ERR_DATA, "%s: two files are "
					 "called '%s'", b->path, files[i].name);
	b->files = files;
	b->n = n;
	return 0;
}

/* Exactly what the first walk counted: no list grows, and the peak is the
 * content once, beside the mapped archive. */
static int unpack(struct bundle *b, const struct file_map *m,
		  const struct tally *room, struct arena *a, struct error *err)
{
	struct keeper k = {
		.room = *room,
		.files = ARENA_NEW(a, struct bundle_file, room->n),
		.names = ARENA_RAW(a, char, room->names),
		.content = ARENA_RAW(a, unsigned char, room->content),
	};
	const struct members_visitor keep = { keep_file, keep_data, &k };
	int rc;

	if (!k.files || !k.names || !k.content)
		return arena_error(a, err);
	rc = members_walk(m->data, m->size, b->path, &keep, err);
	return rc ? rc : sort_files(b, k.files, k.used.n, err);
}

/* `most` is compared after the division too, as the product of a large file
 * and the ratio may pass SIZE_MAX. */
static int open_archive(struct bundle *b, struct arena *a, struct error *err)
{
	struct tally t = { .path = b->path };
	const struct members_visitor count = { count_file, count_data, &t };
	struct file_map m;
	int rc = file_map(&m, b->path, err);

	if (rc)
		return rc;
	t.most = FREE_BYTES + m.size * MOST_RATIO;
	if (m.size > BUNDLE_MAX_BYTES / MOST_RATIO || t.most > BUNDLE_MAX_BYTES)
		t.most = BUNDLE_MAX_BYTES;
	rc = members_walk(m.data, m.size, b->path, &count, err);
	if (!rc && !t.n)
		rc = error_set(err, ERR_DATA, "no files in '%s'", b->path);
	if (!rc)
		rc = unpack(b, &m, &t, a, err);
	file_unmap(&m);
	return rc;
}

/* ---------------------------------------------------------------- folders */

/* folder_files sorts whole paths; all begin alike, so that is the order of the
 * relative names too. */
static int open_folder(struct bundle *b, struct arena *a, struct error *err)
{
	const char *const *paths;
	struct bundle_file *files;
	size_t n, skip = strlen(b->path);
	int rc = folder_files(b->path, a, &paths, &n, err);

	if (rc)
		return rc;
	if (n > BUNDLE_MAX_FILES)
		return error_set(err, ERR_DATA, "'%s' has %zu files; at most %d "
				 "are read", b->path, n, BUNDLE_MAX_FILES);
	files = ARENA_NEW(a, struct bundle_file, n);
	if (!files)
		return arena_error(a, err);
	for (size_t i = 0; i < n; i++) {
		struct stat st;

		if (stat(paths[i], &st))
			return error_set(err, ERR_IO, "cannot read '%s': %s",
					 paths[i], strerror(errno));
		files[i].name = paths[i] + skip;
		files[i].name += strspn(files[i].name, "/");
		files[i].size = (size_t)st.st_size;
	}
	return sort_files(b, files, n, err);
}

/* What a path is decides, not its ending: "set.tar.gz" may be a folder that
 * somebody unpacked with care. */
int bundle_open(struct bundle *b, const char *path, struct arena *a,
		struct error *err)
{
	struct stat st;

	*b = (struct bundle){ .path = arena_strdup(a, path) };
	if (!b->path)
		return arena_error(a, err);
	if (stat(path, &st))
		return error_set(err, ERR_IO, "cannot read '%s': %s", path,
				 strerror(errno));
	b->is_folder = S_ISDIR(st.st_mode);
	return b->is_folder ? open_folder(b, a, err) : open_archive(b, a, err);
}

/* A folder's file is read at once here and its size taken anew: it may have
 * changed since bundle_open looked. */
int bundle_bytes(const struct bundle *b, size_t i, struct arena *a,
		 const unsigned char **bytes, size_t *size, struct error *err)
{
	const struct bundle_file *f = &b->files[i];
	char *path, *text;
	int rc;

	if (!b->is_folder) {
		*bytes = f->bytes;
		*size = f->size;
		return 0;
	}
	path = arena_printf(a, "%s/%s", b->path, f->name);
	if (!path)
		return arena_error(a, err);
	rc = file_read(a, path, &text, size, err);
	*bytes = (const unsigned char *)text;
	return rc;
}

/* The path is put together on the stack: arenas are not for threads. */
int bundle_map(const struct bundle *b, size_t i, struct file_map *m,
	       struct error *err)
{
	const struct bundle_file *f = &b->files[i];
	char path[4096];

	if (!b->is_folder) {
		*m = (struct file_map){ .data = f->bytes, .size = f->size };
		return 0;
	}
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", b->path, f->name) >=
	    sizeof(path))
		return error_set(err, ERR_IO, "the path of '%s' is longer than "
				 "%zu bytes", f->name, sizeof(path));
	return file_map(m, path, err);
}

/* A file of an archive points into the bundle, which owns its bytes. */
void bundle_unmap(const struct bundle *b, struct file_map *m)
{
	if (b->is_folder)
		file_unmap(m);
}

/* macOS packs a "._x.png" of its own attributes beside each x.png, in the
 * same folder or under __MACOSX; both would be read as broken pictures. */
bool bundle_is_kind(const char *name, const char *const *extensions)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	size_t n = strlen(base);

	if (base[0] == '.' || !strncmp(name, "__MACOSX/", 9))
		return false;
	for (; *extensions; extensions++) {
		size_t k = strlen(*extensions);

		if (n > k && !strcasecmp(base + n - k, *extensions))
			return true;
	}
	return false;
}
