#include "datasets/table_rows.h"

#include <math.h>

#include "tests/tap.h"

static struct arena arena;
static struct error err;

/* Options as a reader gets them. */
static struct source with(const char *text)
{
	struct yaml *map = NULL;

	error_clear(&err);
	ok(!yaml_parse(&arena, text, strlen(text), "options", &map, &err), "parse %s", text);
	return (struct source){ .name = "sample", .options = map };
}

static bool fails(int rc, enum err code, const char *text)
{
	if (rc == (int)code && strstr(err.text, text))
		return true;
	printf("# %d '%s'\n", rc, err.text);
	return false;
}

static void test_option(void)
{
	struct source src = with("{}");
	bool drop = true;

	ok(!table_rows_option(&src, &drop, &err) && !drop, "absent: holes are errors");
	src = with("missing_target: drop");
	ok(!table_rows_option(&src, &drop, &err) && drop, "drop");
	src = with("missing_target: error");
	ok(!table_rows_option(&src, &drop, &err) && !drop, "error");
	src = with("missing_target: skip");
	ok(fails(table_rows_option(&src, &drop, &err), ERR_CONFIG, "'skip' is not drop"),
	   "another word is an error");
	ok(strstr(err.text, "options:1:") != NULL, "which names the place");
	src = with("missing_target: [drop]");
	ok(table_rows_option(&src, &drop, &err) == ERR_CONFIG, "so is a list");
}

/* Two features and a target with holes in rows 1 and 3 of 4. */
struct sample {
	float x[4], z[4], y[4];
	float *cell[3];
	struct column columns[3];
};

static struct table sample(struct sample *s)
{
	*s = (struct sample){
		.x = { 1, 2, 3, 4 },
		.z = { NAN, NAN, 7, 8 },
		.y = { NAN, 10, NAN, 20 },
		.cell = { s->x, s->z, s->y },
		.columns = { { .name = "x" }, { .name = "z" }, { .name = "y" } },
	};
	return (struct table){ .rows = 4, .cols = 3, .columns = s->columns,
			       .cell = s->cell };
}

static void test_rows(void)
{
	struct sample s;
	struct table t = sample(&s);

	error_clear(&err);
	ok(!table_rows_with_target(&t, "y", &arena, &err) && t.rows == 2,
	   "two of four rows have a target");
	ok(t.cell[0][0] == 2 && t.cell[0][1] == 4 && t.cell[2][0] == 10 &&
		   t.cell[2][1] == 20,
	   "they keep their order");
	ok(isnan(t.cell[1][0]) && t.cell[1][1] == 8, "holes of features stay");
	ok(s.x[0] == 1 && s.x[3] == 4 && isnan(s.y[0]), "the cells given are untouched");
	ok(!table_rows_with_target(&t, "y", &arena, &err) && t.rows == 2,
	   "a second time changes nothing");
	t = sample(&s);
	ok(!table_rows_with_target(&t, "x", &arena, &err) && t.rows == 4 &&
		   t.cell == s.cell,
	   "a target without holes costs no copy");
	ok(fails(table_rows_with_target(&t, "yy", &arena, &err), ERR_CONFIG,
		 "no column 'yy' (did you mean 'y'?)"),
	   "an unknown target is an error");
	error_clear(&err);
	ok(!table_rows_with_target(&t, NULL, &arena, &err), "no target is others' to report");
}

/* Columns dropped by name share one array of blanks in the rdata reader. */
static void test_shared(void)
{
	struct sample s;
	struct table t = sample(&s);

	s.cell[1] = s.x;
	ok(!table_rows_with_target(&t, "y", &arena, &err) && t.cell[0][0] == 2 &&
		   t.cell[1][0] == 2 && t.cell[0][1] == 4 && t.cell[1][1] == 4,
	   "columns that share their cells stay equal");
}

static void test_none(void)
{
	struct sample s;
	struct table t = sample(&s);
	struct source src = { .name = "sample", .target = "y", .task = TASK_REGRESSION };
	struct items items;

	s.y[1] = s.y[3] = NAN;
	ok(!table_rows_with_target(&t, "y", &arena, &err) && t.rows == 0,
	   "a target that is missing everywhere leaves no rows");
	ok(fails(table_to_items(&t, &src, &arena, &items, &err), ERR_DATA, "no rows"),
	   "which is then reported");
}

static void test_memory(void)
{
	struct sample s;
	struct table t = sample(&s);
	struct arena full;

	arena_init(&full, 1);
	error_clear(&err);
	ok(table_rows_with_target(&t, "y", &full, &err) == ERR_MEMORY, "out of memory");
	arena_clear(&full);
}

static void test_official(void)
{
	struct items items = { .n = 5 };
	struct source src = with("{}");

	ok(!table_rows_official(&src, &arena, &items, &err) && !items.official,
	   "absent: no official parts");
	src = with("train_rows: 3");
	ok(!table_rows_official(&src, &arena, &items, &err) && items.official &&
		   items.official[0] == OFFICIAL_TRAIN &&
		   items.official[2] == OFFICIAL_TRAIN &&
		   items.official[3] == OFFICIAL_TEST && items.official[4] == OFFICIAL_TEST,
	   "the first rows train, the others test");
	src = with("train_rows: 5");
	ok(table_rows_official(&src, &arena, &items, &err) == ERR_CONFIG,
	   "a training part of all rows is an error");
	ok(strstr(err.text, "options:1:") != NULL, "which names the place");
	src = with("train_rows: 0");
	ok(table_rows_official(&src, &arena, &items, &err) == ERR_CONFIG, "and so is none");
	items.n = 1;
	src = with("train_rows: 1");
	ok(table_rows_official(&src, &arena, &items, &err) == ERR_CONFIG,
	   "a single row has no two parts");
}

int main(void)
{
	arena_init(&arena, 0);
	test_option();
	test_rows();
	test_shared();
	test_none();
	test_memory();
	test_official();
	arena_clear(&arena);
	return tap_done();
}
