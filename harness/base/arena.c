/* An arena is a stack of blocks. Requests are cut from the top block; one that
 * does not fit pushes a new block, and blocks are only ever popped from the top
 * (arena_rewind, arena_clear). What is left in a block that was passed over is
 * lost until then: a stack of blocks needs no free list, no headers before each
 * allocation, and gives memory back in one walk (Hanson 1990, "Fast allocation
 * and deallocation of memory based on object lifetimes").
 *
 * Every allocation starts on a cache line and fills whole ones: vectors load
 * aligned, and two workers of par_for never write to one line by accident.
 */
#include "harness/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT ((size_t)64)
#define BLOCK_BYTES ((size_t)1 << 18) /* small requests share blocks */

struct arena_block {
	struct arena_block *below;
	size_t size; /* bytes of `data` */
	size_t fill; /* bytes of `data` handed out */
	unsigned char *data;
};

/* The header has a cache line of its own so that `data` stays aligned. */
#define HEADER_BYTES ALIGNMENT
_Static_assert(sizeof(struct arena_block) <= HEADER_BYTES, "block header");

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

/* `used` counts what the system gave, headers too, because that is what the
 * limit of a cell is about. */
static void pop_block(struct arena *a)
{
	struct arena_block *b = a->top;

	a->top = b->below;
	a->used -= b->size + HEADER_BYTES;
	free(b);
}

void arena_clear(struct arena *a)
{
	while (a->top)
		pop_block(a);
}

/* NULL when the limit or the system refuses. The first test keeps the second
 * from wrapping around for a request near SIZE_MAX. */
static struct arena_block *push_block(struct arena *a, size_t size)
{
	size_t total = size + HEADER_BYTES;
	struct arena_block *b;

	if (a->limit && (total > a->limit || a->used > a->limit - total))
		return NULL;
	b = aligned_alloc(ALIGNMENT, total);
	if (!b)
		return NULL;
	*b = (struct arena_block){
		.below = a->top,
		.size = size,
		.data = (unsigned char *)b + HEADER_BYTES,
	};
	a->top = b;
	a->used += total;
	if (a->used > a->peak)
		a->peak = a->used;
	return b;
}

/* Bytes asked for, rounded up to whole cache lines; 0 when it overflows. */
static size_t rounded_size(size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) ||
	    bytes > SIZE_MAX / 2)
		return 0;
	if (!bytes)
		bytes = 1;
	return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Counted before anything can refuse, so that fail_at = 1, 2, ... visits every
 * call of a routine once (Lua tests its allocations this way). */
void *arena_alloc_raw(struct arena *a, size_t count, size_t size)
{
	size_t bytes = rounded_size(count, size);
	struct arena_block *b = a->top;
	void *p;

	a->calls++;
	if (!bytes || a->calls == a->fail_at)
		return NULL;
	if (!b || b->size - b->fill < bytes) {
		/* A small limit must not be eaten by one half-empty block. */
		size_t want = bytes > BLOCK_BYTES / 4 ? bytes : BLOCK_BYTES;

		b = push_block(a, want);
		if (!b && want > bytes)
			b = push_block(a, bytes);
		if (!b)
			return NULL;
	}
	p = b->data + b->fill;
	b->fill += bytes;
	return p;
}

/* The blocks are not zero by themselves: a rewind leaves old bytes behind. */
void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	void *p = arena_alloc_raw(a, count, size);

	if (p)
		memset(p, 0, count * size);
	return p;
}

void *arena_copy(struct arena *a, const void *from, size_t size)
{
	void *p = arena_alloc_raw(a, size, 1);

	if (p && size)
		memcpy(p, from, size);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_copy(a, s, strlen(s) + 1);
}

/* Measured first, then printed: the list of arguments is walked twice. */
char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *s;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	s = n < 0 ? NULL : arena_alloc_raw(a, (size_t)n + 1, 1);
	if (s)
		vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return s;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){
		.top = a->top,
		.fill = a->top ? a->top->fill : 0,
	};
}

/* Blocks above the mark go back to the system at once, so that what a phase
 * of a fit needed only for itself does not count against the next. */
void arena_rewind(struct arena *a, struct arena_mark mark)
{
	while (a->top != mark.top) {
		assert(a->top); /* the mark is from another arena or too late */
		pop_block(a);
	}
	if (a->top)
		a->top->fill = mark.fill;
}

int arena_error(const struct arena *a, struct error *err)
{
	if (a->limit)
		return error_set(err, ERR_MEMORY,
				 "out of memory: %zu MiB in use of %zu MiB allowed",
				 a->used >> 20, a->limit >> 20);
	return error_set(err, ERR_MEMORY, "out of memory: %zu MiB in use",
			 a->used >> 20);
}

void arena_read_at_random(const void *p, size_t bytes)
{
	const uintptr_t huge = 1 << 21;
	uintptr_t begin = ((uintptr_t)p + huge - 1) / huge * huge;
	uintptr_t end = ((uintptr_t)p + bytes) / huge * huge;

	if (begin < end)
		madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}
