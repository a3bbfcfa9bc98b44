/* That a file or folder was verified, so that it need not be hashed again while
 * it stays untouched. A stamp is CACHE/stamps/<hash of path and digest>. */
#ifndef TRIARCH_STAMP_H
#define TRIARCH_STAMP_H

#include <stdbool.h>

#include "harness/base/arena.h"
#include "harness/base/hash.h"

/* What changes when somebody writes to it: names, sizes, times of change and
 * inode numbers of the file, or of all files of a folder. The arena is scratch,
 * wound back. False when it cannot be looked at. */
bool stamp_signature(const char *path, struct arena *a, char sig[HASH_HEX]);

/* Was `path` verified to have `digest` when its signature was `sig`? */
bool stamp_holds(const char *cache, const char *path, const char *digest,
		 const char *sig);

/* Note that it was. Best effort: without a stamp it is hashed again. */
void stamp_set(const char *cache, const char *path, const char *digest,
	       const char *sig);

#endif
