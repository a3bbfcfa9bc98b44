/* Every data set that is here is as the catalogue says: rows, columns, classes
 * and missing cells (load.c holds the reader's rows against the counts), and its
 * split has rows in every part. What is not here is skipped by name. */
#include "tests/tap.h"

#include <stdlib.h>

#include "datasets/load.h"
#include "harness/base/par.h"

static struct fetch fetch = { .offline = true };

/* Where the program looks: see default_cache in harness/main.c. */
static const char *cache_folder(struct arena *a)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg && *xdg)
		return arena_printf(a, "%s/triarch", xdg);
	return arena_printf(a, "%s/.cache/triarch", home ? home : "/root");
}

/* The split of repeat 0, all rows: load_dataset would take the same. */
static bool splits(const struct entry *e, const struct items *items, struct arena *a,
		   struct error *err)
{
	struct split s;

	return !split_make(items, &e->split, 0, 0, false, a, &s, err) && s.n_train &&
	       s.n_test;
}

static void test_entry(const struct entry *e)
{
	struct error err = { 0 };
	struct items items;
	struct file_map m;
	struct arena a;

	if (!fetch_present(&fetch, e)) {
		skip(e->name, "its files; triarch fetch brings them");
		return;
	}
	arena_init(&a, 0);
	if (ok(!load_items(&fetch, e, par_cpus(), &a, &items, &m, &err),
	       "%s has the rows, columns, classes and holes of the catalogue", e->name)) {
		ok(splits(e, &items, &a, &err), "%s can be split as the catalogue says",
		   e->name);
		file_unmap(&m);
	}
	if (err.code)
		printf("# %s\n", err.text);
	arena_clear(&a);
}

/* Counts are what makes a change of a reader visible: real data has them all. */
static void test_counts(const struct entry *e)
{
	const struct expected *x = &e->expect;

	ok(x->rows != SIZE_MAX && (e->task == TASK_REGRESSION || x->classes != SIZE_MAX),
	   "%s: the catalogue states rows and classes", e->name);
	if (e->modality == MODALITY_TABULAR)
		ok(x->columns != SIZE_MAX && x->missing != SIZE_MAX,
		   "%s: and columns and missing cells", e->name);
}

/* Is an earlier entry the same data set, or one that is made by a formula? */
static bool counts(const struct catalog *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(c->entries[k].identity, c->entries[i].identity))
			return false;
	return !c->entries[i].synthetic;
}

/* What claims can rest on: real data sets, each once. */
static void test_extent(const struct catalog *c)
{
	size_t of[4] = { 0 }, packaged = 0, regression = 0, holes = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct entry *e = &c->entries[i];

		if (!counts(c, i))
			continue;
		of[e->modality]++;
		if (e->modality != MODALITY_TABULAR)
			continue;
		packaged += e->n_origins && e->origins[0].package;
		regression += e->task == TASK_REGRESSION;
		holes += e->expect.missing != SIZE_MAX && e->expect.missing > 0;
	}
	ok(of[MODALITY_TABULAR] >= 36 && of[MODALITY_IMAGE] >= 4 &&
		   of[MODALITY_AUDIO] >= 4 && of[MODALITY_TEXT] >= 10,
	   "real data sets: %zu tables, %zu of images, %zu of sounds, %zu of texts",
	   of[MODALITY_TABULAR], of[MODALITY_IMAGE], of[MODALITY_AUDIO],
	   of[MODALITY_TEXT]);
	ok(packaged >= 20 && regression >= 14 && holes >= 10,
	   "tables: %zu out of packages, %zu regressions, %zu with missing cells",
	   packaged, regression, holes);
}

int main(void)
{
	struct catalog catalog;
	struct error err;
	struct arena a;

	arena_init(&a, 0);
	fetch.cache = cache_folder(&a);
	if (catalog_read(&catalog, &a, "datasets/catalog.yaml", &err))
		return fprintf(stderr, "%s\n", err.text), 1;
	test_extent(&catalog);
	for (size_t i = 0; i < catalog.n; i++) {
		test_counts(&catalog.entries[i]);
		test_entry(&catalog.entries[i]);
	}
	arena_clear(&a);
	return tap_done();
}
