/* What the catalogue says of CSV files: odd separators, banners, names, several
 * files of one table. */
#include "datasets/csv/csv.h"

#include <stdlib.h>
#include <unistd.h>

#include "datasets/folder.h"
#include "harness/base/file.h"
#include "tests/tap.h"

static char folder[] = "/tmp/test_csv_options-XXXXXX";
static struct arena arena;
static struct error err;
static struct csv csv;
static struct items items;

static int parse(const char *text, const struct csv_options *options, size_t skip)
{
	const struct csv_text t = { .bytes = text,
				    .size = strlen(text),
				    .path = "a.csv",
				    .skip_lines = skip };

	arena_clear(&arena);
	error_clear(&err);
	return csv_parse_all(&t, 1, options, NULL, &arena, &csv, &err);
}

static const char *at(size_t row, size_t col)
{
	static char text[32];
	float x = csv.table.cell[col][row];

	if (isnan(x))
		return "-";
	if (csv.table.columns[col].is_cat)
		return csv.table.columns[col].level_names[(size_t)x];
	snprintf(text, sizeof(text), "%.9g", (double)x);
	return text;
}

static bool says(int rc, enum err code, const char *with)
{
	if (rc == (int)code && strstr(err.text, with))
		return true;
	printf("# %d '%s'\n", rc, err.text);
	return false;
}

/* ---------------------------------------------------------------- one file */

static void test_runs_of_blanks(void)
{
	const struct csv_options space = { .separator = ' ', .no_header = true };

	ok(!parse("A11 6  A34\nA12   48\tA32 \n  A14 12 A34\r\n \n", &space, 0) &&
		   csv.table.cols == 3 && csv.table.rows == 3,
	   "space: any number of blanks and tabs is one separator");
	ok_str(at(2, 2), "A34", "space: blanks and CR at the ends of a line are none");
	ok_str(at(1, 1), "48", "space: numbers are numbers");
	ok(!parse("\"a b\" 1\n\"c\"\t2\n", &space, 0) && csv.table.cols == 2,
	   "space: blanks in quotes are text");
	ok_str(at(0, 0), "a b", "space: a quoted text");
	ok(says(parse("1 2\n3\n", &space, 0), ERR_DATA, "a.csv:2: 1 cells"),
	   "space: a row too short");
	ok(says(parse("\"a\"b 2\n", &space, 0), ERR_DATA, "behind a closing quote"),
	   "space: text behind a quote");
	ok(says(parse(" \n\t\n", &space, 0), ERR_DATA, "the file is empty"),
	   "space: blank lines only");
	ok(!parse("1 2\n3 4  ", &space, 0) && csv.table.rows == 2,
	   "space: blanks at the end of the file");
}

static void test_banners(void)
{
	const struct csv_options comment = { .comment = '|' };
	const struct csv_options both = { .comment = ';', .separator = ';' };

	ok(!parse("|1x3, validator\na,b\n|x\n1,2\n|", &comment, 0) &&
		   csv.table.rows == 1 && csv.line[0] == 4,
	   "comment: lines that start with it are skipped and counted");
	ok(!parse("|a|b\na;b\n1;2\n", &comment, 0) && csv.table.cols == 2,
	   "comment: it separates nothing");
	ok(!parse("a,b\n1,|2\n", &comment, 0) && csv.table.columns[1].is_cat,
	   "comment: inside of a line it is text");
	ok(says(parse("a\n1\n", &both, 0), ERR_CONFIG, "start of a comment"),
	   "comment: not the separator as well");
	ok(!parse("\"open\n,,,\na\n1\n", &(struct csv_options){ 0 }, 2) &&
		   csv.line[0] == 4,
	   "skip_lines: whatever they hold");
	ok(says(parse("a\n1\n", &(struct csv_options){ 0 }, 9), ERR_DATA, "is empty"),
	   "skip_lines: more than there are");
}

static void test_names(void)
{
	static const char *const names[] = { "one", "two" };
	const struct csv_options bare = { .names = names, .n_names = 2,
					  .no_header = true };
	const struct csv_options over = { .names = names, .n_names = 2 };
	const struct csv_options dot = { .names = names, .n_names = 2, .no_header = true,
					 .target = "two", .strip_dot = true };

	ok(!parse("1,2\n", &bare, 0) && csv.table.rows == 1, "columns: names for a file");
	ok_str(csv.table.columns[1].name, "two", "columns: by their place");
	ok(!parse("a,b\n1,2\n", &over, 0) && csv.table.rows == 1 &&
		   !strcmp(csv.table.columns[0].name, "one"),
	   "columns: a header is replaced");
	ok(says(parse("1,2,3\n", &bare, 0), ERR_DATA,
		"a.csv:1: 3 cells, but 2 columns are named"),
	   "columns: as many as the file has");
	ok(!parse("a.,<=50K.\nb.,>50K\nb.,<=50K\n", &dot, 0) &&
		   csv.table.columns[1].levels == 2,
	   "strip_dot: the target's full stop goes");
	ok_str(at(0, 0), "a.", "strip_dot: that of other columns stays");
	ok(says(parse("a,.\n", &dot, 0), ERR_DATA, "the target 'two' is missing"),
	   "strip_dot: nothing else is left of a cell");
}

static void test_marks_among_numbers(void)
{
	const struct csv_options plain = { 0 };
	const struct csv_options y = { .target = "y" };

	ok(!parse("a,b\n1,-\n-,.\n.,x\n", &plain, 0) && !csv.table.columns[0].is_cat,
	   "marks: a dash and a point among numbers");
	ok_str(at(1, 0), "-", "marks: are holes");
	ok(!isnan(csv.table.cell[1][0]) && csv.table.columns[1].levels == 3,
	   "marks: among texts they are texts");
	ok(!parse("a,y\n1,+\n2,-\n", &y, 0) && csv.table.columns[1].levels == 2,
	   "marks: in the target they are classes");
	ok(!parse("a\n-\n.\n", &plain, 0) && !csv.table.columns[0].is_cat,
	   "marks: a column of nothing else is empty");
}

/* ---------------------------------------------------------------- several files */

static int parse_two(const char *one, const char *two, const struct csv_options *options)
{
	const struct csv_text t[] = {
		{ .bytes = one, .size = strlen(one), .path = "a.csv" },
		{ .bytes = two, .size = strlen(two), .path = "b.csv" },
	};

	arena_clear(&arena);
	error_clear(&err);
	return csv_parse_all(t, 2, options, NULL, &arena, &csv, &err);
}

static void test_several(void)
{
	const struct csv_options plain = { 0 };
	const struct csv_options bare = { .no_header = true };

	ok(!parse_two("a,b\n1,z\n2,x\n", "a,b\n3,y\n", &plain) && csv.table.rows == 3 &&
		   csv.end[0] == 2 && csv.end[1] == 3,
	   "several: rows in the order of the files");
	ok(csv.table.columns[1].levels == 3 && csv.table.cell[1][0] == 2,
	   "several: levels of all files, in byte order");
	ok(csv.line[2] == 2, "several: lines count anew in each file");
	ok(!parse_two("a\n1\n2\n", "a\nx\n", &plain) && csv.table.columns[0].is_cat,
	   "several: a text in the last makes the column categorical");
	ok_str(at(0, 0), "1", "several: in the first, too");
	ok(!parse_two("1,2\n", "3,4\n", &bare) && csv.table.rows == 2,
	   "several: without a header");
	ok(says(parse_two("1,2\n", "3,4,5\n", &bare), ERR_DATA,
		"b.csv:1: 3 cells where a.csv has 2"),
	   "several: another number of cells");
	ok(says(parse_two("a,b\n1,2\n", "b,a\n1,2\n", &plain), ERR_DATA,
		"b.csv:1: column 1 is 'b' where a.csv has 'a'"),
	   "several: another header");
	ok(says(parse_two("a\n1\n", "a\n", &plain), ERR_DATA,
		"b.csv: a header and no rows"),
	   "several: a file without rows");
	ok(says(parse_two("a\n1\n", "a\n2\n1e99\n", &plain), ERR_DATA,
		"b.csv:3: column 'a': an infinite"),
	   "several: what is found at the end has the right file");
	ok(says(parse_two("a\n1\n", "", &plain), ERR_DATA, "b.csv: the file is empty"),
	   "several: an empty file");
	ok(says(parse_two("a,b\n1,1\n", "a,\"b\n", &plain), ERR_DATA,
		"b.csv:1: a quote is opened here"),
	   "several: an open quote in a header");
}

/* ---------------------------------------------------------------- the reader */

static int read_two(const char *options, const char *one, const char *two)
{
	char paths[2][64];
	const char *const list[] = { paths[0], paths[1] };
	struct source src = { .name = "sample", .paths = list,
			      .n_paths = two ? 2 : 1, .target = "y",
			      .task = TASK_CLASSIFICATION };
	struct yaml *map = NULL;

	snprintf(paths[0], sizeof(paths[0]), "%s/red.v1.csv", folder);
	snprintf(paths[1], sizeof(paths[1]), "%s/blue.csv", folder);
	arena_clear(&arena);
	error_clear(&err);
	if (yaml_parse(&arena, options, strlen(options), "options", &map, &err) ||
	    file_replace(paths[0], one, strlen(one), &err) ||
	    file_replace(paths[1], two ? two : "", two ? strlen(two) : 0, &err))
		return err.code;
	src.options = map;
	return reader_find("csv")->read(&src, &arena, &items, &err);
}

static void test_reader(void)
{
	ok(!read_two("{columns: [a, y], skip_lines: [0, 1], strip_dot: true, "
		     "official: [train, test]}",
		     "1, no\n2, yes\n", "|banner\n3, no.\n") &&
		   items.n == 3 && items.classes == 2,
	   "reader: a training file and a test file with a banner");
	ok(items.official[1] == OFFICIAL_TRAIN && items.official[2] == OFFICIAL_TEST,
	   "reader: each row has the part of its file");
	ok(!read_two("{source_column: colour}", "a,y\n1,u\n", "a,y\n2,v\n3,u\n") &&
		   items.cols == 2 && !items.official,
	   "reader: a column that names the file");
	ok(!strcmp(items.columns[1].name, "colour") && items.columns[1].is_cat &&
		   items.cell[1][0] == 1 && items.cell[1][2] == 0 &&
		   !strcmp(items.columns[1].level_names[1], "red"),
	   "reader: by the name without its ending, in byte order");
	ok(!read_two("{separator: space, columns: [a, y]}", "1  u\n2 v\n", NULL) &&
		   items.cols == 1,
	   "reader: separator space");
	ok(!read_two("{columns: [a, y], header: true, comment: '#'}",
		     "#hello\nq,r\n1,u\n2,v\n", NULL) &&
		   items.n == 2,
	   "reader: a header whose names are replaced");
	ok(!read_two("{skip_lines: 1}", "x\na,y\n1,u\n", "x\na,y\n1,v\n") && items.n == 2,
	   "reader: one number of lines for all files");
}

static void test_reader_errors(void)
{
	const char *one = "a,y\n1,u\n", *two = "a,y\n2,v\n";

	ok(says(read_two("official: [train]", one, two), ERR_CONFIG,
		"options:1:11: 1 words for 2 files"),
	   "reader: each file has its part");
	ok(says(read_two("official: [train, tests]", one, two), ERR_CONFIG, "'tests'"),
	   "reader: an unknown part");
	ok(says(read_two("official: [train, train]", one, two), ERR_CONFIG,
		"a train and a test"),
	   "reader: no test part");
	ok(says(read_two("skip_lines: [1]", one, two), ERR_CONFIG, "1 numbers for 2"),
	   "reader: skip_lines of each file");
	ok(says(read_two("skip_lines: [0, -1]", one, two), ERR_CONFIG, "options:1"),
	   "reader: a negative number of lines");
	ok(says(read_two("source_column: a", one, two), ERR_CONFIG, "column 'a' already"),
	   "reader: a new column needs a new name");
	ok(says(read_two("comment: '##'", one, two), ERR_CONFIG, "is one character"),
	   "reader: a comment's start is one character");
	ok(says(read_two("{}", one, "a,z\n1,u\n"), ERR_DATA, "blue.csv:1: column 2"),
	   "reader: files that do not fit are named");
}

static void test_memory(void)
{
	size_t n = 0;
	int rc;

	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = read_two("{source_column: s, official: [train, test]}",
			      "a,b,y\n1,-,u\n", "a,b,y\n2,x,v\n");
	} while (rc == ERR_MEMORY && n < 1000);
	arena.fail_at = 0;
	ok(!rc && n > 40, "each of %zu allocations may fail", n - 1);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	arena_init(&arena, (size_t)256 << 20);
	test_runs_of_blanks();
	test_banners();
	test_names();
	test_marks_among_numbers();
	test_several();
	test_reader();
	test_reader_errors();
	test_memory();
	folder_remove(folder);
	arena_clear(&arena);
	return tap_done();
}
