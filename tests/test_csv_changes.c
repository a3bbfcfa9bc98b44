#include "datasets/csv/csv_changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "datasets/csv/csv_bytes.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct items items;
static char dir[] = "/tmp/triarch-changes-XXXXXX";

/* Read text as the reader does, with options as YAML. */
static int take(const char *text, const char *options, const char *target,
		enum task task, const char *time)
{
	const char *path = arena_printf(&arena, "%s/a.csv", dir);
	struct source src = { .name = "a", .paths = &path, .n_paths = 1, .target = target,
			      .task = task, .time = time, .threads = 1 };
	struct yaml *map;

	error_clear(&err);
	if (file_replace(path, text, strlen(text), &err) ||
	    yaml_parse(&arena, options, strlen(options), "o.yaml", &map, &err))
		return (int)err.code;
	src.options = map;
	return reader_find("csv")->read(&src, &arena, &items, &err);
}

static bool fails(int rc, enum err code, const char *with)
{
	if (rc == (int)code && strstr(err.text, with))
		return true;
	printf("# %d '%s'\n", rc, err.text);
	return false;
}

static bool has(const char *name)
{
	for (size_t j = 0; j < items.cols; j++)
		if (!strcmp(items.columns[j].name, name))
			return true;
	return false;
}

static void test_columns(void)
{
	ok(!take("d,p,y\n1/2/2024,$1,a\n13/2/2024,$2,b\n", "dates: [d]\namounts: [p]\n", "y",
		 TASK_CLASSIFICATION, NULL) &&
	   has("d_day") && has("p") && !has("d_year"), "dates and amounts");
	ok(!take("d,y\n20240131,a\n20250201,b\n", "dates: [d]\n", "y", TASK_CLASSIFICATION,
		 NULL) && has("d_year"), "dates of eight digits, which a float would not hold");
	ok(!take("d,y\n1/2/2024,a\n1/3/2024,b\n", "dates: [d]\nday_first: false\n", "y",
		 TASK_CLASSIFICATION, NULL) && has("d_day") && !has("d_month"),
	   "the month first, where it is said");
	ok(!take("a,a,y\n1,2,x\n3,4,z\n", "rename: true\n", "y", TASK_CLASSIFICATION, NULL) &&
	   has("a_2"), "a name that comes twice");
	ok(fails(take("a,a,y\n1,2,x\n3,4,z\n", "rename: false\n", "y", TASK_CLASSIFICATION, NULL),
		 ERR_DATA, "both called 'a'"), "which is an error unless it is asked for");
	ok(!take("p;y\n1.200,5 EUR;a\n3 EUR;b\n", "decimal: ','\namounts: [p]\n", "y",
		 TASK_CLASSIFICATION, NULL) && items.cell[0][0] > 1200,
	   "amounts go by the decimal point of the file");
	ok(!take("p,y\n1,\"$1,000\"\n2,$3\n", "amounts: [y]\n", "y", TASK_REGRESSION, NULL) &&
	   items.target[0] > 999, "an amount as the target");
}

static void test_rows(void)
{
	const char *const text = "a,y\n1,x\n2,\n3,z\n4,NA\n";

	ok(fails(take(text, "missing_target: error\n", "y", TASK_CLASSIFICATION, NULL), ERR_DATA,
		 "a.csv:3: the target 'y' is missing"), "a hole in the target is an error");
	ok(!take(text, "missing_target: drop\n", "y", TASK_CLASSIFICATION, NULL) &&
	   items.n == 2 && items.cell[0][1] > 2.5f, "or its row is dropped");
	ok(fails(take("a,y\n1,\n2,\n", "missing_target: drop\n", "y", TASK_CLASSIFICATION, NULL),
		 ERR_DATA, "no rows"), "unless that drops them all");
	ok(fails(take(text, "missing_target: keep\n", "y", TASK_CLASSIFICATION, NULL), ERR_CONFIG,
		 "o.yaml:1:17"), "no other word is known");
}

static void test_times(void)
{
	ok(!take("t,a,y\n2024-01-03,1,x\n2024-01-01 12:00,2,z\n", "rename: false\n", "y",
		 TASK_CLASSIFICATION, "t") && items.time, "a time may be a date");
	ok_near(items.time[0], 2, 1e-6, "in days since the first");
	ok_near(items.time[1], 0.5, 1e-6, "with its time of the day");
	ok(fails(take("t,a,y\nsoon,1,x\nlater,2,z\n", "rename: false\n", "y",
		      TASK_CLASSIFICATION, "t"), ERR_DATA, "is no date"), "a text is none");
	ok(fails(take("a,y\n1,x\n2,z\n", "dates: [b]\n", "y", TASK_CLASSIFICATION, NULL),
		 ERR_CONFIG, "no column 'b'"), "a slip");
}

static void test_bytes(void)
{
	const char *path = arena_printf(&arena, "%s/a.csv", dir);
	struct csv_bytes b;

	file_replace(path, "hello", 5, &err);
	ok(!csv_bytes_open(&b, path, &arena, &err) && b.size == 5 && !memcmp(b.text, "hello", 5),
	   "plain bytes are the file's own");
	csv_bytes_close(&b);
	file_replace(path, "\x1f\x8b\x08\0\0\0\0\0\0", 9, &err);
	ok(fails(csv_bytes_open(&b, path, &arena, &err), ERR_DATA, "a.csv"),
	   "a packed file that is cut off");
	if (!system(arena_printf(&arena, "printf 'a,y\\n1,2\\n' | gzip > %s", path))) {
		ok(!csv_bytes_open(&b, path, &arena, &err) && b.size == 8 &&
		   !memcmp(b.text, "a,y\n1,2\n", 8), "a packed one is unpacked");
		csv_bytes_close(&b);
	}
	ok(fails(csv_bytes_open(&b, "/nothing/here", &arena, &err), ERR_IO, "/nothing/here"),
	   "no file");
}

static void test_memory(void)
{
	size_t k = 1;
	int rc = -1;

	for (; k < 300 && rc; k++) {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = 0;
		arena.fail_at = k + 1; /* the first is the path's, of this test */
		rc = take("d,p,y\n1/2/2024,$1,a\n13/2/2024,$2,b\n", "dates: [d]\namounts: [p]\n",
			  "y", TASK_CLASSIFICATION, NULL);
		if (rc && rc != ERR_MEMORY)
			break;
	}
	ok(!rc && k > 10, "every failed allocation of %zu is told", k);
	arena.fail_at = 0;
}

/* One row, and lists that name a column twice or none. */
static void test_change_edges(void)
{
	ok(!take("d,a,y\n2024-01-31,1,x\n2024-01-31,2,z\n", "dates: [d]\n", "y",
		 TASK_CLASSIFICATION, NULL) && items.cols == 1 && has("a"),
	   "dates that are all the same leave no column");
	ok(!take("d,e,y\n2024-01-31,2023-01-01,x\n2024-02-01,2023-01-02,z\n", "dates: [d, e]\n",
		 "y", TASK_CLASSIFICATION, NULL) && has("d_days") && has("e_days"),
	   "two columns of dates each have their parts");
	ok(fails(take("d,y\n1/2/2024,x\n1/31/2024,x\n31/1/2024,z\n", "dates: [d]\n", "y",
		      TASK_CLASSIFICATION, NULL), ERR_DATA, "is no date, or of another order"),
	   "two orders in one column are told of");
	ok(fails(take("p,y\n$1,x\nfree,z\n", "amounts: [p]\n", "y", TASK_CLASSIFICATION, NULL),
		 ERR_DATA, "'free' is no number"), "an amount that is none");
	ok(fails(take("p,y\n1,x\n2,z\n", "amounts: [q]\n", "y", TASK_CLASSIFICATION, NULL),
		 ERR_CONFIG, "no column 'q'"), "an amount of no column");
	ok(fails(take("p,y\n1,x\n", "day_first: maybe\n", "y", TASK_CLASSIFICATION, NULL),
		 ERR_CONFIG, "o.yaml:1:12"), "day_first is yes or no");
	ok(!take("d,p,y\n1/2/2024,,x\n,$3,z\n2/2/2024,$4,x\n", "dates: [d]\namounts: [p]\n", "y",
		 TASK_CLASSIFICATION, NULL) && isnan(items.cell[items.cols - 1][0]),
	   "holes in both stay holes");
}

static void test_two_files(void)
{
	const char *path = arena_printf(&arena, "%s/a.csv", dir);
	const char *paths[] = { path, path };
	struct source src = { .name = "a", .paths = paths, .n_paths = 2, .target = "y",
			      .task = TASK_CLASSIFICATION, .threads = 1 };
	const char *const options = "missing_target: drop\n";
	struct yaml *map;

	ok(!take("a,y\n1,x\n2,\n3,z\n", options, "y", TASK_CLASSIFICATION, NULL) && items.n == 2,
	   "rows without a target are dropped of one file");
	if (yaml_parse(&arena, options, strlen(options), "o.yaml", &map, &err))
		return;
	src.options = map;
	ok(fails(reader_find("csv")->read(&src, &arena, &items, &err), ERR_CONFIG,
		 "rows are dropped of one file, not of 2"), "and not of two");
}

int main(void)
{
	char command[96];

	if (!mkdtemp(dir))
		return 1;
	test_columns();
	test_rows();
	test_times();
	test_bytes();
	test_memory();
	test_change_edges();
	test_two_files();
	arena_clear(&arena);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) | tap_done();
}
