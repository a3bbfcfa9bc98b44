/* One CSV file with a header line; datasets/csv.h says what is understood,
 * this file what the catalogue may say about it:
 *
 * 	separator	one character or `tab`	(the first of , ; tab | in line 1)
 * 	decimal		the decimal point	(.)
 * 	header		false: columns are c1, c2 ... (true)
 * 	missing		texts that stand for a hole (the usual ones)
 * 	categorical	columns whose numbers are names
 * 	numeric		columns in which a text is an error
 * and what csv_changes.h does to the table. */
#include "datasets/csv.h"

#include <string.h>

#include "datasets/csv_changes.h"

static const char *const keys[] = { "separator", "header",    "missing", "decimal",
				    "categorical", "numeric", CSV_CHANGES_KEYS, NULL };

/* A single character, or "tab"; absent leaves *out as it is. */
static int get_char(const struct yaml *map, const char *key, char *out, struct error *err)
{
	const char *text = NULL;

	if (yaml_get_string(map, key, &text, err))
		return err->code;
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

/* The catalogue's options; csv.h says what each means and which is the default. */
static int get_options(const struct source *src, struct arena *a, struct csv_options *o,
		       struct error *err)
{
	const struct yaml *map = src->options;
	bool header = true;

	if (get_char(map, "separator", &o->separator, err) ||
	    get_char(map, "decimal", &o->decimal, err) ||
	    yaml_get_bool(map, "header", &header, err) ||
	    yaml_get_strings(a, map, "missing", &o->missing, &o->n_missing, err) ||
	    yaml_get_strings(a, map, "categorical", &o->categorical, &o->n_categorical,
			     err) ||
	    yaml_get_strings(a, map, "numeric", &o->numeric, &o->n_numeric, err))
		return err->code;
	o->no_header = !header;
	o->target = src->target;
	return 0;
}

/* The message of a later stage gets the path in front; the parser's own have it
 * already, with a line. */
static int read_csv(const struct source *src, struct arena *a, struct items *out,
		    struct error *err)
{
	struct csv_options options = { 0 };
	struct csv_changes changes;
	struct csv csv;

	if (src->n_paths != 1)
		return error_set(err, ERR_CONFIG, "one CSV file, not %zu", src->n_paths);
	if (get_options(src, a, &options, err) ||
	    csv_changes_read(&changes, src, &options, a, err) ||
	    csv_read(src->paths[0], &options, a, &csv, err))
		return err->code;
	if (csv_changes_apply(&changes, src, &csv.table, a, err) ||
	    table_to_items(&csv.table, src, a, out, err))
		return error_wrap(err, "%s", src->paths[0]);
	return 0;
}

const struct reader reader_csv = {
	.name = "csv",
	.summary = "comma-separated values with a header line",
	.version = 1,
	.options = keys,
	.read = read_csv,
};
