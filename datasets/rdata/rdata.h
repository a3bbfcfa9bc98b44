/* R's own files, read without R.
 *
 * `.rda` (save), `.rds` (saveRDS) and the lazy-load pair `.rdx` + `.rdb` that
 * packages keep their data in; gzip, bzip2, xz or nothing around them; XDR
 * and native binary serialization, versions 2 and 3 ("R Internals", section
 * 1.8 Serialization Formats). Code, environments and pointers are stepped
 * over and come out as RDATA_OPAQUE.
 *
 * Bounded: a length in a file is believed only as far as there are bytes to
 * back it, nesting is limited, and memory is a small multiple of the
 * uncompressed bytes, themselves limited to a multiple of the file.
 */
#ifndef TRIARCH_RDATA_H
#define TRIARCH_RDATA_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

enum rdata_type {
	RDATA_NULL,
	RDATA_LOGICAL, /* ints: 0, 1 or missing */
	RDATA_INTEGER, /* ints */
	RDATA_REAL,    /* reals */
	RDATA_COMPLEX, /* reals: n pairs */
	RDATA_STRING,  /* strings */
	RDATA_LIST,    /* items */
	RDATA_RAW,     /* bytes */
	RDATA_PAIR,    /* one cell of a pairlist */
	RDATA_SYMBOL,  /* text */
	RDATA_OPAQUE,  /* something that holds no data */
};

/* R's NA among ints; among reals it is a NaN, among strings NULL. */
#define RDATA_NA INT32_MIN

struct rvalue {
	enum rdata_type type;
	size_t n; /* elements of a vector or list */
	union {
		const int32_t *ints;		   /* (n) */
		const double *reals;		   /* (n), complex (n, 2) */
		const char *const *strings;	   /* (n) UTF-8 */
		const struct rvalue *const *items; /* (n) */
		const unsigned char *bytes;	   /* (n) */
		const char *text;
		struct {
			const char *tag; /* NULL when it has none */
			const struct rvalue *head, *tail;
		} pair;
	};
	const struct rvalue *attributes; /* RDATA_PAIR cells or RDATA_NULL */
};

/* The content of an .rds, or a pairlist of the objects of an .rda; everything
 * lives in the arena. ERR_DATA, ERR_MEMORY. */
int rdata_parse(const unsigned char *bytes, size_t size, struct arena *a,
		const struct rvalue **out, struct error *err);

/* One object of a lazy-load database: `index` is the parsed .rdx, `blob` the
 * .rdb. Names of objects are those of rdata_names(index's "variables"). */
int rdata_lazy(const struct rvalue *index, const unsigned char *blob, size_t size,
	       const char *name, struct arena *a, const struct rvalue **out,
	       struct error *err);

/* One object out of files: an .rda or .rds, or an .rdx and its .rdb in either
 * order. `name` may be NULL where there is but one. An unknown name is
 * ERR_CONFIG with "did you mean". */
int rdata_read(const char *const *paths, size_t n_paths, const char *name,
	       struct arena *a, const struct rvalue **out, struct error *err);

/* An attribute, or NULL. */
const struct rvalue *rdata_attribute(const struct rvalue *v, const char *name);

/* The element of a list or pairlist by name, or NULL. */
const struct rvalue *rdata_element(const struct rvalue *v, const char *name);

/* Does the class attribute name this class? */
int rdata_inherits(const struct rvalue *v, const char *class);

/* Names of a list's or pairlist's elements in the arena ("" where there is
 * none). ERR_MEMORY. */
int rdata_names(const struct rvalue *v, struct arena *a, const char *const **names,
		size_t *n, struct error *err);

/* In words, for messages: "integer", "list" ... */
const char *rdata_type_name(enum rdata_type type);

#endif
