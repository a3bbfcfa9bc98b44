/* Lines and words of ARFF files, and the header: what the columns are. */
#include "datasets/formats/arff_parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Editors jump to path:line. */
int arff_fail(struct arff_parser *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_set(p->err, ERR_DATA, "%s:%zu: %s", p->path, p->line, text);
}

/* ---------------------------------------------------------------- words */

/* A NUL cannot come here (check_text), nor a line end: lines are cut at it. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* A % opens a comment only where a word could start; within a word it is a
 * character like others ("5%"). */
void arff_skip_blanks(struct arff_parser *p)
{
	while (p->p < p->stop && is_blank(*p->p))
		p->p++;
	if (p->p < p->stop && *p->p == '%')
		p->p = p->stop;
}

/* A trailing one is harmless: for Weka commas are blanks. */
void arff_skip_comma(struct arff_parser *p)
{
	arff_skip_blanks(p);
	if (p->p < p->stop && *p->p == ',')
		p->p++;
	arff_skip_blanks(p);
}

/* Nothing in an ARFF file goes on beyond the end of a line. */
bool arff_next_line(struct arff_parser *p)
{
	while (p->at < p->end) {
		const char *end = memchr(p->at, '\n', (size_t)(p->end - p->at));

		p->p = p->at;
		p->stop = end ? end : p->end;
		p->at = end ? end + 1 : p->end;
		p->line++;
		arff_skip_blanks(p);
		if (p->p < p->stop)
			return true;
	}
	return false;
}

/* A backslash takes the meaning from the character behind it, also from a quote.
 */
static int take_quoted(struct arff_parser *p, struct arff_word *out)
{
	char quote = *p->p++;

	*out = (struct arff_word){ .text = p->p, .quoted = true };
	for (; p->p < p->stop && *p->p != quote; p->p++) {
		if (*p->p != '\\')
			continue;
		out->escaped = true;
		if (++p->p == p->stop)
			break;
	}
	if (p->p == p->stop)
		return arff_fail(p, "a quote is opened and not closed in this line");
	out->size = (size_t)(p->p++ - out->text);
	return 0;
}

/* The stops are a few characters, and never a blank. */
int arff_take_word(struct arff_parser *p, const char *stops, struct arff_word *out)
{
	arff_skip_blanks(p);
	if (p->p < p->stop && (*p->p == '\'' || *p->p == '"'))
		return take_quoted(p, out);
	*out = (struct arff_word){ .text = p->p };
	while (p->p < p->stop && !is_blank(*p->p) && (!*p->p || !strchr(stops, *p->p)))
		p->p++;
	out->size = (size_t)(p->p - out->text);
	if (!out->size)
		return arff_fail(p, p->p == p->stop
					    ? "the line ends where a word should come"
					    : "a word is missing; a missing value is ?");
	return 0;
}

/* Weka writes \n, \t and \r so, and a backslash before quotes and itself;
 * behind any other letter it is dropped. */
int arff_word_plain(struct arff_parser *p, struct arff_word *w)
{
	static const char letters[] = "ntr", meant[] = "\n\t\r";
	char *copy;
	size_t n = 0;

	if (!w->escaped)
		return 0;
	copy = ARENA_RAW(p->a, char, w->size);
	if (!copy)
		return arena_error(p->a, p->err);
	for (size_t i = 0; i < w->size; i++) {
		const char *letter = NULL;

		if (w->text[i] == '\\' && i + 1 < w->size) {
			i++;
			letter = memchr(letters, w->text[i], sizeof(letters) - 1);
		}
		copy[n++] = letter ? meant[letter - letters] : w->text[i];
	}
	w->text = copy;
	w->size = n;
	w->escaped = false;
	return 0;
}

/* Keywords are of any case (Weka's manual, "ARFF"); names and values are not. */
bool arff_word_is(const struct arff_word *w, const char *keyword)
{
	return w->size == strlen(keyword) && !strncasecmp(w->text, keyword, w->size);
}

/* ---------------------------------------------------------------- header */

/* The names in the order in which they were declared. */
static int name_levels(struct arff_parser *p, struct arff_attribute *t)
{
	const char **names = ARENA_RAW(p->a, const char *, t->levels.n);
	const char *const *sorted;
	uint32_t *rank;

	if (!names)
		return arena_error(p->a, p->err);
	if (levels_sort(&t->levels, &sorted, &rank, p->err))
		return p->err->code;
	for (size_t k = 0; k < t->levels.n; k++)
		names[k] = sorted[rank[k]];
	t->level_names = names;
	return 0;
}

/* {a, b, 'c d'}: levels keep this order, so that small < medium < large. */
static int read_nominal(struct arff_parser *p, struct arff_attribute *t)
{
	struct arff_word w;
	uint32_t code;

	t->kind = ARFF_NOMINAL;
	p->p++;
	do {
		size_t before = t->levels.n;

		if (arff_take_word(p, ",}", &w) || arff_word_plain(p, &w) ||
		    levels_add(&t->levels, w.text, w.size, &code, p->err))
			return p->err->code;
		if (t->levels.n == before)
			return arff_fail(p, "'%s': two values are called '%.*s'", t->name,
					 arff_shown(w.size), w.text);
		arff_skip_comma(p);
	} while (p->p < p->stop && *p->p != '}');
	if (p->p == p->stop)
		return arff_fail(p, "'%s': the list of values has no }", t->name);
	p->p++;
	return name_levels(p, t);
}

/* Only what reads as ISO 8601, whatever order the days have elsewhere. */
static int read_date(struct arff_parser *p, struct arff_attribute *t)
{
	static const char *const known[] = { "yyyy-MM-dd", "yyyy-MM-dd HH:mm",
					     "yyyy-MM-dd HH:mm:ss",
					     "yyyy-MM-dd'T'HH:mm:ss" };
	struct arff_word w;

	t->kind = ARFF_DATE;
	arff_skip_blanks(p);
	if (p->p == p->stop)
		return 0;
	if (arff_take_word(p, "", &w) || arff_word_plain(p, &w))
		return p->err->code;
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
		if (arff_word_is(&w, known[k]))
			return 0;
	return arff_fail(p, "'%s': dates as '%.*s' are not known, only ISO 8601", t->name,
			 arff_shown(w.size), w.text);
}

/* Weka's "relational" attributes hold tables within cells and are refused by
 * the last line like any unknown word. */
static int read_type(struct arff_parser *p, struct arff_attribute *t)
{
	struct arff_word w;

	arff_skip_blanks(p);
	if (p->p < p->stop && *p->p == '{')
		return read_nominal(p, t);
	if (arff_take_word(p, "", &w))
		return p->err->code;
	if (arff_word_is(&w, "numeric") || arff_word_is(&w, "real") ||
	    arff_word_is(&w, "integer")) {
		t->kind = ARFF_NUMBER;
		return 0;
	}
	if (arff_word_is(&w, "date"))
		return read_date(p, t);
	t->kind = ARFF_STRING;
	if (arff_word_is(&w, "string"))
		return 0;
	return arff_fail(p, "'%s': type '%.*s' is none of numeric, real, integer, string, "
			    "date and {...}",
			 t->name, arff_shown(w.size), w.text);
}

/* Room for one more; the old list stays in the arena, which costs less than what
 * is in use. */
static int grow(struct arff_parser *p)
{
	size_t room = p->room ? 2 * p->room : 32;
	struct arff_attribute *list;

	if (p->cols < p->room)
		return 0;
	if (p->cols == ARFF_COLUMNS_MAX)
		return arff_fail(p, "more than %d attributes", ARFF_COLUMNS_MAX);
	list = ARENA_NEW(p->a, struct arff_attribute, room);
	if (!list)
		return arena_error(p->a, p->err);
	if (p->cols)
		memcpy(list, p->attribute, p->cols * sizeof(*list));
	p->attribute = list;
	p->room = room;
	return 0;
}

/* @attribute NAME TYPE. Targets and drops are chosen by name, so a name must mean
 * one column. */
static int read_attribute(struct arff_parser *p, struct levels *names)
{
	struct arff_attribute *t;
	struct arff_word w;
	uint32_t code;

	if (grow(p) || arff_take_word(p, "{", &w) || arff_word_plain(p, &w))
		return p->err->code;
	if (w.size > ARFF_NAME_MAX)
		return arff_fail(p, "an attribute's name of %zu bytes", w.size);
	t = &p->attribute[p->cols++];
	levels_init(&t->levels, p->a);
	t->name = arena_printf(p->a, "%.*s", (int)w.size, w.text);
	if (!t->name)
		return arena_error(p->a, p->err);
	if (levels_add(names, t->name, strlen(t->name), &code, p->err))
		return p->err->code;
	if (code + 1 < p->cols)
		return arff_fail(p, "two attributes are called '%s'", t->name);
	if (read_type(p, t))
		return p->err->code;
	arff_skip_blanks(p);
	return p->p == p->stop ? 0 : arff_fail(p, "text behind the type of '%s'", t->name);
}

/* @relation is not looked at: names of relations are often unquoted and of
 * several words. */
int arff_read_header(struct arff_parser *p)
{
	struct arff_word w;
	struct levels names;

	levels_init(&names, p->a);
	while (arff_next_line(p)) {
		if (arff_take_word(p, "", &w))
			return p->err->code;
		if (arff_word_is(&w, "@data")) {
			if (p->cols)
				return 0;
			return arff_fail(p, "@data without an @attribute before it");
		}
		if (arff_word_is(&w, "@relation"))
			continue;
		if (!arff_word_is(&w, "@attribute"))
			return arff_fail(p, "'%.*s' where @attribute or @data should come",
					 arff_shown(w.size), w.text);
		if (read_attribute(p, &names))
			return p->err->code;
	}
	return error_set(p->err, ERR_DATA, "%s: no ARFF file, or cut short: no @data",
			 p->path);
}
