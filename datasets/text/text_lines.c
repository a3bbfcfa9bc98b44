/* Formats with a text a line. */
#include "datasets/text/text_source.h"

#include <string.h>

/* Is it a blank? isspace() asks the locale. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Without the blanks around it, which CR LF line ends leave a CR among. */
static void trim(char **s, size_t *size)
{
	while (*size && is_blank((*s)[*size - 1]))
		(*size)--;
	for (; *size && is_blank(**s); (*s)++)
		(*size)--;
}

/* "LABEL SEPARATOR TEXT"; a text may be empty, a label may not. */
static int labelled(const struct text_source *s, struct corpus *c, char *line,
		    size_t size, size_t number, struct error *err)
{
	static const char *const names[] = { "blank", "tab", "colon" };
	char *stop = memchr(line, s->separator, size), *text;
	size_t left;

	if (!stop)
		return error_set(err, ERR_DATA, "%s:%zu: no %s behind a label",
				 s->path, number,
				 names[s->separator == '\t' ? 1 :
				       s->separator == ':' ? 2 : 0]);
	text = stop + 1;
	left = (size_t)(line + size - text);
	trim(&text, &left);
	return text_source_add(s, c, text, left, line, (size_t)(stop - line), number,
			err);
}

/* Blank lines are no texts. */
static int add_line(const struct text_source *s, struct corpus *c, char *line,
		    size_t size, size_t number, struct error *err)
{
	char *text = line;
	size_t left = size;

	trim(&text, &left);
	if (!left)
		return 0;
	if (s->format == TEXT_LINES)
		return labelled(s, c, line, size, number, err);
	return text_source_add(s, c, text, left, s->class_name, strlen(s->class_name),
			number, err);
}

/* The bytes stay in the arena, and texts are cut out where they lie. */
int text_lines_read(const struct text_source *s, struct corpus *c,
		    struct error *err)
{
	struct utf8_text t;
	char *end, *next;
	size_t number = 1;

	if (utf8_read(s->path, s->from, c->arena, &t, err))
		return err->code;
	end = t.bytes + t.size;
	for (char *line = t.bytes; line < end; line = next, number++) {
		char *stop = memchr(line, '\n', (size_t)(end - line));

		stop = stop ? stop : end;
		next = stop + 1;
		if (add_line(s, c, line, (size_t)(stop - line), number, err))
			return err->code;
	}
	return 0;
}
