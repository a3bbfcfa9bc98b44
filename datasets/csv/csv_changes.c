/* The parser knows numbers and texts; what else a column may hold is made of its
 * texts here, each distinct one once. */
#include "datasets/csv/csv_changes.h"

#include "datasets/csv/amounts.h"
#include "datasets/csv/dates.h"
#include "datasets/table_rows.h"

/* Texts that will become dates or amounts must come out of the parser as texts:
 * 20240131 as a float would be another day. The list of the options is not changed in
 * place: it may be that of the YAML. */
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

/* Before the parse, since two of the options change what the parser is asked for:
 * which columns stay texts, and whether a hole in the target is an error. -1 where
 * nothing is said of day_first, which is not the same as false. */
int csv_changes_read(struct csv_changes *c, const struct source *src,
		     struct csv_options *o, struct arena *a, struct error *err)
{
	const struct yaml *map = src->options;
	bool day_first = false;

	*c = (struct csv_changes){ .decimal = o->decimal ? o->decimal : '.' };
	if (yaml_get_strings(a, map, "dates", &c->dates, &c->n_dates, err) ||
	    yaml_get_strings(a, map, "amounts", &c->amounts, &c->n_amounts, err) ||
	    yaml_get_bool(map, "day_first", &day_first, err) ||
	    yaml_get_bool(map, "rename", &o->rename, err) ||
	    table_rows_option(src, &c->drop_rows, err))
		return err->code;
	c->day_first = yaml_get(map, "day_first") ? day_first : -1;
	if (c->drop_rows && src->n_paths > 1)
		return yaml_error(yaml_get(map, "missing_target"), err,
				  "rows are dropped of one file, not of %zu", src->n_paths);
	if (c->drop_rows)
		o->target = NULL; /* a hole in it is no error of the parser then */
	return keep_texts(c, a, o, err);
}

/* Rows go first: what is only in them is no level, date or amount any more that
 * anybody would ask for. The time of the split before the dates, which would put parts
 * in its place. */
int csv_changes_apply(const struct csv_changes *c, const struct source *src,
		      struct table *t, struct arena *a, struct error *err)
{
	if (c->drop_rows && table_rows_with_target(t, src->target, a, err))
		return err->code;
	if (src->time && dates_number(t, src->time, c->day_first, a, err))
		return err->code;
	if (amounts_convert(t, c->amounts, c->n_amounts, c->decimal, a, err))
		return err->code;
	return dates_expand(t, c->dates, c->n_dates, c->day_first, a, err);
}
