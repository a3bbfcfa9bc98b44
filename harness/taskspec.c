/* The one spelling of a task, in suites, on the command line and in the question
 * that a cell's process is asked. */
#include "harness/taskspec.h"

#include <stdlib.h>
#include <string.h>

#include "datasets/reader.h"
#include "harness/base/suggest.h"
#include "harness/base/text.h"

#define ROWS_MAX 1000000000000LL
#define STEPS_MAX 8

/* What is known so far while the brackets are walked through. */
struct parser {
	struct taskspec *out;
	struct arena *a;
	struct transform_step steps[STEPS_MAX];
	struct text options; /* "key=value," of the reader, for the label */
	struct entry *own;   /* a copy, once an option was replaced */
	const struct yaml *settings; /* of a path: what the brackets say of it */
	bool is_path;
};

/* Cut "NAME[INSIDE]" in place at the last bracket: paths may have some. A path with
 * brackets of its own and no settings must not end in one: "a[1]" would be read as a
 * with the settings 1. */
static int cut_brackets(char *text, char **inside, struct error *err)
{
	size_t n = strlen(text);
	char *open = n && text[n - 1] == ']' ? strrchr(text, '[') : NULL;

	*inside = text + n;
	if (!open && strchr(text, '[') && !strchr(text, '/'))
		return error_set(err, ERR_CONFIG, "'%s' is not NAME[key=value,...]", text);
	if (!open)
		return 0;
	text[n - 1] = '\0';
	*open = '\0';
	*inside = open + 1;
	return 0;
}

/* n=0 is refused: it would read as no rows and mean all of them. strtoll would take
 * "12x" for 12; the rest of the text must be empty. */
static int set_rows(struct parser *p, const char *value, struct error *err)
{
	char *end = NULL;
	long long n = value ? strtoll(value, &end, 10) : 0;

	if (n <= 0 || n > ROWS_MAX || *end)
		return error_set(err, ERR_CONFIG, "n=%s: n is a number of rows above 0",
				 value ? value : "");
	p->out->n = (size_t)n;
	return 0;
}

/* Severities are compared as text where the label is, so they are normalised. */
static int add_step(struct parser *p, const char *key, const char *value, struct error *err)
{
	struct transform_chain *c = &p->out->chain;

	if (c->n == STEPS_MAX)
		return error_set(err, ERR_CONFIG, "at most %d transforms", STEPS_MAX);
	return transform_step_parse(&p->steps[c->n++], key, value, err);
}

/* Does the reader of the entry have an option of that name? Options of a reader are a
 * list that NULL ends, or NULL where it has none. */
static bool is_option(const struct entry *e, const char *key)
{
	const char *const *o = e->reader->options;

	while (o && *o && strcmp(*o, key))
		o++;
	return o && *o;
}

/* A scalar that says where it came from if the reader refuses it. The place "command
 * line" is also how own_settings.c tells a+b from a name with a plus. */
static struct yaml *scalar(struct parser *p, const char *text)
{
	struct yaml *y = ARENA_NEW(p->a, struct yaml, 1);

	if (!y)
		return NULL;
	*y = (struct yaml){ .kind = YAML_SCALAR, .file = "command line", .line = 1,
			    .column = 1, .text = arena_strdup(p->a, text) };
	return y->text ? y : NULL;
}

/* The options of the entry with one more pair; an older one of that key goes. */
static struct yaml *with_pair(struct parser *p, const struct yaml *old, const char *key,
			      const char *value)
{
	struct yaml *map = scalar(p, ""), *k = scalar(p, key), *v = scalar(p, value);
	size_t n = old ? old->n : 0;

	if (!map || !k || !v)
		return NULL;
	map->kind = YAML_MAP;
	map->items = ARENA_NEW(p->a, struct yaml *, n + 1);
	map->keys = ARENA_NEW(p->a, struct yaml *, n + 1);
	if (!map->items || !map->keys)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(old->keys[i]->text, key))
			continue;
		map->keys[map->n] = old->keys[i];
		map->items[map->n++] = old->items[i];
	}
	map->keys[map->n] = k;
	map->items[map->n++] = v;
	return map;
}

/* Another option makes other rows, of which the catalogue knows no counts. The label
 * has each word as it was written, also one that says what the catalogue says already:
 * rows of it compare with themselves. */
static int set_option(struct parser *p, const char *key, const char *value,
		      struct error *err)
{
	const struct expected silent = { SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX };
	struct entry *e = p->own;

	if (!e) {
		e = p->own = arena_copy(p->a, p->out->entry, sizeof(*e));
		if (!e)
			return arena_error(p->a, err);
		p->out->entry = e;
	}
	e->options = with_pair(p, e->options, key, value);
	e->expect = silent;
	text_printf(&p->options, "%s%s=%s", p->options.size ? "," : "", key, value);
	return e->options ? 0 : arena_error(p->a, err);
}

/* What else could it be? All words that may stand here are told apart by name. 128
 * names: readers and transforms together have some fifty. */
static int unknown_key(const struct parser *p, const char *key, struct error *err)
{
	const char *names[128] = { "n" };
	const char *const *o = p->out->entry->reader->options;
	const struct transform *const *all;
	char hint[96];
	size_t n = 1, n_all;

	all = transform_all(&n_all);
	for (size_t k = 0; k < n_all && n < 128; k++)
		names[n++] = all[k]->name;
	for (; o && *o && n < 128; o++)
		names[n++] = *o;
	return error_set(err, ERR_CONFIG,
			 "'%s' is neither n nor a transform nor an option of reader "
			 "'%s'%s",
			 key, p->out->entry->reader->name,
			 suggest_text(key, names, n, hint, sizeof(hint)));
}

/* What a path's brackets say is read with the file beside it (own_settings.h). */
static int set_own(struct parser *p, const char *key, const char *value,
		   struct error *err)
{
	if (!value)
		return error_set(err, ERR_CONFIG, "'%s' is neither a transform nor "
				 "KEY=VALUE", key);
	p->settings = with_pair(p, p->settings, key, value);
	text_printf(&p->options, "%s%s=%s", p->options.size ? "," : "", key, value);
	return p->settings ? 0 : arena_error(p->a, err);
}

/* One "key" or "key=value", cut in place. */
static int set_pair(struct parser *p, char *pair, struct error *err)
{
	char *value = strchr(pair, '=');

	if (value)
		*value++ = '\0';
	if (!strcmp(pair, "n"))
		return set_rows(p, value, err);
	if (transform_find(pair))
		return add_step(p, pair, value, err);
	if (p->is_path)
		return set_own(p, pair, value, err);
	if (value && is_option(p->out->entry, pair))
		return set_option(p, pair, value, err);
	return unknown_key(p, pair, err);
}

/* Options first, then transforms: one spelling for each task. Options keep the order
 * in which they were written and transforms theirs, as theirs means something. */
static char *spell(struct parser *p, const char *name)
{
	const char *steps = p->out->transform;
	const char *options = p->options.size ? p->options.data : "";
	const char *comma = *options && *steps ? "," : "";

	return *steps || *options ?
		       arena_printf(p->a, "%s[%s%s%s]", name, options, comma, steps) :
		       arena_strdup(p->a, name);
}

/* People and rows see the short name, a child process gets the whole path. */
static int make_label(struct parser *p, struct error *err)
{
	struct taskspec *t = p->out;

	t->transform = transform_text(p->a, &t->chain);
	if (!t->transform || p->options.failed)
		return arena_error(p->a, err);
	t->label = spell(p, t->entry->name);
	t->source = t->own ? spell(p, t->own->path) : t->label;
	return t->label && t->source ? 0 : arena_error(p->a, err);
}

/* The catalogue's names come first: a file cannot take the place of one. What has a
 * slash or the ending of a table is a path even where no file is, and the error is
 * then about the file. */
static int find_entry(struct parser *p, const struct catalog *catalog, const char *name,
		      struct error *err)
{
	p->out->entry = catalog_find(catalog, name);
	p->is_path = !p->out->entry && own_is_path(name);
	if (p->is_path || p->out->entry)
		return 0;
	return catalog_get(catalog, name, &p->out->entry, err);
}

/* Once the brackets are read, for they say what the file is. The entry lives in the
 * arena as long as the task does. */
static int read_own(struct parser *p, const char *name, struct error *err)
{
	struct own *own;

	if (own_read(name, p->settings, p->a, &own, err))
		return (int)err->code;
	p->out->own = own;
	p->out->entry = &own->entry;
	return 0;
}

/* In this order: the name says which words are known, the words say how a file is
 * read, and only then is it known whether a transform is for such data. The steps are
 * copied out of the parser, which lives on the stack. */
int taskspec_look(struct taskspec *t, struct arena *a, const struct catalog *catalog,
		  const char *text, struct error *err)
{
	struct parser p = { .out = t, .a = a, .options = { .arena = a } };
	char *name = arena_strdup(a, text), *inside, *save = NULL;

	*t = (struct taskspec){ 0 };
	if (!name)
		return arena_error(a, err);
	if (cut_brackets(name, &inside, err) || find_entry(&p, catalog, name, err))
		return (int)err->code;
	for (char *pair = strtok_r(inside, ",", &save); pair;
	     pair = strtok_r(NULL, ",", &save))
		if (set_pair(&p, pair, err))
			return (int)err->code;
	t->chain.steps = arena_copy(a, p.steps, t->chain.n * sizeof(*p.steps));
	if (!t->chain.steps)
		return arena_error(a, err);
	if (p.is_path && read_own(&p, name, err))
		return (int)err->code;
	if (transform_check(&t->chain, t->entry->modality, t->entry->task, err))
		return error_wrap(err, "%s", name);
	return make_label(&p, err);
}

/* `info` looks, everybody else must not start on data that cannot be learned from. */
int taskspec_parse(struct taskspec *t, struct arena *a, const struct catalog *catalog,
		   const char *text, struct error *err)
{
	if (taskspec_look(t, a, catalog, text, err))
		return (int)err->code;
	if (t->own && t->own->problem.code)
		*err = t->own->problem;
	return t->own ? (int)t->own->problem.code : 0;
}
