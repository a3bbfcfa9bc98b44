/* Many files as one: a folder, or an archive read as if it were one.
 *
 *	struct bundle b;
 *	rc = bundle_open(&b, path, arena, err);
 *	for (i = 0; i < b.n; i++)
 *		rc = bundle_bytes(&b, i, arena, &bytes, &size, err);
 *
 * The order is that of the names' bytes, whatever the order on disk or in the
 * archive; so a data set is the same whether it is packed or not.
 */
#ifndef TRIARCH_BUNDLE_H
#define TRIARCH_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"
#include "harness/base/file.h"

#define BUNDLE_MAX_FILES 2000000
#define BUNDLE_MAX_BYTES ((size_t)4 << 30) /* of an archive's content */

struct bundle_file {
	const char *name; /* relative, with '/' between folders */
	size_t size;	  /* bytes */
	const unsigned char *bytes; /* archive: (size); folder: NULL */
};

/* All of it lives in the arena it was opened with; nothing is to be closed. */
struct bundle {
	const char *path;
	bool is_folder;
	size_t n; /* at least 1 */
	const struct bundle_file *files; /* (n) ascending by name, all different */
};

/* A folder is listed (links and devices in it are passed over, as folder.h
 * does). A file must be an archive (unpack.h): it is walked once without
 * keeping anything, which proves it whole and measures it, then unpacked into
 * one allocation of exactly that size. ERR_IO: cannot be read, or no files in
 * the folder; ERR_DATA: what unpack.h says, no files, two of one name, more than
 * BUNDLE_MAX_FILES or BUNDLE_MAX_BYTES, or content beyond 64 MiB + 1100 times
 * the archive; ERR_MEMORY. */
int bundle_open(struct bundle *b, const char *path, struct arena *a,
		struct error *err);

/* The content of file i, in the arena or the bundle. ERR_IO, ERR_MEMORY. */
int bundle_bytes(const struct bundle *b, size_t i, struct arena *a,
		 const unsigned char **bytes, size_t *size, struct error *err);

/* The same without an arena, for use inside par_for: the bytes are mapped until
 * bundle_unmap. ERR_IO. */
int bundle_map(const struct bundle *b, size_t i, struct file_map *m,
	       struct error *err);
void bundle_unmap(const struct bundle *b, struct file_map *m);

/* Does the name end with one of the extensions (".wav" ..., NULL-terminated),
 * in capitals or not? Never for hidden files (".x.wav", "__MACOSX/x.wav"), which
 * packers leave behind. */
bool bundle_is_kind(const char *name, const char *const *extensions);

#endif
