/* The IDX format of MNIST and its relatives: big-endian header, then bytes.
 * http://yann.lecun.com/exdb/mnist/ describes it: two zero bytes, a type, the
 * number of dimensions, each dimension in 4 bytes, the values. */
#ifndef TRIARCH_IDX_H
#define TRIARCH_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

#define IDX_MAX_DIMS 4

struct idx {
	size_t dims;
	size_t size[IDX_MAX_DIMS]; /* (dims) */
	size_t count;		   /* their product */
	const uint8_t *values;	   /* (count) row-major, in the arena */
};

/* Parse bytes, gzip-compressed or plain; only unsigned bytes are known as a
 * type. Never allocates more than 1032 times `size` (what deflate can expand
 * to). ERR_DATA says what is wrong, ERR_MEMORY. */
int idx_parse(struct idx *out, const uint8_t *data, size_t size,
	      struct arena *a, struct error *err);

/* The same from a file; messages start with its path. ERR_IO too. */
int idx_read(struct idx *out, const char *path, struct arena *a,
	     struct error *err);

#endif
