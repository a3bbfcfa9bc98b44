#include "datasets/csv/csv.h"

#include <stdlib.h>
#include <unistd.h>

#include "datasets/csv/csv_cell.h"
#include "harness/base/file.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct csv csv;
static const struct csv_options plain;

static int parse_with(const char *text, const struct csv_options *options)
{
	arena_clear(&arena);
	error_clear(&err);
	return csv_parse(text, strlen(text), "a.csv", options, NULL, &arena, &csv, &err);
}

static bool parse(const char *text)
{
	if (!parse_with(text, &plain))
		return true;
	printf("# %s\n", err.text);
	return false;
}

static bool fails(const char *text, const struct csv_options *options, const char *with)
{
	if (parse_with(text, options) && strstr(err.text, with))
		return true;
	printf("# got '%s'\n", err.text);
	return false;
}

/* The text or number at a cell, as text; "-" for a hole. */
static const char *at(size_t row, size_t col)
{
	static char text[32];
	const struct table *t = &csv.table;
	float x = t->cell[col][row];

	if (isnan(x))
		return "-";
	if (t->columns[col].is_cat)
		return t->columns[col].level_names[(size_t)x];
	snprintf(text, sizeof(text), "%.9g", (double)x);
	return text;
}

/* ---------------------------------------------------------------- cells */

/* The slow twin: strtof on the same text. */
static bool same_as_strtof(const char *text)
{
	float got = 0, want = strtof(text, NULL);
	bool good = csv_cell_parse(text, strlen(text), '.', &got) &&
		    !memcmp(&got, &want, sizeof(got));

	if (!good)
		printf("# %s: got %.9g, want %.9g\n", text, (double)got, (double)want);
	return good;
}

static void test_numbers(void)
{
	static const char *const texts[] = {
		"0",
		"-0",
		"1",
		"-1.5",
		"+2",
		".5",
		"5.",
		"1e3",
		"1E-3",
		"1e+2",
		"16777217",
		"16777219",
		"0.1",
		"3.4028235e38",
		"3.4028236e38",
		"1e39",
		"1e-45",
		"1.4e-45",
		"7e-46",
		"1.17549435e-38",
		"1e-39",
		"1e-400",
		"1e400",
		"123456789012345678901234567890",
		"0.000000000000000000000000000001",
		"8.692932128906250000e-01",
		"1.00000005960464477539062500",
		"9007199254740993",
		"4.70197740328915e-38",
		"1e22",
		"1e23",
		"0e999999999999",
		"00012",
	};
	bool good = true;

	for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++)
		good &= same_as_strtof(texts[k]);
	ok(good, "numbers: the nearest float, as strtof");
}

static void test_random_numbers(void)
{
	struct rng r = rng_make(3, "numbers");
	bool good = true;
	char text[64];

	for (size_t i = 0; i < 60000; i++) {
		uint32_t bits = rng_u32(r, i);
		float x;

		memcpy(&x, &bits, sizeof(x));
		if (!isfinite(x))
			continue;
		/* As it is; halfway to the next float; a number of 19 digits. */
		snprintf(text, sizeof(text), "%.9g", (double)x);
		good &= same_as_strtof(text);
		snprintf(text, sizeof(text), "%.17g",
			 (double)x / 2 + (double)nextafterf(x, INFINITY) / 2);
		good &= same_as_strtof(text);
		snprintf(text, sizeof(text), "%.18e", rng_uniform(r, i) * 3 - 1);
		good &= same_as_strtof(text);
	}
	ok(good, "numbers: 180,000 random ones, as strtof");
}

static void test_no_numbers(void)
{
	static const char *const texts[] = { "",    ".",   "-",	    "+",     "e5",
					     "1e",  "1e+", "1.2.3", "0x10",  "1,5",
					     "--1", "1 2", "1f",    "infin", "nan" };
	float x;
	size_t n = 0;

	for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++)
		n += csv_cell_parse(texts[k], strlen(texts[k]), '.', &x);
	ok(!n, "what is no number is not taken for one");
	ok(csv_cell_parse("-1,25", 5, ',', &x) && x == -1.25f, "a decimal comma");
	ok(csv_cell_parse("-Infinity", 9, '.', &x) && isinf(x), "infinity is recognised");
}

/* ---------------------------------------------------------------- files */

static void test_types(void)
{
	ok(parse("a,b,c\n1,x,\n2.5,y,\n-3e2,x,\n"), "a small file");
	ok(csv.table.rows == 3 && csv.table.cols == 3, "rows and columns");
	ok_str(csv.table.columns[1].name, "b", "names from the header");
	ok(!csv.table.columns[0].is_cat && csv.table.columns[1].is_cat,
	   "numbers are numeric, texts categorical");
	ok_str(at(2, 0), "-300", "a number");
	ok_str(at(1, 1), "y", "a text");
	ok(!csv.table.columns[2].is_cat && isnan(csv.table.cell[2][0]),
	   "an empty column is numeric");
	parse("a\nz\nb\na\nb\n");
	ok(csv.table.columns[0].levels == 3 && csv.table.cell[0][0] == 2 &&
		   csv.table.cell[0][1] == 1,
	   "levels are in byte order");
	parse("a,b\n1,1\n2,2\n,3\nx,4\n1,5\n");
	ok(csv.table.columns[0].is_cat && !csv.table.columns[1].is_cat,
	   "a text behind numbers makes the whole column categorical");
	ok(!strcmp(at(0, 0), "1") && !strcmp(at(2, 0), "-") && !strcmp(at(3, 0), "x") &&
		   csv.table.cell[0][0] == csv.table.cell[0][4],
	   "with the numbers as texts");
	ok_str(at(4, 1), "5", "and other columns as they were");
}

static void test_quotes(void)
{
	ok(parse("\"na,me\",b\n\"x,1\",\"2\"\n\"a \"\"q\"\"\",\"\"\n\"two\nlines\",4\n"),
	   "quoted cells");
	ok_str(csv.table.columns[0].name, "na,me", "a separator in a quoted name");
	ok_str(at(0, 0), "x,1", "a separator in quotes");
	ok_str(at(1, 0), "a \"q\"", "doubled quotes");
	ok_str(at(2, 0), "two\nlines", "a line end in quotes");
	ok(csv.table.rows == 3 && !csv.table.columns[1].is_cat, "a quoted number is one");
	ok_str(at(1, 1), "-", "an empty quoted cell is missing");
	ok(csv.line[0] == 2 && csv.line[2] == 4, "rows know their line");
	parse("a,b\n \"x\" , y z \n5\" pipe,q\n");
	ok_str(at(0, 0), "x", "blanks around quotes");
	ok_str(at(0, 1), "y z", "blanks around a text, not in it");
	ok_str(at(1, 0), "5\" pipe", "a quote in the middle is a character");
}

static void test_lines(void)
{
	ok(parse("\xef\xbb\xbf"
		 "a,b\r\n1,2\r\n\r\n3,4\r\n\n"),
	   "CR LF, blank lines, a mark");
	ok_str(csv.table.columns[0].name, "a",
	       "the byte order mark is no part of a name");
	ok(csv.table.rows == 2 && !csv.table.columns[1].is_cat,
	   "CR is no part of a cell");
	ok_str(at(1, 1), "4", "blank lines are skipped");
	ok(csv.line[1] == 4, "and counted");
	ok(parse("a,b\n1,2\n3,4") && csv.table.rows == 2, "no line end at the end");
	ok(parse("a,b\n,\n,\n") && csv.table.rows == 2, "rows of nothing but separators");
}

static void test_missing(void)
{
	static const char *const marks[] = { "-", "999" };
	const struct csv_options own = { .missing = marks, .n_missing = 2 };

	parse("a\nNA\n?\nN/A\nnan\nNaN\nnull\nNULL\n\"NA\"\n7\n");
	ok(csv.table.rows == 9 && !csv.table.columns[0].is_cat &&
		   isnan(csv.table.cell[0][7]),
	   "the usual marks of a missing cell");
	parse_with("a\n-\n999\n1\n", &own);
	ok(!csv.table.columns[0].is_cat && isnan(csv.table.cell[0][1]),
	   "one's own marks");
	parse_with("a\nNA\n1\n", &own);
	ok(csv.table.columns[0].is_cat, "instead of the usual ones");
}

static void test_options(void)
{
	static const char *const name[] = { "a" };
	const struct csv_options semicolon = { .separator = ';', .decimal = ',' };
	const struct csv_options headless = { .no_header = true };
	const struct csv_options cat = { .categorical = name, .n_categorical = 1 };
	const struct csv_options num = { .numeric = name, .n_numeric = 1 };
	const struct csv_options same = { .separator = '.' };

	ok(!parse_with("a;b\n1,5;x\n", &semicolon), "another separator");
	ok_str(at(0, 0), "1.5", "a decimal comma");
	ok(parse("a\tb c\n1\t 2\n"), "a tab is found by itself");
	ok_str(csv.table.columns[1].name, "b c", "and blanks stay in a cell");
	ok(parse("a;b\n1;2\n") && csv.table.cols == 2, "a semicolon too");
	ok(!parse_with("1,x\n2,y\n", &headless) && csv.table.rows == 2, "no header");
	ok_str(csv.table.columns[1].name, "c2", "columns are numbered then");
	ok(!parse_with("a\n1\n2\n", &cat) && csv.table.columns[0].is_cat,
	   "a numeric column declared categorical");
	ok(fails("a\n1\nx\n", &num, "a.csv:3: column 'a' has the text 'x'"),
	   "a text in a column declared numeric");
	ok(fails("aa\n1\n", &num, "numeric: no column 'a'"),
	   "an unknown column declared");
	ok(fails("a.b\n1.2\n", &same, "both separator and decimal"), "'.' for both");
}

/* With a decimal comma, the comma is neither a separator nor part of a mark that
 * the short cut for numbers may pass over. */
static void test_decimal_comma(void)
{
	static const char *const marks[] = { "-9,5", "" };
	const struct csv_options comma = { .decimal = ',' };
	const struct csv_options marked = { .decimal = ',', .missing = marks,
					    .n_missing = 2 };
	const struct csv_options both = { .decimal = ',', .separator = ',' };

	ok(!parse_with("price, net;b\n1,5;2\n", &comma) && csv.table.cols == 2,
	   "decimal comma: a comma in the header separates nothing");
	ok_str(csv.table.columns[0].name, "price, net", "decimal comma: it is text");
	ok(!parse_with("a\n1,5\n-2\n", &comma) && csv.table.cols == 1,
	   "decimal comma: a single column");
	ok_str(at(0, 0), "1.5", "decimal comma: its number");
	ok(!parse_with("a;b\n-9,5;1\n2,5;\n", &marked), "decimal comma: marks");
	ok_str(at(0, 0), "-", "decimal comma: a number that marks a hole");
	ok_str(at(1, 0), "2.5", "decimal comma: another number is one");
	ok(fails("a,b\n1,2\n", &both, "both separator and decimal"),
	   "decimal comma: not as the separator as well");
	ok(!parse_with("a;b\n1.5;2\n", &comma) && csv.table.columns[0].is_cat,
	   "decimal comma: with a point it is no number");
}

/* What one sees who opens the wrong file. */
static void test_other_files(void)
{
	static const char zip[] = "\x1f\x8b\x08\0\0", wide[] = "a\0,\0b\0\n\0";

	arena_clear(&arena);
	ok(csv_parse(zip, sizeof(zip), "a.csv.gz", &plain, NULL, &arena, &csv, &err) ==
			   ERR_DATA &&
		   strstr(err.text, "gunzip"),
	   "a gzip file is called one, with the cure");
	ok(csv_parse(wide, sizeof(wide), "a.csv", &plain, NULL, &arena, &csv, &err) ==
			   ERR_DATA &&
		   strstr(err.text, "a.csv:1: a NUL byte"),
	   "UTF-16 is refused by its NUL bytes");
	ok(fails("\n\r\na,b,a\n1,2,3\n", &plain, "a.csv:3: columns 1 and 3"),
	   "the header's line is counted behind blank ones");
}

static void test_errors(void)
{
	const struct csv_options target = { .target = "y" };

	ok(fails("", &plain, "a.csv: the file is empty"), "an empty file");
	ok(fails("\n\r\n", &plain, "the file is empty"), "a file of blank lines");
	ok(fails("a,b\n", &plain, "a header and no rows"), "a header only");
	ok(fails("a,b\n1,2\n3\n", &plain, "a.csv:3: 1 cells where the first row has 2"),
	   "a row too short");
	ok(fails("a,b\n1,2\n3,4,5,6\n", &plain, "a.csv:3: 4 cells where"),
	   "a row too long");
	ok(fails("a,b\n\"x\n\ny\",2\n3\n", &plain, "a.csv:5: 1 cells"),
	   "lines in quotes count");
	ok(fails("a,b\n1,\"x\n", &plain, "a.csv:2: a quote is opened here"),
	   "a quote never closed");
	ok(fails("a,b\n1,\"x\"y\n", &plain, "a.csv:2: text behind a closing quote"),
	   "text behind a quote");
	ok(fails("a,\"b\n", &plain, "a.csv:1: a quote"), "an open quote in the header");
	ok(fails("a,b,a\n1,2,3\n", &plain, "columns 1 and 3 are both called 'a'"),
	   "two columns of one name");
	ok(fails("a\n1\ninf\n", &plain, "a.csv:3: column 'a': an infinite"), "infinity");
	ok(fails("a\n1e99\n", &plain, "a.csv:2: column 'a'"), "a number out of range");
	ok(fails("x,yy\n1,2\n", &target, "no column 'y'"), "no target");
	ok(fails("x,y\n1,2\n3,\n", &target, "a.csv:3: the target 'y' is missing"),
	   "a row without its target");
	arena_clear(&arena);
	ok(csv_parse("a,b\n1,2\n3\0,4\n", 13, "a.csv", &plain, NULL, &arena, &csv,
		     &err) == ERR_DATA &&
		   strstr(err.text, "a.csv:3: a NUL byte"),
	   "a NUL byte");
}

/* ---------------------------------------------------------------- like */

static int like(const char *train, const char *test)
{
	const struct csv_options options = { .target = "y" };
	struct csv first;

	arena_clear(&arena);
	error_clear(&err);
	if (csv_parse(train, strlen(train), "a.csv", &options, NULL, &arena, &first,
		      &err))
		return err.code;
	return csv_parse(test, strlen(test), "b.csv", &options, &first.table, &arena,
			 &csv, &err);
}

static void test_like(void)
{
	static const char train[] = "a,b,y\n1,p,u\n2,q,v\n,r,u\n";

	ok(!like(train, "y,a,b\nv,7,q\nu,8,new\nu,NA,\n"), "columns in another order");
	ok(!strcmp(csv.table.columns[0].name, "a") && csv.table.cell[0][0] == 7,
	   "come out in the order of the first file");
	ok(csv.table.cell[1][0] == 1 && csv.table.columns[1].levels == 3,
	   "with the codes of the first file");
	ok(isnan(csv.table.cell[1][1]), "a text it has not is missing");
	ok(like(train, "a,b,y\n1,p,w\n") == ERR_DATA &&
		   strstr(err.text,
			  "b.csv:2: the class 'w' of 'y' is in no training row"),
	   "a class it has not is an error");
	ok(like(train, "a,b,y\nx,p,u\n") == ERR_DATA &&
		   strstr(err.text, "b.csv:2: column 'a' has the text 'x'"),
	   "a text where it has numbers");
	ok(like(train, "a,y\n1,u\n") == ERR_DATA &&
		   strstr(err.text, "column 'b' of the training file is missing"),
	   "a column too few");
	ok(like(train, "a,b,y,z\n1,p,u,1\n") == ERR_DATA &&
		   strstr(err.text, "column 'z' is not in the training file"),
	   "a column too many");
	ok(like(train, "a,b\n1,p\n") && strstr(err.text, "no column 'y'"), "no target");
	ok(!like("b,y\n1,u\nx,v\n", "b,y\n1,v\n2,u\n") && csv.table.cell[0][0] == 0 &&
		   isnan(csv.table.cell[0][1]),
	   "numbers where it has texts are texts");
}

/* ---------------------------------------------------------------- reader */

static char path[] = "/tmp/test_read_csv-XXXXXX";
static struct items items;

static int read_file(const char *options, const char *text)
{
	struct source src = { .name = "sample",
			      .paths = (const char *const[]){ path },
			      .n_paths = 1,
			      .target = "y",
			      .task = TASK_CLASSIFICATION };
	struct yaml *map = NULL;

	arena_clear(&arena);
	error_clear(&err);
	if (yaml_parse(&arena, options, strlen(options), "options", &map, &err) ||
	    file_replace(path, text, strlen(text), &err))
		return err.code;
	src.options = map;
	return reader_find("csv")->read(&src, &arena, &items, &err);
}

static void test_reader(void)
{
	ok(!read_file("{}", "a,b,y\n1,x,no\n2,z,yes\n") && items.n == 2 &&
		   items.cols == 2 && items.classes == 2,
	   "the reader: a file");
	ok(!read_file("{separator: tab, decimal: ',', missing: [none], categorical: b}",
		      "a\tb\ty\n1,5\t7\tno\nnone\t8\tyes\n") &&
		   items.cell[0][0] == 1.5f && isnan(items.cell[0][1]) &&
		   items.columns[1].is_cat,
	   "the reader: its options");
	ok(read_file("{header: false}", "1,2\n3,4\n") == ERR_CONFIG &&
		   strstr(err.text, "no column 'y'"),
	   "the reader: without a header there is no name");
	ok(read_file("separator: ab", "a,y\n1,2\n") == ERR_CONFIG &&
		   strstr(err.text, "options:1:12: separator is one character"),
	   "the reader: a wrong separator is placed");
	ok(read_file("{}", "a,y\n1,no\n2,no\n") == ERR_DATA &&
		   strstr(err.text, "single class"),
	   "the reader: one class only");
	unlink(path);
}

/* ---------------------------------------------------------------- bounds */

static const char sample[] = "num,cat,late,\"q\"\"d\",y\n1,x,1,\"a \"\"b\"\"\",u\n"
			     "2.5,y,2,\"c,\nd\",v\r\nNA,,x,plain,u\n-1e3,x,3,\"\",v\n";

static void test_memory(void)
{
	size_t n = 0;
	int rc;

	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = csv_parse(sample, strlen(sample), "a.csv", &plain, NULL, &arena,
			       &csv, &err);
	} while (rc == ERR_MEMORY && n < 1000);
	arena.fail_at = 0;
	ok(!rc && n > 30, "each of %zu allocations may fail", n - 1);
	arena_clear(&arena);
	arena.peak = 0;
	{
		static char wide[60000];

		/* 30,000 columns and 30,000 lines: no room for their product. */
		memset(wide, ',', 30000);
		memset(wide + 30000, '\n', 30000);
		wide[59999] = 'x';
		rc = csv_parse(wide, 60000, "a.csv", &plain, NULL, &arena, &csv, &err);
		ok(rc == ERR_DATA && arena.peak < 32 << 20,
		   "many columns and many lines take no memory for both");
	}
}

/* Beginnings of a file: rows or an error with its place, from a block of their
 * own, so that a sanitizer sees a read behind it. */
static void test_prefixes(void)
{
	const struct csv_options options = { .target = "y" };
	size_t good = 0, size = strlen(sample);

	for (size_t n = 0; n < size; n++) {
		char *part = malloc(n ? n : 1);

		memcpy(part, sample, n);
		arena_clear(&arena);
		error_clear(&err);
		good += csv_parse(part, n, "a.csv", &options, NULL, &arena, &csv, &err)
				? !strncmp(err.text, "a.csv", 5)
				: csv.table.rows > 0;
		free(part);
	}
	ok(good == size, "each of %zu prefixes gives rows or an error with its place",
	   size);
}

static void test_mutants(void)
{
	static const char usual[] = ",\"\n\r;x1.e-? \t";
	struct rng r = rng_make(2, "csv mutants");
	size_t read = 0, n = 6000, size = strlen(sample);

	for (size_t k = 0; k < n; k++) {
		struct rng rk = rng_sub(r, k);
		/* A block of its own, so that a sanitizer sees a read behind it. */
		size_t cut = size - rng_below(rk, 99, size / 2);
		char *m = malloc(cut);

		memcpy(m, sample, cut);
		for (uint64_t i = 0; i <= rng_below(rk, 0, 4); i++)
			m[rng_below(rk, 2 * i + 1, cut)] =
				usual[rng_below(rk, 2 * i + 2, sizeof(usual))];
		arena_clear(&arena);
		read += !csv_parse(m, cut, "a.csv", &plain, NULL, &arena, &csv, &err);
		free(m);
	}
	ok(read > 100 && read < n, "%zu of %zu mutants are still read, none crashes",
	   read, n);
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	arena_init(&arena, (size_t)256 << 20);
	test_numbers();
	test_random_numbers();
	test_no_numbers();
	test_types();
	test_quotes();
	test_lines();
	test_missing();
	test_options();
	test_decimal_comma();
	test_other_files();
	test_errors();
	test_like();
	test_reader();
	test_memory();
	test_prefixes();
	test_mutants();
	arena_clear(&arena);
	return tap_done();
}
