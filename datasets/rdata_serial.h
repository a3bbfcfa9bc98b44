/* R's serialization: bytes -> a tree of values. Private to datasets/rdata*.c. */
#ifndef TRIARCH_RDATA_SERIAL_H
#define TRIARCH_RDATA_SERIAL_H

#include <stdbool.h>

#include "datasets/rdata.h"

/* What nests deeper than this is refused: it is read by recursion, and a
 * thread's stack may be 8 MiB. */
#define RDATA_DEPTH_MAX 1000

struct serial {
	unsigned char *at, *end; /* what is left; changed while it is read */
	struct arena *arena;
	struct error *err;
	bool swap;    /* big-endian bytes on a little-endian machine, or vice versa */
	bool latin1;  /* the writer's native encoding */
	int depth;
	size_t spare; /* elements that ALTREP sequences may still unfold into */
	const struct rvalue **refs; /* (n_refs) what REFSXP counts, from 1 */
	size_t n_refs, refs_room;
};

/* Read the header ("X\n", versions) and the one value behind it. The strings
 * of the result point into `bytes`, which is overwritten. */
int rdata_unserialize(unsigned char *bytes, size_t size, struct arena *a,
		      const struct rvalue **out, struct error *err);

/* For rdata_altrep.c and rdata_code.c. */
int serial_item(struct serial *s, const struct rvalue **out);
int serial_int(struct serial *s, int32_t *out);
int serial_bad(struct serial *s, const char *what);
struct rvalue *serial_new(struct serial *s, enum rdata_type type, size_t n);
extern const struct rvalue serial_nil;

/* Compact sequences, wrapped vectors and deferred strings become the vectors
 * they stand for; classes of packages become RDATA_OPAQUE. */
int serial_altrep(struct serial *s, const struct rvalue **out);

/* Step over compiled code. */
int serial_bytecode(struct serial *s);

#endif
