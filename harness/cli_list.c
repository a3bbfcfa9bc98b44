/* triarch list: learners, datasets, suites, transforms, claims.
 *
 * One function a kind fills a table, and print_table does the rest. The keys of
 * the columns are what programs read: add, never rename.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "datasets/transform.h"
#include "harness/base/suggest.h"
#include "harness/config.h"
#include "harness/opt.h"
#include "harness/print.h"
#include "learners/learner.h"

#define VIEWS_MAX (sizeof(((struct learner *)0)->views) / sizeof(enum view))

/* From the registry, which follows the file names in learners/, so that a new
 * learner needs no line here. "views" are in its order of preference. */
static int list_learners(struct cli *c, struct textable *t, struct error *err)
{
	static const struct textable_column columns[] = {
		{ "name", "learner", false },
		{ "family", "family", false },
		{ "origin", "origin", false },
		{ "version", "version", true },
		{ "views", "views", false },
		{ "tasks", "tasks", false },
		{ "summary", "summary", false },
	};
	size_t n;
	const struct learner *const *all = learner_all(&n);

	textable_init(t, c->arena, columns, 7);
	for (size_t i = 0; i < n; i++) {
		const struct learner *l = all[i];
		const char *views = print_views(c->arena, l->views, VIEWS_MAX);
		const char *tasks = print_tasks(c->arena, l->tasks);

		if (!views || !tasks)
			return arena_error(c->arena, err);
		textable_add_row(t);
		textable_set(t, 0, "%s", l->name);
		textable_set(t, 1, "%s", family_name(l->family));
		textable_set(t, 2, "%s", l->origin == ORIGIN_OURS ? "ours" :
								    "reference");
		textable_set(t, 3, "%d", l->version);
		textable_set(t, 4, "%s", views);
		textable_set(t, 5, "%s", tasks);
		textable_set(t, 6, "%s", l->summary);
	}
	return 0;
}

/* A number the catalogue may be silent about. An empty cell and not 0, which
 * would be a claim. */
static void set_known(struct textable *t, size_t col, size_t n)
{
	if (n != SIZE_MAX)
		textable_set(t, col, "%zu", n);
}

/* In the cache; else within reach of apt or of an address; else only a mirror or
 * a person's own download can bring it. Whether files are sound is another
 * question: digests take seconds, and fetch --verify is for that. */
static const char *state_of(const struct cli *c, const struct entry *e)
{
	if (fetch_present(&c->fetch, e))
		return "here";
	for (size_t k = 0; k < e->n_origins; k++)
		if (!e->origins[k].package && !e->origins[k].url)
			return "missing";
	return "fetchable";
}

/* What it is. */
static void set_kind(struct textable *t, const struct entry *e)
{
	textable_set(t, 0, "%s", e->name);
	textable_set(t, 1, "%s", modality_name(e->modality));
	textable_set(t, 2, "%s", task_name(e->task));
	set_known(t, 3, e->expect.rows);
	set_known(t, 4, e->expect.columns);
	if (e->task == TASK_CLASSIFICATION)
		set_known(t, 5, e->expect.classes);
	set_known(t, 6, e->expect.missing);
}

/* Of several origins the first is named; `info` names all with their digests.
 * Copies of one data set share an identity and count once. */
static int list_datasets(struct cli *c, struct textable *t, struct error *err)
{
	static const struct textable_column columns[] = {
		{ "name", "data set", false },	 { "modality", "modality", false },
		{ "task", "task", false },	 { "rows", "rows", true },
		{ "columns", "columns", true },	 { "classes", "classes", true },
		{ "missing", "missing", true },	 { "present", "here", false },
		{ "state", "state", false },	 { "identity", "identity", false },
		{ "synthetic", "synthetic", false }, { "origin", "origin", false },
		{ "licence", "licence", false },
	};
	struct catalog catalog;
	int rc = catalog_read(&catalog, c->arena, c->catalog, err);

	textable_init(t, c->arena, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; !rc && i < catalog.n; i++) {
		const struct entry *e = &catalog.entries[i];
		const char *state = state_of(c, e);

		textable_add_row(t);
		set_kind(t, e);
		textable_set(t, 7, "%s", strcmp(state, "here") ? "no" : "yes");
		textable_set(t, 8, "%s", state);
		textable_set(t, 9, "%s", e->identity);
		textable_set(t, 10, "%s", e->synthetic ? "yes" : "no");
		textable_set(t, 11, "%s",
			     e->n_origins ? origin_source(&e->origins[0]) : "made here");
		textable_set(t, 12, "%s", e->licence ? e->licence : "");
	}
	return rc;
}

/* Reading the suites checks them whole, so a broken one is told here already.
 * Tasks are counted and cells are not: those depend on what a command narrows
 * (`plan -s` counts them). */
static int list_suites(struct cli *c, struct textable *t, struct error *err)
{
	static const struct textable_column columns[] = {
		{ "name", "suite", false },
		{ "tasks", "tasks", true },
		{ "summary", "summary", false },
	};
	struct catalog catalog;
	struct config config;

	if (catalog_read(&catalog, c->arena, c->catalog, err) ||
	    config_read(&config, c->arena, c->suites, &catalog, err))
		return (int)err->code;
	textable_init(t, c->arena, columns, 3);
	for (size_t i = 0; i < config.n; i++) {
		const struct suite *s = &config.suites[i];

		textable_add_row(t);
		textable_set(t, 0, "%s", s->name);
		textable_set(t, 1, "%zu", s->n_tasks);
		textable_set(t, 2, "%s", s->summary ? s->summary : "");
	}
	return 0;
}

/* The severity is what NAME alone stands for, with the range in full. */
static int list_transforms(struct cli *c, struct textable *t, struct error *err)
{
	static const struct textable_column columns[] = {
		{ "name", "transform", false },
		{ "modalities", "for", false },
		{ "tasks", "tasks", false },
		{ "min", "from", true },
		{ "max", "to", true },
		{ "usual", "usual", true },
		{ "severity", "severity", false },
		{ "summary", "summary", false },
	};
	size_t n;
	const struct transform *const *all = transform_all(&n);

	textable_init(t, c->arena, columns, 8);
	for (size_t i = 0; i < n; i++) {
		const char *modalities = print_modalities(c->arena, all[i]->modalities);
		const char *tasks = print_tasks(c->arena, all[i]->tasks);

		if (!modalities || !tasks)
			return arena_error(c->arena, err);
		textable_add_row(t);
		textable_set(t, 0, "%s", all[i]->name);
		textable_set(t, 1, "%s", modalities);
		textable_set(t, 2, "%s", tasks);
		textable_set(t, 3, "%g", all[i]->min);
		textable_set(t, 4, "%g", all[i]->max);
		textable_set(t, 5, "%g", all[i]->usual);
		textable_set(t, 6, "%s", all[i]->severity);
		textable_set(t, 7, "%s", all[i]->summary);
	}
	return 0;
}

/* Nothing of this kind exists yet: an empty table, not an error, so that a
 * script can be written against the names already. */
static int list_nothing(struct cli *c, struct textable *t, struct error *err)
{
	static const struct textable_column columns[] = {
		{ "name", "name", false },
		{ "summary", "summary", false },
	};

	(void)err;
	textable_init(t, c->arena, columns, 2);
	return 0;
}

/* In the order of the help. A kind more is a function and a line here. */
static const struct kind {
	const char *name;
	int (*list)(struct cli *c, struct textable *t, struct error *err);
} kinds[] = {
	{ "learners", list_learners },	 { "datasets", list_datasets },
	{ "suites", list_suites },	 { "transforms", list_transforms },
	{ "claims", list_nothing },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* All names are gathered before the error, for the suggestion; the first that
 * matches ends the search. */
static int find_kind(const char *name, const struct kind **out,
		     struct error *err)
{
	const char *names[KINDS];
	char hint[64];

	for (size_t i = 0; i < KINDS; i++) {
		names[i] = kinds[i].name;
		*out = &kinds[i];
		if (!strcmp(name, kinds[i].name))
			return 0;
	}
	return error_set(err, ERR_USAGE, "no list of '%s'%s: learners, "
			 "datasets, suites, transforms or claims", name,
			 suggest_text(name, names, KINDS, hint, sizeof(hint)));
}

/* The format is checked before the kind, and both before any file is read. */
int cli_list(struct cli *c, int argc, char **argv)
{
	const char *what = NULL, *format_name = "table";
	const struct opt table[] = {
		{ OPT_ARG, 0, "what", "WHAT", &what, "what to list", 0, 0 },
		{ OPT_STRING, 0, "format", "table|md|csv|json", &format_name,
		  "how to print (table)", 0, 0 },
		{ .name = NULL },
	};
	enum textable_format format;
	struct error err = { 0 };
	const struct kind *kind;
	struct textable t;
	int rc = opt_parse(table, "triarch list learners|datasets|suites|"
			   "transforms|claims", "What there is.", c->arena,
			   argc, argv, &err);

	if (rc > 0)
		return EXIT_FINE;
	if (!rc && !what)
		rc = error_set(&err, ERR_USAGE, "list what? learners, "
			       "datasets, suites, transforms or claims");
	if (rc || textable_format_from_name(format_name, &format, &err) ||
	    find_kind(what, &kind, &err) || kind->list(c, &t, &err) ||
	    print_table(c, &t, format, &err))
		return cli_fail(c, &err);
	return EXIT_FINE;
}
