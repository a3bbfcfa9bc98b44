/* R's serialization: bytes -> a tree of values. Private to datasets/rdata*.c. */
#ifndef TRIARCH_RDATA_SERIAL_H
#define TRIARCH_RDATA_SERIAL_H

#include <stdbool.h>

#include "datasets/rdata/rdata.h"

/* What nests deeper than this is refused: it is read by recursion, and a
 * thread's stack may be 8 MiB. */
#define RDATA_DEPTH_MAX 1000

/* Types as R numbers them (Rinternals.h), and pseudo types of the format. */
enum sexp {
	NILSXP = 0,
	SYMSXP = 1,
	LISTSXP = 2,
	CLOSXP = 3,
	ENVSXP = 4,
	PROMSXP = 5,
	LANGSXP = 6,
	SPECIALSXP = 7,
	BUILTINSXP = 8,
	CHARSXP = 9,
	LGLSXP = 10,
	INTSXP = 13,
	REALSXP = 14,
	CPLXSXP = 15,
	STRSXP = 16,
	DOTSXP = 17,
	VECSXP = 19,
	EXPRSXP = 20,
	BCODESXP = 21,
	EXTPTRSXP = 22,
	WEAKREFSXP = 23,
	RAWSXP = 24,
	S4SXP = 25,
	ALTREP_SXP = 238,
	BASEENV_SXP = 241,
	EMPTYENV_SXP = 242,
	PERSISTSXP = 247,
	PACKAGESXP = 248,
	NAMESPACESXP = 249,
	BASENAMESPACE_SXP = 250,
	MISSINGARG_SXP = 251,
	UNBOUNDVALUE_SXP = 252,
	GLOBALENV_SXP = 253,
	NILVALUE_SXP = 254,
	REFSXP = 255,
};

#define FLAG_ATTRIBUTES (1u << 9)
#define FLAG_TAG	(1u << 10)

struct serial {
	unsigned char *at, *end; /* what is left; changed while it is read */
	struct arena *arena;
	struct error *err;
	bool swap;   /* big-endian bytes on a little-endian machine, or vice versa */
	bool latin1; /* the writer's native encoding */
	int depth;
	size_t spare; /* elements that ALTREP sequences may still unfold into */
	const struct rvalue **refs; /* (n_refs) what REFSXP counts, from 1 */
	size_t n_refs, refs_room;
};

/* Read the header ("X\n", versions) and the one value behind it. The strings
 * of the result point into `bytes`, which is overwritten. */
int rdata_unserialize(unsigned char *bytes, size_t size, struct arena *a,
		      const struct rvalue **out, struct error *err);

/* All of these return 0 or the code stored in s->err. */
int serial_item(struct serial *s, const struct rvalue **out);
int serial_int(struct serial *s, int32_t *out);
int serial_length(struct serial *s, size_t *n);

/* An error unless `n` elements of `size` bytes are left. */
int serial_need(struct serial *s, size_t n, size_t size);

/* ERR_DATA: `what`, and where. */
int serial_bad(struct serial *s, const char *what);

/* A value without content; NULL when out of memory. */
struct rvalue *serial_new(struct serial *s, enum rdata_type type, size_t n);

/* What stands behind the flags of a string (in the buffer; NULL is NA), or
 * flags and string; of a vector of numbers with `width` words of `size` bytes
 * an element; of a vector of strings or of items. */
int serial_string(struct serial *s, uint32_t flags, const char **out);
int serial_next_string(struct serial *s, const char **out);
int serial_numbers(struct serial *s, enum rdata_type type, size_t width, size_t size,
		   struct rvalue **out);
int serial_strings(struct serial *s, struct rvalue **out);
int serial_list(struct serial *s, enum rdata_type type, struct rvalue **out);

extern const struct rvalue serial_nil;

/* Compact sequences, wrapped vectors and deferred strings become the vectors
 * they stand for; classes of packages become RDATA_OPAQUE. */
int serial_altrep(struct serial *s, const struct rvalue **out);

/* Step over compiled code. */
int serial_bytecode(struct serial *s);

#endif
