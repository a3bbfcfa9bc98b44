#include "datasets/formats/libsvm.h"

#include <stdlib.h>
#include <unistd.h>

#include "datasets/folder.h"
#include "harness/base/file.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct table t;
static size_t end[2];

static int parse_bytes(const char *text, size_t size, size_t base, size_t columns)
{
	const struct libsvm_text one = { .bytes = text, .size = size, .path = "a.txt" };
	const struct libsvm_options options = { .base = base, .columns = columns };

	arena_clear(&arena);
	error_clear(&err);
	return libsvm_parse(&one, 1, &options, &arena, &t, end, &err);
}

static int parse(const char *text)
{
	return parse_bytes(text, strlen(text), 1, 0);
}

static bool fails(int rc, const char *with)
{
	if (rc == ERR_DATA && strstr(err.text, with))
		return true;
	printf("# %d '%s'\n", rc, err.text);
	return false;
}

static const char sample[] = "+1 1:0.5 3:-2e1 # a comment\r\n"
			     "# nothing but a comment\n\n"
			     "-1\t2:7  4:1\n"
			     "+1\n"
			     "-1 4:.25";

static void test_rows(void)
{
	ok(!parse(sample) && t.rows == 4 && t.cols == 5, "rows and columns");
	ok(!strcmp(t.columns[0].name, "label") && !strcmp(t.columns[1].name, "f1") &&
		   !strcmp(t.columns[4].name, "f4"),
	   "the label, then features by their index");
	ok(t.cell[0][0] == 1 && t.cell[0][1] == -1, "labels");
	ok(t.cell[1][0] == 0.5f && t.cell[3][0] == -20 && t.cell[2][1] == 7 &&
		   t.cell[4][3] == 0.25f,
	   "values");
	ok(t.cell[2][0] == 0 && t.cell[1][2] == 0 && t.cell[4][2] == 0,
	   "what a row leaves out is 0");
	ok(end[0] == 4, "the end of the file");
	ok(!parse_bytes("3.5 0:1 2:2\n", 12, 0, 0) && t.cols == 4 &&
		   !strcmp(t.columns[1].name, "f0") && t.cell[3][0] == 2,
	   "base 0");
	ok(!parse_bytes("1 1:1\n2 2:1\n", 12, 1, 5) && t.cols == 6 && t.cell[5][1] == 0,
	   "columns that no row names");
	ok(!parse("1 65536:1\n0 1:1") && t.cols == 65537, "the largest index there may be");
}

static void test_errors(void)
{
	ok(fails(parse(""), "a.txt: the file has no rows"), "an empty file");
	ok(fails(parse("# x\n\n"), "no rows"), "comments only");
	ok(fails(parse("1 1:1\nx 1:1\n"), "a.txt:2: label 'x' is no number"),
	   "a label that is a text");
	ok(fails(parse("1,2 1:1\n"), "several labels"), "several labels");
	ok(fails(parse("1 1:1 x\n"), "'x' where INDEX:VALUE"), "a word without a colon");
	ok(fails(parse("1 1:x\n"), "value 'x' is no number"), "a value that is a text");
	ok(fails(parse("1 1:\n"), "value '' is no number"), "no value");
	ok(fails(parse("1 :1\n"), "an index is missing"), "no index");
	ok(fails(parse("1 -1:1\n"), "'-1' is no index"), "a negative index");
	ok(fails(parse("1 0:1\n"), "the first is 1 unless the option base is 0"),
	   "index 0, with the cure");
	ok(fails(parse("1 2:1 1:1\n"), "does not stand behind"), "indices that descend");
	ok(fails(parse("1 2:1 2:1\n"), "does not stand behind"), "an index twice");
	ok(fails(parse("1 qid:3 1:1\n"), "ranking"), "queries");
	ok(fails(parse("1 1:inf\n"), "infinite"), "an infinite value");
	ok(fails(parse("1e99 1:1\n"), "too large"), "a label too large");
	ok(fails(parse_bytes("1\0 1:1\n", 7, 1, 0), "a.txt:1: label"), "a NUL byte");
	ok(fails(parse_bytes("1 6:1\n", 6, 1, 5), "more than 5 columns, as the options"),
	   "an index beyond the declared columns");
	ok(fails(parse("\xff\xfe\n"), "is no number"), "bytes that are no UTF-8");
}

/* What small files could make of memory. */
static void test_bounds(void)
{
	static char text[5000 * 12];
	size_t n = 0;

	arena.peak = 0;
	ok(fails(parse("1 4000000000:1\n"), "a.txt:1: index 4000000000: more than 65536") &&
		   fails(parse("1 65537:1\n"), "more than 65536") &&
		   fails(parse("1 99999999999999999999999999:1\n"), "more than 65536") &&
		   arena.peak == 0,
	   "a huge index is an error and takes no memory");
	for (size_t k = 0; k < 5000; k++)
		n += (size_t)sprintf(text + n, "1 65536:1\n");
	ok(fails(parse_bytes(text, n, 1, 0), "sparse rows may stand") &&
		   arena.peak < 2 << 20,
	   "so are many rows of many columns");
	ok(fails(parse("1 65536:1\n1 1:1\nx\n"), "a.txt:3") && arena.peak < 2 << 20,
	   "a file that is wrong at its end takes no memory");
}

static void test_several(void)
{
	const struct libsvm_text two[] = {
		{ .bytes = "1 1:1\n2 2:1\n", .size = 12, .path = "a.txt" },
		{ .bytes = "3 4:1\n", .size = 6, .path = "b.txt" },
	};
	const struct libsvm_options options = { .base = 1 };

	arena_clear(&arena);
	ok(!libsvm_parse(two, 2, &options, &arena, &t, end, &err) && t.rows == 3 &&
		   t.cols == 5 && end[0] == 2 && end[1] == 3 && t.cell[4][0] == 0 &&
		   t.cell[4][2] == 1,
	   "several files have the columns of all");
}

/* The slow twin: a dense table printed as sparse rows. */
static void test_random(void)
{
	static char text[100 * 40 * 24];
	static float want[40][100];
	struct rng r = rng_make(6, "libsvm");
	size_t n = 0;
	bool good = true;

	for (size_t i = 0; i < 100; i++) {
		n += (size_t)sprintf(text + n, "%zu", i);
		for (size_t j = 0; j < 40; j++) {
			want[j][i] = 0;
			if (j < 39 && rng_below(r, 40 * i + j, 3))
				continue;
			want[j][i] = (float)rng_normal(r, 40 * i + j);
			n += (size_t)sprintf(text + n, " %zu:%.9g", j + 1,
					     (double)want[j][i]);
		}
		n += (size_t)sprintf(text + n, "\n");
	}
	good = !parse_bytes(text, n, 1, 0) && t.cols == 41;
	for (size_t j = 0; good && j < 40; j++)
		good = !memcmp(t.cell[1 + j], want[j], sizeof(want[j]));
	ok(good, "100 random rows come back as they were");
}

static void test_mutants(void)
{
	static const char usual[] = ":# \n\r\t,19-x.e";
	struct rng r = rng_make(2, "libsvm mutants");
	size_t read = 0, good = 0, size = strlen(sample);

	/* Blocks of their own, so that a sanitizer sees a read behind them. */
	for (size_t n = 0; n < size; n++) {
		char *part = malloc(n ? n : 1);

		memcpy(part, sample, n);
		good += parse_bytes(part, n, 1, 0) ? !strncmp(err.text, "a.txt", 5)
						   : t.rows > 0;
		free(part);
	}
	ok(good == size, "each of %zu prefixes gives rows or an error with its place",
	   size);
	for (size_t k = 0; k < 6000; k++) {
		struct rng rk = rng_sub(r, k);
		char *m = malloc(size);

		memcpy(m, sample, size);
		for (uint64_t i = 0; i <= rng_below(rk, 0, 3); i++)
			m[rng_below(rk, 2 * i + 1, size)] =
				usual[rng_below(rk, 2 * i + 2, sizeof(usual))];
		read += !parse_bytes(m, size, 1, 0);
		free(m);
	}
	ok(read > 100 && read < 6000, "%zu of 6000 mutants are still read, none crashes",
	   read);
}

/* ---------------------------------------------------------------- reader */

static char folder[] = "/tmp/test_libsvm-XXXXXX";
static struct items items;

static int read_two(const char *options, const char *target, enum task task, size_t n)
{
	char a[64], b[64];
	const char *const paths[] = { a, b };
	struct source src = { .name = "sample", .paths = paths, .n_paths = n,
			      .target = target, .task = task };
	struct yaml *map = NULL;

	snprintf(a, sizeof(a), "%s/a", folder);
	snprintf(b, sizeof(b), "%s/b", folder);
	arena_clear(&arena);
	error_clear(&err);
	if (yaml_parse(&arena, options, strlen(options), "options", &map, &err) ||
	    file_replace(a, sample, strlen(sample), &err) ||
	    file_replace(b, "-1 1:1\n+1 2:2\n", 14, &err))
		return err.code;
	src.options = map;
	return reader_find("libsvm")->read(&src, &arena, &items, &err);
}

static void test_reader(void)
{
	size_t n = 0;
	int rc;

	ok(!read_two("{}", NULL, TASK_CLASSIFICATION, 1) && items.n == 4 &&
		   items.cols == 4 && items.classes == 2 &&
		   !strcmp(items.class_names[0], "-1"),
	   "the reader: labels as classes");
	ok(!read_two("{}", NULL, TASK_REGRESSION, 1) && items.target[1] == -1,
	   "the reader: labels as numbers");
	ok(!read_two("official: [train, test]", NULL, TASK_CLASSIFICATION, 2) &&
		   items.n == 6 && items.official[3] == OFFICIAL_TRAIN &&
		   items.official[4] == OFFICIAL_TEST,
	   "the reader: a training and a test file");
	ok(!read_two("columns: 7", "f2", TASK_REGRESSION, 1) && items.cols == 7,
	   "the reader: a feature as the target");
	ok(read_two("base: 2", NULL, TASK_REGRESSION, 1) == ERR_CONFIG &&
		   read_two("columns: 65537", NULL, TASK_REGRESSION, 1) == ERR_CONFIG &&
		   strstr(err.text, "options:1"),
	   "the reader: options out of range");
	ok(read_two("{}", NULL, TASK_REGRESSION, 0) == ERR_CONFIG, "the reader: no file");
	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = read_two("official: [train, test]", NULL, TASK_CLASSIFICATION, 2);
	} while (rc == ERR_MEMORY && n < 1000);
	arena.fail_at = 0;
	ok(!rc && n > 15, "each of %zu allocations may fail", n - 1);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	arena_init(&arena, (size_t)1 << 30);
	test_rows();
	test_errors();
	test_bounds();
	test_several();
	test_random();
	test_mutants();
	test_reader();
	folder_remove(folder);
	arena_clear(&arena);
	return tap_done();
}
