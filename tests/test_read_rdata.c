#include "datasets/reader.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "tests/rdata_writer.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct items items;
static char folder[] = "/tmp/test_read_rdata-XXXXXX";
static char path[64];

static void save(const char *name, const struct writer *w)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file_replace(path, w->bytes, w->n, &err);
}

/* Read the file `path`; options as YAML, drop as one name or NULL. */
static int read_path(const char *options, const char *target, const char *drop,
		     enum task task)
{
	struct source src = { .name = "sample",
			      .paths = (const char *const[]){ path },
			      .n_paths = 1,
			      .target = target,
			      .drop = &drop,
			      .n_drop = drop != NULL,
			      .task = task };
	struct yaml *map = NULL;

	error_clear(&err);
	if (yaml_parse(&arena, options, strlen(options), "options", &map, &err))
		return err.code;
	src.options = map;
	return reader_find("rdata")->read(&src, &arena, &items, &err);
}

static bool fails(int rc, enum err code, const char *with)
{
	if (rc == (int)code && strstr(err.text, with))
		return true;
	printf("# %d '%s'\n", rc, err.text);
	return false;
}

static void test_columns(void)
{
	struct writer w = { .n = 0 };

	w_rda(&w);
	save("two.rda", &w);
	ok(!read_path("object: d", "y", NULL, TASK_CLASSIFICATION), "a data frame");
	ok(items.modality == MODALITY_TABULAR && items.n == 3 && items.cols == 6,
	   "three rows, six columns and a target");
	ok_str(items.columns[0].name, "num", "columns keep their names");
	ok(!items.columns[0].is_cat && items.cell[0][0] == 1.5f &&
		   isnan(items.cell[0][1]),
	   "reals are numeric, NA is a hole");
	ok(!items.columns[1].is_cat && items.cell[1][2] == 9 && isnan(items.cell[1][1]),
	   "integers are numeric, NA is a hole");
	ok(items.columns[2].is_cat && items.columns[2].levels == 3 &&
		   items.cell[2][0] == 1 && items.cell[2][1] == 0 &&
		   isnan(items.cell[2][2]),
	   "factors are categorical, codes from 0");
	ok_str(items.columns[2].level_names[1], "b", "factors keep their level names");
	ok(items.columns[3].is_cat && items.columns[3].levels == 2 &&
		   items.cell[3][0] == 1 && items.cell[3][2] == 0 &&
		   isnan(items.cell[3][1]),
	   "strings are categorical, levels sorted");
	ok_str(items.columns[3].level_names[0], "y", "strings name their levels");
	ok(items.columns[4].is_cat && items.cell[4][0] == 1 && items.cell[4][1] == 0 &&
		   isnan(items.cell[4][2]),
	   "logicals are categories false and true");
	ok(!items.columns[5].is_cat && items.cell[5][2] == 18264,
	   "dates are numbers of days");
	ok(items.classes == 2 && items.label[0] == 0 && items.label[1] == 1,
	   "strings as classes");
}

static void test_choice(void)
{
	ok(fails(read_path("object: dd", "y", NULL, TASK_CLASSIFICATION), ERR_CONFIG,
		 "no object 'dd'"),
	   "an unknown object is an error");
	ok(strstr(err.text, "d, other") != NULL, "and names those there are");
	ok(fails(read_path("{}", "y", NULL, TASK_CLASSIFICATION), ERR_CONFIG,
		 "say which with `object`"),
	   "two objects need a choice");
	ok(fails(read_path("object: other", "y", NULL, TASK_CLASSIFICATION), ERR_DATA,
		 "of type integer, not a data frame"),
	   "a vector is no data frame");
	ok(!read_path("object: d", "y", "num", TASK_CLASSIFICATION) && items.cols == 5,
	   "a column is dropped");
	ok(fails(read_path("object: d", "y", "nun", TASK_CLASSIFICATION), ERR_CONFIG,
		 "did you mean 'num'"),
	   "an unknown column to drop");
	snprintf(path, sizeof(path), "%s/nothing", folder);
	ok(fails(read_path("object: d", "y", NULL, TASK_CLASSIFICATION), ERR_IO,
		 "nothing"),
	   "a missing file is named");
}

/* table_rows.h has the tests of what they do; here that the reader asks. */
static void test_row_options(void)
{
	struct writer w = { .n = 0 };

	w_rda(&w);
	save("rows.rda", &w);
	ok(fails(read_path("object: d", "num", NULL, TASK_REGRESSION), ERR_DATA,
		 "missing in 1 of 3 rows"),
	   "a hole in the target is an error");
	ok(!read_path("{ object: d, missing_target: drop }", "num", NULL,
		      TASK_REGRESSION) &&
		   items.n == 2,
	   "unless such rows are to be dropped");
	ok(fails(read_path("{ object: d, missing_target: no }", "num", NULL,
			   TASK_REGRESSION),
		 ERR_CONFIG, "drop or error"),
	   "in a word it knows");
	ok(!read_path("{ object: d, train_rows: 2 }", "y", NULL, TASK_CLASSIFICATION) &&
		   items.official[1] == OFFICIAL_TRAIN &&
		   items.official[2] == OFFICIAL_TEST,
	   "the first rows are the official training part");
}

/* data.frame(a = <what the test writes>, y = c(1, 2)) as an .rds */
static struct writer frame_of(void (*write)(struct writer *w))
{
	struct writer w = { .n = 0 };

	w_begin(&w, 3);
	w_item(&w, 19, W_OBJECT | W_ATTR);
	w_int(&w, 2);
	write(&w);
	W_REALS(&w, 0, 1, 2);
	w_tag(&w, "names");
	W_STRINGS(&w, 0, "a", "y");
	w_attr_string(&w, "class", "data.frame");
	w_nil(&w);
	return w;
}

static void write_list(struct writer *w)
{
	w_item(w, 19, 0);
	w_int(w, 2);
	w_nil(w);
	w_nil(w);
}

static void write_long(struct writer *w)
{
	W_INTS(w, 13, 0, 1, 2, 3);
}

static void write_code(struct writer *w)
{
	W_INTS(w, 13, W_OBJECT | W_ATTR, 1, 4);
	w_tag(w, "levels");
	W_STRINGS(w, 0, "a", "b", "c");
	w_attr_string(w, "class", "factor");
	w_nil(w);
}

static void write_bare_factor(struct writer *w)
{
	W_INTS(w, 13, W_OBJECT | W_ATTR, 1, 1);
	w_attr_string(w, "class", "factor");
	w_nil(w);
}

static void write_logical(struct writer *w)
{
	W_INTS(w, 10, 0, 1, 7);
}

static void test_wrong_columns(void)
{
	static const struct {
		const char *name, *with;
		void (*write)(struct writer *w);
	} cases[] = {
		{ "a list as a column", "column 'a': a column of type list", write_list },
		{ "a column of another length", "2 values where other", write_long },
		{ "a factor code without a level", "row 2: level 4 of 3", write_code },
		{ "a factor without levels", "without levels", write_bare_factor },
		{ "a logical of 7", "a logical of 7", write_logical },
	};

	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		struct writer w = frame_of(cases[k].write);

		save("one.rds", &w);
		ok(fails(read_path("{}", "y", NULL, TASK_REGRESSION), ERR_DATA,
			 cases[k].with),
		   "%s is an error that names it", cases[k].name);
	}
}

/* What a drop leaves out may be of any type. */
static void write_pair(struct writer *w)
{
	W_REALS(w, 0, 5, 6);
	W_REALS(w, 0, 1, 2);
}

static void test_dropped_list(void)
{
	struct writer w = { .n = 0 };

	w_begin(&w, 2);
	w_item(&w, 19, W_OBJECT | W_ATTR);
	w_int(&w, 3);
	write_list(&w);
	write_pair(&w);
	w_tag(&w, "names");
	W_STRINGS(&w, 0, "bag", "x", "y");
	w_attr_string(&w, "class", "data.frame");
	w_nil(&w);
	save("bag.rds", &w);
	ok(!read_path("{}", "y", "bag", TASK_REGRESSION) && items.cols == 1 &&
		   items.target[1] == 2,
	   "a list is no trouble once it is dropped");
}

/* bit64's integers stand in the bytes of reals. */
static void w_int64(struct writer *w, int64_t x)
{
	double bits;

	memcpy(&bits, &x, sizeof(bits));
	w_real(w, bits);
}

static void test_int64(void)
{
	struct writer w = { .n = 0 };

	w_begin(&w, 2);
	w_item(&w, 19, W_OBJECT | W_ATTR);
	w_int(&w, 2);
	w_item(&w, 14, W_OBJECT | W_ATTR);
	w_int(&w, 3);
	w_int64(&w, 12345678901);
	w_int64(&w, INT64_MIN);
	w_int64(&w, -7);
	w_attr_string(&w, "class", "integer64");
	w_nil(&w);
	W_REALS(&w, 0, 1, 2, 3);
	w_tag(&w, "names");
	W_STRINGS(&w, 0, "big", "y");
	w_attr_string(&w, "class", "data.frame");
	w_nil(&w);
	save("bag.rds", &w);
	ok(!read_path("{}", "y", NULL, TASK_REGRESSION) && items.cols == 1 &&
		   items.cell[0][0] == 12345678901.0f && items.cell[0][2] == -7,
	   "64-bit integers are numbers");
	ok(isnan(items.cell[0][1]), "and their NA is a hole");
}

/* A package's data base of one object, `d`: index and blobs in two files. */
static void save_lazy(void)
{
	struct writer db = { .n = 5 }, index = { .n = 0 };

	w_begin(&db, 3);
	w_frame(&db);
	db.bytes[2] = (unsigned char)((db.n - 5) >> 8);
	db.bytes[3] = (unsigned char)(db.n - 5);
	db.bytes[4] = '0'; /* stored */
	w_begin(&index, 3);
	w_item(&index, 19, W_ATTR);
	w_int(&index, 1);
	w_item(&index, 19, W_ATTR);
	w_int(&index, 1);
	W_INTS(&index, 13, 0, 0, (int)db.n);
	w_tag(&index, "names");
	W_STRINGS(&index, 0, "d");
	w_nil(&index);
	w_tag(&index, "names");
	W_STRINGS(&index, 0, "variables");
	w_nil(&index);
	save("Rdata.rdb", &db);
	save("Rdata.rdx", &index);
}

static int read_lazy(const char *first, const char *second, size_t n_paths)
{
	char paths[2][64];
	const struct source src = { .name = "sample",
				    .paths = (const char *const[]){ paths[0], paths[1],
								    paths[1] },
				    .n_paths = n_paths,
				    .target = "y" };

	snprintf(paths[0], sizeof(paths[0]), "%s/%s", folder, first);
	snprintf(paths[1], sizeof(paths[1]), "%s/%s", folder, second);
	error_clear(&err);
	return reader_find("rdata")->read(&src, &arena, &items, &err);
}

static void test_lazy(void)
{
	save_lazy();
	ok(!read_lazy("Rdata.rdx", "Rdata.rdb", 2) && items.cols == 6,
	   "a data base of a package");
	ok(!read_lazy("Rdata.rdb", "Rdata.rdx", 2) && items.cols == 6,
	   "its files in the other order");
	ok(fails(read_lazy("Rdata.rdb", "Rdata.rdx", 3), ERR_CONFIG, "not 3 files"),
	   "three files are none");
	ok(read_lazy("Rdata.rdb", "Rdata.rdb", 2) == ERR_DATA, "two files of data");
	ok(read_lazy("Rdata.rdx", "Rdata.rdx", 2) == ERR_DATA &&
		   strstr(err.text, "Rdata.rdx"),
	   "two indexes");
}

static void test_memory(void)
{
	struct writer w = { .n = 0 };
	size_t n = 0;
	int rc;

	w_rda(&w);
	save("two.rda", &w);
	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = read_path("object: d", "y", NULL, TASK_CLASSIFICATION);
	} while (rc == ERR_MEMORY && n < 1000);
	arena.fail_at = 0;
	ok(!rc && n > 50, "each of %zu allocations may fail", n - 1);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	arena_init(&arena, (size_t)64 << 20);
	test_columns();
	test_choice();
	test_row_options();
	test_wrong_columns();
	test_dropped_list();
	test_int64();
	test_lazy();
	test_memory();
	arena_clear(&arena);
	for (size_t k = 0; k < 5; k++) {
		snprintf(path, sizeof(path), "%s/%s", folder,
			 (const char *[]){ "two.rda", "one.rds", "bag.rds", "Rdata.rdx",
					   "Rdata.rdb" }[k]);
		unlink(path);
	}
	rmdir(folder);
	return tap_done();
}
