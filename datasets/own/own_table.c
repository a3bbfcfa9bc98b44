/* A table of a person's own: from what was inferred to the reader's options. */
#include <string.h>

#include "datasets/csv/csv_bytes.h"
#include "datasets/own/own_parts.h"
#include "datasets/own/yaml_make.h"

/* Names of the columns of a kind that go to the reader as such. The target is never a
 * date; as an amount it becomes a number, as everything else it is left to the reader. */
static const char *const *columns_of(struct own_work *w, enum infer_kind kind, size_t *n)
{
	const struct inferred *t = &w->own->table;
	const char **list = ARENA_NEW(w->a, const char *, t->cols);

	*n = 0;
	for (size_t j = 0; list && j < t->cols; j++) {
		const struct infer_column *c = &t->columns[j];
		bool wanted = c->role == INFER_FEATURE ||
			      (c->role == INFER_TARGET && kind == INFER_AMOUNT);

		if (c->kind == kind && wanted)
			list[(*n)++] = c->name;
	}
	return list;
}

/* Columns that were told to be names, and are not made into anything else. With the
 * time of a split among them, that the parser leaves 20240131 a text; it becomes days
 * afterwards. */
static const char *const *told_names(struct own_work *w, size_t *n)
{
	const struct own_settings *s = &w->s;
	const char **list = ARENA_NEW(w->a, const char *, s->n_types);

	*n = 0;
	for (size_t k = 0; list && k < s->n_types; k++)
		if (s->types[k].type == OWN_CATEGORICAL ||
		    (s->types[k].type == OWN_DATE && s->time &&
		     !strcmp(s->time, s->types[k].name)))
			list[(*n)++] = s->types[k].name;
	return list;
}

/* An empty list is left out: to some options it would mean none at all. */
static void add_list(struct yaml_maker *m, struct yaml *map, const char *key,
		     const char *const *list, size_t n)
{
	m->failed |= !list;
	if (list && n)
		yaml_make_list(m, map, key, list, n);
}

/* All that the parse of the inference was made with, said in full: the reader must
 * come to the same columns, and the digest of the items cover every word. The room of
 * the map is that of all pairs below. */
static int csv_options_yaml(struct own_work *w)
{
	const struct inferred *t = &w->own->table;
	struct yaml_maker m = { .arena = w->a, .file = w->own->entry.name };
	struct yaml *map = yaml_make_map(&m, 10);
	const char *const *names, *const *dates, *const *amounts;
	size_t n_names, n_dates, n_amounts;
	const char *separator = arena_printf(w->a, "%c", t->separator);
	const char *decimal = arena_printf(w->a, "%c", t->decimal);

	if (m.failed || !separator || !decimal)
		return arena_error(w->a, w->err);
	names = told_names(w, &n_names);
	dates = columns_of(w, INFER_DATE, &n_dates);
	amounts = columns_of(w, INFER_AMOUNT, &n_amounts);
	yaml_make_text(&m, map, "separator", separator);
	yaml_make_text(&m, map, "decimal", decimal);
	yaml_make_text(&m, map, "header", t->header ? "true" : "false");
	yaml_make_text(&m, map, "rename", "true");
	yaml_make_list(&m, map, "missing", t->missing, t->n_missing);
	add_list(&m, map, "categorical", names, n_names);
	add_list(&m, map, "dates", dates, n_dates);
	add_list(&m, map, "amounts", amounts, n_amounts);
	if (w->s.day_first >= 0)
		yaml_make_text(&m, map, "day_first", w->s.day_first ? "true" : "false");
	if (w->s.drop_rows)
		yaml_make_text(&m, map, "missing_target", "drop");
	w->own->entry.options = map;
	return m.failed ? arena_error(w->a, w->err) : 0;
}

/* With their reasons, which a person may want to argue with. Of the columns that are
 * left out by name or by guess; the reader knows no roles. */
static int take_drops(struct own_work *w)
{
	const struct inferred *t = &w->own->table;
	struct entry *e = &w->own->entry;
	struct dropped *drops = ARENA_NEW(w->a, struct dropped, t->cols);

	if (!drops)
		return arena_error(w->a, w->err);
	/* the time of a split is no feature: the test rows have none of the fitted */
	for (size_t j = 0; j < t->cols; j++)
		if (w->s.time && !strcmp(t->columns[j].name, w->s.time))
			drops[e->n_drops++] = (struct dropped){ w->s.time, "the split goes by it" };
		else if (t->columns[j].role == INFER_DROPPED)
			drops[e->n_drops++] = (struct dropped){ t->columns[j].name,
								t->columns[j].why };
	e->drops = drops;
	return 0;
}

/* What makes learning pointless, with the cure; told once the table was shown. In the
 * order in which a person would mend them: one message at a time. It is kept beside
 * the table and not returned, so that `info` can show what is there. */
static void find_problem(struct own_work *w)
{
	const struct inferred *t = &w->own->table;
	const struct infer_column *y = &t->columns[t->target];
	struct error *p = &w->own->problem;
	const uint32_t *line = t->no_target_line;
	size_t distinct = y->distinct;

	if (!distinct)
		error_set(p, ERR_DATA, "%s: target '%s' is missing in every row",
			  w->own->entry.name, y->name);
	else if (distinct == 1)
		error_set(p, ERR_DATA, "%s: target '%s' is the same in every row (%s): there "
			  "is nothing to learn; target=COLUMN takes another",
			  w->own->entry.name, y->name, y->sight);
	else if (t->no_target && !w->s.drop_rows)
		error_set(p, ERR_DATA, "%s:%u: target '%s' is missing in %zu of %zu rows "
			  "(lines %u%s%.0u%s%.0u%s); 'missing_target: drop' in %s.yaml, or "
			  "[missing_target=drop], leaves them out", w->own->entry.name, line[0],
			  y->name, t->no_target, t->rows, line[0], line[1] ? ", " : "", line[1],
			  line[2] ? ", " : "", line[2], t->no_target > 3 ? " ..." : "",
			  w->own->entry.name);
	else if (w->own->entry.task == TASK_REGRESSION && y->kind != INFER_NUMERIC &&
		 y->kind != INFER_AMOUNT)
		error_set(p, ERR_DATA, "%s: target '%s' is %s, regression needs numbers; "
			  "task=classification, or another target", w->own->entry.name, y->name,
			  infer_kind_name(y->kind));
}

/* Rows are known by now; a later read that finds others is an error. Rows without a
 * target are already off the count where they are dropped. */
static int take_table(struct own_work *w)
{
	struct entry *e = &w->own->entry;
	const struct inferred *t = &w->own->table;

	if (w->s.options)
		return yaml_error(w->s.options, w->err, "'options' is for folders; a table "
				  "has the other keys");
	e->modality = MODALITY_TABULAR;
	e->reader = reader_find("csv");
	e->expect.rows = t->rows - (w->s.drop_rows ? t->no_target : 0);
	return csv_options_yaml(w) || take_drops(w) ? (int)w->err->code : 0;
}

/* The reader of texts takes two columns and knows of no others. Roles change here,
 * after the notes were made: the table that `info` shows must say what is used. */
static int take_text(struct own_work *w)
{
	const struct inferred *t = &w->own->table;
	struct yaml_maker m = { .arena = w->a, .file = w->own->entry.name };
	struct yaml *map = yaml_make_map(&m, 4);
	struct entry *e = &w->own->entry;

	e->modality = MODALITY_TEXT;
	e->reader = reader_find("text");
	if (!e->reader)
		return error_set(w->err, ERR_CONFIG, "%s: this program has no reader 'text' "
				 "for text=%s", w->own->path, t->document);
	if (m.failed)
		return arena_error(w->a, w->err);
	yaml_make_text(&m, map, "format", t->separator == '\t' ? "tsv" : "csv");
	yaml_make_text(&m, map, "text_column", t->document);
	yaml_make_text(&m, map, "label_column", t->columns[t->target].name);
	for (size_t j = 0; j < t->cols; j++)
		if (t->columns[j].role == INFER_FEATURE) {
			t->columns[j].role = INFER_DROPPED;
			t->columns[j].why = "the text alone is learned from";
		}
	e->options = map;
	return m.failed ? arena_error(w->a, w->err) : 0;
}

/* The text goes once the inference is done: the reader maps the file anew. What
 * infer_table allocates for good is in w->a, and nothing there points into the bytes. */
int own_table(struct own_work *w)
{
	struct own *o = w->own;
	struct arena scratch;
	struct csv_bytes b;
	int rc;

	arena_init(&scratch, 0);
	rc = csv_bytes_open(&b, o->path, &scratch, w->err);
	if (!rc) {
		rc = infer_table(b.text, b.size, o->path, &w->s, w->a, &o->table, &o->notes,
				 w->err);
		csv_bytes_close(&b);
	}
	arena_clear(&scratch);
	if (rc)
		return rc;
	o->has_table = true;
	o->entry.target = o->table.columns[o->table.target].name;
	o->entry.task = o->table.task;
	find_problem(w);
	return o->table.document ? take_text(w) : take_table(w);
}
