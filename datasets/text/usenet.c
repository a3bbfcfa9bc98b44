/* Rules by lines. They err on the side of cutting: a last paragraph that is no
 * signature goes too, but a signature that stays would let a learner tell
 * groups by their authors. */
#include "datasets/text/usenet.h"

#include <stdbool.h>
#include <string.h>

/* A line without its end: [s, s + size). */
struct line {
	const char *s;
	size_t size;
};

/* The line at `s`; `*next` is where the one behind it starts. */
static struct line line_at(const char *s, const char *end, const char **next)
{
	const char *stop = memchr(s, '\n', (size_t)(end - s));
	struct line l = { s, (size_t)((stop ? stop : end) - s) };

	*next = stop ? stop + 1 : end;
	if (l.size && s[l.size - 1] == '\r')
		l.size--;
	return l;
}

/* At the very start: a quoted line has no blanks before its mark. */
static bool starts(struct line l, const char *with)
{
	size_t n = strlen(with);

	return l.size >= n && !memcmp(l.s, with, n);
}

/* Only blanks, or blanks around dashes. */
static bool is_rule(struct line l)
{
	for (size_t i = 0; i < l.size; i++)
		if (!strchr(" \t-", l.s[i]))
			return false;
	return true;
}

/* Lines of the post itself that say "he wrote:" go, too: a rule by lines cannot
 * tell them from those that a program made. */
static bool is_quote(struct line l)
{
	static const char *const first[] = { ">", "|", "In article",
					     "Quoted from" };
	static const char *const within[] = { "writes in", "writes:", "wrote:",
					      "says:", "said:" };

	for (size_t k = 0; k < sizeof(first) / sizeof(*first); k++)
		if (starts(l, first[k]))
			return true;
	for (size_t k = 0; k < sizeof(within) / sizeof(*within); k++)
		if (memmem(l.s, l.size, within[k], strlen(within[k])))
			return true;
	return false;
}

/* How many bytes the headers and the empty line below them are. */
static size_t headers_size(const char *text, size_t size)
{
	const char *end = text + size, *next;

	for (const char *s = text; s < end; s = next)
		if (!line_at(s, end, &next).size)
			return (size_t)(next - text);
	return 0;
}

/* Lines move to the front, with their ends. */
static size_t drop_quotes(char *text, size_t size)
{
	const char *end = text + size, *next;
	char *to = text;

	for (const char *s = text; s < end; s = next) {
		if (is_quote(line_at(s, end, &next)))
			continue;
		memmove(to, s, (size_t)(next - s));
		to += next - s;
	}
	return (size_t)(to - text);
}

/* Blanks and line ends do not count at the end: the last block is text. */
static size_t trim(const char *text, size_t size)
{
	while (size && strchr(" \t\r\n", text[size - 1]))
		size--;
	return size;
}

/* Up to the last rule that has anything above it. */
static size_t drop_footer(const char *text, size_t size)
{
	size_t all = trim(text, size), keep = all;
	const char *end = text + all, *next;

	for (const char *s = text; s < end; s = next)
		if (is_rule(line_at(s, end, &next)) &&
		    trim(text, (size_t)(s - text)))
			keep = (size_t)(s - text);
	return keep;
}

/* From the top down: an empty line of the headers must not end a footer. */
size_t usenet_strip(char *text, size_t size, unsigned parts)
{
	if (parts & USENET_HEADERS) {
		size_t head = headers_size(text, size);

		size -= head;
		memmove(text, text + head, size);
	}
	if (parts & USENET_QUOTES)
		size = drop_quotes(text, size);
	if (parts & USENET_FOOTERS)
		size = drop_footer(text, size);
	text[size] = '\0';
	return size;
}
