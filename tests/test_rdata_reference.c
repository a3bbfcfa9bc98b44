/* What our reader makes of the catalogue's R data frames against what R itself
 * finds in them (tests/make_rdata_reference.R): rows, columns by name, levels,
 * missing cells, and two sums of each column, one of them weighted by the number
 * of the row. Sets whose files are not here are skipped by name. */
#include "tests/rdata_reference.h"

#include <stdlib.h>

#include "datasets/fetch/fetch.h"
#include "tests/tap.h"

/* Cells are floats, 6e-8 from R's doubles at most, and so are the sums relative
 * to the sum of magnitudes; the reference is printed with 8 digits. */
#define TOLERANCE 2e-7

static struct fetch fetch = { .offline = true };

/* Where the program looks: see default_cache in harness/main.c. */
static const char *cache_folder(struct arena *a)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg && *xdg)
		return arena_printf(a, "%s/triarch", xdg);
	return arena_printf(a, "%s/.cache/triarch", home ? home : "/root");
}

/* The reader itself, not load_items: what is in the cache of items may have been
 * made by a reader of before. */
static int read_entry(const struct entry *e, struct arena *a, struct items *items,
		      struct error *err)
{
	const char **drop = ARENA_NEW(a, const char *, e->n_drops);
	struct source src = {
		.name = e->name,
		.n_paths = e->n_origins,
		.options = e->options,
		.target = e->target,
		.drop = drop,
		.n_drop = e->n_drops,
		.group = e->group,
		.time = e->time,
		.fold = e->fold,
		.categorical = e->categorical,
		.n_categorical = e->n_categorical,
		.task = e->task,
		.log_target = e->log_target,
		.threads = 1,
	};

	for (size_t k = 0; drop && k < e->n_drops; k++)
		drop[k] = e->drops[k].column;
	if (fetch_paths(&fetch, e, a, &src.paths, err))
		return err->code;
	return e->reader->read(&src, a, items, err);
}

static bool agrees(double got, double want, double magnitude)
{
	return fabs(got - want) <= TOLERANCE * magnitude;
}

/* One column's cells against R's figures; what differs is printed. */
static bool same_cells(const struct r_column *r, const float *cell, size_t rows)
{
	double sum = 0, weighted = 0, magnitude = 0, far = 0;
	size_t missing = 0;

	for (size_t i = 0; i < rows; i++) {
		double x = (double)cell[i], at = (double)(i + 1);

		if (isnan(cell[i])) {
			missing++;
			continue;
		}
		sum += x;
		weighted += x * at;
		magnitude += fabs(x);
		far += fabs(x) * at;
	}
	if (missing == r->missing && agrees(sum, r->sum, magnitude) &&
	    agrees(weighted, r->weighted, far))
		return true;
	printf("# %s: %zu missing, sum %.9g, weighted %.9g; R: %zu, %.9g, %.9g\n", r->name,
	       missing, sum, weighted, r->missing, r->sum, r->weighted);
	return false;
}

/* A feature by name, kind, levels and cells. */
static bool same_column(const struct r_column *r, const struct column *c,
			const float *cell, size_t rows)
{
	if (strcmp(r->name, c->name) || r->levels != (c->is_cat ? c->levels : 0)) {
		printf("# %s with %zu levels; R: %s with %zu\n", c->name,
		       c->is_cat ? c->levels : 0, r->name, r->levels);
		return false;
	}
	return same_cells(r, cell, rows);
}

/* Labels as floats: fewer than 2^24 classes. */
static bool same_target(const struct r_column *r, const struct items *items,
			struct arena *a)
{
	float *label = ARENA_NEW(a, float, items->n);

	if (items->task == TASK_REGRESSION)
		return same_cells(r, items->target, items->n);
	for (size_t i = 0; label && i < items->n; i++)
		label[i] = (float)items->label[i];
	return label && items->classes == r->levels && same_cells(r, label, items->n);
}

static void compare(const struct r_frame *r, const struct items *items, struct arena *a)
{
	const struct r_column *columns = r_columns + r->first;
	bool same = true;

	if (!ok(items->n == r->rows && items->cols + 1 == r->n,
		"%s: R counts the same rows and columns", r->name)) {
		printf("# %zu x %zu; R: %zu x %zu\n", items->n, items->cols, r->rows,
		       r->n - 1);
		return;
	}
	for (size_t j = 0; j < items->cols; j++)
		same &= same_column(&columns[j], &items->columns[j], items->cell[j],
				    items->n);
	ok(same, "%s: R finds the same levels, holes and sums in %zu columns", r->name,
	   items->cols);
	ok(same_target(&columns[items->cols], items, a), "%s: and in the target", r->name);
}

static void test_frame(const struct r_frame *r, const struct catalog *catalog)
{
	const struct entry *e = catalog_find(catalog, r->name);
	struct error err = { 0 };
	struct items items;
	struct arena a;

	if (!ok(e != NULL, "%s is in the catalogue", r->name))
		return;
	if (!fetch_present(&fetch, e)) {
		skip(r->name, "its files; triarch fetch brings them");
		return;
	}
	arena_init(&a, 0);
	if (ok(!read_entry(e, &a, &items, &err), "%s is read", r->name))
		compare(r, &items, &a);
	else
		printf("# %s\n", err.text);
	arena_clear(&a);
}

/* A new entry without a reference would pass unseen. */
static void test_complete(const struct catalog *catalog)
{
	for (size_t k = 0; k < catalog->n; k++) {
		const struct entry *e = &catalog->entries[k];
		bool found = false;

		if (strcmp(e->reader->name, "rdata"))
			continue;
		for (size_t i = 0; i < sizeof(r_frames) / sizeof(*r_frames); i++)
			found |= !strcmp(r_frames[i].name, e->name);
		ok(found, "%s has a reference (make_rdata_reference.R)", e->name);
	}
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
	test_complete(&catalog);
	for (size_t i = 0; i < sizeof(r_frames) / sizeof(*r_frames); i++)
		test_frame(&r_frames[i], &catalog);
	arena_clear(&a);
	return tap_done();
}
