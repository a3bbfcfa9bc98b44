/* Dates, amounts and rows without a target: what the catalogue or a guess about
 * a user's file asks for beyond what a parser of cells can do. */
#include "datasets/csv_changes.h"

#include <math.h>
#include <string.h>

#include "datasets/amounts.h"
#include "datasets/dates.h"

/* Texts that will become dates or amounts must come out of the parser as texts:
 * 20240131 as a float would be another day. */
static int keep_texts(const struct csv_changes *c, struct arena *a, struct csv_options *o,
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

int csv_changes_read(struct csv_changes *c, const struct source *src, struct arena *a,
		     struct csv_options *o, struct error *err)
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
	c->decimal = o->decimal ? o->decimal : '.';
	c->day_first = yaml_get(map, "day_first") ? day_first : -1;
	if (c->drop_rows)
		o->target = NULL; /* a hole in it is no error of the parser then */
	return keep_texts(c, a, o, err);
}

/* Rows with a hole in the target go; the others move up, in every column, and the
 * ends of the files with them. */
static void keep_rows(struct csv *csv, size_t target)
{
	struct table *t = &csv->table;
	size_t n = 0, file = 0;

	for (size_t i = 0; i < t->rows; i++) {
		for (; csv->end && i == csv->end[file]; file++)
			csv->end[file] = n;
		if (isnan(t->cell[target][i]))
			continue;
		for (size_t k = 0; k < t->cols; k++)
			t->cell[k][n] = t->cell[k][i];
		csv->line[n++] = csv->line[i];
	}
	for (; csv->end && file < csv->files; file++)
		csv->end[file] = n;
	t->rows = n;
}

/* A target that is not there is table_to_items' to complain of. */
static int drop_rows(struct csv *csv, const char *target, struct error *err)
{
	const struct table *t = &csv->table;
	size_t j = 0;

	while (j < t->cols && (!target || strcmp(t->columns[j].name, target)))
		j++;
	if (j == t->cols)
		return 0;
	keep_rows(csv, j);
	return t->rows ? 0 : error_set(err, ERR_DATA,
				       "target '%s' is missing in every row", target);
}

/* Rows go first: what is only in them is no level, date or amount any more that
 * anybody would ask for. */
int csv_changes_apply(const struct csv_changes *c, struct csv *csv,
		      const struct source *src, struct arena *a, struct error *err)
{
	if (c->drop_rows && drop_rows(csv, src->target, err))
		return err->code;
	if (amounts_convert(&csv->table, c->amounts, c->n_amounts, c->decimal, a, err))
		return err->code;
	return dates_expand(&csv->table, c->dates, c->n_dates, c->day_first, a, err);
}
