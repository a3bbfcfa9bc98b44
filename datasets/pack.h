/* One walk over a structure that measures, writes or reads it.
 *
 * cache.c describes a structure once, as a sequence of pack_ calls; run in the
 * three modes it gives the size of the file, its bytes, and the structure back,
 * so that writer and reader cannot disagree. */
#ifndef TRIARCH_PACK_H
#define TRIARCH_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"

enum pack_mode { PACK_MEASURE, PACK_WRITE, PACK_READ };

struct pack {
	enum pack_mode mode;
	struct arena *a;      /* reading: for lists of pointers */
	uint8_t *out;	      /* writing: (size) the file */
	const uint8_t *in;    /* reading: (size) the file, mapped */
	size_t size;
	size_t value_at;      /* where the next small value stands */
	size_t array_at;      /* writing: where the next array may start */
	size_t value_end;     /* reading: end of the small values */
	bool is_broken;	      /* reading: something lay outside the file */
	bool out_of_memory;
};

/* Start: small values stand from `start` on. Measuring gives value_at (their
 * end) and array_at (the bytes of all arrays); then write with `arrays` set to
 * where they begin. */
void pack_value(struct pack *p, void *value, size_t size);

/* An array of `count` elements, or NULL. */
void pack_array(struct pack *p, const void **data, size_t count, size_t size);

/* A string, or NULL. Read back, it points into the file. */
void pack_string(struct pack *p, const char **s);

/* A list of `n` strings, or NULL, kept as one array. */
void pack_strings(struct pack *p, const char *const **list, size_t n);

/* The next multiple of the alignment of arrays. */
size_t pack_align(size_t offset);

#endif
