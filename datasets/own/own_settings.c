/* The same keys and the same checks for the file and for the brackets: both come
 * as a map of YAML, later words over earlier ones. */
#include "datasets/own/own_settings.h"

#include <string.h>

#include "harness/base/suggest.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const keys[] = {
	"target",      "task",	  "text",    "group",	"time",	     "fold",
	"split",       "test",	  "drop",    "types",	"categorical", "numeric",
	"missing",     "separator", "decimal", "header",	"day_first", "metric",
	"log_target",  "missing_target", "options",
};

/* For "did you mean" of callers that mix these words with their own. */
const char *const *own_settings_keys(size_t *n)
{
	*n = COUNT(keys);
	return keys;
}

/* Shares as the catalogue has them where an entry says nothing. -1 is "not said": 0
 * would already be a person's no. */
void own_settings_init(struct own_settings *s)
{
	*s = (struct own_settings){ .header = -1, .day_first = -1,
				    .split = { .test = 0.2, .valid = 0.2 } };
}

/* One of a few words, or NULL when the key is not there. *out points to the static
 * word and not into the YAML, so that it may be kept after the tree is gone. */
static int get_word(const struct yaml *map, const char *key, const char *const *words,
		    size_t n, const char **out, struct error *err)
{
	const char *text = NULL;
	char hint[96];

	if (yaml_get_string(map, key, &text, err))
		return (int)err->code;
	if (!text)
		return 0;
	for (size_t k = 0; k < n; k++)
		if (!strcmp(words[k], text)) {
			*out = words[k];
			return 0;
		}
	return yaml_error(yaml_get(map, key), err, "unknown %s '%s'%s", key, text,
			  suggest_text(text, words, n, hint, sizeof(hint)));
}

/* Tab has a name, as it can hardly be written. A quote or a line end can never part
 * cells, whatever is said. */
static int get_char(const struct yaml *map, const char *key, char *out, struct error *err)
{
	const char *text = NULL;

	if (yaml_get_string(map, key, &text, err))
		return (int)err->code;
	if (!text)
		return 0;
	if (!strcmp(text, "tab"))
		text = "\t";
	if (strlen(text) != 1 || strchr("\"\n\r", *text))
		return yaml_error(yaml_get(map, key), err, "%s is one character, or tab",
				  key);
	*out = *text;
	return 0;
}

/* Three states: what nobody said is found out. */
static int get_flag(const struct yaml *map, const char *key, int *out, struct error *err)
{
	bool value = false;

	if (!yaml_get(map, key))
		return 0;
	if (yaml_get_bool(map, key, &value, err))
		return (int)err->code;
	*out = value;
	return 0;
}

/* ---------------------------------------------------------------- lists */

/* a+b from the command line, where commas part keys. Names with a plus in them are for
 * the file. Empty names (a++b) are passed over, as strtok_r does. */
static int split_names(const char *joined, struct arena *a, const char *const **out,
		       size_t *n, struct error *err)
{
	char *text = arena_strdup(a, joined), *save = NULL;
	const char **list = ARENA_NEW(a, const char *, strlen(joined) + 1);

	*n = 0;
	if (!text || !list)
		return arena_error(a, err);
	for (char *p = strtok_r(text, "+", &save); p; p = strtok_r(NULL, "+", &save))
		list[(*n)++] = p;
	*out = list;
	return 0;
}

/* A list or a single text; the command line has its own way of writing lists. Told
 * apart by the place "command line" that nodes of brackets carry. */
static int get_names(const struct yaml *map, const char *key, struct arena *a,
		     const char *const **out, size_t *n, struct error *err)
{
	const struct yaml *node = yaml_get(map, key);

	if (node->kind == YAML_SCALAR && !strcmp(node->file, "command line"))
		return split_names(node->text, a, out, n, err);
	return yaml_get_strings(a, map, key, out, n, err);
}

/* The last word on a column counts. The list is copied for each new column: settings
 * have a handful of columns, and the arena cannot lengthen a block. */
static int add_type(struct own_settings *s, const char *name, enum own_type type,
		    struct arena *a, struct error *err)
{
	struct own_column *list;
	size_t k = 0;

	while (k < s->n_types && strcmp(s->types[k].name, name) != 0)
		k++;
	if (k == s->n_types) {
		list = ARENA_NEW(a, struct own_column, k + 1);
		if (!list)
			return arena_error(a, err);
		if (k)
			memcpy(list, s->types, k * sizeof(*list));
		s->types = list;
		s->n_types++;
	}
	s->types[k] = (struct own_column){ name, type };
	return 0;
}

/* Drops add up; a column that is named twice is dropped once. A second mention stays
 * in the list with its own reason; told_roles takes the last. */
static int add_drop(struct own_settings *s, const char *name, const char *why,
		    struct arena *a, struct error *err)
{
	struct dropped *list = ARENA_NEW(a, struct dropped, s->n_drops + 1);

	if (!list)
		return arena_error(a, err);
	if (s->n_drops)
		memcpy(list, s->drops, s->n_drops * sizeof(*list));
	list[s->n_drops++] = (struct dropped){ name, why };
	s->drops = list;
	return 0;
}

/* Columns with reasons, or without. */
static int read_drop(struct own_settings *s, const struct yaml *map, struct arena *a,
		     struct error *err)
{
	const struct yaml *drop = yaml_get(map, "drop");
	const char *const *names, *why;
	size_t n;

	if (!drop)
		return 0;
	if (drop->kind == YAML_MAP) {
		for (size_t k = 0; k < drop->n; k++)
			if (yaml_string(drop->items[k], &why, err) ||
			    add_drop(s, drop->keys[k]->text, why, a, err))
				return (int)err->code;
		return 0;
	}
	if (get_names(map, "drop", a, &names, &n, err))
		return (int)err->code;
	for (size_t k = 0; k < n; k++)
		if (add_drop(s, names[k], "asked for", a, err))
			return (int)err->code;
	return 0;
}

/* The short way to write what `types` says column by column. */
static int read_typed(struct own_settings *s, const struct yaml *map, const char *key,
		      enum own_type type, struct arena *a, struct error *err)
{
	const struct yaml *node = yaml_get(map, key);
	const char *const *names;
	size_t n;

	if (!node)
		return 0;
	if (node->kind == YAML_MAP)
		return yaml_error(node, err, "'%s' is a list of columns", key);
	if (get_names(map, key, a, &names, &n, err))
		return (int)err->code;
	for (size_t k = 0; k < n; k++)
		if (add_type(s, names[k], type, a, err))
			return (int)err->code;
	return 0;
}

/* Drop is not a type, but people look for it here. The words are in the order of enum
 * own_type, drop behind them. */
static int read_types(struct own_settings *s, const struct yaml *types, struct arena *a,
		      struct error *err)
{
	static const char *const words[] = { "numeric", "categorical", "date", "drop" };
	char hint[96];

	if (types && types->kind != YAML_MAP)
		return yaml_error(types, err, "'types' is a map from columns to numeric, "
				  "categorical, date or drop");
	for (size_t k = 0; types && k < types->n; k++) {
		const char *name = types->keys[k]->text, *text;
		size_t t = 0;

		if (yaml_string(types->items[k], &text, err))
			return (int)err->code;
		while (t < 4 && strcmp(words[t], text) != 0)
			t++;
		if (t == 4)
			return yaml_error(types->items[k], err, "unknown type '%s'%s", text,
					  suggest_text(text, words, 4, hint, sizeof(hint)));
		if (t == 3 ? add_drop(s, name, "asked for", a, err)
			   : add_type(s, name, (enum own_type)t, a, err))
			return (int)err->code;
	}
	return 0;
}

/* ---------------------------------------------------------------- all keys */

/* `test` may stand beside a split, or alone for a random one. catalog_split fills in
 * its own shares, so `test` is read after it and wins. */
static int read_split(struct own_settings *s, const struct yaml *map, struct error *err)
{
	if (yaml_get(map, "split")) {
		if (catalog_split(map, &s->split, err))
			return (int)err->code;
		s->has_split = true;
	}
	return yaml_get_real(map, "test", 0.001, 0.9, &s->split.test, err);
}

/* Names of columns are checked when the file is read, words here. */
static int read_texts(struct own_settings *s, const struct yaml *map, struct error *err)
{
	static const char *const tasks[] = { "classification", "regression" };
	static const char *const metrics[] = { "accuracy", "r2" };
	static const char *const missing[] = { "drop", "error" };
	const char *rows = NULL;

	if (yaml_get_string(map, "target", &s->target, err) ||
	    yaml_get_string(map, "text", &s->text, err) ||
	    yaml_get_string(map, "group", &s->group, err) ||
	    yaml_get_string(map, "time", &s->time, err) ||
	    yaml_get_string(map, "fold", &s->fold, err) ||
	    get_word(map, "task", tasks, 2, &s->task, err) ||
	    get_word(map, "metric", metrics, 2, &s->metric, err) ||
	    get_word(map, "missing_target", missing, 2, &rows, err))
		return (int)err->code;
	if (rows)
		s->drop_rows = !strcmp(rows, "drop");
	return yaml_get_bool(map, "log_target", &s->log_target, err);
}

/* Unknown keys first: a slip must not be followed in part. What a failed call has read
 * already stays in *s; callers give up on it. */
int own_settings_read(struct own_settings *s, const struct yaml *map, struct arena *a,
		      struct error *err)
{
	if (map->kind != YAML_MAP)
		return yaml_error(map, err, "a map of settings is expected, such as "
				  "'target: COLUMN'");
	if (yaml_check_keys(map, keys, COUNT(keys), err) || read_texts(s, map, err) ||
	    read_split(s, map, err) || read_drop(s, map, a, err) ||
	    read_types(s, yaml_get(map, "types"), a, err) ||
	    read_typed(s, map, "categorical", OWN_CATEGORICAL, a, err) ||
	    read_typed(s, map, "numeric", OWN_NUMERIC, a, err) ||
	    get_char(map, "separator", &s->separator, err) ||
	    get_char(map, "decimal", &s->decimal, err) ||
	    get_flag(map, "header", &s->header, err) ||
	    get_flag(map, "day_first", &s->day_first, err))
		return (int)err->code;
	if (yaml_get(map, "options"))
		s->options = yaml_get(map, "options");
	return yaml_get(map, "missing") ? yaml_get_strings(a, map, "missing", &s->missing,
							   &s->n_missing, err)
					: 0;
}
