/* The parser's options as words of the catalogue; datasets/read_csv.c lists them. */
#include "datasets/csv/csv_source.h"

#include <string.h>

/* A single character, or its name; absent leaves *out as it is. */
static int get_char(const struct yaml *map, const char *key, char *out, struct error *err)
{
	const char *text = NULL;

	if (yaml_get_string(map, key, &text, err))
		return err->code;
	if (!text)
		return 0;
	if (!strcmp(text, "tab"))
		text = "\t";
	if (!strcmp(text, "space"))
		text = " ";
	if (strlen(text) != 1 || strchr("\"\n\r", *text))
		return yaml_error(yaml_get(map, key), err,
				  "%s is one character, tab or space", key);
	*out = *text;
	return 0;
}

/* The catalogue's options; csv.h says what each means and which is the default. */
int csv_source_options(const struct source *src, struct arena *a, struct csv_options *o,
		       struct error *err)
{
	const struct yaml *map = src->options;
	bool header = !yaml_get(map, "columns");

	if (get_char(map, "separator", &o->separator, err) ||
	    get_char(map, "decimal", &o->decimal, err) ||
	    get_char(map, "comment", &o->comment, err) ||
	    yaml_get_bool(map, "header", &header, err) ||
	    yaml_get_strings(a, map, "columns", &o->names, &o->n_names, err) ||
	    yaml_get_strings(a, map, "missing", &o->missing, &o->n_missing, err) ||
	    yaml_get_strings(a, map, "categorical", &o->categorical, &o->n_categorical,
			     err) ||
	    yaml_get_strings(a, map, "numeric", &o->numeric, &o->n_numeric, err) ||
	    yaml_get_bool(map, "strip_dot", &o->strip_dot, err))
		return err->code;
	o->no_header = !header;
	o->target = src->target;
	return 0;
}
