/* A list that doubles; what it outgrew stays in the arena, a few hundred bytes. */
#include "datasets/own/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 512 /* longer lines are cut: nobody reads them */

/* Copied when it grows: the arena cannot lengthen a block. */
static bool make_room(struct notes *n)
{
	size_t room = n->room ? 2 * n->room : 16;
	struct note *list;

	if (n->n < n->room)
		return true;
	list = ARENA_NEW(n->arena, struct note, room);
	if (!list)
		return false;
	if (n->n)
		memcpy(list, n->list, n->n * sizeof(*list));
	n->list = list;
	n->room = room;
	return true;
}

/* Cut and not refused when too long, as a note must never stop anything. Once a line
 * was lost all later ones are too: a list with a gap would look complete. Whoever made
 * the list asks `failed` once, at the end. */
void notes_add(struct notes *n, enum note_level level, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	const char *text;
	va_list ap;

	if (n->failed)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text = arena_strdup(n->arena, line);
	if (!text || !make_room(n)) {
		n->failed = true;
		return;
	}
	n->list[n->n++] = (struct note){ level, text };
}

/* These words are in the JSON of `info`, where programs count them. */
const char *note_level_name(enum note_level level)
{
	return level == NOTE_WARNING ? "warning" : "info";
}
