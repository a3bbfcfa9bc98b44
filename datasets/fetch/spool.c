/* One temporary file for all pieces, and not a file each: a set may have fifty
 * thousand of them (IMDB), and an archive's names never become paths of ours,
 * so there is nothing for a "../" to escape from. */
#include "datasets/fetch/spool.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Says what failed and, where there is a plain cure, that. */
static int io_error(struct error *err, const char *what)
{
	int code = errno;

	return error_set(err, ERR_IO, "cannot %s: %s%s", what, strerror(code),
			 code == ENOSPC || code == EDQUOT ?
				 "; free some space in the cache's file system "
				 "(or choose another by --cache) and run again" :
				 "");
}

/* Read as well as written: pieces are copied out of it in another order. */
int spool_open(struct spool *s, const char *path, uint64_t limit,
	       struct arena *a, struct error *err)
{
	*s = (struct spool){ .fd = -1, .limit = limit, .arena = a };
	if (!path)
		return 0;
	s->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return s->fd < 0 ? io_error(err, "create a file in the cache") : 0;
}

/* Also after a piece that failed half way; the file itself is the caller's. */
void spool_close(struct spool *s)
{
	spool_end(s);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* The names stay in the arena: it is wound back by whoever lent it. */
int spool_reset(struct spool *s, struct error *err)
{
	spool_end(s);
	s->size = s->n = 0;
	if (s->fd >= 0 && (ftruncate(s->fd, 0) || lseek(s->fd, 0, SEEK_SET)))
		return io_error(err, "empty a file in the cache");
	return 0;
}

/* Twice the room when it is full: the old half stays unused in the arena, which
 * is at most as much again. */
static int make_room(struct spool *s, struct error *err)
{
	size_t room = s->room ? 2 * s->room : 16;
	struct piece *more;

	if (s->n < s->room)
		return 0;
	more = ARENA_RAW(s->arena, struct piece, room);
	if (!more)
		return arena_error(s->arena, err);
	if (s->n)
		memcpy(more, s->pieces, s->n * sizeof(*more));
	s->pieces = more;
	s->room = room;
	return 0;
}

/* The digest is taken while the bytes pass by: reading fifty thousand members
 * back to hash them would double the work. */
int spool_begin(struct spool *s, const char *name, struct error *err)
{
	int rc = make_room(s, err);
	const char *copy;

	if (rc)
		return rc;
	copy = arena_strdup(s->arena, name);
	if (!copy)
		return arena_error(s->arena, err);
	s->hash = hash_new();
	if (!s->hash)
		return error_set(err, ERR_MEMORY, "out of memory: sha256");
	s->pieces[s->n++] = (struct piece){ .name = copy, .offset = s->size };
	return 0;
}

/* write(2) may take less than it was offered. */
static int write_all(int fd, const char *data, size_t size, struct error *err)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_error(err, "write to the cache");
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* The limit is checked before a byte is written, and against what came, never
 * against a size that an archive declares. */
int spool_add(struct spool *s, const void *data, size_t size, struct error *err)
{
	if (size > s->limit - s->size)
		return error_set(err, ERR_DATA, "more than %llu bytes come out: "
				 "not what the catalogue means",
				 (unsigned long long)s->limit);
	hash_add(s->hash, data, size);
	s->size += size;
	s->pieces[s->n - 1].size += size;
	return s->fd < 0 ? 0 : write_all(s->fd, data, size, err);
}

/* An open piece gets its digest; without one there is nothing to do. */
void spool_end(struct spool *s)
{
	if (s->hash)
		hash_finish(s->hash, s->pieces[s->n - 1].hex);
	s->hash = NULL;
}

/* By bytes and not by locale: the digest of a folder must be the same in
 * every country. */
static int compare_pieces(const void *a, const void *b)
{
	return strcmp(((const struct piece *)a)->name,
		      ((const struct piece *)b)->name);
}

/* After a sort, equal names stand side by side. Two of one name cannot both be
 * in a folder, so the digest of a folder would be of neither. */
int spool_sort(struct spool *s, struct error *err)
{
	if (s->n)
		qsort(s->pieces, s->n, sizeof(*s->pieces), compare_pieces);
	for (size_t k = 1; k < s->n; k++)
		if (!strcmp(s->pieces[k - 1].name, s->pieces[k].name))
			return error_set(err, ERR_DATA, "two members '%s': the "
					 "pattern keeps too little of their "
					 "paths", s->pieces[k].name);
	return 0;
}

/* Byte for byte what folder_digest hashes, so that a set may lie in a package as
 * a folder and at an address as an archive, under one digest. */
int spool_tree_digest(const struct spool *s, char hex[HASH_HEX],
		      struct error *err)
{
	struct hash *h = hash_new();

	if (!h)
		return error_set(err, ERR_MEMORY, "out of memory: sha256");
	for (size_t k = 0; k < s->n; k++) {
		hash_add_string(h, s->pieces[k].name);
		hash_add_string(h, s->pieces[k].hex);
	}
	hash_finish(h, hex);
	return 0;
}

/* Hand a piece's bytes to `put`, which gives 0 or an error it has set. */
static int copy_piece(const struct spool *s, const struct piece *p,
		      int (*put)(void *ctx, const void *data, size_t size,
				 struct error *err),
		      void *ctx, struct error *err)
{
	char buffer[1 << 16];

	for (uint64_t done = 0; done < p->size;) {
		uint64_t left = p->size - done;
		size_t want = left < sizeof(buffer) ? (size_t)left : sizeof(buffer);
		ssize_t n = pread(s->fd, buffer, want, (off_t)(p->offset + done));
		int rc;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return io_error(err, "read from the cache");
		rc = put(ctx, buffer, (size_t)n, err);
		if (rc)
			return rc;
		done += (uint64_t)n;
	}
	return 0;
}

/* The two kinds of a goal: a plain file, and a tar below. */
static int put_fd(void *ctx, const void *data, size_t size, struct error *err)
{
	return write_all(*(int *)ctx, data, size, err);
}

/* Create, fill, sync: the caller renames it when all is well. */
static int finish(int fd, int rc, struct error *err)
{
	if (!rc && fsync(fd))
		rc = io_error(err, "write to the cache");
	if (close(fd) && !rc)
		rc = io_error(err, "write to the cache");
	return rc;
}

/* Written under a passing name; the caller renames it when all of it is on
 * the disk. O_CLOEXEC, as children may be started meanwhile. */
static int create(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd < 0 ? io_error(err, "create a file in the cache") : fd;
}

/* Members that belong together, such as the five training batches of CIFAR-10,
 * become one file for the reader. */
int spool_write_joined(const struct spool *s, const char *path,
		       struct error *err)
{
	int rc = 0, fd = create(path, err);

	if (fd < 0)
		return fd;
	for (size_t k = 0; k < s->n && !rc; k++)
		rc = copy_piece(s, &s->pieces[k], put_fd, &fd, err);
	return finish(fd, rc, err);
}

/* libarchive keeps the errno of the write below it. */
static int tar_error(struct archive *tar, struct error *err)
{
	errno = archive_errno(tar);
	return io_error(err, "write to the cache");
}

/* Never short: the size in the member's header is the piece's own. */
static int put_tar(void *ctx, const void *data, size_t size, struct error *err)
{
	return archive_write_data(ctx, data, size) < 0 ? tar_error(ctx, err) : 0;
}

/* Nothing of a member but its name and its content: times, owners and modes
 * differ between the archives that hold the same data. */
static int write_member(struct archive *tar, const struct spool *s,
			const struct piece *p, struct error *err)
{
	struct archive_entry *e = archive_entry_new();
	int rc;

	if (!e)
		return error_set(err, ERR_MEMORY, "out of memory: tar");
	archive_entry_set_pathname(e, p->name);
	archive_entry_set_size(e, (la_int64_t)p->size);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_mtime(e, 0, 0);
	rc = archive_write_header(tar, e) < ARCHIVE_WARN ? tar_error(tar, err) : 0;
	archive_entry_free(e);
	return rc ? rc : copy_piece(s, p, put_tar, tar, err);
}

/* pax_restricted writes plain ustar headers and adds a pax one only to names
 * that do not fit; neither carries a time or the name of a user. */
int spool_write_tar(const struct spool *s, const char *path, struct error *err)
{
	struct archive *tar;
	int rc = 0, fd = create(path, err);

	if (fd < 0)
		return fd;
	tar = archive_write_new();
	if (!tar)
		rc = error_set(err, ERR_MEMORY, "out of memory: tar");
	else if (archive_write_set_format_pax_restricted(tar) ||
		 archive_write_open_fd(tar, fd))
		rc = tar_error(tar, err);
	for (size_t k = 0; k < s->n && !rc; k++)
		rc = write_member(tar, s, &s->pieces[k], err);
	if (!rc && archive_write_close(tar))
		rc = tar_error(tar, err);
	if (tar)
		archive_write_free(tar);
	return finish(fd, rc, err);
}
