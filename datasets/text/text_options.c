/* The catalogue's options are read twice for each path: those of all files, then
 * those that `files` gives for this one, which win. */
#include "datasets/text/text_source.h"

#include <string.h>

#include "datasets/text/usenet.h"
#include "harness/base/suggest.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

const char *const text_source_keys[] = {
	"format", "files", "official", "classes", "min_class", "text_column",
	"label_column", "label_base", "header", "separator", "label_until",
	"label_level", "train", "valid", "test", "strip", "encoding",
	"bad_utf8", "max_bytes", NULL,
};

/* Those that a map of `files` may have; `class` only there. */
static const char *const file_keys[] = {
	"official", "class", "text_column", "label_column", "label_base",
	"header", "separator", "label_until", "encoding", "bad_utf8",
};

static const char *const parts[] = { "none", "train", "valid", "test" };

/* The place of a node's text among names. */
static int choose(const struct yaml *node, const char *what,
		  const char *const *names, size_t n, size_t *out,
		  struct error *err)
{
	const char *text;
	char hint[80];

	if (yaml_string(node, &text, err))
		return err->code;
	for (size_t k = 0; k < n; k++)
		if (!strcmp(names[k], text)) {
			*out = k;
			return 0;
		}
	return yaml_error(node, err, "unknown %s '%s'%s", what, text,
			  suggest_text(text, names, n, hint, sizeof(hint)));
}

/* The same for a key that may be absent: *out stays. */
static int get_choice(const struct yaml *map, const char *key,
		      const char *const *names, size_t n, size_t *out,
		      struct error *err)
{
	const struct yaml *node = yaml_get(map, key);

	return node ? choose(node, key, names, n, out, err) : 0;
}

/* Starts from what all files have, so that `files` may set just one of both. */
static int get_encoding(const struct yaml *map, struct utf8_source *from,
			struct error *err)
{
	static const char *const encodings[] = { "utf8", "latin1" };
	static const char *const cures[] = { "error", "replace" };
	size_t encoding = from->latin1, cure = from->replace;

	if (get_choice(map, "encoding", encodings, 2, &encoding, err) ||
	    get_choice(map, "bad_utf8", cures, 2, &cure, err))
		return err->code;
	from->latin1 = encoding == 1;
	from->replace = cure == 1;
	return 0;
}

/* Words, for a tab cannot be seen in a catalogue, and a colon is YAML's own. */
static int get_separator(const struct yaml *map, char *out, struct error *err)
{
	static const char *const names[] = { "space", "tab", "colon" };
	size_t k = 3;

	if (get_choice(map, "separator", names, 3, &k, err))
		return err->code;
	if (k < 3)
		*out = " \t:"[k];
	return 0;
}

/* What may differ from file to file. */
static int get_file(const struct yaml *map, struct arena *a,
		    struct text_source *s, struct error *err)
{
	s->has_base |= yaml_get(map, "label_base") != NULL;
	if (yaml_get_strings(a, map, "text_column", &s->text_columns,
			     &s->n_text_columns, err) ||
	    yaml_get_string(map, "label_column", &s->label_column, err) ||
	    yaml_get_int(map, "label_base", -INT32_MAX, INT32_MAX,
			 &s->label_base, err) ||
	    yaml_get_bool(map, "header", &s->header, err) ||
	    get_separator(map, &s->separator, err) ||
	    yaml_get_string(map, "label_until", &s->label_until, err) ||
	    yaml_get_string(map, "class", &s->class_name, err))
		return err->code;
	return get_encoding(map, &s->from, err);
}

/* Each item by its own place in the file, for the message. */
static int get_strip(const struct yaml *map, struct arena *a, unsigned *out,
		     struct error *err)
{
	static const char *const names[] = { "headers", "quotes", "footers" };
	const char *const *list = NULL;
	const struct yaml *node = yaml_get(map, "strip");
	size_t n = 0;

	if (yaml_get_strings(a, map, "strip", &list, &n, err))
		return err->code;
	for (size_t k = 0; k < n; k++) {
		const struct yaml *at =
			node->kind == YAML_LIST ? node->items[k] : node;
		size_t bit = 0;

		if (choose(at, "part to strip", names, 3, &bit, err))
			return err->code;
		*out |= 1u << bit;
	}
	return 0;
}

/* What is the same for all files of a data set. */
static int get_common(const struct yaml *map, struct arena *a,
		      struct text_source *s, struct error *err)
{
	static const char *const formats[] = { "csv", "lines", "lines_by_file",
					       "folders", "tsv" };
	size_t format = 5;
	int64_t most = 0;

	if (get_choice(map, "format", formats, 5, &format, err))
		return err->code;
	if (format == 5)
		return error_set(err, ERR_CONFIG, "reader text needs the option "
				 "format: csv, tsv, lines, lines_by_file or "
				 "folders");
	s->format = format == 4 ? TEXT_CSV : (enum text_format)format;
	s->separator = format == 4 ? '\t' : format == TEXT_CSV ? ',' : ' ';
	s->header = true;
	s->label_level = -1;
	if (yaml_get_strings(a, map, "classes", &s->classes, &s->n_classes,
			     err) ||
	    yaml_get_int(map, "label_level", -64, 64, &s->label_level, err) ||
	    yaml_get_int(map, "max_bytes", 1, INT32_MAX, &most, err) ||
	    get_strip(map, a, &s->strip, err))
		return err->code;
	s->max_bytes = (size_t)most;
	for (size_t p = OFFICIAL_TRAIN; p <= OFFICIAL_TEST; p++)
		if (yaml_get_string(map, parts[p], &s->part[p], err))
			return err->code;
	return get_file(map, a, s, err);
}

/* Item k of a list that has one for each path. */
static int item_of(const struct source *src, const char *key, size_t k,
		   const struct yaml **out, struct error *err)
{
	const struct yaml *list = yaml_get(src->options, key);

	*out = NULL;
	if (!list)
		return 0;
	if (list->kind != YAML_LIST || list->n != src->n_paths)
		return yaml_error(list, err, "'%s' is a list with one item for "
				  "each of the %zu files", key, src->n_paths);
	*out = list->items[k];
	return 0;
}

/* Absent keeps what was said before: the list, then the map of the file. */
static int get_official(const struct yaml *node, struct text_source *s,
			struct error *err)
{
	size_t part = OFFICIAL_NONE;

	if (node && choose(node, "part", parts, COUNT(parts), &part, err))
		return err->code;
	s->official = node ? (enum official)part : s->official;
	return 0;
}

/* What a format cannot do without. */
static int check(const struct source *src, const struct text_source *s,
		 struct error *err)
{
	if (s->format == TEXT_CSV && (!s->n_text_columns || !s->label_column))
		return yaml_error(src->options, err, "format csv needs "
				  "text_column and label_column");
	if (s->format == TEXT_LINES_BY_FILE && !s->class_name)
		return yaml_error(src->options, err, "lines_by_file needs a class "
				  "for each of the %zu files: classes, in their "
				  "order, or class in files", src->n_paths);
	if (s->has_base && !s->classes)
		return yaml_error(src->options, err,
				  "label_base needs classes, their names");
	return 0;
}

/* Paths are in the catalogue's order, and so are the lists. classes are the
 * names of the files' classes only where there are as many as files; else (two
 * parts of a set) the maps must say. */
int text_source_options(const struct source *src, struct arena *a,
		 struct text_source **out, struct error *err)
{
	const struct yaml *node;

	if (!src->options)
		return error_set(err, ERR_CONFIG, "reader text needs options");
	*out = ARENA_NEW(a, struct text_source, src->n_paths);
	if (!*out)
		return arena_error(a, err);
	for (size_t k = 0; k < src->n_paths; k++) {
		struct text_source *s = &(*out)[k];

		s->path = src->paths[k];
		if (get_common(src->options, a, s, err) ||
		    item_of(src, "official", k, &node, err) ||
		    get_official(node, s, err))
			return err->code;
		if (s->format == TEXT_LINES_BY_FILE &&
		    s->n_classes == src->n_paths)
			s->class_name = s->classes[k];
		if (item_of(src, "files", k, &node, err))
			return err->code;
		if (node && (yaml_check_keys(node, file_keys, COUNT(file_keys),
					     err) ||
			     get_file(node, a, s, err) ||
			     get_official(yaml_get(node, "official"), s, err)))
			return err->code;
		if (check(src, s, err))
			return err->code;
	}
	return 0;
}
