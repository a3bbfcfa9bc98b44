/* Growing text. When it has no room it moves to a new piece of the arena of at
 * least twice the size; the old pieces stay in the arena until that is cleared,
 * which wastes at most as much again as the text is long.
 */
#include "harness/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for n more bytes and the NUL; doubling keeps the copying linear. */
static bool reserve(struct text *t, size_t n)
{
	size_t room = 2 * t->room + n + 256;
	char *data;

	if (t->failed || t->room - t->size > n)
		return !t->failed;
	data = arena_alloc_raw(t->arena, room, 1);
	if (!data) {
		t->failed = true;
		return false;
	}
	if (t->size)
		memcpy(data, t->data, t->size);
	t->data = data;
	t->room = room;
	return true;
}

void text_add_bytes(struct text *t, const char *s, size_t n)
{
	if (!reserve(t, n))
		return;
	memcpy(t->data + t->size, s, n);
	t->size += n;
	t->data[t->size] = '\0';
}

void text_add(struct text *t, const char *s)
{
	text_add_bytes(t, s, strlen(s));
}

void text_fill(struct text *t, char c, size_t n)
{
	if (!reserve(t, n))
		return;
	memset(t->data + t->size, c, n);
	t->size += n;
	t->data[t->size] = '\0';
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0 && reserve(t, (size_t)n)) {
		vsnprintf(t->data + t->size, (size_t)n + 1, fmt, again);
		t->size += (size_t)n;
	}
	va_end(again);
	va_end(ap);
}

/* Bytes that do not continue a code point (10xxxxxx) start one. */
size_t text_width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

int text_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}
