#include "datasets/table.h"

#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct items items;

/* Four rows: x and z numeric, c categorical (level "unused" stands nowhere),
 * k numeric classes, same always 1. */
static float x[] = { 1, 2, NAN, 4 }, z[] = { 5, 6, 7, 8 }, c[] = { 2, 0, 2, 3 },
	     k[] = { 3, 0.5f, 3, -1 }, same[] = { 1, 1, 1, 1 };
static const char *const level_names[] = { "a", "unused", "b", "c" };
static struct column columns[] = {
	{ .name = "x" },
	{ .name = "z" },
	{ .name = "c", .is_cat = true, .levels = 4, .level_names = level_names },
	{ .name = "k" },
	{ .name = "same" },
};
static float *cells[] = { x, z, c, k, same };
static struct table table = { .rows = 4, .cols = 5, .columns = columns, .cell = cells };

static int take(const char *target, enum task task, size_t n_drop,
		const char *const *drop)
{
	const struct source src = { .name = "sample",
				    .target = target,
				    .task = task,
				    .drop = drop,
				    .n_drop = n_drop };

	error_clear(&err);
	return table_to_items(&table, &src, &arena, &items, &err);
}

static bool fails(int rc, enum err code, const char *with)
{
	if (rc == (int)code && strstr(err.text, with))
		return true;
	printf("# %d '%s'\n", rc, err.text);
	return false;
}

static void test_features(void)
{
	static const char *const drop[] = { "same", "k" };

	ok(!take("c", TASK_CLASSIFICATION, 0, NULL) && items.cols == 4,
	   "every column but the target is a feature");
	ok(!take("c", TASK_CLASSIFICATION, 2, drop) && items.cols == 2 &&
		   !strcmp(items.columns[1].name, "z") && items.cell[1] == z,
	   "dropped columns are left out, the rest keep their order");
	ok(items.n == 4 && items.modality == MODALITY_TABULAR, "rows and modality");
	ok(isnan(items.cell[0][2]), "holes stay holes");
	ok(!items.official && !items.group && !items.target, "what is not there is NULL");
}

static void test_classes(void)
{
	take("c", TASK_CLASSIFICATION, 0, NULL);
	ok(items.classes == 3 && items.label[0] == 1 && items.label[1] == 0 &&
		   items.label[3] == 2,
	   "classes follow the levels, without the unused one");
	ok_str(items.class_names[1], "b", "classes have the names of their levels");
	ok(!take("k", TASK_CLASSIFICATION, 0, NULL) && items.classes == 3 &&
		   items.label[0] == 2 && items.label[1] == 1 && items.label[3] == 0,
	   "numeric classes are the sorted distinct values");
	ok_str(items.class_names[1], "0.5", "a numeric class is named as it is written");
	ok_str(items.class_names[2], "3", "a whole one without a point");
	ok(fails(take("same", TASK_CLASSIFICATION, 0, NULL), ERR_DATA, "single class"),
	   "one class only is an error");
}

static void test_many_classes(void)
{
	static float many[1200];
	static float *one[] = { many, many };
	struct table saved = table;

	for (size_t i = 0; i < 1200; i++)
		many[i] = (float)i / 7;
	table.rows = 1200;
	table.cols = 2;
	table.cell = one;
	ok(fails(take("z", TASK_CLASSIFICATION, 0, NULL), ERR_DATA, "regression?"),
	   "a thousand numbers are no classes");
	table = saved;
}

static void test_regression(void)
{
	struct source src = { .target = "z",
			      .task = TASK_REGRESSION,
			      .log_target = true };

	ok(!take("z", TASK_REGRESSION, 0, NULL) && items.target[3] == 8 && !items.label,
	   "a numeric target");
	ok(!table_to_items(&table, &src, &arena, &items, &err), "its logarithm");
	/* one rounding to float */
	ok_near(items.target[1], log(6), 1e-7, "is the natural one");
	ok(z[1] == 6, "and the table is left as it was");
	src.target = "k";
	ok(fails(table_to_items(&table, &src, &arena, &items, &err), ERR_DATA,
		 "row 4: -1 has no logarithm"),
	   "what has no logarithm is named by row");
	ok(fails(take("c", TASK_REGRESSION, 0, NULL), ERR_DATA, "'c' is text"),
	   "a text target is an error in regression");
}

static void test_errors(void)
{
	static const char *const all[] = { "x", "z", "k", "same" };
	static const char *const target[] = { "c" };
	static const char *const wrong[] = { "sane" };

	ok(fails(take("samee", TASK_CLASSIFICATION, 0, NULL), ERR_CONFIG,
		 "did you mean 'same'"),
	   "an unknown target");
	ok(fails(take(NULL, TASK_CLASSIFICATION, 0, NULL), ERR_CONFIG, "no target"),
	   "no target at all");
	ok(fails(take("c", TASK_CLASSIFICATION, 1, wrong), ERR_CONFIG,
		 "drop: no column 'sane' (did you mean 'same'?)"),
	   "an unknown column to drop");
	ok(fails(take("c", TASK_CLASSIFICATION, 1, target), ERR_CONFIG,
		 "cannot be dropped"),
	   "the target among the columns to drop");
	ok(fails(take("c", TASK_CLASSIFICATION, 4, all), ERR_DATA, "no column is left"),
	   "every column dropped");
	ok(fails(take("x", TASK_REGRESSION, 0, NULL), ERR_DATA,
		 "missing in 1 of 4 rows, first in row 3"),
	   "a missing target is counted and placed");
	table.rows = 0;
	ok(fails(take("c", TASK_CLASSIFICATION, 0, NULL), ERR_DATA, "no rows"),
	   "no rows");
	table.rows = 4;
	z[2] = INFINITY;
	ok(fails(take("c", TASK_CLASSIFICATION, 0, NULL), ERR_DATA, "column 'z', row 3"),
	   "an infinite feature");
	ok(fails(take("z", TASK_REGRESSION, 0, NULL), ERR_DATA, "column 'z', row 3"),
	   "an infinite target");
	z[2] = 7;
}

static void test_memory(enum task task, const char *target)
{
	size_t n = 0;
	int rc;

	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = take(target, task, 0, NULL);
	} while (rc == ERR_MEMORY && n < 100);
	arena.fail_at = 0;
	ok(!rc && n > 3, "%s: each of %zu allocations may fail", target, n - 1);
}

int main(void)
{
	arena_init(&arena, 0);
	test_features();
	test_classes();
	test_many_classes();
	test_regression();
	test_errors();
	test_memory(TASK_CLASSIFICATION, "c");
	test_memory(TASK_CLASSIFICATION, "k");
	test_memory(TASK_REGRESSION, "z");
	arena_clear(&arena);
	return tap_done();
}
