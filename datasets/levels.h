/* The distinct strings of a column, and their codes.
 *
 * Codes are given in order of first appearance while a column is read;
 * levels_sort then gives the order by name, which does not depend on the order
 * of the rows.
 */
#ifndef TRIARCH_LEVELS_H
#define TRIARCH_LEVELS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

/* Codes are kept as floats: beyond 2^24 they would no longer be exact. */
#define LEVELS_MAX ((size_t)1 << 24)

struct level; /* private to levels.c */

struct levels {
	struct arena *arena;
	size_t n;	    /* strings known so far */
	struct level *list; /* (room) in order of first appearance */
	size_t room;
	uint32_t *slot; /* (slots) hash table: index into list + 1, or 0 */
	size_t slots;	/* a power of two, or 0 */
};

/* Acquires nothing yet; all memory comes from `a`. */
void levels_init(struct levels *l, struct arena *a);

/* The code of a string, which is added when it is new; the text is not copied
 * and must stay. ERR_MEMORY, or ERR_DATA beyond LEVELS_MAX. */
int levels_add(struct levels *l, const char *text, size_t size, uint32_t *code,
	       struct error *err);

/* The code of a string, or UINT32_MAX when it was never added. */
uint32_t levels_find(const struct levels *l, const char *text, size_t size);

/* Names in byte order, as C strings in the arena, and for each code its place
 * among them. ERR_MEMORY. */
int levels_sort(const struct levels *l, const char *const **names /* (n) */,
		uint32_t **rank /* (n) */, struct error *err);

#endif
