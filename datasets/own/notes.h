/* Lines for people, collected by code that prints nothing. */
#ifndef TRIARCH_NOTES_H
#define TRIARCH_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/arena.h"

enum note_level { NOTE_INFO, NOTE_WARNING };

struct note {
	enum note_level level;
	const char *text; /* one line, no full stop */
};

/* Start with { .arena = a }. After a failed allocation nothing more is added and
 * `failed` stays true, so that a caller may ask once at the end. */
struct notes {
	struct arena *arena;
	struct note *list; /* (n) */
	size_t n, room;
	bool failed;
};

void notes_add(struct notes *n, enum note_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "info" or "warning". */
const char *note_level_name(enum note_level level);

#endif
