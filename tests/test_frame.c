/* Rows of another file encoded as the training rows were. */
#include "datasets/frame.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "datasets/load.h"
#include "datasets/own/own.h"
#include "harness/base/file.h"
#include "harness/base/text.h"
#include "tests/failing.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static char folder[] = "/tmp/test_frame-XXXXXX";
static char train[64], test[64];

static void write_file(const char *path, const char *text)
{
	if (file_replace(path, text, strlen(text), &err))
		printf("# %s\n", err.text);
}

/* ---------------------------------------------------------------- two files */

static const char good_train[] = "num,cat,code,y\n1,a,7,yes\n2,b,8,no\n,a,9,yes\n4,,7,no\n";
static const char good_test[] = "num,cat,code,y\n9,c,8,yes\n";

static struct frame frame_of(const char *train_text, const char *test_text)
{
	struct load_files req = { .train = train, .test = test, .target = "y",
				  .guess_task = true, .view = VIEW_TABLE, .threads = 1 };
	struct frame_source from = { .view = VIEW_TABLE, .target = "y" };
	struct dataset data;
	struct items raw;
	struct frame f = { 0 };

	error_clear(&err);
	write_file(train, train_text);
	write_file(test, test_text);
	from.data = &data;
	from.items = &raw;
	if (load_from_files(&req, &arena, &data, &raw, &err) ||
	    frame_make(&f, &from, &arena, &err))
		printf("# %s\n", err.text);
	return f;
}

static bool reads(const struct frame *f, const char *text, struct part *rows)
{
	error_clear(&err);
	write_file(test, text);
	return frame_read_csv(f, test, 2, &arena, rows, &err) == 0;
}

static bool fails(const struct frame *f, const char *text, const char *words)
{
	struct part rows;

	if (!reads(f, text, &rows) && strstr(err.text, words))
		return true;
	printf("# %s\n", err.text);
	return false;
}

static void test_make(void)
{
	struct frame f = frame_of(good_train, good_test);

	ok(f.data.cols == 3 && f.data.classes == 2 && !f.data.train.x, "sizes, no rows");
	ok_str(f.class_names[1], "yes", "classes by name");
	ok_str(f.target, "y", "the target");
	ok_str(f.obstacle, "", "nothing stands against rows of a file");
	ok(f.data.columns[1].is_cat && f.data.columns[1].levels == 2 &&
	   !strcmp(f.data.columns[1].level_names[0], "a"), "levels by name");
	ok(f.seen[1][0] && f.seen[1][1] && !f.seen[0], "what was seen in training");
}

static void test_rows(void)
{
	struct frame f = frame_of(good_train, good_test);
	struct part rows = { 0 };

	ok(reads(&f, "cat,extra,num,code\nb,1,3,7\nnew,x,,8\n,,-1e3,\n", &rows),
	   "columns in another order, one more, and no target");
	ok(rows.rows == 3 && rows.x[0] == 3 && rows.x[1] == 1 && rows.x[2] == 7,
	   "are put into the model's order");
	ok(isnan(rows.x[3]) && isnan(rows.x[4]) && rows.x[5] == 8,
	   "a level that training lacks is missing");
	ok(rows.x[6] == -1000 && isnan(rows.x[7]) && isnan(rows.x[8]), "and a hole is one");
	ok(reads(&f, "num,cat,code\n5,1,7\n", &rows) && isnan(rows.x[1]),
	   "texts stay texts where all of them are numbers");
	ok(reads(&f, "num,cat,code\n,a,7\n", &rows) && isnan(rows.x[0]) && rows.x[1] == 0,
	   "a single row with a hole");
	ok(fails(&f, "num,cat,code\n", "no rows"), "a header alone is no rows");
}

static void test_wrong(void)
{
	struct frame f = frame_of(good_train, good_test);

	ok(fails(&f, "num,kat,code\n1,a,2\n", "no column 'cat', which the model was fitted "
		 "on (did you mean 'kat'?)"), "a column that is not there, with a hint");
	ok(fails(&f, "num,cat,code\n1,a,2\nx,b,3\n", "test.csv:3: "),
	   "a text among numbers is named with its line");
	ok(fails(&f, "", "empty"), "an empty file");
	ok(frame_read_csv(&f, "/nix.csv", 1, &arena, &(struct part){ 0 }, &err) == ERR_IO,
	   "a file that is not there");
}

static void test_obstacles(void)
{
	struct frame f = frame_of(good_train, good_test);
	struct items items = { 0 };
	struct dataset data = f.data;
	struct frame_source from = { .data = &data, .view = VIEW_DENSE, .items = &items };

	frame_make(&f, &from, &arena, &err);
	ok(strstr(f.obstacle, "view 'dense'") != NULL, "another view stands against it");
	ok(fails(&f, good_test, "view 'dense'"), "and says so when rows come");
	ok(err.code == ERR_UNSUPPORTED, "as something that cannot be done");
	from.view = VIEW_TABLE;
	from.transform = "rotate=1";
	frame_make(&f, &from, &arena, &err);
	ok(strstr(f.obstacle, "rotate=1") != NULL, "so does a twin");
	from.transform = NULL;
	data.modality = MODALITY_IMAGE;
	frame_make(&f, &from, &arena, &err);
	ok(strstr(f.obstacle, "image data") != NULL, "so do pictures");
}

/* ---------------------------------------------------------------- own data */

static struct frame own_frame(const char *text, struct own **own)
{
	struct frame_source from = { .view = VIEW_TABLE };
	struct frame f = { 0 };
	struct dataset data;
	struct items items;
	struct split split;

	error_clear(&err);
	write_file(train, text);
	if (own_read(train, NULL, &arena, own, &err) ||
	    load_raw(&(struct fetch){ .cache = folder, .offline = true }, &(*own)->entry, 1,
		     &arena, &items, &split, &err) ||
	    encoder_find(VIEW_TABLE, MODALITY_TABULAR)
		    ->encode(&items, &split, 1, &arena, &data, &err))
		printf("# %s\n", err.text);
	from.data = &data;
	from.items = &items;
	from.entry = &(*own)->entry;
	if (!err.code)
		frame_make(&f, &from, &arena, &err);
	return f;
}

static const char own_text[] = "price;size;k;y\n$1,5;2,5;n/k;1\n$2,5;3,5;b;2\n"
			       "$7,5;;a;1\n$3,5;4,5;b;2\n$4,5;1,5;a;1\n$6,5;0,5;b;2\n"
			       "$1,5;2,5;a;1\n$2,5;3,5;b;2\n$9,5;1,5;a;1\n$3,5;4,5;b;2\n";

static void test_own(void)
{
	struct own *own = NULL;
	struct frame f = own_frame(own_text, &own);
	struct part rows = { 0 };

	ok(strstr(f.layout, "separator: \";\"") && strstr(f.layout, "decimal: \",\"") &&
	   strstr(f.layout, "amounts: [\"price\"]"), "the layout of the file is kept: %s",
	   f.layout);
	ok(reads(&f, "k;price;size\nb;$12,5;1,25\n", &rows) && rows.rows == 1 &&
	   rows.x[0] == 12.5f && rows.x[1] == 1.25f,
	   "amounts and decimal commas are read as the training file's were");
	ok(fails(&f, "k;price;size\nb;cheap;1,25\n", "cheap"), "an amount that is none");
	ok(fails(&f, "k;size\nb;1,25\n", "no column 'price'"), "an amount that is not there");
}

static void test_dates(void)
{
	struct own *own = NULL;
	struct text t = { .arena = &arena };
	struct frame f;

	text_add(&t, "when,x,y\n");
	for (int i = 0; i < 30; i++)
		text_printf(&t, "2020-01-%02d,%d,%d\n", 1 + i, i * 7 % 5, i % 2);
	f = own_frame(t.data, &own);
	ok(strstr(f.obstacle, "dates") != NULL, "columns made of dates stand against it");
}

/* ---------------------------------------------------------------- memory */

static void test_memory(void)
{
	struct frame f = frame_of(good_train, good_test);
	struct part rows;
	struct arena a;
	size_t calls, tried = 0, said = 0;

	arena_init(&a, 0);
	write_file(test, good_test);
	frame_read_csv(&f, test, 1, &a, &rows, &err);
	calls = a.calls;
	for (size_t k = 1; k <= calls; k = failing_next(k, calls), tried++) {
		arena_clear(&a);
		a.calls = 0;
		a.fail_at = k;
		said += frame_read_csv(&f, test, 1, &a, &rows, &err) == ERR_MEMORY;
	}
	ok(said == tried && tried > 10, "every failing allocation is reported");
	arena_clear(&a);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	arena_init(&arena, 0);
	snprintf(train, sizeof(train), "%s/train.csv", folder);
	snprintf(test, sizeof(test), "%s/test.csv", folder);
	test_make();
	test_rows();
	test_wrong();
	test_obstacles();
	test_own();
	test_dates();
	test_memory();
	unlink(train);
	unlink(test);
	rmdir(folder);
	arena_clear(&arena);
	return tap_done();
}
