/* triarch fetch: bring data sets here, and check them.
 *
 * All other verbs work without a network. This one asks apt for Debian packages
 * that hold the data, unpacks them below the cache without being root, and
 * compares digests; or takes the packages from a folder (--mirror).
 */
#include <stdio.h>

#include "harness/base/text.h"
#include "harness/cli.h"
#include "harness/config.h"
#include "harness/opt.h"

/* Names, a suite and --all add up; --verify changes what is done with them. */
struct options {
	struct opt_list names;
	const char *suite;
	bool all, verify;
};

/* Without a word about what, nothing is fetched: all of it is much. */
static int parse(struct cli *c, struct options *o, int argc, char **argv,
		 struct error *err)
{
	const struct opt table[] = {
		{ OPT_ARGS, 0, "names", "NAME", &o->names, "data sets", 0, 0 },
		{ OPT_FLAG, 0, "all", NULL, &o->all,
		  "every data set of the catalogue", 0, 0 },
		{ OPT_STRING, 's', "suite", "SUITE", &o->suite,
		  "those of a suite", 0, 0 },
		{ OPT_FLAG, 0, "verify", NULL, &o->verify,
		  "check what is here against the digests", 0, 0 },
		{ OPT_STRING, 0, "mirror", "DIR", &c->fetch.mirror,
		  "a folder of .deb files to look at first", 0, 0 },
		{ .name = NULL },
	};
	int rc = opt_parse(table, "triarch fetch NAME... | --all | -s SUITE",
			   "Download, unpack and verify data, without root. The "
			   "only verb that may touch the network.", c->arena,
			   argc, argv, err);

	if (!rc && !o->names.n && !o->all && !o->suite)
		return error_set(err, ERR_USAGE, "fetch what? names of data "
				 "sets, --all or -s SUITE");
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

/* A suite names tasks; several may use one entry at several sizes. */
static bool asked_by_suite(const struct suite *s, const struct entry *e)
{
	for (size_t i = 0; s && i < s->n_tasks; i++)
		if (s->tasks[i].what.entry == e)
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
		if (o->all || asked_by_suite(suite, e) ||
		    asked_by_name(o, e, catalog))
			w->entries[w->n++] = e;
	}
	return 0;
}

/* One data set; the error of the first that failed is kept for the exit code,
 * the others are told and counted. */
static bool bring(struct cli *c, const struct options *o, const struct entry *e,
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
	if (rc) {
		log_warn(&c->log, "%s", err->text);
		return false;
	}
	printf("%-20s %s\n", e->name, !here	  ? "fetched" :
				      o->verify ? "verified" :
						  "here");
	fflush(stdout);
	return true;
}

/* One that fails does not keep the others from coming; at the end all that is
 * missing is named once, for whoever reads only the last line. */
static int do_fetch(struct cli *c, const struct options *o, struct error *err)
{
	struct text missing = { .arena = c->arena };
	struct catalog catalog;
	struct wanted w = { 0 };
	enum err first = ERR_OK;

	if (find_wanted(c, o, &catalog, &w, err))
		return (int)err->code;
	for (size_t i = 0; i < w.n; i++) {
		if (bring(c, o, w.entries[i], err))
			continue;
		first = first ? first : err->code;
		text_printf(&missing, "%s%s", missing.size ? ", " : "",
			    w.entries[i]->name);
	}
	if (!missing.size)
		return 0;
	return error_set(err, first == ERR_DATA ? ERR_MISSING : first,
			 "not here or not as it should be: %s", missing.data);
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
