#include "datasets/load.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct dataset data;
static struct items raw;
static char folder[] = "/tmp/test_load_files-XXXXXX";
static char train[64], test[64];

static struct load_files request(const char *target)
{
	return (struct load_files){ .train = train,
				    .test = test,
				    .target = target,
				    .guess_task = true,
				    .view = VIEW_TABLE,
				    .threads = 1 };
}

static int load(const struct load_files *req)
{
	error_clear(&err);
	return load_from_files(req, &arena, &data, &raw, &err);
}

static void write_file(const char *path, const char *text)
{
	error_clear(&err);
	if (file_replace(path, text, strlen(text), &err))
		printf("# %s\n", err.text);
}

static int load_text(const char *train_text, const char *test_text, const char *target)
{
	struct load_files req = request(target);

	arena_clear(&arena);
	write_file(train, train_text);
	write_file(test, test_text);
	return load(&req);
}

static bool fails(const char *train_text, const char *test_text, const char *target,
		  const char *with)
{
	if (load_text(train_text, test_text, target) && strstr(err.text, with))
		return true;
	printf("# got '%s'\n", err.text);
	return false;
}

static const char good_train[] = "num,cat,y\n1,a,yes\n2,b,no\n,a,yes\n4,c,no\n";
static const char good_test[] = "y,num,cat\nno,7,b\nyes,,new\n";

static void test_table(void)
{
	ok(!load_text(good_train, good_test, "y"), "two files");
	ok(data.task == TASK_CLASSIFICATION && data.classes == 2,
	   "a text target is classes");
	ok(data.train.rows == 4 && data.valid.rows == 0 && data.test.rows == 2,
	   "every training row is fitted on");
	ok(data.train.x[0] == 1 && data.train.x[2] == 2 && isnan(data.train.x[4]),
	   "in the order of the file");
	ok(data.columns[1].is_cat && data.train.x[1] == 0 && data.train.x[3] == 1,
	   "categories have codes");
	ok(data.train.label[0] == 1 && data.train.label[1] == 0 &&
		   data.test.label[0] == 0 && data.test.label[1] == 1,
	   "classes by name in both files");
	ok(data.test.x[0] == 7 && data.test.x[1] == 1, "test columns are found by name");
	ok(isnan(data.test.x[2]) && isnan(data.test.x[3]),
	   "a test category that training lacks is missing");
	ok(data.test.item[0] == 4, "test rows follow the training rows");
	ok_str(data.name, train, "the data set has the name of the training file");
}

static void test_dense(void)
{
	struct load_files req = request("y");
	bool finite = true;

	arena_clear(&arena);
	write_file(train, good_train);
	write_file(test, good_test);
	req.view = VIEW_DENSE;
	ok(!load(&req) && data.cols >= 4, "the dense view");
	for (size_t i = 0; i < data.test.rows * data.cols; i++)
		finite &= isfinite(data.test.x[i]) != 0;
	ok(finite, "has finite test rows");
	req.view = VIEW_GRID;
	ok(load(&req) == ERR_UNSUPPORTED && strstr(err.text, "no grid view"),
	   "a table has no grid");
}

/* A file of `n` rows, y = i mod `values` plus an offset that makes it a number. */
static void write_rows(const char *path, size_t n, size_t values)
{
	static char text[20000];
	size_t used = (size_t)snprintf(text, sizeof(text), "x,y\n");

	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%zu,%zu.5\n",
					 i, i % values);
	write_file(path, text);
}

static void test_guess(void)
{
	struct load_files req = request("y");

	arena_clear(&arena);
	write_rows(train, 60, 20);
	write_rows(test, 20, 20);
	ok(!load(&req) && data.task == TASK_CLASSIFICATION && data.classes == 20,
	   "20 distinct numbers are guessed to be classes");
	write_rows(train, 60, 21);
	ok(!load(&req) && data.task == TASK_REGRESSION && data.train.target[20] == 20.5f,
	   "21 are guessed to be a regression");
	req.guess_task = false;
	req.task = TASK_CLASSIFICATION;
	ok(!load(&req) && data.classes == 21, "unless the task is given");
}

static void test_valid(void)
{
	struct load_files req = request("y");
	size_t seen[200] = { 0 }, once = 0;

	arena_clear(&arena);
	write_rows(train, 200, 4);
	write_rows(test, 8, 4);
	req.valid_share = 0.1;
	ok(!load(&req) && data.valid.rows == 20 && data.train.rows == 180,
	   "a tenth is kept back");
	for (size_t i = 0; i < data.train.rows; i++)
		seen[data.train.item[i]]++;
	for (size_t i = 0; i < data.valid.rows; i++)
		seen[data.valid.item[i]]++;
	for (size_t i = 0; i < 200; i++)
		once += seen[i] == 1;
	ok(once == 200, "each training row is in one of both parts");
	ok(data.test.rows == 8, "test rows stay");
	req.valid_share = 1;
	ok(load(&req) == ERR_CONFIG && strstr(err.text, "leaves none to fit"),
	   "not all can be kept back");
}

static void test_wrong_train(void)
{
	struct load_files req = request("y");

	ok(fails("", good_test, "y", "train.csv: the file is empty"), "an empty file");
	ok(fails("num,cat,y\n1,a\n", good_test, "y", "train.csv:2: 2 cells where"),
	   "a ragged row");
	ok(fails(good_train, good_test, "yy", "no column 'yy'"),
	   "a target that is not there");
	ok(fails("num,cat,y\n1,a,u\n2,a,u\n", "num,cat,y\n1,a,u\n", "y", "single class"),
	   "one class only");
	ok(fails("num,cat,y\n1,a,u\n2,a,\n", good_test, "y",
		 "train.csv:3: the target 'y' is missing"),
	   "a row without a target");
	ok(fails("y\nu\nv\n", "y\nu\n", "y", "no column is left"),
	   "nothing but the target");
	write_file(train, good_train);
	req.guess_task = false;
	req.task = TASK_REGRESSION;
	ok(load(&req) == ERR_DATA &&
		   strstr(err.text, "train.csv:2: the target 'y' has the text 'yes'"),
	   "a text target in regression");
	unlink(train);
	ok(load(&req) == ERR_IO && strstr(err.text, "train.csv"), "no such file");
}

static void test_wrong_test(void)
{
	ok(fails(good_train, "num,cat\n1,a\n", "y", "test.csv: target: no column 'y'"),
	   "a test file without the target");
	ok(fails(good_train, "num,y\n1,no\n", "y",
		 "test.csv: column 'cat' of the training"),
	   "a test file without a column");
	ok(fails(good_train, "num,cat,y,z\n1,a,no,1\n", "y",
		 "test.csv: column 'z' is not"),
	   "a test file with another column");
	ok(fails(good_train, "num,cat,y\n1,a,no\n2,b,maybe\n", "y",
		 "test.csv:3: the class 'maybe' of 'y'"),
	   "a class that training lacks, as text");
	ok(fails("x,y\n1,0\n2,1\n", "x,y\n1,0\n\n2,2\n", "y",
		 "test.csv:4: the class '2'"),
	   "a class that training lacks, as number");
	ok(fails("x,y\n1,0\n2,0\n", "x,y\n1,0\n2,1\n", "y",
		 "train.csv: target 'y' has a single"),
	   "a second class in the test file does not help");
	ok(fails(good_train, "num,cat,y\nseven,a,no\n", "y",
		 "test.csv:2: column 'num' has the text 'seven'"),
	   "a text in a numeric column");
	ok(fails(good_train, "num,cat,y\n", "y", "test.csv: a header and no rows"),
	   "a test file without rows");
}

static void test_memory(void)
{
	struct load_files req = request("y");
	size_t n = 0;
	int rc;

	write_file(train, good_train);
	write_file(test, good_test);
	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = load(&req);
	} while (rc == ERR_MEMORY && n < 2000);
	arena.fail_at = 0;
	ok(!rc && n > 50, "each of %zu allocations may fail", n - 1);
}

static void test_threads(void)
{
	struct load_files req = request("y");
	struct dataset one;

	arena_clear(&arena);
	write_rows(train, 1200, 30);
	write_rows(test, 100, 30);
	load(&req);
	one = data;
	req.threads = 4;
	load(&req);
	ok(!memcmp(one.train.x, data.train.x, 1200 * data.cols * sizeof(float)) &&
		   !memcmp(one.test.target, data.test.target, 100 * sizeof(float)),
	   "the same bits on 1 and on 4 threads");
}

/* What spreadsheets of other countries and systems write. */
static void test_dialects(void)
{
	ok(!load_text("\xef\xbb\xbfnum,y\r\n1,a\r\n2,b\r\n", "num,y\n3,a\n", "y") &&
		   data.train.rows == 2 && data.test.x[0] == 3,
	   "a byte order mark and CR LF in one of the files");
	ok(!load_text("num,y\n1,a\n2,b\n", "\xef\xbb\xbfy,num\r\nb,9", "y") &&
		   data.test.x[0] == 9 && data.test.label[0] == 1,
	   "or in the other, which ends without a line end");
	ok(!load_text("t,y\n\"one\ntwo\",a\n\"say \"\"hi\"\"\",b\n",
		      "t,y\n\"one\ntwo\",b\n\"one\",a\n", "y") &&
		   data.test.x[0] == data.train.x[0] && isnan(data.test.x[1]),
	   "quoted line ends belong to their cells in both files");
	ok(!load_text("a;y\n1;u\n2;v\n", "a;y\n5;v\n", "y") && data.test.x[0] == 5,
	   "semicolons");
	ok(!load_text("a\ty\n1\tu\n2\tv\n", "a,y\n5,v\n", "y") &&
		   data.test.x[0] == 5,
	   "each file may have a separator of its own");
	ok(!load_text("a;y\n1,5;u\n2;v\n", "a;y\n2;v\n", "y") &&
		   data.columns[0].is_cat,
	   "a decimal comma that nobody declared is text, not 15");
	ok(!load_text("\xc3\xa9t\xc3\xa9,y\n1,\xc3\xa0\n2,b\n",
		      "\xc3\xa9t\xc3\xa9,y\n3,\xc3\xa0\n", "y") &&
		   data.test.label[0] == 1,
	   "names and classes in UTF-8");
}

/* What is odd in the test file must not reach a learner unnoticed. */
static void test_odd_tests(void)
{
	ok(fails("x,y\n1,a\n2,b\n", "x,y\n1,a\ninf,b\n", "y", "test.csv:3"),
	   "an infinite number in the test file has its line");
	ok(fails("x,y\n1,a\n2,b\n", "x,y\n1,a\n1e99,b\n", "y", "test.csv:3"),
	   "so has one too large");
	ok(fails("x,y\n1,a\n2,b\n", "x,y\n1,a\n2\n", "y", "test.csv:3: 1 cells"),
	   "a ragged row of the test file");
	ok(fails("x,y\n1,a\n2,b\n", "x,y\n1,a\n2,\n", "y",
		 "test.csv:3: the target 'y' is missing"),
	   "a missing target of the test file");
	ok(fails("x,y\n1,a\n2,b\n", "\x1f\x8b\x08", "y", "gunzip"),
	   "a packed test file");
	ok(!load_text("x,c,y\n1,p,a\n2,q,b\n", "x,c,y\n,,a\nNA,?,b\n", "y") &&
		   isnan(data.test.x[0]) && isnan(data.test.x[3]),
	   "a test file of holes alone is read");
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	snprintf(train, sizeof(train), "%s/train.csv", folder);
	snprintf(test, sizeof(test), "%s/test.csv", folder);
	arena_init(&arena, (size_t)256 << 20);
	test_table();
	test_dense();
	test_guess();
	test_valid();
	test_wrong_train();
	test_wrong_test();
	test_dialects();
	test_odd_tests();
	test_memory();
	test_threads();
	arena_clear(&arena);
	unlink(train);
	unlink(test);
	rmdir(folder);
	return tap_done();
}
