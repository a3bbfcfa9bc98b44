/* What R compressed, uncompressed: the four ways its files know. */
#ifndef TRIARCH_RDATA_INFLATE_H
#define TRIARCH_RDATA_INFLATE_H

#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

struct rdata_bytes {
	unsigned char *data; /* (size) in the arena, the caller's to change */
	size_t size;
};

/* A whole file: gzip, bzip2 or xz by its first bytes, else a copy as it is.
 * Output is refused beyond 16 MiB + 1100 times the input: that is more than
 * deflate can reach (1032), and no real data file comes near. */
int rdata_inflate_file(const unsigned char *in, size_t size, struct arena *a,
		       struct rdata_bytes *out, struct error *err);

/* One entry of an .rdb: 4 bytes of length, big-endian, then a zlib stream, or
 * a letter: '0' stored, '1' zlib, '2' bzip2, 'Z' raw LZMA2 (R_compress1 to
 * R_compress3 in R's src/main/serialize.c). */
int rdata_inflate_blob(const unsigned char *in, size_t size, struct arena *a,
		       struct rdata_bytes *out, struct error *err);

#endif
