/* triarch info NAME: all about one learner, transform, data set or own data.
 *
 * Nothing is written down twice: a learner's page is its parameter table, a
 * data set's is its entry in the catalogue. A name is looked for among the
 * learners first.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "datasets/transform.h"
#include "harness/base/suggest.h"
#include "harness/opt.h"
#include "harness/own_report.h"
#include "harness/print.h"
#include "learners/learner.h"

#define VIEWS_MAX (sizeof(((struct learner *)0)->views) / sizeof(enum view))
#define NAMES_MAX 512

/* ---------------------------------------------------------------- learners */

enum { NAME, TYPE, DEFAULT, RANGE, SEARCH, HELP, COLUMNS };

static const struct textable_column columns[COLUMNS] = {
	[NAME] = { "name", "parameter", false },
	[TYPE] = { "type", "type", false },
	[DEFAULT] = { "default", "default", false },
	[RANGE] = { "range", "range", false },
	[SEARCH] = { "search", "search", false },
	[HELP] = { "help", "help", false },
};

/* Defaults are doubles in the schema; a choice's is the index of its word. */
static void set_default(struct textable *t, const struct param *p)
{
	if (p->type == PARAM_TYPE_CHOICE)
		textable_set(t, DEFAULT, "%s", p->choices[(int)p->otherwise]);
	else if (p->type == PARAM_TYPE_BOOL)
		textable_set(t, DEFAULT, p->otherwise != 0.0 ? "true" : "false");
	else if (p->type == PARAM_TYPE_TEXT)
		textable_set(t, DEFAULT, "\"\"");
	else
		textable_set(t, DEFAULT, "%g", p->otherwise);
}

/* The allowed values: an interval with both its ends, or the choices. */
static void set_range(struct textable *t, const struct param *p)
{
	struct text list = { .arena = t->arena };

	if (p->type == PARAM_TYPE_CHOICE) {
		for (size_t i = 0; p->choices[i]; i++)
			text_printf(&list, "%s%s", i ? "|" : "", p->choices[i]);
		textable_set(t, RANGE, "%s", list.data ? list.data : "");
	} else if (p->type == PARAM_TYPE_BOOL) {
		textable_set(t, RANGE, "false|true");
	} else if (p->type == PARAM_TYPE_TEXT) {
		textable_set(t, RANGE, "<= %g bytes", p->max);
	} else {
		textable_set(t, RANGE, "%g .. %g", p->min, p->max);
	}
}

/* What random search draws from, which may be narrower than what is allowed;
 * "-" stays at its default. */
static void set_search(struct textable *t, const struct param *p)
{
	if (!p->tunable)
		textable_set(t, SEARCH, "-");
	else if (p->type == PARAM_TYPE_CHOICE || p->type == PARAM_TYPE_BOOL)
		textable_set(t, SEARCH, "any");
	else
		textable_set(t, SEARCH, "%g .. %g%s", p->lo, p->hi,
			     p->log_scale ? " log" : "");
}

/* The schema is the manual: nothing is said here that the learner's own table
 * does not say. */
static void fill_params(struct textable *t, const struct learner *l)
{
	static const char *const types[] = { "int", "real", "bool", "choice",
					     "text" };

	for (const struct param *p = l->params; p && p->name; p++) {
		textable_add_row(t);
		textable_set(t, NAME, "%s", p->name);
		textable_set(t, TYPE, "%s", types[p->type]);
		set_default(t, p);
		set_range(t, p);
		set_search(t, p);
		textable_set(t, HELP, "%s", p->help);
	}
}

/* The table of parameters as a list inside one object, so that a program gets
 * everything with one call. textable_to_json gives a new reference, which
 * json_pack takes over. */
static int learner_json(struct cli *c, const struct learner *l,
			const struct textable *t, struct error *err)
{
	const char *views = print_views(c->arena, l->views, VIEWS_MAX);
	const char *tasks = print_tasks(c->arena, l->tasks);
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:b, s:o}",
			      "name", l->name, "summary", l->summary, "family",
			      family_name(l->family), "origin",
			      l->origin == ORIGIN_OURS ? "ours" : "reference",
			      "version", l->version, "views",
			      views ? views : "", "tasks", tasks ? tasks : "",
			      "uses_valid", (int)l->uses_valid, "parameters",
			      textable_to_json(t));

	if (!o)
		return error_set(err, ERR_MEMORY, "out of memory");
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
	return 0;
}

/* Markdown and CSV have the table alone: what stands above it is for people.
 * "ours" and "reference" matter to a reader of the board, hence the words on
 * what a reference is exempt from. */
static int show_learner(struct cli *c, const struct learner *l,
			enum textable_format f, struct error *err)
{
	const char *views = print_views(c->arena, l->views, VIEWS_MAX);
	const char *tasks = print_tasks(c->arena, l->tasks);
	struct textable t;

	textable_init(&t, c->arena, columns, COLUMNS);
	fill_params(&t, l);
	if (f == TEXTABLE_JSON)
		return learner_json(c, l, &t, err);
	if (!views || !tasks)
		return arena_error(c->arena, err);
	if (f == TEXTABLE_TABLE)
		printf("%s: %s\n\nfamily    %s\norigin    %s\nversion   %d\n"
		       "tasks     %s\nviews     %s (the first that the task has"
		       ")\n%s\n", l->name, l->summary, family_name(l->family),
		       l->origin == ORIGIN_OURS ? "ours" :
		       "reference (other people's code: exempt from the "
		       "contracts on memory, threads and bits)", l->version,
		       tasks, views, l->uses_valid ?
		       "looks at the validation rows (early stopping)\n" : "");
	return print_table(c, &t, f, err);
}

/* ---------------------------------------------------------------- data sets */

/* What is not known has no line: an empty one would read as "none". */
static void add_pair(struct textable *t, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	textable_add_row(t);
	textable_set(t, 0, "%s", key);
	textable_set(t, 1, "%s", value);
}

/* SIZE_MAX is the catalogue's "not stated". */
static void add_count(struct textable *t, const char *key, size_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%zu", n);
	add_pair(t, key, n == SIZE_MAX ? NULL : text);
}

/* The rule, not the rows: those depend on the repeat's seed. Shares are as
 * datasets/split.h has them: validation is taken off the rows that are fitted,
 * not off the whole. */
static void add_split(struct textable *t, const struct entry *e)
{
	const struct split_rule *s = &e->split;

	textable_add_row(t);
	textable_set(t, 0, "split");
	if (s->kind == SPLIT_OFFICIAL)
		textable_set(t, 1, "official test rows; validation %g of the "
				   "fitted rows", s->valid);
	else if (s->kind == SPLIT_FOLD)
		textable_set(t, 1, "repeat r is tested on fold r%s%s; validation %g "
				   "of the fitted rows", e->fold ? " of " : "",
			     e->fold ? e->fold : "", s->valid);
	else if (s->kind == SPLIT_TIME)
		textable_set(t, 1, "by %s: the latest %g test, the latest %g of the "
				   "others validate", e->time, s->test,
			     s->valid / (1 + s->valid));
	else
		textable_set(t, 1, "random: test %g of all rows, validation %g "
				   "of the fitted rows", s->test, s->valid);
	if (s->max_test)
		add_count(t, "test rows at most", s->max_test);
	add_pair(t, "never parted", e->group);
}

/* Where each file comes from with its digest, so that anybody can check it by
 * hand; and which columns are left out, because they would give the target
 * away. */
static void add_origins(struct textable *t, const struct entry *e)
{
	for (size_t k = 0; k < e->n_origins; k++) {
		textable_add_row(t);
		textable_set(t, 0, e->origins[k].is_tree ? "folder" : "file");
		textable_set(t, 1, "%s: %s (sha256 %s)",
			     origin_source(&e->origins[k]),
			     origin_name(&e->origins[k]),
			     e->origins[k].sha256);
	}
	for (size_t k = 0; k < e->n_drops; k++) {
		textable_add_row(t);
		textable_set(t, 0, "left out");
		textable_set(t, 1, "%s: %s", e->drops[k].column,
			     e->drops[k].reason ? e->drops[k].reason : "");
	}
}

/* Everything the catalogue knows, in the order in which one asks: what it is,
 * how large, where from, whether here, and who may use it. */
static int show_entry(struct cli *c, const struct entry *e,
		      enum textable_format f, struct error *err)
{
	static const struct textable_column pair[] = {
		{ "key", "data set", false },
		{ "value", "", false },
	};
	struct textable t;

	textable_init(&t, c->arena, pair, 2);
	add_pair(&t, "name", e->name);
	add_pair(&t, "title", e->title);
	add_pair(&t, "a copy of", strcmp(e->identity, e->name) ? e->identity : "");
	add_pair(&t, "synthetic", e->synthetic ? "yes: made by a formula" : "");
	add_pair(&t, "modality", modality_name(e->modality));
	add_pair(&t, "task", task_name(e->task));
	add_pair(&t, "metric", e->metric);
	add_pair(&t, "target", e->target);
	add_pair(&t, "target is", e->log_target ? "its natural logarithm" : "");
	add_count(&t, "rows", e->expect.rows);
	add_count(&t, "columns", e->expect.columns);
	if (e->task == TASK_CLASSIFICATION)
		add_count(&t, "classes", e->expect.classes);
	add_count(&t, "missing cells", e->expect.missing);
	add_split(&t, e);
	add_pair(&t, "reader", e->reader ? e->reader->name : "");
	add_origins(&t, e);
	add_pair(&t, "here", fetch_present(&c->fetch, e) ?
				     "yes" : "no: triarch fetch brings it");
	add_pair(&t, "licence", e->licence);
	add_pair(&t, "citation", e->citation);
	add_pair(&t, "notes", e->notes);
	return print_table(c, &t, f, err);
}

/* ---------------------------------------------------------------- transforms */

/* From the struct alone, as all pages here. */
static int show_transform(struct cli *c, const struct transform *x,
			  enum textable_format f, struct error *err)
{
	static const struct textable_column pair[] = {
		{ "key", "transform", false },
		{ "value", "", false },
	};
	const char *acts = x->rows ? "the rows fitted on" : x->items ? "the raw items" :
								       "the encoded view";
	struct textable t;

	textable_init(&t, c->arena, pair, 2);
	add_pair(&t, "name", x->name);
	add_pair(&t, "summary", x->summary);
	add_pair(&t, "modalities", print_modalities(c->arena, x->modalities));
	add_pair(&t, "tasks", print_tasks(c->arena, x->tasks));
	add_pair(&t, "severity", x->severity);
	add_pair(&t, "range", arena_printf(c->arena, "%g .. %g", x->min, x->max));
	add_pair(&t, "usual", arena_printf(c->arena, "%g", x->usual));
	add_pair(&t, "acts on", acts);
	add_count(&t, "version", (size_t)x->version);
	add_pair(&t, "written", arena_printf(c->arena, "-d 'NAME[%s=%g]'", x->name, x->usual));
	return print_table(c, &t, f, err);
}

/* ---------------------------------------------------------------- verb */

/* One verb for all kinds, so the suggestion looks among them all. */
static int unknown_name(const struct catalog *catalog, const char *name,
			struct error *err)
{
	const char *names[NAMES_MAX];
	size_t n, k = 0;
	const struct learner *const *all = learner_all(&n);
	const struct transform *const *transforms;
	char hint[96];

	for (size_t i = 0; i < n && k < NAMES_MAX; i++)
		names[k++] = all[i]->name;
	for (size_t i = 0; i < catalog->n && k < NAMES_MAX; i++)
		names[k++] = catalog->entries[i].name;
	transforms = transform_all(&n);
	for (size_t i = 0; i < n && k < NAMES_MAX; i++)
		names[k++] = transforms[i]->name;
	return error_set(err, ERR_USAGE,
			 "no learner, data set or transform is called '%s'%s", name,
			 suggest_text(name, names, k, hint, sizeof(hint)));
}

/* What is suspicious in the rows, one a line behind the page; programs ask for
 * paths, whose JSON has them. */
static int show_checks(struct cli *c, const struct entry *e, struct error *err)
{
	struct notes checks = { .arena = c->arena };

	if (!fetch_present(&c->fetch, e) && fetch_entry(&c->fetch, e, err))
		return (int)err->code;
	if (own_report_checks(c, e, &checks, err))
		return (int)err->code;
	printf("\nchecks%s\n", checks.n ? "" : ": nothing suspicious");
	for (size_t k = 0; k < checks.n; k++)
		printf("  %s: %s\n", note_level_name(checks.list[k].level),
		       checks.list[k].text);
	return 0;
}

/* A path, with or without brackets, as the task that it would be. */
static int show_path(struct cli *c, const struct catalog *catalog, const char *name,
		     enum textable_format f, struct error *err)
{
	struct taskspec t;

	if (taskspec_look(&t, c->arena, catalog, name, err))
		return (int)err->code;
	return own_report_show(c, &t, f, err);
}

/* "data.csv[target=y]": what stands before the brackets decides. */
static bool names_path(const struct cli *c, const struct catalog *catalog,
		       const char *name)
{
	char *plain = arena_strdup(c->arena, name);
	char *open = plain && *plain && name[strlen(name) - 1] == ']' ?
			     strrchr(plain, '[') : NULL;

	if (open)
		*open = '\0';
	return plain && !catalog_find(catalog, plain) && own_is_path(plain);
}

/* Learners and transforms need no catalogue: their pages work without one. The format is
 * checked first: a mistyped one is told whatever the name. */
static int show(struct cli *c, const char *name, const char *format_name, bool check,
		struct error *err)
{
	const struct learner *l = learner_find(name);
	const struct transform *x = transform_find(name);
	const struct entry *e;
	enum textable_format f;
	struct catalog catalog;

	if (textable_format_from_name(format_name, &f, err))
		return (int)err->code;
	if (l)
		return show_learner(c, l, f, err);
	if (x)
		return show_transform(c, x, f, err);
	if (catalog_read(&catalog, c->arena, c->catalog, err))
		return (int)err->code;
	if (names_path(c, &catalog, name))
		return show_path(c, &catalog, name, f, err);
	e = catalog_find(&catalog, name);
	if (!e)
		return unknown_name(&catalog, name, err);
	if (show_entry(c, e, f, err))
		return (int)err->code;
	return check && f == TEXTABLE_TABLE ? show_checks(c, e, err) : 0;
}

/* One name a call: several pages would be several documents, and JSON has no
 * word for that. */
int cli_info(struct cli *c, int argc, char **argv)
{
	const char *name = NULL, *format_name = "table";
	bool check = false;
	const struct opt table[] = {
		{ OPT_ARG, 0, "name", "NAME", &name,
		  "a learner, transform, data set or the path of your own", 0, 0 },
		{ OPT_FLAG, 0, "check", NULL, &check,
		  "look for what is suspicious in a data set's rows (always of a path)",
		  0, 0 },
		{ OPT_STRING, 0, "format", "table|md|csv|json", &format_name,
		  "how to print (table)", 0, 0 },
		{ .name = NULL },
	};
	struct error err = { 0 };
	int rc = opt_parse(table, "triarch info NAME",
			   "All about one learner (its parameters and their "
			   "search space), transform or data set, or the path of your own: "
			   "its columns as they are understood, and checks.",
			   c->arena, argc, argv, &err);

	if (rc > 0)
		return EXIT_FINE;
	if (!rc && !name)
		rc = error_set(&err, ERR_USAGE,
			       "info needs the name of a learner, transform or "
			       "data set (triarch list learners, triarch list "
			       "transforms, triarch list datasets)");
	if (rc || show(c, name, format_name, check, &err))
		return cli_fail(c, &err);
	return EXIT_FINE;
}
