/* triarch fetch: bring data sets here, and check them.
 *
 * All other verbs work without a network. This one looks into a folder first
 * (--mirror or TRIARCH_MIRROR), then asks apt for Debian packages, which it
 * unpacks below the cache without being root, or downloads from the official
 * addresses; and compares digests.
 */
#include <stdio.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/cli.h"
#include "harness/config.h"
#include "harness/opt.h"

/* Names, a suite and --all add up; --verify changes what is done with them. */
struct options {
	struct opt_list names;
	const char *suite;
	bool all, packages, verify;
};

/* Without a word about what, nothing is fetched: all of it is much. */
static int parse(struct cli *c, struct options *o, int argc, char **argv,
		 struct error *err)
{
	const struct opt table[] = {
		{ OPT_ARGS, 0, "names", "NAME", &o->names, "data sets", 0, 0 },
		{ OPT_FLAG, 0, "all", NULL, &o->all,
		  "every data set of the catalogue", 0, 0 },
		{ OPT_FLAG, 0, "packages", NULL, &o->packages,
		  "those that are Debian packages", 0, 0 },
		{ OPT_STRING, 's', "suite", "SUITE", &o->suite,
		  "those of a suite", 0, 0 },
		{ OPT_FLAG, 0, "verify", NULL, &o->verify,
		  "check what is here against the digests", 0, 0 },
		{ OPT_STRING, 0, "mirror", "DIR", &c->fetch.mirror,
		  "a folder of .deb and data files to look at first"
		  " (or TRIARCH_MIRROR)", 0, 0 },
		{ .name = NULL },
	};
	int rc = opt_parse(table, "triarch fetch NAME... | --all | --packages | -s SUITE",
			   "Download, unpack and verify data, without root. The "
			   "only verb that may touch the network.", c->arena,
			   argc, argv, err);

	if (!rc && !o->names.n && !o->all && !o->packages && !o->suite)
		return error_set(err, ERR_USAGE, "fetch what? names of data "
				 "sets, --all, --packages or -s SUITE");
	return rc;
}

/* What was asked for, each entry once, in the catalogue's order. */
struct wanted {
	const struct entry **entries; /* (n) */
	size_t n;
};

/* A handful of names against a handful of entries. */
static bool asked_by_name(const struct options *o, const struct entry *e,
			  const struct catalog *catalog)
{
	for (size_t i = 0; i < o->names.n; i++)
		if (catalog_find(catalog, o->names.items[i]) == e)
			return true;
	return false;
}

/* All of its files, so that apt alone can bring it. */
static bool is_packaged(const struct entry *e)
{
	for (size_t k = 0; k < e->n_origins; k++)
		if (!e->origins[k].package)
			return false;
	return e->n_origins > 0;
}

/* A suite names tasks; several may use one entry at several sizes, or with other
 * options, which makes a copy of it. */
static bool asked_by_suite(const struct suite *s, const struct entry *e)
{
	for (size_t i = 0; s && i < s->n_tasks; i++)
		if (!strcmp(s->tasks[i].what.entry->name, e->name))
			return true;
	return false;
}

/* Every name is checked before anything is fetched: a mistyped third name must
 * not cost the first two downloads first. */
static int find_wanted(struct cli *c, const struct options *o,
		       struct catalog *catalog, struct wanted *w,
		       struct error *err)
{
	const struct suite *suite = NULL;
	const struct entry *e;
	struct config config;

	if (catalog_read(catalog, c->arena, c->catalog, err))
		return (int)err->code;
	for (size_t i = 0; i < o->names.n; i++)
		if (catalog_get(catalog, o->names.items[i], &e, err))
			return (int)err->code;
	if (o->suite &&
	    (config_read(&config, c->arena, c->suites, catalog, err) ||
	     config_find(&config, o->suite, &suite, err)))
		return (int)err->code;
	w->entries = ARENA_NEW(c->arena, const struct entry *, catalog->n);
	if (!w->entries)
		return arena_error(c->arena, err);
	for (size_t i = 0; i < catalog->n; i++) {
		e = &catalog->entries[i];
		if (o->all || (o->packages && is_packaged(e)) ||
		    asked_by_suite(suite, e) || asked_by_name(o, e, catalog))
			w->entries[w->n++] = e;
	}
	return 0;
}

/* One data set. */
static int bring(struct cli *c, const struct options *o, const struct entry *e,
		 struct error *err)
{
	bool here = fetch_present(&c->fetch, e);
	int rc;

	/* fetch_entry checks what is here and brings only what is missing or
	 * damaged; --verify brings nothing. */
	if (o->verify && here)
		rc = fetch_verify(&c->fetch, e, err);
	else
		rc = fetch_entry(&c->fetch, e, err);
	if (rc)
		return rc;
	printf("%-20s %s\n", e->name, !here	  ? "fetched" :
				      o->verify ? "verified" :
						  "here");
	fflush(stdout);
	return 0;
}

/* All that is missing with its cure, once more and together, for whoever comes
 * back when a long fetch is over; then their names in the last line. */
static int tell_missing(struct cli *c, const struct wanted *w,
			const char *const *why, struct error *err)
{
	struct text names = { .arena = c->arena };
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		if (!why[i])
			continue;
		log_warn(&c->log, "%s", why[i]);
		text_printf(&names, "%s%s", n++ ? ", " : "", w->entries[i]->name);
	}
	if (names.failed)
		return arena_error(c->arena, err);
	if (!n)
		return 0;
	return error_set(err, ERR_MISSING, "%zu of %zu not here or not as they "
			 "should be: %s", n, w->n, names.data);
}

/* One that fails does not keep the others from coming. */
static int do_fetch(struct cli *c, const struct options *o, struct error *err)
{
	struct download_hosts hosts = { .n = 0 };
	struct catalog catalog;
	struct wanted w = { 0 };
	const char **why;

	if (find_wanted(c, o, &catalog, &w, err))
		return (int)err->code;
	why = ARENA_NEW(c->arena, const char *, w.n);
	if (!why)
		return arena_error(c->arena, err);
	c->fetch.hosts = &hosts;
	for (size_t i = 0; i < w.n; i++) {
		if (!bring(c, o, w.entries[i], err))
			continue;
		why[i] = arena_strdup(c->arena, err->text);
		if (!why[i])
			return arena_error(c->arena, err);
		log_info(&c->log, "%s: not brought, see below",
			 w.entries[i]->name);
	}
	c->fetch.hosts = NULL;
	return tell_missing(c, &w, why, err);
}

/* 0 only when all that was asked for is here and sound. */
int cli_fetch(struct cli *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct error err = { 0 };
	int rc = parse(c, &o, argc, argv, &err);

	if (rc > 0)
		return EXIT_FINE;
	if (rc || do_fetch(c, &o, &err))
		return cli_fail(c, &err);
	return EXIT_FINE;
}
