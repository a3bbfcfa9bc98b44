#include "datasets/own/own.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datasets/load.h"
#include "datasets/own/checks.h"
#include "harness/base/file.h"
#include "harness/base/text.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static char dir[] = "/tmp/triarch-own-XXXXXX";
static struct own *own;
static struct items items;
static struct split split;

static const char *put(const char *name, const char *text)
{
	char *path = arena_printf(&arena, "%s/%s", dir, name);
	struct error why;

	if (file_replace(path, text, strlen(text), &why))
		printf("# %s\n", why.text);
	return path;
}

/* Settings as the command line gives them. */
static int look(const char *path, const char *settings)
{
	struct yaml *map = NULL;

	error_clear(&err);
	if (settings && yaml_parse(&arena, settings, strlen(settings), "command line", &map, &err))
		return (int)err.code;
	return own_read(path, map, &arena, &own, &err);
}

/* From the entry to the rows, as a load does it. */
static int rows(void)
{
	const struct fetch f = { .cache = dir, .offline = true };

	return load_raw(&f, &own->entry, 1, &arena, &items, &split, &err);
}

static bool fails(int rc, enum err code, const char *with)
{
	if (rc == (int)code && strstr(err.text, with))
		return true;
	printf("# %d '%s'\n", rc, err.text);
	return false;
}

static const char *table_of(size_t n, const char *header, bool dates)
{
	struct text s = { .arena = &arena };

	text_add(&s, header);
	for (size_t i = 0; i < n; i++) {
		if (dates)
			text_printf(&s, "%02zu/%02zu/2021;", i % 28 + 1, i % 12 + 1);
		text_printf(&s, "%zu,5;%s;%s\r\n", i * 7 % 31, i % 3 ? "red" : "",
			    i * 7 % 31 > 15 ? "yes" : "no");
	}
	return s.data;
}

static void test_table(void)
{
	const char *path = put("house.csv", table_of(60, "when;size;colour;sold\r\n", true));
	char digest[HASH_HEX], again[HASH_HEX];

	ok(!look(path, NULL) && !own->problem.code, "a path becomes an entry");
	ok_str(own->entry.name, "house.csv", "called by its file, without the folders");
	ok(own->entry.n_origins == 1 && own->entry.origins[0].local &&
	   own->entry.origins[0].path[0] == '/', "whose origin is the file itself");
	ok(own->entry.modality == MODALITY_TABULAR && own->entry.task == TASK_CLASSIFICATION &&
	   !strcmp(own->entry.metric, "accuracy") && own->entry.expect.rows == 60,
	   "with kind, metric and rows");
	ok(!rows() && items.n == 60 && items.classes == 2, "and the reader reads it");
	ok(items.cols == 6, "dates as their parts: month, day, weekday, days; size and colour");
	ok(split.n_test == 12, "a fifth of the rows tests");
	load_digest(&own->entry, VIEW_TABLE, digest);
	put("house.csv", table_of(61, "when;size;colour;sold\r\n", true));
	look(path, NULL);
	load_digest(&own->entry, VIEW_TABLE, again);
	ok(strcmp(digest, again), "a file that changed has another digest");
	ok(!look(path, "target: size\ndrop: when\n") && own->entry.task == TASK_REGRESSION &&
	   !rows() && items.cols == 2 && items.target, "settings of the command line");
}

static void test_beside(void)
{
	const char *path = put("b.csv", table_of(40, "size;colour;sold\r\n", false));

	put("b.csv.yaml", "options: {size: 8}\n");
	ok(fails(look(path, NULL), ERR_CONFIG, "'options' is for folders"),
	   "options of a reader are not for tables");
	put("b.csv.yaml", "target: size\ncategorical: [colour]\ndrop: {sold: known too late}\n");
	ok(!look(path, NULL) && !strcmp(own->entry.target, "size") && own->settings,
	   "a file of settings beside it");
	ok(!rows() && items.cols == 1, "is followed");
	ok(!look(path, "target: colour\n") && !strcmp(own->entry.target, "colour"),
	   "the command line stands above it");
	put("b.csv.yaml", "options: {size: 8}\n");
	ok(fails(look(path, NULL), ERR_CONFIG, "'options' is for folders"),
	   "options of a reader are not for tables");
	put("b.csv.yaml", "target: size\ncategoric: [colour]\n");
	ok(fails(look(path, NULL), ERR_CONFIG, "b.csv.yaml:2:1") &&
	   strstr(err.text, "did you mean 'categorical'"), "a slip in it has its place");
}

static void test_problems(void)
{
	const char *holes = put("h.csv", "a,y\n1,0\n2,\n3,1\n4,NA\n5,0\n6,1\n");
	const char *same = put("s.csv", "a,y\n1,x\n2,x\n3,x\n");

	ok(!look(holes, NULL) && own->problem.code == ERR_DATA &&
	   strstr(own->problem.text, "missing in 2 of 6 rows (lines 3, 5)") &&
	   strstr(own->problem.text, "missing_target"), "holes of the target, with lines and cure");
	ok(!look(holes, "missing_target: drop\n") && !own->problem.code && !rows() && items.n == 4,
	   "which works");
	ok(!look(same, NULL) && strstr(own->problem.text, "the same in every row"),
	   "a constant target");
	ok(!look(same, "target: y\ntask: regression\n") && own->problem.code, "in regression, too");
	ok(!look(put("w.csv", "a,y\n1,x\n2,z\n3,x\n"), "task: regression\n") &&
	   strstr(own->problem.text, "regression needs numbers"), "words in a regression");
}

static void test_split_rules(void)
{
	const char *path = put("t.csv", table_of(60, "when;size;colour;sold\r\n", true));

	ok(!look(path, "time: when\n") && own->entry.split.kind == SPLIT_TIME && !rows() &&
	   items.time && items.cols == 2, "a column of dates splits by time");
	ok(items.time[split.test[0]] >= items.time[split.train[0]], "the last days test");
	ok(!look(path, "group: size\ntest: 0.3\n") && own->entry.split.kind == SPLIT_RANDOM &&
	   !rows() && items.group && items.group[0] == items.group[31], "groups are numbered");
	ok(!look(path, "fold: colour\ncategorical: colour\n") &&
	   own->entry.split.kind == SPLIT_FOLD && fails(rows(), ERR_DATA, "missing"),
	   "a fold column with holes is refused");
	ok(fails(look(path, "split: {kind: time}\n"), ERR_CONFIG, "time: COLUMN"),
	   "a split by time needs its column");
	ok(fails(look(path, "split: {kind: official}\n"), ERR_CONFIG, "official"),
	   "nothing is official here");
	ok(fails(look(path, "metric: r2\n"), ERR_CONFIG, "not for classification"),
	   "a metric of the other kind");
	ok(fails(look(path, "group: colr\n"), ERR_CONFIG, "no column 'colr'"), "a slip");
}

static void test_dirty(void)
{
	const char *gz = arena_printf(&arena, "%s/z.csv.gz", dir);
	const char *amounts = put("m.csv", "price,share,y\n\"$1,200\",5%,a\n$30,7%,b\n"
					   "\"$2,000\",1%,a\n$45,2%,b\n");

	ok(!look(amounts, NULL) && !rows() && items.cols == 2 && items.cell[0][0] > 1199,
	   "currency and percents are numbers");
	ok(!look(amounts, "target: price\ndrop: y\n") && own->entry.task == TASK_CLASSIFICATION &&
	   !rows(), "also in the target");
	ok(!look(put("q.tsv", "a\ta\ty\n\"x\ny\"\t1\tp\nz\t2\tq\n"
			      "\"x\ny\"\t3\tp\n"), NULL) && !rows() && items.n == 3 &&
	   !strcmp(items.columns[1].name, "a_2"),
	   "tabs, quoted line ends and a name that comes twice");
	if (system(arena_printf(&arena, "gzip -c %s/t.csv > %s", dir, gz)) == 0)
		ok(!look(gz, NULL) && !rows() && items.n == 60, "a packed file");
	else
		skip("a packed file", "gzip");
	ok(fails(look(put("p.csv", "PAR1...."), NULL), ERR_DATA, "Parquet") &&
	   strstr(err.text, "understood are"), "a Parquet file is called one");
	ok(fails(look(put("x.csv", "PK\x03\x04..."), NULL), ERR_DATA, "spreadsheet"),
	   "so is a spreadsheet");
	ok(fails(look(put("r.csv", "a,b\n1,2\n3\n"), NULL), ERR_DATA, "r.csv:3:"),
	   "a ragged row has its line");
}

static void test_text(void)
{
	struct text s = { .arena = &arena };
	const char *path;

	text_add(&s, "review,stars\n");
	for (int i = 0; i < 30; i++)
		text_printf(&s, "this is a rather long review of thing number %d indeed,%s\n", i,
			    i % 2 ? "good" : "bad");
	path = put("reviews.csv", s.data);
	if (reader_find("text")) {
		ok(!look(path, NULL) && own->entry.modality == MODALITY_TEXT,
		   "one long text and a label are a task of text");
	} else {
		skip("one long text and a label are a task of text", "reader text");
		ok(fails(look(path, "text: review\n"), ERR_CONFIG, "no reader 'text'"),
		   "a reader that is not built in is named");
	}
}

static void test_folders(void)
{
	char path[96];

	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/folder/%c", dir, "ab"[i % 2]);
		file_make_dirs(path, &err);
		snprintf(path, sizeof(path), "folder/%c/%d.txt", "ab"[i % 2], i);
		put(path, i % 2 ? "some words" : "other words");
	}
	snprintf(path, sizeof(path), "%s/folder", dir);
	if (reader_find("text"))
		ok(!look(path, NULL) && own->entry.modality == MODALITY_TEXT &&
		   own->entry.origins[0].is_tree, "a folder of texts");
	else
		ok(fails(look(path, NULL), ERR_CONFIG, "no reader 'text'"),
		   "a folder whose reader is not built in");
	snprintf(path, sizeof(path), "%s/folder/a", dir);
	ok(fails(look(path, NULL), ERR_DATA, "one sub-folder for each class"),
	   "a folder without sub-folders");
}

static void test_paths(void)
{
	ok(own_is_path("a/b") && own_is_path("nothing.csv") && own_is_path("x.TSV.gz"),
	   "what has a slash or a table's ending is a path");
	ok(!own_is_path("letter") && !own_is_path("mpls-stops"), "a name is none");
	ok(fails(look("/nothing/here.csv", NULL), ERR_USAGE, "/nothing/here.csv"),
	   "a file that is not there");
	ok(fails(look("/dev/null", NULL), ERR_USAGE, "neither a file nor a folder"), "a device");
	ok(fails(look(put("v.arff", "x"), NULL), ERR_CONFIG, "arff"),
	   "a format that needs its reader and a target");
}

static void test_changed(void)
{
	const struct fetch f = { .cache = dir, .offline = true };
	const char *path = put("c.csv", "a,y\n1,0\n2,1\n3,0\n");

	ok(!look(path, NULL) && fetch_present(&f, &own->entry) &&
	   !fetch_verify(&f, &own->entry, &err) && !fetch_entry(&f, &own->entry, &err),
	   "own files are always here");
	put("c.csv", "a,y\n1,0\n2,1\n3,1\n");
	ok(fails(fetch_verify(&f, &own->entry, &err), ERR_DATA, "has changed"),
	   "unless they change meanwhile");
	unlink(path);
	ok(!fetch_present(&f, &own->entry) &&
	   fails(fetch_verify(&f, &own->entry, &err), ERR_MISSING, "is not there"),
	   "or go");
}

static void test_memory(void)
{
	char path[64];
	size_t k = 1;
	int rc = -1;

	snprintf(path, sizeof(path), "%s/t.csv", dir);
	for (; k < 400 && rc; k++) {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = k;
		rc = look(path, NULL);
		if (rc && rc != ERR_MEMORY)
			break;
	}
	ok(!rc && k > 20, "every failed allocation of %zu is told", k);
	arena.fail_at = 0;
}

static void test_magic(void)
{
	static const struct {
		const char *bytes, *name;
	} known[] = {
		{ "SQLite format 3", "SQLite" }, { "\x89HDF\r\n", "HDF5" }, { "ARROW1", "Arrow" },
		{ "ORC", "ORC" }, { "%PDF-1.4", "PDF" }, { "\xd0\xcf\x11\xe0", "old spreadsheet" },
	};

	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
		ok(fails(look(put("k.csv", known[k].bytes), NULL), ERR_DATA, known[k].name),
		   "no text: %s is named", known[k].name);
	ok(fails(look(put("e.csv", ""), NULL), ERR_DATA, "empty"), "an empty file is refused");
	ok(!look(put("orc.csv", "ORCA,y\n1,x\n2,z\n"), NULL) && own->has_table &&
	   !look(put("par.csv", "PAR1,y\n1,x\n2,z\n"), NULL) && own->has_table,
	   "a header that begins alike is a header");
}

static void test_one_row(void)
{
	const char *one = put("one.csv", "a,y\n1,x\n"), *none = put("none.csv", "a,y\n1,\n2,\n");

	ok(!look(one, NULL) && own->problem.code == ERR_DATA &&
	   strstr(own->problem.text, "nothing to learn"), "one row teaches nothing");
	ok(!look(none, NULL) && strstr(own->problem.text, "missing in every row"),
	   "nor do rows without any target");
	ok(!look(none, "missing_target: drop\n") &&
	   strstr(own->problem.text, "missing in every row"), "which dropping does not cure");
	ok(!look(put("four.csv", "a,y\n1,\n2,\n3,x\n4,\n5,z\n6,\n"), NULL) &&
	   strstr(own->problem.text, "(lines 2, 3, 5 ...)"), "three lines are named of four");
}

static void test_names(void)
{
	char text[128 + 8] = "";
	const char *path;

	memset(text, 'n', 120);
	strcpy(text + 120, ".csv");
	path = put(text, "a,y\n1,x\n2,z\n");
	ok(!look(path, NULL) && strlen(own->entry.name) == 100, "a name is cut at 100 bytes");
	ok(!strcmp(own->path, path), "the path is not");
	ok(!look(put("UPPER.CSV", "a,y\n1,x\n2,z\n"), NULL) && own->has_table,
	   "endings in any case");
	ok(own_is_path("x.csv.gz") && own_is_path("x.dat.xz") && !own_is_path(".csv") &&
	   !own_is_path("csv") && !own_is_path(""), "an ending is no name");
}

static void test_mixed_folder(void)
{
	char path[96];

	for (int i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "%s/mixed/%c", dir, "ab"[i % 2]);
		file_make_dirs(path, &err);
		snprintf(path, sizeof(path), "mixed/%c/%d.%s", "ab"[i % 2], i,
			 i < 4 ? "txt" : "doc");
		put(path, i % 2 ? "some words" : "other words");
	}
	put("mixed/readme.png", "no picture");
	snprintf(path, sizeof(path), "%s/mixed", dir);
	if (!reader_find("text")) {
		skip("a folder of several kinds", "reader text");
		return;
	}
	ok(!look(path, NULL) && own->entry.modality == MODALITY_TEXT && own->notes.n == 1 &&
	   strstr(own->notes.list[0].text, "2 files of other kinds"),
	   "the kind that most files are of, with a note of the others");
	ok(fails(look(path, "options: {sizes: 8}\n"), ERR_CONFIG, "sizes"),
	   "options are checked by the reader's own list");
}

int main(void)
{
	char command[96];

	if (!mkdtemp(dir))
		return 1;
	test_table();
	test_beside();
	test_problems();
	test_split_rules();
	test_dirty();
	test_text();
	test_folders();
	test_paths();
	test_changed();
	test_magic();
	test_one_row();
	test_names();
	test_mixed_folder();
	test_memory();
	arena_clear(&arena);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) | tap_done();
}
