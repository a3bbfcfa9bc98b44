/* triarch status: how far each suite is on this machine, and what is next.
 *
 * Counts the cells that a run would skip, with the same question to the store
 * (resume_find), so that "missing 0" and "run has nothing to do" are one fact.
 */
#include <stdio.h>

#include "harness/machine.h"
#include "harness/opt.h"
#include "harness/plan.h"
#include "harness/print.h"
#include "harness/resume.h"

struct options {
	const char *suite, *format_name;
	enum textable_format format;
};

enum { SUITE, CELLS, DONE, FAILED, MISSING, NEXT, COLUMNS };

static const struct textable_column columns[COLUMNS] = {
	[SUITE] = { "suite", "suite", false },
	[CELLS] = { "cells", "cells", true },
	[DONE] = { "done", "done", true },
	[FAILED] = { "failed", "failed", true },
	[MISSING] = { "missing", "missing", true },
	[NEXT] = { "next", "next", false },
};

/* Cells of one suite: done + failed + missing are all of them. */
struct tally {
	size_t done, failed, missing;
};

/* Without -s every suite has a line: "what was I at?" is the question. */
static int parse(struct cli *c, struct options *o, int argc, char **argv,
		 struct error *err)
{
	const struct opt table[] = {
		{ OPT_STRING, 's', "suite", "SUITE", &o->suite,
		  "only this suite", 0, 0 },
		{ OPT_STRING, 0, "format", "table|md|csv|json", &o->format_name,
		  "how to print (table)", 0, 0 },
		{ .name = NULL },
	};
	int rc = opt_parse(table, "triarch status [-s SUITE]",
			   "How many cells of each suite have a row on this "
			   "machine, and what to do next.", c->arena, argc,
			   argv, err);

	return rc ? rc : textable_format_from_name(o->format_name, &o->format,
						   err);
}

/* Without a store nothing is done yet. The three counts add up to the plan's
 * cells, whatever the store has beside them. */
static int count_cells(struct cli *c, struct store *s, const struct plan *p,
		       const char *fingerprint, struct tally *out,
		       struct error *err)
{
	struct resume *rows;
	int rc;

	*out = (struct tally){ .missing = p->n };
	if (!s)
		return 0;
	rc = resume_find(&rows, c->arena, s, p, fingerprint, err);
	for (size_t i = 0; !rc && i < p->n; i++) {
		out->done += rows[i].done && rows[i].status == STATUS_OK;
		out->failed += rows[i].done && rows[i].status != STATUS_OK;
		out->missing -= rows[i].done;
	}
	return rc;
}

/* The next step is a command that can be pasted: what is missing first, then
 * what failed, and the board when all is well. */
static void add_row(struct textable *t, const char *name, const struct plan *p,
		    const struct tally *n)
{
	textable_add_row(t);
	textable_set(t, SUITE, "%s", name);
	textable_set(t, CELLS, "%zu", p->n);
	textable_set(t, DONE, "%zu", n->done);
	textable_set(t, FAILED, "%zu", n->failed);
	textable_set(t, MISSING, "%zu", n->missing);
	textable_color(t, FAILED, n->failed ? TEXTABLE_RED : NULL);
	if (n->missing)
		textable_set(t, NEXT, "triarch run -s %s", name);
	else if (n->failed)
		textable_set(t, NEXT, "triarch run -s %s --retry", name);
	else
		textable_set(t, NEXT, "triarch board -s %s", name);
}

/* "Done" means done on this machine: rows of others cannot be compared on time,
 * and a run here would not reuse them. Plans are made without a filter, so rows
 * of `run --trials N` do not count. */
static int add_suites(struct cli *c, const struct options *o, struct store *s,
		      struct textable *t, struct error *err)
{
	struct catalog catalog;
	struct config config;
	struct machine m;
	const struct suite *only = NULL;

	machine_read(&m);
	if (catalog_read(&catalog, c->arena, c->catalog, err) ||
	    config_read(&config, c->arena, c->suites, &catalog, err) ||
	    (o->suite && config_find(&config, o->suite, &only, err)))
		return (int)err->code;
	for (size_t i = 0; i < config.n; i++) {
		struct tally n;
		struct plan p;

		if (only && only != &config.suites[i])
			continue;
		if (plan_make(&p, c->arena, &config.suites[i], NULL, err) ||
		    count_cells(c, s, &p, m.fingerprint, &n, err))
			return (int)err->code;
		add_row(t, config.suites[i].name, &p, &n);
	}
	return 0;
}

/* No store is no error here: then everything is missing, and no folder is made
 * for it. */
static int do_status(struct cli *c, const struct options *o, struct error *err)
{
	struct store *s = NULL;
	struct textable t;
	int rc = print_open_store(c, &s, err);

	if (rc == ERR_MISSING)
		error_clear(err);
	else if (rc)
		return rc;
	textable_init(&t, c->arena, columns, COLUMNS);
	rc = add_suites(c, o, s, &t, err);
	if (!rc)
		rc = print_table(c, &t, o->format, err);
	store_close(s);
	return rc;
}

/* A suite that is not done is an answer and no failure: 0. */
int cli_status(struct cli *c, int argc, char **argv)
{
	struct options o = { .format_name = "table" };
	struct error err = { 0 };
	int rc = parse(c, &o, argc, argv, &err);

	if (rc > 0)
		return EXIT_FINE;
	if (rc || do_status(c, &o, &err))
		return cli_fail(c, &err);
	return EXIT_FINE;
}
