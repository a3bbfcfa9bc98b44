/* Readers take their options as YAML, whoever says them. */
#include "datasets/own/yaml_make.h"

/* Texts of lists count as quoted: "true" in a list of markers is a text. Line and
 * column are 1: errors of a reader then name the data set, and no line of a file that
 * does not exist. */
static struct yaml *node(struct yaml_maker *m, enum yaml_kind kind, const char *text)
{
	struct yaml *y = ARENA_NEW(m->arena, struct yaml, 1);

	m->failed |= !y;
	if (y)
		*y = (struct yaml){ .kind = kind, .file = m->file, .line = 1, .column = 1,
				    .text = text, .quoted = kind == YAML_SCALAR };
	return y;
}

/* An empty map takes one place, so that the arrays are never NULL. */
struct yaml *yaml_make_map(struct yaml_maker *m, size_t most)
{
	struct yaml *map = node(m, YAML_MAP, NULL);

	if (!map)
		return NULL;
	map->keys = ARENA_NEW(m->arena, struct yaml *, most + 1);
	map->items = ARENA_NEW(m->arena, struct yaml *, most + 1);
	m->failed |= !map->keys || !map->items;
	return map;
}

/* Pairs come in the order in which they are added, which digests depend on. The map
 * has its room from yaml_make_map; one pair more would be a mistake of ours. */
static void add(struct yaml_maker *m, struct yaml *map, const char *key,
		struct yaml *value)
{
	struct yaml *k = node(m, YAML_SCALAR, key);

	if (m->failed)
		return;
	map->keys[map->n] = k;
	map->items[map->n++] = value;
}

/* A word such as true must stay a boolean: it is not quoted. */
void yaml_make_text(struct yaml_maker *m, struct yaml *map, const char *key,
		    const char *text)
{
	struct yaml *value = m->failed ? NULL : node(m, YAML_SCALAR, text);

	if (value)
		value->quoted = false;
	add(m, map, key, value);
}

/* Nodes of their own, since readers may keep them. */
void yaml_make_list(struct yaml_maker *m, struct yaml *map, const char *key,
		    const char *const *texts, size_t n)
{
	struct yaml *list = m->failed ? NULL : node(m, YAML_LIST, NULL);

	if (!list)
		return;
	list->items = ARENA_NEW(m->arena, struct yaml *, n + 1);
	m->failed |= !list->items;
	for (size_t k = 0; k < n && !m->failed; k++)
		list->items[list->n++] = node(m, YAML_SCALAR, texts[k]);
	add(m, map, key, list);
}
