#include "datasets/table.h"

#include "harness/base/rng.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct items items;

/* Six rows: who and year numeric, site categorical, day a time, y the target. */
static float who[] = { 9, 9, 4, 4, 9, 4 }, year[] = { 1, 2, 1, 1, 1, 2 },
	     site[] = { 1, 1, 0, 0, 1, 0 }, day[] = { 10, 11.5f, 12, 13, 14, 15 },
	     y[] = { 0, 1, 0, 1, 0, 1 }, hole[] = { 1, NAN, 1, NAN, 1, 1 },
	     a_b[] = { 1, 1, 1, 1, 1, 2 };
static const char *const site_names[] = { "north", "south" };
static struct column columns[] = {
	{ .name = "who" },
	{ .name = "year" },
	{ .name = "site", .is_cat = true, .levels = 2, .level_names = site_names },
	{ .name = "day" },
	{ .name = "y" },
	{ .name = "hole" },
	{ .name = "a+b" },
};
static float *cells[] = { who, year, site, day, y, hole, a_b };
static struct table table = { .rows = 6, .cols = 7, .columns = columns, .cell = cells };

static int take(const struct source *with)
{
	struct source src = *with;

	src.target = "y";
	src.task = TASK_CLASSIFICATION;
	error_clear(&err);
	return table_to_items(&table, &src, &arena, &items, &err);
}

static bool fails(const struct source *src, enum err code, const char *with)
{
	if (take(src) == (int)code && strstr(err.text, with))
		return true;
	printf("# %d '%s'\n", (int)err.code, err.text);
	return false;
}

static bool has_feature(const char *name)
{
	for (size_t j = 0; j < items.cols; j++)
		if (!strcmp(items.columns[j].name, name))
			return true;
	return false;
}

static bool is_group(const uint32_t *want)
{
	for (size_t i = 0; i < items.n; i++)
		if (items.group[i] != want[i])
			return false;
	return true;
}

static void test_group(void)
{
	ok(!take(&(struct source){ .group = "who" }) &&
		   is_group((const uint32_t[]){ 0, 0, 1, 1, 0, 1 }),
	   "group: equal values are one group, numbered by appearance");
	ok(items.cols == 5 && !has_feature("who"), "group: its column is no feature");
	ok(!items.fold && !items.time, "group: nothing else is set");
	ok(!take(&(struct source){ .group = "site" }) &&
		   is_group((const uint32_t[]){ 0, 0, 1, 1, 0, 1 }),
	   "group: a categorical column");
	ok(!take(&(struct source){ .group = "who+year" }) &&
		   is_group((const uint32_t[]){ 0, 1, 2, 2, 0, 3 }),
	   "group: two columns joined are a group by both");
	ok(items.cols == 4 && !has_feature("year"), "group: neither is a feature");
	ok(!take(&(struct source){ .group = "year+site+who" }) &&
		   is_group((const uint32_t[]){ 0, 1, 2, 2, 0, 3 }),
	   "group: three, one of them a copy of another");
	ok(!take(&(struct source){ .group = "a+b" }) &&
		   is_group((const uint32_t[]){ 0, 0, 0, 0, 0, 1 }),
	   "group: a column that is called a+b is one column");
	ok(!take(&(struct source){ .group = "who",
				   .drop = (const char *const[]){ "who" },
				   .n_drop = 1 }) &&
		   items.group && items.cols == 5,
	   "group: that it is dropped as well changes nothing");
}

static void test_fold(void)
{
	ok(!take(&(struct source){ .fold = "who" }) && items.fold[0] == 1 &&
		   items.fold[2] == 0,
	   "fold: numbers in the order of the values");
	ok(!has_feature("who") && !items.group, "fold: its column is no feature");
	ok(!take(&(struct source){ .fold = "site" }) && items.fold[0] == 1 &&
		   items.fold[5] == 0,
	   "fold: categories in the order of their levels");
}

static void test_time(void)
{
	static const char *const drop[] = { "day" };

	ok(!take(&(struct source){ .time = "day" }) && items.time[1] == 11.5 &&
		   items.time[5] == 15,
	   "time: the numbers of its column");
	ok(has_feature("day"), "time: it stays a feature");
	ok(!take(&(struct source){ .time = "day", .drop = drop, .n_drop = 1 }) &&
		   items.time && !has_feature("day"),
	   "time: unless it is dropped");
	ok(fails(&(struct source){ .time = "site" }, ERR_DATA, "'site' is text"),
	   "time: a text is no time");
}

static void test_errors(void)
{
	ok(fails(&(struct source){ .group = "whom" }, ERR_CONFIG,
		 "group: no column 'whom' (did you mean 'who'?)"),
	   "an unknown group");
	ok(fails(&(struct source){ .group = "who+" }, ERR_CONFIG, "group: no column ''"),
	   "a group with nothing behind its +");
	ok(fails(&(struct source){ .fold = "fold" }, ERR_CONFIG, "fold: no column"),
	   "an unknown fold");
	ok(fails(&(struct source){ .time = "dai" }, ERR_CONFIG, "time: no column"),
	   "an unknown time");
	ok(fails(&(struct source){ .group = "who+y" }, ERR_CONFIG, "'y' is the target"),
	   "the target as a group");
	ok(fails(&(struct source){ .time = "y" }, ERR_CONFIG, "'y' is the target"),
	   "the target as the time");
	ok(fails(&(struct source){ .group = "hole" }, ERR_DATA,
		 "group: 'hole' is missing or infinite in 2 of 6 rows, first in row 2"),
	   "rows without a group are counted");
	ok(fails(&(struct source){ .fold = "hole" }, ERR_DATA, "fold: 'hole'") &&
		   fails(&(struct source){ .time = "hole" }, ERR_DATA, "time: 'hole'"),
	   "rows without a fold or a time, too");
	day[3] = INFINITY;
	ok(fails(&(struct source){ .time = "day",
				   .drop = (const char *const[]){ "day" },
				   .n_drop = 1 },
		 ERR_DATA, "first in row 4"),
	   "an infinite time");
	day[3] = 13;
}

static void test_categorical(void)
{
	static const char *const names[] = { "who", "hole", "site", "y" };
	struct source src = { .categorical = names, .n_categorical = 4 };

	ok(!take(&src) && items.columns[0].is_cat && items.columns[0].levels == 2,
	   "categorical: numbers become names");
	ok(items.cell[0][0] == 1 && items.cell[0][2] == 0 &&
		   !strcmp(items.columns[0].level_names[1], "9"),
	   "categorical: levels ascend and are named as they are written");
	ok(isnan(items.cell[4][1]) && items.columns[4].levels == 1,
	   "categorical: holes stay holes");
	ok(!strcmp(items.columns[2].level_names[1], "south"),
	   "categorical: a text column is left as it is");
	ok(items.classes == 2 && !strcmp(items.class_names[1], "1"),
	   "categorical: the target may be among them");
	ok(who[0] == 9 && !columns[0].is_cat, "categorical: the table is left as it was");
	src.group = "who";
	ok(!take(&src) && items.group[2] == 1, "categorical: a group, too");
	who[5] = -INFINITY;
	ok(fails(&src, ERR_DATA, "column 'who': an infinite"), "categorical: infinity");
	who[5] = 4;
	src.categorical = (const char *const[]){ "hoo" };
	src.n_categorical = 1;
	ok(fails(&src, ERR_CONFIG, "categorical: no column 'hoo'"),
	   "categorical: an unknown column");
}

/* The slow twin: each pair of rows is compared. */
static void test_random(void)
{
	static float p[300], q[300], t[300];
	static float *own[] = { p, q, t, t };
	static struct column named[] = {
		{ .name = "p" }, { .name = "q" }, { .name = "y" }, { .name = "x" }
	};
	const struct table saved = table;
	struct rng r = rng_make(4, "roles");
	bool good = true;

	for (size_t i = 0; i < 300; i++) {
		p[i] = (float)rng_below(r, i, 12) - 6;
		q[i] = (float)rng_below(r, 1000 + i, 9) / 4;
		t[i] = (float)(i % 2);
	}
	q[0] = 0.0f;
	q[1] = -0.0f;
	p[1] = p[0];
	table = (struct table){ .rows = 300, .cols = 4, .columns = named, .cell = own };
	good = !take(&(struct source){ .group = "p+q" });
	for (size_t i = 0; good && i < 300; i++)
		for (size_t k = 0; k < i; k++)
			good &= (items.group[i] == items.group[k]) ==
				!(p[i] < p[k] || p[i] > p[k] || q[i] < q[k] ||
				  q[i] > q[k]);
	ok(good, "300 random rows are grouped as by comparing each pair");
	table = saved;
}

static void test_memory(void)
{
	static const char *const names[] = { "year" };
	const struct source src = { .group = "who+year",
				    .fold = "site",
				    .time = "day",
				    .categorical = names,
				    .n_categorical = 1 };
	size_t n = 0;
	int rc;

	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = take(&src);
	} while (rc == ERR_MEMORY && n < 100);
	arena.fail_at = 0;
	ok(!rc && n > 12, "each of %zu allocations may fail", n - 1);
}

int main(void)
{
	arena_init(&arena, 0);
	test_group();
	test_fold();
	test_time();
	test_errors();
	test_categorical();
	test_random();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
