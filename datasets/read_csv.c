/* One CSV file with a header line; datasets/csv.h says what is understood,
 * this file what the catalogue may say about it:
 *
 * 	separator	one character or `tab`	(the first of , ; tab | in line 1)
 * 	decimal		the decimal point	(.)
 * 	header		false: columns are c1, c2 ... (true)
 * 	missing		texts that stand for a hole (the usual ones)
 * 	categorical	columns whose numbers are names
 * 	numeric		columns in which a text is an error
 * 	rename		true: names that come twice get numbers
 * 	dates		columns of dates, of which parts are made (dates.h)
 * 	day_first	dates are day/month (true) or month/day (by the column)
 * 	amounts		columns of $1,234 or 12%, read as numbers (amounts.h)
 * 	missing_target	drop: rows without a target are left out (error) */
#include "datasets/csv.h"

#include <math.h>
#include <string.h>

#include "datasets/amounts.h"
#include "datasets/dates.h"

static const char *const keys[] = { "separator", "header",    "missing", "decimal",
				    "categorical", "numeric", "rename",  "dates",
				    "day_first", "amounts",   "missing_target", NULL };

/* What is done to the table between the parser and the items. */
struct changes {
	const char *const *dates, *const *amounts;
	size_t n_dates, n_amounts;
	int day_first;	/* -1: by the column */
	bool drop_rows; /* without a target */
};

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

/* Texts that will become dates or amounts must come out of the parser as texts:
 * 20240131 as a float would be another day. */
static int keep_texts(const struct changes *c, struct arena *a, struct csv_options *o,
		      struct error *err)
{
	size_t n = o->n_categorical;
	const char **list = ARENA_NEW(a, const char *, n + c->n_dates + c->n_amounts);

	if (!list)
		return arena_error(a, err);
	for (size_t k = 0; k < n; k++)
		list[k] = o->categorical[k];
	for (size_t k = 0; k < c->n_dates; k++)
		list[n++] = c->dates[k];
	for (size_t k = 0; k < c->n_amounts; k++)
		list[n++] = c->amounts[k];
	o->categorical = list;
	o->n_categorical = n;
	return 0;
}

static int get_changes(const struct source *src, struct arena *a, struct csv_options *o,
		       struct changes *c, struct error *err)
{
	const struct yaml *map = src->options;
	const char *missing = NULL;
	bool day_first = false;

	if (yaml_get_strings(a, map, "dates", &c->dates, &c->n_dates, err) ||
	    yaml_get_strings(a, map, "amounts", &c->amounts, &c->n_amounts, err) ||
	    yaml_get_bool(map, "day_first", &day_first, err) ||
	    yaml_get_bool(map, "rename", &o->rename, err) ||
	    yaml_get_string(map, "missing_target", &missing, err))
		return err->code;
	if (missing && strcmp(missing, "drop") && strcmp(missing, "error"))
		return yaml_error(yaml_get(map, "missing_target"), err,
				  "missing_target is drop or error, not '%s'", missing);
	c->drop_rows = missing && !strcmp(missing, "drop");
	c->day_first = yaml_get(map, "day_first") ? day_first : -1;
	if (c->drop_rows)
		o->target = NULL; /* a hole in it is no error of the parser then */
	return keep_texts(c, a, o, err);
}

/* Rows with a hole in the target go; the others move up, in every column. */
static int drop_rows(struct table *t, const char *target, struct error *err)
{
	size_t j = 0, n = 0;

	while (j < t->cols && (!target || strcmp(t->columns[j].name, target)))
		j++;
	if (j == t->cols)
		return 0; /* table_to_items says what is wrong with it */
	for (size_t i = 0; i < t->rows; i++) {
		if (isnan(t->cell[j][i]))
			continue;
		for (size_t k = 0; k < t->cols; k++)
			t->cell[k][n] = t->cell[k][i];
		n++;
	}
	t->rows = n;
	return n ? 0 : error_set(err, ERR_DATA, "target '%s' is missing in every row",
				 target);
}

/* Rows go first: what is only in them is no level, date or amount any more that
 * anybody would ask for. */
static int change(struct table *t, const struct source *src, const struct changes *c,
		  char decimal, struct arena *a, struct error *err)
{
	if (c->drop_rows && drop_rows(t, src->target, err))
		return err->code;
	if (src->time && dates_number(t, src->time, c->day_first, a, err))
		return err->code;
	if (amounts_convert(t, c->amounts, c->n_amounts, decimal ? decimal : '.', a, err))
		return err->code;
	return dates_expand(t, c->dates, c->n_dates, c->day_first, a, err);
}

/* The message of a later stage gets the path in front; the parser's own have it
 * already, with a line. */
static int read_csv(const struct source *src, struct arena *a, struct items *out,
		    struct error *err)
{
	struct csv_options options = { 0 };
	struct changes changes = { 0 };
	struct csv csv;

	if (src->n_paths != 1)
		return error_set(err, ERR_CONFIG, "one CSV file, not %zu", src->n_paths);
	if (get_options(src, a, &options, err) ||
	    get_changes(src, a, &options, &changes, err) ||
	    csv_read(src->paths[0], &options, a, &csv, err))
		return err->code;
	if (change(&csv.table, src, &changes, options.decimal, a, err) ||
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
