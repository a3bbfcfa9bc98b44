/* Folders as a whole: one digest, and removal. */
#ifndef TRIARCH_FOLDER_H
#define TRIARCH_FOLDER_H

#include "harness/base/arena.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"

/* The folder's regular files, however deep, in the order of their paths (byte
 * order), in the arena; what stands behind path[strlen(root) + 1] is a file's
 * name relative to it. ERR_IO when something cannot be read or there is no
 * file, ERR_MEMORY. */
int folder_files(const char *root, struct arena *a, const char *const **paths,
	       size_t *n, struct error *err);

/* SHA-256 over the folder's regular files in the order of their names
 * relative to it (byte order): each name and the hexadecimal digest of the
 * content, both with a final NUL. The arena is scratch, wound back. ERR_IO
 * when something cannot be read, ERR_MEMORY. */
int folder_digest(const char *path, struct arena *a, char hex[HASH_HEX],
		struct error *err);

/* Remove a folder and all that is in it; what cannot be removed stays. */
void folder_remove(const char *path);

#endif
