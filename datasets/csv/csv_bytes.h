/* The bytes of a text file, packed or not. */
#ifndef TRIARCH_CSV_BYTES_H
#define TRIARCH_CSV_BYTES_H

#include "harness/base/arena.h"
#include "harness/base/file.h"

/* Unpacked into the arena where gzip, bzip2 or xz packed it, by its first bytes;
 * `text` is good until csv_bytes_close. ERR_IO, ERR_DATA, ERR_MEMORY. */
struct csv_bytes {
	const char *text;
	size_t size;
	struct file_map map; /* private */
};
int csv_bytes_open(struct csv_bytes *b, const char *path, struct arena *a,
		   struct error *err);
void csv_bytes_close(struct csv_bytes *b);

#endif
