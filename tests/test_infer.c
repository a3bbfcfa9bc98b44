#include "datasets/own/infer.h"

#include "datasets/csv/amounts.h"
#include "harness/base/text.h"
#include "tests/tap.h"

static struct arena arena, texts;
static struct error err;
static struct own_settings settings;
static struct inferred t;
static struct notes notes;

static void fresh(void)
{
	arena_clear(&arena);
	own_settings_init(&settings);
}

static int infer(const char *text)
{
	error_clear(&err);
	notes = (struct notes){ .arena = &arena };
	return infer_table(text, strlen(text), "d.csv", &settings, &arena, &t, &notes, &err);
}

static int infer_fresh(const char *text)
{
	fresh();
	return infer(text);
}

static const struct infer_column *col(const char *name)
{
	static const struct infer_column none = { .name = "", .why = "", .sight = "" };

	for (size_t j = 0; j < t.cols; j++)
		if (!strcmp(t.columns[j].name, name))
			return &t.columns[j];
	printf("# no column '%s'\n", name);
	return &none;
}

static bool says(const char *text)
{
	for (size_t k = 0; k < notes.n; k++)
		if (strstr(notes.list[k].text, text))
			return true;
	for (size_t k = 0; k < notes.n; k++)
		printf("# %s\n", notes.list[k].text);
	return false;
}

static bool fails(int rc, enum err code, const char *with)
{
	if (rc == (int)code && strstr(err.text, with))
		return true;
	printf("# %d '%s'\n", rc, err.text);
	return false;
}

/* A header and `rows` rows; in a format, %zu is the row's number, three times. */
__attribute__((format(printf, 3, 0))) static const char *
rows_of(const char *header, size_t rows, const char *format)
{
	struct text s = { .arena = &texts };

	text_add(&s, header);
	for (size_t i = 1; i <= rows; i++) {
		char line[256];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(line, sizeof(line), format, i, i % 7, i % 3);
#pragma GCC diagnostic pop
		text_add(&s, line);
	}
	return s.data;
}

static void test_layout(void)
{
	ok(!infer_fresh("a;b;y\n1,5;x;0\n2,5;z;1\n") && t.separator == ';' && t.decimal == ',',
	   "semicolons and decimal commas");
	ok(col("a")->kind == INFER_NUMERIC && says("decimal comma"), "make numbers, with a note");
	ok(!infer_fresh("1,5;2,5;a\n2,5;3,5;b\n") && t.separator == ';' && !t.header &&
	   t.decimal == ',', "without a header, too");
	ok(!infer_fresh("a;b;y\n1,5;2.5;0\n2,5;1.5;1\n") && t.decimal == '.',
	   "a decimal point anywhere speaks against the comma");
	ok(!infer_fresh("a\tb\ty\n1\tx, y\tp\n2\tz\tq\n") && t.separator == '\t' && t.cols == 3,
	   "tabs, with commas inside the texts");
	ok(!infer_fresh("a|b|y\n1|2|0\n") && t.separator == '|', "bars");
	ok(!infer_fresh("\xef\xbb\xbf" "a,y\r\n1,0\r\n\r\n2,1\r\n") && t.rows == 2 && t.header &&
	   col("a")->kind == INFER_NUMERIC, "a byte order mark, CR LF and blank lines");
	ok(!infer_fresh("5.1,3.5,setosa\n4.9,3.0,other\n") && !t.header && t.rows == 2 &&
	   says("the first row is data"), "a first row of numbers is no header");
	ok(!infer_fresh("a,y\n\"x\ny\",0\n\"z, w\",1\n") && t.rows == 2 && t.cols == 2,
	   "line ends and commas in quotes");
	ok(!infer_fresh("a,a,,y\n1,2,3,0\n4,5,6,1\n") && col("a_2")->kind == INFER_NUMERIC &&
	   says("column 2 is called 'a_2'") && says("column 3 has no name: it is called 'c3'"),
	   "names that come twice or not at all");
	ok(!infer_fresh("a,a_2,a,y\n1,2,3,0\n") && col("a_3"), "the next free number is taken");
	ok(fails(infer_fresh("a,y\n1,0\n2\n"), ERR_DATA, "d.csv:3:"), "a short row is named");
	ok(fails(infer_fresh(""), ERR_DATA, "empty") && fails(infer_fresh("a,b\n"), ERR_DATA, ""),
	   "nothing, and nothing but a header");
	fresh();
	settings.separator = ',';
	settings.header = 0;
	ok(!infer("a;b,1\nc;d,2\n") && t.cols == 2 && !t.header, "a person's word on both");
}

static void test_missing(void)
{
	ok(!infer_fresh("a,b,y\n1,NA,0\n?,x,1\nNone,z,0\n4,n/a,1\n") &&
	   col("a")->kind == INFER_NUMERIC && col("a")->missing == 2 && col("b")->missing == 2,
	   "markers of holes");
	ok(says("'NA' stands for a missing cell in 1 cells") && says("'?'") && says("'None'") &&
	   says("'n/a'"), "each has a note with its count");
	ok(!infer_fresh("a,b,y\n1,none,0\n2,low,1\n3,high,1\n") && col("b")->missing == 0,
	   "none in small letters is an answer");
	ok(!infer_fresh("a,y\n1,+\n2,-\n3,+\n") && t.no_target == 0 &&
	   col("y")->distinct == 2, "beside a plus the minus is no hole");
	ok(!infer_fresh("a,y\n1,0\n-,1\n3,1\n") && col("a")->missing == 1, "alone it is");
	ok(!infer_fresh("a,y\n1,0\n2,\n3,1\n4,NA\n5,?\n6,null\n") && t.no_target == 4 &&
	   t.no_target_line[0] == 3 && t.no_target_line[2] == 6,
	   "rows without a target, the first three lines");
	ok(!infer_fresh(rows_of("a,y\n-999,1\n-999,2\n", 40, "%zu.5,%zu%zu\n")) &&
	   says("'a' has -999 in 2 cells") && col("a")->missing == 0,
	   "-999 is told and not taken away");
	ok(!infer_fresh(rows_of("a,y\n", 1000, "%zu,%zu%zu\n")) && isnan(col("a")->sentinel),
	   "a 999 among its like is a number");
	fresh();
	settings.missing = (const char *const[]){ "-999" };
	settings.n_missing = 1;
	ok(!infer("a,y\n-999,0\n?,1\n,1\n") && col("a")->missing == 2 &&
	   col("a")->kind == INFER_CATEGORICAL,
	   "a person's list replaces the markers, but an empty cell is a hole");
}

static void test_kinds(void)
{
	ok(!infer_fresh("a,b,c,d,y\nyes,12%,2024-01-31,red,0\nno,3%,2024-02-01,blue,1\n"
			"yes,4%,2024-02-03,red,0\n") &&
	   col("a")->kind == INFER_BOOLEAN && col("b")->kind == INFER_AMOUNT &&
	   col("c")->kind == INFER_DATE && col("d")->kind == INFER_CATEGORICAL,
	   "booleans, percents, dates and categories");
	ok(says("'b' is read as numbers without percent signs") &&
	   says("'c' holds dates as year-month-day"), "with their notes");
	ok(!strncmp(col("d")->sight, "red 67 %", 8), "the most frequent levels are shown");
	ok(!infer_fresh("a,b,y\n\"1,234\",50%,0\n7,0.5,1\n") && col("a")->kind == INFER_AMOUNT &&
	   col("a")->marks == AMOUNT_THOUSANDS, "thousands separators");
	ok(col("b")->kind == INFER_CATEGORICAL, "percents beside plain numbers stay texts");
	ok(!infer_fresh("when,y\n1/2/2024,0\n3/4/2024,1\n") && says("could change places") &&
	   col("when")->order == DATE_DAY_FIRST, "ambiguous dates have a warning");
	fresh();
	settings.day_first = 0;
	ok(!infer("when,y\n1/2/2024,0\n3/4/2024,1\n") &&
	   col("when")->order == DATE_MONTH_FIRST && !col("when")->ambiguous,
	   "which a person's word settles");
	ok(!infer_fresh(rows_of("stars,y\n", 40, "%2$zu,%1$zu.5\n")) &&
	   col("stars")->kind == INFER_NUMERIC && says("'stars': whole numbers with few values"),
	   "whole numbers stay numbers, and that is said");
}

static void test_drops(void)
{
	ok(!infer_fresh(rows_of("id,one,none,y\n", 30, "%zu,1,,%zu%zu\n")) &&
	   col("id")->role == INFER_DROPPED && strstr(col("id")->why, "without a gap"),
	   "numbers of rows are left out");
	ok(!strcmp(col("one")->why, "constant") && !strcmp(col("none")->why, "empty"),
	   "constant and empty columns, too");
	ok(says("'id' is left out") && says("'one' is left out"), "with a note each");
	ok(!infer_fresh(rows_of("code,x,y\n", 30, "k%zu,%zu,%zu\n")) &&
	   strstr(col("code")->why, "a text of its own"), "a text of its own in every row");
	ok(!infer_fresh(rows_of("user_id,x,y\n", 30, "%zu7,%zu,%zu\n")) &&
	   strstr(col("user_id")->why, "by its name"), "an id by its name");
	ok(!infer_fresh(rows_of("x,userId,y\n", 40, "%zu.5,%zu,%zu\n")) &&
	   col("userId")->role == INFER_FEATURE && says("group=userId"),
	   "an id that comes again is told of as a group");
	ok(!infer_fresh(rows_of("say,x,y\n", 30,
				"this is the sentence number %zu of all,%zu,%zu\n")) &&
	   col("say")->kind == INFER_TEXT && col("say")->role == INFER_DROPPED,
	   "free text beside other columns is left out");
	fresh();
	settings.types = (struct own_column[]){ { "id", OWN_NUMERIC } };
	settings.n_types = 1;
	ok(!infer(rows_of("id,x,y\n", 30, "%zu,%zu,%zu\n")) &&
	   col("id")->role == INFER_FEATURE, "a column whose type was given stays");
}

static void test_target(void)
{
	ok(!infer_fresh("Class,a,b\nx,1,2\ny,2,3\n") && t.target == 0 &&
	   says("the target is 'Class'"), "a target by its name, in any case");
	ok(!infer_fresh("a,b\n1,x\n2,y\n") && t.target == 1 && t.task == TASK_CLASSIFICATION,
	   "else the last column");
	ok(!infer_fresh(rows_of("a,b\n", 30, "%2$zu,%1$zu\n")) && t.task == TASK_REGRESSION &&
	   says("30 distinct numbers: regression"), "many numbers make a regression");
	ok(!infer_fresh("a,b\n1,0.5\n2,1.5\n") && t.task == TASK_REGRESSION, "fractions do");
	ok(!infer_fresh("a,b\n1,0\n2,1\n") && t.task == TASK_CLASSIFICATION &&
	   says("(task=regression"), "few whole numbers are classes, and that is said");
	fresh();
	settings.target = "prise";
	ok(fails(infer("price,b\n1,2\n"), ERR_CONFIG, "did you mean 'price'"), "a slip");
	settings.target = "a";
	settings.group = "a";
	ok(fails(infer("a,b\n1,2\n"), ERR_CONFIG, "cannot be the target"), "one column, two uses");
}

static void test_told(void)
{
	static struct own_column types[] = { { "day", OWN_DATE }, { "n", OWN_CATEGORICAL },
					     { "x", OWN_NUMERIC } };

	fresh();
	settings.types = types;
	settings.n_types = 2;
	ok(!infer("day,n,y\n20240131,1,0\n20240201,2,1\n") && col("day")->kind == INFER_DATE &&
	   col("day")->order == DATE_COMPACT && col("n")->kind == INFER_CATEGORICAL,
	   "types that are given");
	ok(fails(infer("day,n,y\nsoon,1,0\n20240201,2,1\n"), ERR_DATA, "'day' is to be a date"),
	   "a date that is none");
	settings.types = types + 2;
	settings.n_types = 1;
	ok(fails(infer("x,y\n1,0\ntwo,1\n"), ERR_DATA, "d.csv:3:") && strstr(err.text, "two"),
	   "a number that is none, with its line");
	ok(fails(infer("z,y\n1,0\n"), ERR_CONFIG, "no column 'x'"), "a type of no column");
}

static void test_bad_bytes(void)
{
	char wide[20001];
	size_t k = 1;
	int rc = -1;

	fresh();
	ok(infer_table("a\0b\n1\n", 7, "d.csv", &settings, &arena, &t, &notes, &err) == ERR_DATA,
	   "NUL bytes are refused");
	ok(fails(infer("a,\"b\n1,2\n"), ERR_DATA, "never closed"), "an open quote");
	memset(wide, ',', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	rc = infer(wide);
	ok(rc == ERR_DATA, "20,001 columns and no row");
	ok(!infer("a,y\n\xff\xfe,0\n\xe4,1\n"), "bytes that are no UTF-8 are texts");
	for (; k < 60 && rc; k++) {
		fresh();
		arena.calls = 0;
		arena.fail_at = k;
		rc = infer("id,when,y\n1,2024-01-01,a\n2,?,b\n");
		if (rc && rc != ERR_MEMORY)
			break;
	}
	ok(!rc && k > 10, "every failed allocation of %zu is told", k);
	arena.fail_at = 0;
}

static void test_small(void)
{
	ok(!infer_fresh("a,y\n1,x\n") && t.rows == 1 && col("a")->role == INFER_DROPPED &&
	   !strcmp(col("a")->why, "constant"), "one row: every column is constant");
	ok(!infer_fresh("y\nx\nz\n") && t.cols == 1 && t.target == 0,
	   "one column is the target");
	ok(!infer_fresh("a,b\n,\n,\n") && col("a")->kind == INFER_EMPTY &&
	   col("b")->kind == INFER_EMPTY && t.no_target == 2, "a table of holes");
	ok(isnan(col("a")->min) && !*col("a")->sight && !col("a")->distinct,
	   "which has nothing to show");
	ok(!infer_fresh("a,y\n1,x\n1,z\n,x\n") && col("a")->role == INFER_FEATURE,
	   "a constant with a hole may tell something");
	ok(!infer_fresh("a,y\n1,x\n2,z") && t.rows == 2, "a last line without an end");
}

static void test_booleans(void)
{
	ok(!infer_fresh("a,b,c,y\nON,T,yes,0\nOFF,F,no,1\nON,T,maybe,0\n") &&
	   col("a")->kind == INFER_BOOLEAN && col("b")->kind == INFER_BOOLEAN &&
	   col("c")->kind == INFER_CATEGORICAL, "yes and no in any case, but nothing else beside");
	ok(!infer_fresh("a,b,y\n0,yes,p\n1,yes,q\n0,yes,p\n") && col("a")->kind == INFER_NUMERIC &&
	   col("b")->kind == INFER_CATEGORICAL, "0 and 1 are numbers, a single answer is none");
}

static void test_sights(void)
{
	const struct infer_column *c;

	ok(!infer_fresh("a,y\n-2.5,x\n17,z\n0,x\n"), "a range");
	ok_str(col("a")->sight, "-2.5 .. 17", "of numbers is shown");
	ok(!infer_fresh("a,y\np,0\nq,1\nr,0\ns,1\np,0\n"), "four levels");
	ok_str(col("a")->sight, "p 40 %, q 20 %, r 20 %, ...",
	       "show as three, the most frequent first, ties in their order");
	ok(!infer_fresh("a,y\n\"x\ty\nz\",0\nq,1\nq,0\n") && !strpbrk(col("a")->sight, "\t\n"),
	   "line ends and tabs are blanks in it");
	ok(!infer_fresh("a,y\n\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
			"\xc3\xa4\xc3\xa4\xc3\xa4x\xc3\xa4\xc3\xa4,0\nq,1\nq,0\n"), "a long level");
	c = col("a");
	ok(strstr(c->sight, "\xc3\xa4x...") && !strstr(c->sight, "\xc3."),
	   "is cut between two characters");
}

static void test_ids(void)
{
	ok(!infer_fresh(rows_of("Unnamed: 0,x,y\n", 12, "%zu,%zu.5,%zu\n")) &&
	   col("Unnamed: 0")->role == INFER_DROPPED, "the index that pandas writes");
	ok(!infer_fresh(rows_of("n,x,y\n", 9, "%zu,%zu.5,%zu\n")) &&
	   col("n")->role == INFER_FEATURE, "in nine rows anything is unique by chance");
	ok(!infer_fresh(rows_of("n,x,y\n", 10, "%zu,%zu.5,%zu\n")) &&
	   col("n")->role == INFER_DROPPED, "in ten it is an id");
	ok(!infer_fresh(rows_of("price,x,y\n", 30, "%zu5,%zu.5,%zu\n")) &&
	   col("price")->role == INFER_FEATURE, "different numbers with gaps are none");
	ok(!infer_fresh(rows_of("paid,grid,VALID,y\n", 30, "%zu5,%zu.5,%zu,0\n")) &&
	   col("paid")->role == INFER_FEATURE && col("grid")->role == INFER_FEATURE,
	   "words that end in id are no names of ids");
	ok(!infer_fresh(rows_of("customerID,x,y\n", 30, "%zu5,%zu.5,%zu\n")) &&
	   strstr(col("customerID")->why, "by its name"), "customerID is one");
}

static void test_sentinels(void)
{
	ok(!infer_fresh(rows_of("a,y\n9999,1\n9999,2\n", 40, "%zu,%zu%zu\n")) &&
	   col("a")->sentinels == 2, "9999 above all others");
	ok(!infer_fresh(rows_of("a,y\n-999,1\n", 40, "%zu.5,%zu%zu\n")) &&
	   isnan(col("a")->sentinel), "once it is an outlier");
	ok(!infer_fresh(rows_of("a,y\n-998,1\n-998,2\n", 40, "%zu.5,%zu%zu\n")) &&
	   isnan(col("a")->sentinel), "-998 is nobody's code");
	ok(!infer_fresh("a,y\n5,0\n5,1\n5,0\n5,1\n5,0\n5,1\n") && isnan(col("a")->sentinel),
	   "a constant column has none");
}

static void test_roles(void)
{
	fresh();
	settings.group = "g";
	settings.time = "when";
	ok(!infer("g,when,a,y\np,1,1.5,0\nq,2,2.5,1\n") && col("g")->role == INFER_SPLIT &&
	   col("when")->role == INFER_SPLIT && col("a")->role == INFER_FEATURE,
	   "what the split goes by is no feature");
	ok(fails(infer("g,when\np,1\nq,2\n"), ERR_CONFIG, "no column is left for a target"),
	   "a target must be left");
	fresh();
	settings.drops = (const struct dropped[]){ { "a", "it leaks" }, { "b", "asked for" } };
	settings.n_drops = 2;
	ok(!infer("a,b,c,y\n1,2,3,0\n4,5,6,1\n") && !strcmp(col("a")->why, "it leaks") &&
	   !col("a")->is_found && col("c")->role == INFER_FEATURE,
	   "a drop keeps the reason that was given");
	ok(fails(infer("a,c,y\n1,3,0\n4,6,1\n"), ERR_CONFIG, "drop: no column 'b'"),
	   "a drop of no column");
	fresh();
	settings.task = "regression";
	ok(!infer("a,y\n1,0\n2,1\n") && t.task == TASK_REGRESSION, "a task that is given");
	fresh();
	settings.log_target = true;
	ok(!infer("a,y\n1,1\n2,3\n") && t.task == TASK_REGRESSION,
	   "a logarithm is only taken of a quantity");
}

static void test_markers(void)
{
	ok(!infer_fresh("a,y\n1,0\nna,1\nNa,1\nNA,0\nnA,1\n2,0\n") && col("a")->missing == 4 &&
	   t.n_missing == 5, "four spellings of one marker");
	ok(!strcmp(t.missing[0], ""), "an empty cell is the first of them");
	ok(!infer_fresh("a,y\n\"NA\",0\n2,1\n") && col("a")->missing == 1,
	   "quotes do not make a text of a marker");
	ok(!infer_fresh("a,y\nNAN,0\n#N/A,1\n<NA>,0\nmissing,1\n.,0\n7,1\n") &&
	   col("a")->missing == 5 && col("a")->kind == INFER_NUMERIC, "those of other programs");
	ok(!infer_fresh("a,y\nNAT,0\nn.a.,1\nnil,0\n") && col("a")->missing == 0,
	   "other words are texts");
	ok(!infer_fresh("NA,y\n1,0\n2,1\n") && col("NA")->missing == 0,
	   "a marker in the header is a name");
}

static void test_layout_told(void)
{
	fresh();
	settings.header = 1;
	ok(!infer("1,2\n3,x\n4,z\n") && t.rows == 2 && col("1")->kind == INFER_NUMERIC,
	   "numbers are names where a person says so");
	fresh();
	settings.decimal = ',';
	ok(!infer("a;y\n1,5;0\n2,5;1\n") && t.decimal == ',' && col("a")->max > 2.4f,
	   "a decimal comma that is told");
	fresh();
	settings.decimal = '.';
	ok(!infer("a;y\n1,5;0\n2,5;1\n") && t.decimal == '.' && col("a")->kind != INFER_NUMERIC,
	   "or is told not to be one");
	fresh();
	settings.separator = '\t';
	ok(!infer("a,b\ty\n1,2\t0\n3,4\t1\n") && t.cols == 2, "a tab although commas agree");
}

int main(void)
{
	test_layout();
	test_missing();
	test_kinds();
	test_drops();
	test_target();
	test_told();
	test_bad_bytes();
	test_small();
	test_booleans();
	test_sights();
	test_ids();
	test_sentinels();
	test_roles();
	test_markers();
	test_layout_told();
	arena_clear(&arena);
	arena_clear(&texts);
	return tap_done();
}
