/* Compressed files and archives (tar, zip; gzip, bzip2, xz, zstd), through
 * libarchive, into a spool. Nothing is ever written under a member's name.
 *
 * All are bounded by the spool's limit. ERR_DATA for what is broken or cut
 * short, for an absolute member or one with "..", for a wanted member that is
 * not there or there twice; ERR_IO; ERR_MEMORY. Messages name the archive. */
#ifndef TRIARCH_UNPACK_H
#define TRIARCH_UNPACK_H

#include "datasets/fetch/spool.h"

/* The content of a file as one piece, all compression taken off. *packed tells
 * whether there was any. */
int unpack_plain(const char *path, struct spool *s, bool *packed,
		 struct error *err);

/* The file as it lies there, as one piece. */
int unpack_copy(const char *path, struct spool *s, struct error *err);

/* The members of an archive as pieces, in the order of members[0..n). */
int unpack_members(const char *path, const char *const *members, size_t n,
		   struct spool *s, struct error *err);

/* The members of an archive, or the files of a folder, whose paths end in a
 * match of a pattern (fnmatch with FNM_PATHNAME | FNM_PERIOD, from a '/' on);
 * what matched is the piece's name. Sorted. */
int unpack_keep(const char *path, const char *const *patterns, size_t n,
		struct spool *s, struct error *err);

/* The end of `path` that a pattern matches, or NULL. */
const char *unpack_match(const char *path, const char *const *patterns,
			 size_t n);

#endif
