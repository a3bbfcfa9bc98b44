/* A verb's options are rows of a table; --help, parsing, ranges and "did you
 * mean" all come from it, so that none of them can be forgotten for a new
 * option. */
#include "harness/opt.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/suggest.h"

/* Arguments are rows of the table, too, but have no dash and no line in
 * --help. */
static bool is_argument(const struct opt *o)
{
	return o->kind == OPT_ARG || o->kind == OPT_ARGS;
}

/* ---------------------------------------------------------------- help */

/* Long options line up whether they have a letter or not. What is wider than
 * its column pushes the help along, which is better than cutting it. */
static void help_row(const struct opt *o)
{
	char left[64];

	if (is_argument(o))
		return;
	snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
		 o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
		 o->letter ? "," : " ", o->name, o->value ? " " : "",
		 o->value ? o->value : "");
	printf("  %-30s %s\n", left, o->help);
}

static void help(const struct opt *table, const char *usage, const char *summary)
{
	printf("usage: %s\n\n%s\n\n", usage, summary);
	for (const struct opt *o = table; o->name; o++)
		help_row(o);
	printf("  -h, --help                     this text\n\n"
	       "everywhere: --catalog FILE --suites FILE --cache DIR -o DIR "
	       "--offline\n            --blas-core NAME -q -v "
	       "--color auto|always|never\n");
}

/* ---------------------------------------------------------------- values */

/* Lists are short: each addition copies. Words are argv's own, which live as
 * long as the program. */
static int list_add(struct opt_list *l, struct arena *a, const char *s,
		    struct error *err)
{
	const char **grown = ARENA_NEW(a, const char *, l->n + 1);

	if (!grown)
		return arena_error(a, err);
	if (l->n)
		memcpy(grown, l->items, l->n * sizeof(*grown));
	grown[l->n++] = s;
	l->items = grown;
	return 0;
}

/* strtod and not strtoll, so that 1e6 is a whole number, too; up to 9e15 every
 * one of them is exact in a double. A range of 0 .. 0 is none at all, for no
 * option could do with it. */
static int set_number(const struct opt *o, const char *value, struct error *err)
{
	bool any = o->min == 0.0 && o->max == 0.0;
	double x;
	char *end;

	errno = 0;
	x = strtod(value, &end);
	if (end == value || *end || errno || !isfinite(x) ||
	    (o->kind == OPT_INT && (x != floor(x) || fabs(x) > 9e15)))
		return error_set(err, ERR_USAGE, "--%s takes a %snumber, not '%s'",
				 o->name, o->kind == OPT_INT ? "whole " : "",
				 value);
	if (!any && (x < o->min || x > o->max))
		return error_set(err, ERR_USAGE,
				 "--%s %s is outside %.15g .. %.15g", o->name,
				 value, o->min, o->max);
	if (o->kind == OPT_INT)
		*(int64_t *)o->out = (int64_t)x;
	else
		*(double *)o->out = x;
	return 0;
}

/* The kind says what `out` points to; opt.h lists them. */
static int set_value(const struct opt *o, struct arena *a, const char *value,
		     struct error *err)
{
	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)o->out = true;
		return 0;
	case OPT_STRING:
	case OPT_ARG:
		*(const char **)o->out = value;
		return 0;
	case OPT_LIST:
	case OPT_ARGS:
		return list_add(o->out, a, value, err);
	case OPT_INT:
	case OPT_REAL:
		break;
	}
	return set_number(o, value, err);
}

/* ---------------------------------------------------------------- parsing */

/* Short options have no near misses; long ones do. */
static int unknown_option(const struct opt *table, const char *name,
			  struct error *err)
{
	const char *names[64];
	char hint[96];
	size_t n = 0;

	for (const struct opt *o = table; o->name && n < 64; o++)
		if (!is_argument(o))
			names[n++] = o->name;
	return error_set(err, ERR_USAGE, "unknown option '--%s'%s", name,
			 suggest_text(name, names, n, hint, sizeof(hint)));
}

/* The option of an argument like --name, --name=V, -n or -nV; *value is what
 * stands behind it in the same word, or NULL. */
static int find_option(const struct opt *table, const char *word,
		       const struct opt **out, const char **value,
		       struct error *err)
{
	bool is_long = word[1] == '-';
	const char *name = word + 1 + is_long;
	const char *equals = is_long ? strchr(name, '=') : NULL;
	size_t n = equals ? (size_t)(equals - name) : strlen(name);
	char copy[64];

	*value = equals ? equals + 1 : NULL;
	for (const struct opt *o = table; o->name; o++) {
		*out = o;
		if (is_argument(o))
			continue;
		if (is_long && strlen(o->name) == n && !memcmp(o->name, name, n))
			return 0;
		if (!is_long && o->letter == name[0]) {
			*value = name[1] ? name + 1 : NULL;
			return 0;
		}
	}
	if (!is_long)
		return error_set(err, ERR_USAGE, "unknown option '%s'", word);
	snprintf(copy, sizeof(copy), "%.*s", (int)(n < 63 ? n : 63), name);
	return unknown_option(table, copy, err);
}

/* A value may stand in the same word or in the next one, and there it may begin
 * with a dash: -5 is a number. `at` moves on over it. */
static int parse_option(const struct opt *table, struct arena *a, int argc,
			char **argv, int *at, struct error *err)
{
	const struct opt *o = NULL;
	const char *value;

	if (find_option(table, argv[*at], &o, &value, err))
		return (int)err->code;
	if (o->kind == OPT_FLAG && value)
		return error_set(err, ERR_USAGE, "--%s takes no value", o->name);
	if (o->kind != OPT_FLAG && !value) {
		if (*at + 1 >= argc)
			return error_set(err, ERR_USAGE, "--%s needs %s",
					 o->name, o->value ? o->value : "a value");
		value = argv[++*at];
	}
	return set_value(o, a, value, err);
}

/* The next free place for an argument without a dash; `used` counts those that
 * filled an OPT_ARG. An OPT_ARGS takes all that come when it is reached, so it
 * stands last in a table. */
static int parse_argument(const struct opt *table, struct arena *a,
			  const char *word, size_t *used, struct error *err)
{
	size_t seen = 0;

	for (const struct opt *o = table; o->name; o++) {
		if (o->kind == OPT_ARG && seen++ == *used) {
			++*used;
			return set_value(o, a, word, err);
		}
		if (o->kind == OPT_ARGS)
			return set_value(o, a, word, err);
	}
	return error_set(err, ERR_USAGE, "unexpected argument '%s'", word);
}

/* Before anything is parsed: --help helps with a wrong command as well. */
static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

/* Options and arguments in any order; "--" ends the options, and a lone "-" is
 * an argument. The first mistake ends the reading: a second one may only follow
 * from it. */
int opt_parse(const struct opt *table, const char *usage, const char *summary,
	      struct arena *a, int argc, char **argv, struct error *err)
{
	bool only_arguments = false;
	size_t used = 0;
	int rc = 0;

	if (wants_help(argc, argv)) {
		help(table, usage, summary);
		return 1;
	}
	for (int i = 1; i < argc && !rc; i++) {
		if (!only_arguments && !strcmp(argv[i], "--"))
			only_arguments = true;
		else if (only_arguments || argv[i][0] != '-' || !argv[i][1])
			rc = parse_argument(table, a, argv[i], &used, err);
		else
			rc = parse_option(table, a, argc, argv, &i, err);
	}
	return rc;
}
