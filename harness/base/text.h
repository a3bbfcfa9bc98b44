/* Text that grows in an arena. */
#ifndef TRIARCH_TEXT_H
#define TRIARCH_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/arena.h"

/* Start with { .arena = a }. After a failed allocation nothing more is added
 * and `failed` stays true, so a caller may ask once at the end. */
struct text {
	struct arena *arena;
	char *data; /* NUL behind it; NULL while empty */
	size_t size, room;
	bool failed;
};

void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const char *s, size_t n);
void text_fill(struct text *t, char c, size_t n); /* n times c */
void text_printf(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Columns that UTF-8 text takes on a terminal: its code points (all that is
 * printed here is one column wide). */
size_t text_width(const char *s);

/* strcmp for qsort and bsearch over an array of strings. */
int text_order(const void *a, const void *b);

#endif
