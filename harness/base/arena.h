/* Memory that is given back all at once.
 *
 * A learner, a reader or an encoder takes every byte from the arena it is
 * lent, so that a limit holds, the peak is known, nothing leaks and a test can
 * make the n-th allocation fail. Not for use inside par_for: allocate before,
 * hand each worker its share.
 */
#ifndef TRIARCH_ARENA_H
#define TRIARCH_ARENA_H

#include <stddef.h>

#include "harness/base/error.h"

struct arena_block; /* private to arena.c */

struct arena {
	struct arena_block *top;
	size_t limit; /* bytes that may be in use at once; 0 is no limit */
	size_t used;  /* bytes held from the system now */
	size_t peak;  /* the most that was ever held */
	size_t calls; /* allocations asked for so far */
	size_t fail_at; /* the call (counted from 1) that fails; 0 is never */
};

/* A point to which the arena can be wound back. */
struct arena_mark {
	struct arena_block *top;
	size_t fill;
};

/* `limit` in bytes, 0 for none. Acquires nothing yet. */
void arena_init(struct arena *a, size_t limit);

/* Give everything back; the arena can be used again, peak and limit stay. */
void arena_clear(struct arena *a);

/* `count * size` zeroed bytes, aligned to 64. NULL when the product overflows,
 * the limit would be passed, the system has no memory, or fail_at says so. A
 * size of 0 gives a valid pointer that must not be read. */
void *arena_alloc(struct arena *a, size_t count, size_t size)
	__attribute__((malloc, alloc_size(2, 3)));

/* As arena_alloc, without zeroing: for large buffers that are filled at once. */
void *arena_alloc_raw(struct arena *a, size_t count, size_t size)
	__attribute__((malloc, alloc_size(2, 3)));

/* A copy of `size` bytes or of a string, in the arena. NULL when out of memory. */
void *arena_copy(struct arena *a, const void *from, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Wind back: all that was allocated after the mark is given back. */
struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);

/* Tell the system that memory just allocated will be read at random, all of it:
 * huge pages then save a walk through the page tables each time. It takes whole
 * huge pages (2 MiB) of what is touched, so not for memory that mostly is not. A
 * refusal does no harm. */
void arena_read_at_random(const void *p, size_t bytes);

/* The error to return when an allocation gave NULL: states use and limit. */
int arena_error(const struct arena *a, struct error *err);

/* `n` zeroed objects of a type: float *w = ARENA_NEW(a, float, n); */
#define ARENA_NEW(a, type, n) ((type *)arena_alloc((a), (n), sizeof(type)))
#define ARENA_RAW(a, type, n) ((type *)arena_alloc_raw((a), (n), sizeof(type)))

#endif
