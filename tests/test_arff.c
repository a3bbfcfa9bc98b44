#include "datasets/formats/arff.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct table t;

static int parse_bytes(const char *text, size_t size)
{
	arena_clear(&arena);
	error_clear(&err);
	return arff_parse(text, size, "a.arff", &arena, &t, &err);
}

static bool parse(const char *text)
{
	if (!parse_bytes(text, strlen(text)))
		return true;
	printf("# %s\n", err.text);
	return false;
}

static bool fails(const char *text, const char *with)
{
	if (parse_bytes(text, strlen(text)) == ERR_DATA && strstr(err.text, with))
		return true;
	printf("# got '%s'\n", err.text);
	return false;
}

/* The text or number at a cell, as text; "-" for a hole. */
static const char *at(size_t row, size_t col)
{
	static char text[32];
	float x = t.cell[col][row];

	if (isnan(x))
		return "-";
	if (t.columns[col].is_cat)
		return t.columns[col].level_names[(size_t)x];
	snprintf(text, sizeof(text), "%.9g", (double)x);
	return text;
}

static const char sample[] =
	"% a comment\r\n"
	"@RELATION 'a relation'\r\n\r\n"
	"@attribute 'two words' NUMERIC\r\n"
	"@Attribute size {small, medium,'very large' , \"it\\'s\"}\n"
	"@attribute note string\n"
	"@attribute day date \"yyyy-MM-dd\"\n"
	"@attribute n INTEGER % the last\n"
	"@DATA\n"
	"% another\n"
	"1.5, medium, 'b c', 1970-01-02, 3\n"
	"?,'very large',a,?,-4 % here too\r\n"
	"  -2e1\tsmall\t?\t\"2000-03-01\"\t0\n"
	"7,it's,'?','1969-12-31',5,\n";

static void test_dense(void)
{
	ok(parse(sample) && t.rows == 4 && t.cols == 5, "rows and columns");
	ok_str(t.columns[0].name, "two words", "a name in quotes");
	ok(!t.columns[0].is_cat && t.columns[1].is_cat && t.columns[2].is_cat &&
		   !t.columns[3].is_cat && !t.columns[4].is_cat,
	   "nominal and string attributes are categorical");
	ok(t.columns[1].levels == 4 && t.cell[1][2] == 0 && t.cell[1][1] == 2,
	   "nominal levels keep the order in which they are declared");
	ok_str(t.columns[1].level_names[3], "it's", "a quote behind a backslash");
	ok(t.columns[2].levels == 3 && !strcmp(at(0, 2), "b c") && t.cell[2][0] == 2,
	   "strings are levels in byte order");
	ok_str(at(0, 0), "1.5", "a number");
	ok_str(at(2, 0), "-20", "blanks separate as well");
	ok_str(at(1, 0), "-", "a question mark is missing");
	ok_str(at(3, 2), "?", "in quotes it is a text");
	ok(t.cell[3][0] == 1 && t.cell[3][2] == 11017 && t.cell[3][3] == -1,
	   "dates are days since 1970");
	ok(t.cell[4][3] == 5, "a comma at the end of a row is harmless");
}

static void test_sparse(void)
{
	ok(parse("@attribute a real\n@attribute c {x,y}\n@attribute s string\n"
		 "@attribute b real\n@data\n{0 1.5, 1 y,2 'q r'}\n{ 3 7 }\n{}\n{0 ?}\n"
		 "1,x,q,2\n") &&
		   t.rows == 5,
	   "sparse rows, also among dense ones");
	ok(t.cell[0][0] == 1.5f && !strcmp(at(0, 1), "y") && !strcmp(at(0, 2), "q r"),
	   "sparse: what is named");
	ok(t.cell[0][1] == 0 && t.cell[3][0] == 0 && t.cell[3][1] == 7,
	   "sparse: numbers left out are 0");
	ok(!strcmp(at(1, 1), "x") && !strcmp(at(2, 2), "-"),
	   "sparse: the first nominal value, and no string");
	ok_str(at(3, 0), "-", "sparse: a missing value");
	ok(fails("@attribute a real\n@data\n{1 1}\n", "a.arff:3: '1' is no number of an"),
	   "sparse: a number too large");
	ok(fails("@attribute a real\n@data\n{99999999999999999999999 1}\n", "no number"),
	   "sparse: a number far too large");
	ok(fails("@attribute a real\n@attribute b real\n@data\n{1 1, 0 1}\n",
		 "attribute 0 stands behind a later one"),
	   "sparse: numbers that do not ascend");
	ok(fails("@attribute a real\n@data\n{0 1, 0 2}\n", "behind a later one"),
	   "sparse: one twice");
	ok(fails("@attribute a real\n@data\n{0 1\n", "without its }"),
	   "sparse: a row that is not closed");
	ok(fails("@attribute a real\n@data\n{0}\n", "a word is missing"),
	   "sparse: a number without a value");
	ok(fails("@attribute a real\n@data\n{0 1}, {2}\n", "weights"),
	   "sparse: the weight of a row");
}

static void test_dates(void)
{
	static const char *const bad[] = { "1970-13-01", "1970-01-32",	"70-01-01",
					   "1970/01/01", "1970-01-01T", "1970-01-01T25:00",
					   "1970-01-01T10:00:00Z", "'1970-01-01 10:0'" };
	char text[200];
	size_t n = 0;

	ok(parse("@attribute d date\n@data\n1970-01-01T12:00:00\n'1972-02-29 06:00'\n"
		 "2000-02-29\n1900-03-01\n") &&
		   t.cell[0][0] == 0.5f && t.cell[0][1] == 789.25f,
	   "dates: with a time");
	ok(t.cell[0][2] == 11016 && t.cell[0][3] == -25508, "dates: leap years");
	for (size_t k = 0; k < sizeof(bad) / sizeof(*bad); k++) {
		snprintf(text, sizeof(text), "@attribute d date\n@data\n%s\n", bad[k]);
		n += fails(text, "is no date");
	}
	ok(n == sizeof(bad) / sizeof(*bad), "dates: what is none is refused");
	ok(fails("@attribute d date 'dd.MM.yyyy'\n@data\n", "only ISO 8601"),
	   "dates: another format");
	ok(parse("@attribute d DATE \"yyyy-MM-dd'T'HH:mm:ss\"\n@data\n?\n"),
	   "dates: the format that is Weka's default");
}

static void test_header_errors(void)
{
	ok(fails("", "no @data"), "an empty file");
	ok(fails("@attribute a real\n", "no @data"), "a file without data");
	ok(fails("a,b\n1,2\n", "a.arff:1: 'a,b' where @attribute"), "a CSV file");
	ok(fails("@data\n1\n", "without an @attribute"), "no attributes");
	ok(fails("@attribute a real\n@data\n", "@data and no rows"), "no rows");
	ok(fails("@attribute a\n@data\n", "a.arff:1: the line ends"), "no type");
	ok(fails("@attribute a rael\n@data\n", "type 'rael' is none of"), "an unknown type");
	ok(fails("@attribute a relational\n@data\n", "type 'relational'"),
	   "a relational attribute");
	ok(fails("@attribute a real [0,1]\n@data\n", "behind the type"), "a range");
	ok(fails("@attribute a real\n@attribute 'a' real\n@data\n",
		 "a.arff:2: two attributes are called 'a'"),
	   "two attributes of one name");
	ok(fails("@attribute a {x,y,x}\n@data\n", "two values are called 'x'"),
	   "two values of one name");
	ok(fails("@attribute a {x,y\n@data\n", "has no }"), "a list that is not closed");
	ok(fails("@attribute a {}\n@data\n", "a word is missing"), "an empty list");
	ok(fails("@attribute a {x,,y}\n@data\n", "a word is missing"), "a value left out");
	ok(fails("@attribute 'a real\n@data\n", "a quote is opened"), "an open quote");
}

static void test_row_errors(void)
{
	static const char head[] = "@attribute a real\n@attribute c {x,y}\n@data\n";
	static const char *const rows[][2] = {
		{ "1,z\n", "a.arff:4: 'z' is not declared as a value of 'c'" },
		{ "1,X\n", "'X' is not declared" },
		{ "q,x\n", "'a' has 'q' where a number" },
		{ "1\n", "1 values where 2 attributes" },
		{ "1,x,3\n", "more than the 2 values" },
		{ "1,x\n,x\n", "a.arff:5: a word is missing" },
		{ "1,,x\n", "a word is missing" },
		{ "1e99,x\n", "an infinite number" },
		{ "inf,x\n", "an infinite number" },
		{ "1,'x\n", "a quote is opened" },
		{ "1,'x\\'\n", "a quote is opened" },
		{ "1,x,{5}\n", "weights of rows" },
	};
	char text[200];

	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		snprintf(text, sizeof(text), "%s%s", head, rows[k][0]);
		ok(fails(text, rows[k][1]), "row %zu: %s", k, rows[k][1]);
	}
	snprintf(text, sizeof(text), "%sNaN,x\n", head);
	ok(parse(text) && isnan(t.cell[0][0]), "NaN is missing");
	ok(parse_bytes("@attribute a real\n@data\n1\0\n", 28) == ERR_DATA &&
		   strstr(err.text, "a.arff:3: a NUL byte"),
	   "a NUL byte");
	ok(parse("\xef\xbb\xbf@attribute \xc3\xa9 real\n@data\n1"), "a byte order mark");
	ok_str(t.columns[0].name, "\xc3\xa9", "UTF-8 is passed through");
	ok(parse("@attribute a {\xff\xfe}\n@data\n\xff\xfe\n"), "so are other bytes");
}

/* What small files could make of memory. */
static void test_bounds(void)
{
	size_t size = (size_t)24 << 20, n = 0;
	char *text = malloc(size);

	n += (size_t)sprintf(text, "@attribute a0 real\n");
	for (size_t k = 1; n < size - 40; k++)
		n += (size_t)sprintf(text + n, "@attribute a%zu real\n", k);
	arena.peak = 0;
	ok(parse_bytes(text, n) == ERR_DATA && strstr(err.text, "more than 65536") &&
		   arena.peak < (size_t)64 << 20,
	   "a million attributes are refused and take no memory");
	n = 0;
	for (size_t k = 0; k < 60000; k++)
		n += (size_t)sprintf(text + n, "@attribute a%zu real\n", k);
	n += (size_t)sprintf(text + n, "@data\n");
	for (size_t k = 0; k < 60000; k++)
		n += (size_t)sprintf(text + n, "{}\n");
	arena.peak = 0;
	ok(parse_bytes(text, n) == ERR_DATA && strstr(err.text, "sparse rows may stand") &&
		   arena.peak < (size_t)64 << 20,
	   "60,000 empty rows of 60,000 attributes, too");
	memset(text, 'n', size);
	memcpy(text, "@attribute ", 11);
	arena.peak = 0;
	ok(parse_bytes(text, size) == ERR_DATA && strstr(err.text, "name of 25165813") &&
		   arena.peak < 1 << 20,
	   "so is an endless name");
	memset(text, ',', size);
	memcpy(text, "@attribute a {x", 15);
	arena.peak = 0;
	ok(parse_bytes(text, size) == ERR_DATA && arena.peak < 1 << 20,
	   "so is a list of commas");
	free(text);
}

static void test_memory(void)
{
	size_t n = 0;
	int rc;

	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = arff_parse(sample, strlen(sample), "a.arff", &arena, &t, &err);
	} while (rc == ERR_MEMORY && n < 1000);
	arena.fail_at = 0;
	ok(!rc && n > 20, "each of %zu allocations may fail", n - 1);
}

/* From blocks of their own, so that a sanitizer sees a read behind them. */
static void test_mutants(void)
{
	static const char usual[] = ",'\"\n\r{}?%\\ \t@1x";
	struct rng r = rng_make(2, "arff mutants");
	size_t read = 0, good = 0, size = strlen(sample);

	for (size_t n = 0; n < size; n++) {
		char *part = malloc(n ? n : 1);

		memcpy(part, sample, n);
		good += parse_bytes(part, n) ? !strncmp(err.text, "a.arff", 6)
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
		read += !parse_bytes(m, size);
		free(m);
	}
	ok(read > 100 && read < 6000, "%zu of 6000 mutants are still read, none crashes",
	   read);
}

static void test_reader(void)
{
	char path[] = "/tmp/test_arff-XXXXXX";
	int fd = mkstemp(path);
	const char *paths[] = { path, path };
	struct source src = { .name = "sample", .paths = paths, .n_paths = 1,
			      .target = "size", .task = TASK_CLASSIFICATION };
	struct items items;

	if (fd >= 0)
		close(fd);
	arena_clear(&arena);
	ok(!file_replace(path, sample, strlen(sample), &err) &&
		   !reader_find("arff")->read(&src, &arena, &items, &err) &&
		   items.n == 4 && items.cols == 4 && items.classes == 4,
	   "the reader: a file");
	ok_str(items.class_names[0], "small", "the reader: classes as declared");
	src.target = "n";
	src.task = TASK_REGRESSION;
	ok(!reader_find("arff")->read(&src, &arena, &items, &err) && items.target[1] == -4,
	   "the reader: a numeric target");
	src.target = "sise";
	ok(reader_find("arff")->read(&src, &arena, &items, &err) == ERR_CONFIG &&
		   strstr(err.text, path) && strstr(err.text, "did you mean 'size'"),
	   "the reader: an unknown target");
	src.n_paths = 2;
	ok(reader_find("arff")->read(&src, &arena, &items, &err) == ERR_CONFIG,
	   "the reader: one file");
	src.n_paths = 1;
	unlink(path);
	ok(reader_find("arff")->read(&src, &arena, &items, &err) == ERR_IO,
	   "the reader: no file");
}

int main(void)
{
	arena_init(&arena, (size_t)1 << 30);
	test_dense();
	test_sparse();
	test_dates();
	test_header_errors();
	test_row_errors();
	test_bounds();
	test_memory();
	test_mutants();
	test_reader();
	arena_clear(&arena);
	return tap_done();
}
