/* Archives, walked from the first file to the last.
 *
 * tar, plain or compressed by gzip, bzip2 or xz, and zip (libarchive). Nothing
 * is written to disk and nothing kept: whoever walks decides what to keep. */
#ifndef TRIARCH_MEMBERS_H
#define TRIARCH_MEMBERS_H

#include <stddef.h>

#include "harness/base/error.h"

/* What is called on the way; a nonzero result ends the walk and is its. */
struct members_visitor {
	/* A regular file begins. The name is relative, with '/' between its
	 * parts, and safe: no "..", no leading '/'. It is lent for the call. */
	int (*file)(void *ctx, const char *name, struct error *err);
	/* The next `size` bytes of that file. */
	int (*data)(void *ctx, const void *bytes, size_t size, struct error *err);
	void *ctx;
};

/* Walk the archive in data[0..size), which is called `path` in messages, to its
 * end. Folders are passed over. ERR_DATA, naming the file inside where there is
 * one: no archive, cut short, damaged, encrypted, sparse, a link or a device, a
 * name that would lead out of the archive's folder. ERR_MEMORY. */
int members_walk(const unsigned char *data, size_t size, const char *path,
		const struct members_visitor *v, struct error *err);

#endif
