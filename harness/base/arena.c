#include "harness/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
