/* What was taken out of an archive, one piece after the other in a file, until
 * it is clear in which order and form it goes into the cache. */
#ifndef TRIARCH_SPOOL_H
#define TRIARCH_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/hash.h"

/* A member of an archive, or all of a file. */
struct piece {
	const char *name;      /* "" for all of a file */
	uint64_t offset, size; /* bytes in the spool's file */
	char hex[HASH_HEX];    /* SHA-256 of the content */
};

struct spool {
	int fd;		/* where the bytes go; -1: they are only hashed */
	uint64_t size;	/* bytes so far */
	uint64_t limit; /* more than this is an error (a bomb, a full disk) */
	struct arena *arena;
	struct piece *pieces; /* (n) */
	size_t n, room;
	struct hash *hash; /* of the piece that is open, or NULL */
};

/* Create `path` (or empty it) for the bytes; NULL: hash only. ERR_IO. */
int spool_open(struct spool *s, const char *path, uint64_t limit,
	       struct arena *a, struct error *err);
void spool_close(struct spool *s);

/* Forget all that is in it. ERR_IO. */
int spool_reset(struct spool *s, struct error *err);

/* A piece: begin, add ..., end. The name is copied. ERR_MEMORY; ERR_DATA above
 * the limit; ERR_IO with the cure when the disk is full. */
int spool_begin(struct spool *s, const char *name, struct error *err);
int spool_add(struct spool *s, const void *data, size_t size, struct error *err);
void spool_end(struct spool *s);

/* Pieces in the order of their names (byte order). ERR_DATA when two have the
 * same. */
int spool_sort(struct spool *s, struct error *err);

/* The digest of the sorted pieces: that of a folder that holds them
 * (datasets/folder.h). ERR_MEMORY. */
int spool_tree_digest(const struct spool *s, char hex[HASH_HEX],
		      struct error *err);

/* All pieces in their order, joined, into a file. ERR_IO. */
int spool_write_joined(const struct spool *s, const char *path,
		       struct error *err);

/* The pieces in their order as a tar (ustar, pax for long names) with no times,
 * owners or folders: the same pieces give the same bytes. ERR_IO. */
int spool_write_tar(const struct spool *s, const char *path, struct error *err);

#endif
