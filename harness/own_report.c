/* Notes and checks are lists of lines by the time they get here. */
#include "harness/own_report.h"

#include <stdio.h>
#include <string.h>

#include "datasets/load.h"
#include "datasets/own/checks.h"
#include "harness/base/json.h"
#include "harness/base/par.h"
#include "harness/print.h"

/* ---------------------------------------------------------------- checks */

/* The rows go before anything else runs. With all processors: nothing is measured yet.
 * The arena of the rows is not that of the run, as they may be all of memory. */
int own_report_checks(struct cli *c, const struct entry *e, struct notes *out,
		      struct error *err)
{
	struct items items;
	struct split split;
	struct arena rows;
	int rc;

	arena_init(&rows, 0);
	rc = load_raw(&c->fetch, e, par_cpus(), &rows, &items, &split, err);
	if (!rc)
		rc = checks_run(&items, &split, &rows, out, err);
	arena_clear(&rows);
	return rc;
}

/* ---------------------------------------------------------------- table */

enum { NAME, TYPE, USE, MISSING, DISTINCT, SIGHT, WHY, COLUMNS };

static const struct textable_column columns[COLUMNS] = {
	[NAME] = { "column", "column", false },
	[TYPE] = { "type", "type", false },
	[USE] = { "use", "use", false },
	[MISSING] = { "missing", "missing", true },
	[DISTINCT] = { "distinct", "distinct", true },
	[SIGHT] = { "values", "values", false },
	[WHY] = { "why", "why", false },
};

/* The target stands out, what is left out recedes. */
static void fill_columns(struct textable *t, const struct inferred *table)
{
	for (size_t j = 0; j < table->cols; j++) {
		const struct infer_column *c = &table->columns[j];

		textable_add_row(t);
		textable_set(t, NAME, "%s", c->name);
		textable_set(t, TYPE, "%s", infer_kind_name(c->kind));
		textable_set(t, USE, "%s", infer_role_name(c->role));
		textable_set(t, MISSING, "%zu", c->missing);
		textable_set(t, DISTINCT, "%zu", c->distinct);
		textable_set(t, SIGHT, "%s", c->sight);
		textable_set(t, WHY, "%s", c->why);
		if (c->role == INFER_DROPPED)
			textable_color(t, USE, TEXTABLE_DIM);
		if (c->role == INFER_TARGET)
			textable_color(t, USE, TEXTABLE_BOLD);
	}
}

/* In one sentence what the path is taken for. The decimal point is shown since a wrong
 * one makes every number a text. */
static void print_head(const struct own *o)
{
	const struct entry *e = &o->entry;

	printf("%s: %s, %s", e->name, modality_name(e->modality), task_name(e->task));
	if (o->has_table)
		printf(" of '%s', %zu rows, %zu columns; separator %s, decimal '%c'", e->target,
		       o->table.rows, o->table.cols,
		       o->table.separator == '\t' ? "tab" :
		       (char[]){ '\'', o->table.separator, '\'', '\0' }, o->table.decimal);
	printf("\nreader %s; settings %s\n", e->reader->name,
	       o->settings ? "from the .yaml beside it" : "none beside it (PATH.yaml)");
}

/* Warnings say so; the rest are decisions to be looked over. */
static void print_notes(const char *title, const struct notes *n)
{
	if (n->n)
		printf("\n%s\n", title);
	for (size_t k = 0; k < n->n; k++)
		printf("  %s%s\n", n->list[k].level == NOTE_WARNING ? "warning: " : "",
		       n->list[k].text);
}

/* ---------------------------------------------------------------- JSON */

/* Levels as words, for programs that count warnings. An allocation that fails leaves
 * NULL, which json_pack refuses: one error for both. */
static json_t *notes_json(const struct notes *n)
{
	json_t *list = json_array();

	for (size_t k = 0; list && k < n->n; k++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "level",
						      note_level_name(n->list[k].level),
						      "text", n->list[k].text));
	return list;
}

/* All in one object, so that one call is enough. json_pack takes over what "o" names. */
static int print_json(const struct own *o, const struct textable *t,
		      const struct notes *checks, struct error *err)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s?, s:s, s:o, s:o, s:o, s:s?}", "name",
			      o->entry.name, "modality", modality_name(o->entry.modality),
			      "task", task_name(o->entry.task), "target", o->entry.target,
			      "reader", o->entry.reader->name, "columns",
			      textable_to_json(t), "notes", notes_json(&o->notes), "checks",
			      notes_json(checks), "problem",
			      o->problem.code ? o->problem.text : NULL);

	if (!j)
		return error_set(err, ERR_DATA, "%s: names or cells that are not UTF-8 cannot "
				 "be printed as JSON", o->entry.name);
	json_dumpf(j, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(j);
	return 0;
}

/* ---------------------------------------------------------------- verbs */

/* Markdown and CSV have the columns alone: what stands around them is for people. */
static int print_all(struct cli *c, const struct own *o, const struct notes *checks,
		     enum textable_format f, struct error *err)
{
	struct textable t;

	textable_init(&t, c->arena, columns, COLUMNS);
	fill_columns(&t, &o->table);
	if (f == TEXTABLE_JSON)
		return print_json(o, &t, checks, err);
	if (f == TEXTABLE_TABLE) {
		print_head(o);
		if (o->has_table)
			putchar('\n');
	}
	if (o->has_table && print_table(c, &t, f, err))
		return (int)err->code;
	if (f != TEXTABLE_TABLE)
		return 0;
	print_notes("notes", &o->notes);
	print_notes("checks", checks);
	if (!checks->n && !o->problem.code)
		printf("\nchecks: nothing suspicious\n");
	return 0;
}

/* Rows that cannot be learned from cannot be checked either; their table is shown
 * all the same, as it is what one needs to mend them. */
int own_report_show(struct cli *c, const struct taskspec *t, enum textable_format f,
		    struct error *err)
{
	const struct own *o = t->own;
	struct notes checks = { .arena = c->arena };

	if (!o->problem.code && own_report_checks(c, t->entry, &checks, err))
		return (int)err->code;
	if (print_all(c, o, &checks, f, err))
		return (int)err->code;
	if (o->problem.code)
		*err = o->problem;
	return (int)o->problem.code;
}

/* Counts by type on one line; `info` has the columns one by one. The line is cut at
 * its end rather than refused: seven kinds always fit. */
static void tell_columns(const struct log *log, const struct inferred *t)
{
	size_t used[INFER_EMPTY + 1] = { 0 }, dropped = 0;
	char line[256] = "";
	size_t at = 0;

	for (size_t j = 0; j < t->cols; j++) {
		used[t->columns[j].kind] += t->columns[j].role == INFER_FEATURE;
		dropped += t->columns[j].role == INFER_DROPPED;
	}
	for (int k = 0; k <= INFER_EMPTY && at < sizeof(line) - 32; k++)
		if (used[k])
			at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%zu %s",
					       at ? ", " : "", used[k],
					       infer_kind_name((enum infer_kind)k));
	log_info(log, "%zu rows; columns: %s; %zu left out", t->rows, line, dropped);
}

/* A warning shows also where progress is switched off. Through the log and so to
 * stderr: stdout has the results of the run. */
static void tell_notes(const struct log *log, const char *front, const struct notes *n)
{
	for (size_t k = 0; k < n->n; k++)
		if (n->list[k].level == NOTE_WARNING)
			log_warn(log, "%s%s", front, n->list[k].text);
		else
			log_info(log, "%s%s", front, n->list[k].text);
}

/* Before anything runs, so that a wrong guess is seen while it is cheap. */
int own_report_tell(struct cli *c, const struct taskspec *t, struct error *err)
{
	struct notes checks = { .arena = c->arena };
	const struct own *o = t->own;

	if (!o)
		return 0;
	if (own_report_checks(c, t->entry, &checks, err))
		return (int)err->code;
	log_info(&c->log, "%s: %s, %s%s%s", o->entry.name, modality_name(o->entry.modality),
		 task_name(o->entry.task), o->entry.target ? " of " : "",
		 o->entry.target ? o->entry.target : "");
	if (o->has_table && !o->table.document)
		tell_columns(&c->log, &o->table);
	tell_notes(&c->log, "", &o->notes);
	tell_notes(&c->log, "check: ", &checks);
	return 0;
}
