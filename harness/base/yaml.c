/* libyaml parses, and its document is copied into our nodes. libyaml's own tree
 * would do but for three things: it dies with the document, it lets a key stand
 * twice (the second would win silently), and aliases share nodes, so walking it
 * may take exponential time ("billion laughs"). The copy resolves aliases and
 * counts nodes while it does.
 *
 * A node remembers where it stood, which is what makes every later complaint,
 * also from code that knows nothing of YAML, point at a line and a column.
 */
#include "harness/base/yaml.h"

#include <yaml.h>

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/suggest.h"

#define DEPTH_MAX 64 /* deeper is an attack or an accident */

struct loader {
	struct arena *arena;
	yaml_document_t *document;
	const char *file;
	struct error *err;
	size_t nodes; /* made so far: aliases must not blow the tree up */
};

#define NODES_MAX ((size_t)1 << 20) /* a suite has hundreds */

int yaml_error(const struct yaml *at, struct error *err, const char *fmt, ...)
{
	char message[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	return error_set(err, ERR_CONFIG, "%s:%zu:%zu: %s", at->file, at->line,
			 at->column, message);
}

/* libyaml's document holds nodes by index; ours holds pointers, so an alias
 * becomes a copy: each use has a place of its own in messages. */
static struct yaml *convert(struct loader *l, int index, int depth);

/* Items are numbers of nodes in the document, from 1. */
static int convert_list(struct loader *l, const yaml_node_t *from,
			struct yaml *to, int depth)
{
	const yaml_node_item_t *item = from->data.sequence.items.start;

	to->kind = YAML_LIST;
	to->n = (size_t)(from->data.sequence.items.top - item);
	to->items = ARENA_NEW(l->arena, struct yaml *, to->n);
	if (!to->items)
		return arena_error(l->arena, l->err);
	for (size_t i = 0; i < to->n; i++) {
		to->items[i] = convert(l, item[i], depth + 1);
		if (!to->items[i])
			return (int)l->err->code;
	}
	return 0;
}

/* Each against all before it: maps here are written by hand. */
/* libyaml accepts a key twice, the last winning in silence; a suite of which
 * half is ignored is worse than none. Quadratic in the keys of one map. */
static int check_key(const struct yaml *map, size_t i, struct error *err)
{
	const struct yaml *key = map->keys[i];

	if (key->kind != YAML_SCALAR)
		return yaml_error(key, err, "a key must be a plain word");
	for (size_t j = 0; j < i; j++)
		if (!strcmp(map->keys[j]->text, key->text))
			return yaml_error(key, err,
					  "key '%s' stands here twice (first in line %zu)",
					  key->text, map->keys[j]->line);
	return 0;
}

/* A pair is checked when both halves are there, so that the message can name
 * the line of the first of two equal keys. */
static int convert_map(struct loader *l, const yaml_node_t *from,
		       struct yaml *to, int depth)
{
	const yaml_node_pair_t *pair = from->data.mapping.pairs.start;

	to->kind = YAML_MAP;
	to->n = (size_t)(from->data.mapping.pairs.top - pair);
	to->keys = ARENA_NEW(l->arena, struct yaml *, to->n);
	to->items = ARENA_NEW(l->arena, struct yaml *, to->n);
	if (!to->keys || !to->items)
		return arena_error(l->arena, l->err);
	for (size_t i = 0; i < to->n; i++) {
		to->keys[i] = convert(l, pair[i].key, depth + 1);
		to->items[i] = convert(l, pair[i].value, depth + 1);
		if (!to->keys[i] || !to->items[i] ||
		    check_key(to, i, l->err))
			return (int)l->err->code;
	}
	return 0;
}

/* Text stays text: what it means is decided by whoever asks for a number, so
 * that "on", 0123 and 1e3 have no surprises. A NUL inside would end the string
 * early for everybody after us. */
/* Quotes are remembered: '3' is text, 3 is a number. */
static int convert_scalar(struct loader *l, const yaml_node_t *from,
			  struct yaml *to)
{
	const char *text = (const char *)from->data.scalar.value;

	to->kind = YAML_SCALAR;
	to->quoted = from->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
		     from->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	if (strlen(text) != from->data.scalar.length)
		return yaml_error(to, l->err, "a NUL byte in the text");
	to->text = arena_strdup(l->arena, text);
	return to->text ? 0 : arena_error(l->arena, l->err);
}

/* NULL and l->err set when it fails. */
static struct yaml *convert(struct loader *l, int index, int depth)
{
	const yaml_node_t *from = yaml_document_get_node(l->document, index);
	struct yaml *to = ARENA_NEW(l->arena, struct yaml, 1);
	int rc;

	if (!to || !from) {
		arena_error(l->arena, l->err);
		return NULL;
	}
	*to = (struct yaml){ .file = l->file,
			     .line = from->start_mark.line + 1,
			     .column = from->start_mark.column + 1 };
	if (depth > DEPTH_MAX || ++l->nodes > NODES_MAX)
		rc = yaml_error(to, l->err, "nested too deeply or too large");
	else if (from->type == YAML_SEQUENCE_NODE)
		rc = convert_list(l, from, to, depth);
	else if (from->type == YAML_MAPPING_NODE)
		rc = convert_map(l, from, to, depth);
	else
		rc = convert_scalar(l, from, to);
	return rc ? NULL : to;
}

/* libyaml says "did not find expected key"; the place is the useful part. */
/* Marks count from 0, people and editors from 1. */
static int syntax_error(const yaml_parser_t *p, const char *name,
			struct error *err)
{
	if (p->error == YAML_MEMORY_ERROR)
		return error_set(err, ERR_MEMORY, "out of memory: parsing %s",
				 name);
	return error_set(err, ERR_CONFIG, "%s:%zu:%zu: %s", name,
			 p->problem_mark.line + 1, p->problem_mark.column + 1,
			 p->problem ? p->problem : "not YAML");
}

/* An empty file is an empty map. */
static int convert_document(struct loader *l, struct yaml **root)
{
	const yaml_node_t *top = yaml_document_get_root_node(l->document);

	if (top)
		*root = convert(l, 1, 0);
	else
		*root = ARENA_NEW(l->arena, struct yaml, 1);
	if (top)
		return *root ? 0 : (int)l->err->code;
	if (!*root)
		return arena_error(l->arena, l->err);
	**root = (struct yaml){ .kind = YAML_MAP, .file = l->file, .line = 1,
				.column = 1 };
	return 0;
}

/* Only one document a file: what follows `---` would be silently lost. */
static int check_end(yaml_parser_t *p, const char *name, struct error *err)
{
	yaml_document_t next;
	int rc = 0;

	if (!yaml_parser_load(p, &next))
		return syntax_error(p, name, err);
	if (yaml_document_get_root_node(&next))
		rc = error_set(err, ERR_CONFIG,
			       "%s:%zu:1: a second document is not read; remove the '---'",
			       name, next.start_mark.line + 1);
	yaml_document_delete(&next);
	return rc;
}

int yaml_parse(struct arena *a, const char *text, size_t size, const char *name,
	       struct yaml **root, struct error *err)
{
	struct loader l = { .arena = a, .err = err };
	yaml_document_t document;
	yaml_parser_t parser;
	int rc;

	l.file = arena_strdup(a, name);
	if (!l.file)
		return arena_error(a, err);
	if (!yaml_parser_initialize(&parser))
		return error_set(err, ERR_MEMORY, "out of memory: parsing %s",
				 name);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	if (!yaml_parser_load(&parser, &document)) {
		rc = syntax_error(&parser, name, err);
	} else {
		l.document = &document;
		rc = convert_document(&l, root);
		if (!rc && yaml_document_get_root_node(&document))
			rc = check_end(&parser, name, err);
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
	return rc;
}

int yaml_read(struct arena *a, const char *path, struct yaml **root,
	      struct error *err)
{
	char *text;
	size_t size;
	int rc = file_read(a, path, &text, &size, err);

	return rc ? rc : yaml_parse(a, text, size, path, root, err);
}

/* Linear: a map of ten keys is asked ten times. */
const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (!strcmp(map->keys[i]->text, key))
			return map->items[i];
	return NULL;
}

static bool is_known(const char *key, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(key, names[i]))
			return true;
	return false;
}

/* A mistyped option must not be ignored: the run would use the default, and
 * nobody would know. */
int yaml_check_keys(const struct yaml *map, const char *const *names, size_t n,
		    struct error *err)
{
	char hint[96];

	if (map->kind != YAML_MAP)
		return yaml_error(map, err, "expected 'key: value' lines here");
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml *key = map->keys[i];

		if (!is_known(key->text, names, n))
			return yaml_error(key, err, "unknown key '%s'%s",
					  key->text,
					  suggest_text(key->text, names, n, hint,
						       sizeof(hint)));
	}
	return 0;
}

/* For "expected a number, found ...": a scalar shows itself. */
/* What was found, as an error shows it. */
static const char *kind_name(const struct yaml *node)
{
	return node->kind == YAML_LIST ? "a list" :
	       node->kind == YAML_MAP  ? "a map" :
					 node->text;
}

static int wrong_type(const struct yaml *node, const char *wanted,
		      struct error *err)
{
	return yaml_error(node, err, "expected %s, found '%s'", wanted,
			  kind_name(node));
}

int yaml_string(const struct yaml *node, const char **out, struct error *err)
{
	if (node->kind != YAML_SCALAR)
		return wrong_type(node, "text", err);
	*out = node->text;
	return 0;
}

/* The whole text must be the number: "10s" and "3 " are mistakes, and a number
 * in quotes was meant as text. errno catches what long long cannot hold. */
int yaml_int(const struct yaml *node, int64_t min, int64_t max, int64_t *out,
	     struct error *err)
{
	char *end;
	long long x;

	if (node->kind != YAML_SCALAR || node->quoted)
		return wrong_type(node, "a whole number", err);
	errno = 0;
	x = strtoll(node->text, &end, 10);
	if (end == node->text || *end || errno)
		return wrong_type(node, "a whole number", err);
	if (x < min || x > max)
		return yaml_error(node, err, "%lld is outside %lld .. %lld", x,
				  (long long)min, (long long)max);
	*out = x;
	return 0;
}

/* strtod also takes hexadecimal, "inf" and "nan": the first does no harm, the
 * others are not finite. */
int yaml_real(const struct yaml *node, double min, double max, double *out,
	      struct error *err)
{
	char *end;
	double x;

	if (node->kind != YAML_SCALAR || node->quoted)
		return wrong_type(node, "a number", err);
	x = strtod(node->text, &end);
	if (end == node->text || *end || !isfinite(x))
		return wrong_type(node, "a number", err);
	if (x < min || x > max)
		return yaml_error(node, err, "%g is outside %g .. %g", x, min,
				  max);
	*out = x;
	return 0;
}

/* Of YAML 1.1's 22 spellings the six that people mean. */
int yaml_bool(const struct yaml *node, bool *out, struct error *err)
{
	static const char *const yes[] = { "true", "yes", "on" };
	static const char *const no[] = { "false", "no", "off" };

	if (node->kind == YAML_SCALAR && !node->quoted) {
		*out = is_known(node->text, yes, 3);
		if (*out || is_known(node->text, no, 3))
			return 0;
	}
	return wrong_type(node, "true or false", err);
}

int yaml_need_string(const struct yaml *map, const char *key, const char **out,
		     struct error *err)
{
	const struct yaml *node = yaml_get(map, key);

	if (!node)
		return yaml_error(map, err, "'%s' is missing", key);
	return yaml_string(node, out, err);
}

int yaml_get_string(const struct yaml *map, const char *key, const char **out,
		    struct error *err)
{
	const struct yaml *node = yaml_get(map, key);

	return node ? yaml_string(node, out, err) : 0;
}

int yaml_get_int(const struct yaml *map, const char *key, int64_t min,
		 int64_t max, int64_t *out, struct error *err)
{
	const struct yaml *node = yaml_get(map, key);

	return node ? yaml_int(node, min, max, out, err) : 0;
}

int yaml_get_real(const struct yaml *map, const char *key, double min,
		  double max, double *out, struct error *err)
{
	const struct yaml *node = yaml_get(map, key);

	return node ? yaml_real(node, min, max, out, err) : 0;
}

int yaml_get_bool(const struct yaml *map, const char *key, bool *out,
		  struct error *err)
{
	const struct yaml *node = yaml_get(map, key);

	return node ? yaml_bool(node, out, err) : 0;
}

/* `learners: gbdt` is what people write who have one. */
int yaml_get_strings(struct arena *a, const struct yaml *map, const char *key,
		     const char *const **out, size_t *n, struct error *err)
{
	const struct yaml *node = yaml_get(map, key);
	const char **list;

	if (!node)
		return 0;
	if (node->kind == YAML_MAP)
		return wrong_type(node, "a list", err);
	*n = node->kind == YAML_LIST ? node->n : 1;
	list = ARENA_NEW(a, const char *, *n);
	if (!list)
		return arena_error(a, err);
	for (size_t i = 0; i < *n; i++) {
		const struct yaml *item =
			node->kind == YAML_LIST ? node->items[i] : node;
		int rc = yaml_string(item, &list[i], err);

		if (rc)
			return rc;
	}
	*out = list;
	return 0;
}
