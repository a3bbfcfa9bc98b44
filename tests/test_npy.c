#include "datasets/formats/npy.h"

#include <stdlib.h>
#include <unistd.h>

#include "datasets/folder.h"
#include "datasets/reader.h"
#include "harness/base/file.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

static char folder[] = "/tmp/test_npy-XXXXXX";
static struct arena arena;
static struct error err;
static struct npy x;

/* Bytes of a file being made. */
struct bytes {
	uint8_t b[4096];
	size_t n;
};

/* As NumPy writes it, without the padding; the values follow. */
static struct bytes file_of(int major, const char *dictionary, const void *values,
			    size_t size)
{
	struct bytes f = { .n = 0 };
	size_t length = strlen(dictionary) + 1, width = major == 1 ? 2 : 4;

	memcpy(f.b, "\x93NUMPY", 6);
	f.b[6] = (uint8_t)major;
	for (size_t k = 0; k < width; k++)
		f.b[8 + k] = (uint8_t)(length >> 8 * k);
	f.n = 8 + width;
	memcpy(f.b + f.n, dictionary, length);
	f.n += length;
	f.b[f.n - 1] = '\n';
	if (size)
		memcpy(f.b + f.n, values, size);
	f.n += size;
	return f;
}

static struct bytes array_of(const char *type, const char *shape, const void *values,
			     size_t size)
{
	char text[200];

	snprintf(text, sizeof(text),
		 "{'descr': '%s', 'fortran_order': False, 'shape': %s, }   ", type, shape);
	return file_of(1, text, values, size);
}

/* From a block of its own, so that a sanitizer sees a read behind it; the values
 * are gone afterwards. */
static int parse(const struct bytes *f)
{
	uint8_t *copy = malloc(f->n ? f->n : 1);
	volatile double sum = 0;
	int rc;

	memcpy(copy, f->b, f->n);
	error_clear(&err);
	rc = npy_parse(&x, copy, f->n, &err);
	for (size_t k = 0; !rc && k < x.count; k++)
		sum = sum + npy_at(&x, k);
	free(copy);
	return rc;
}

static bool fails(struct bytes f, const char *with)
{
	if (parse(&f) == ERR_DATA && strstr(err.text, with))
		return true;
	printf("# '%s'\n", err.text);
	return false;
}

static double first(const char *type, const char *value, size_t width)
{
	struct bytes f = array_of(type, "(1,)", value, width);

	if (npy_parse(&x, f.b, f.n, &err)) {
		printf("# %s: %s\n", type, err.text);
		return NAN;
	}
	return npy_at(&x, 0);
}

/* ---------------------------------------------------------------- values */

static void test_types(void)
{
	ok(first("<f4", "\0\0\xc0\xbf", 4) == -1.5 &&
		   first(">f4", "\xbf\xc0\0\0", 4) == -1.5,
	   "f4 in both byte orders");
	ok(first("<f8", "\0\0\0\0\0\0\xf8\xbf", 8) == -1.5 &&
		   first(">f8", "\xbf\xf8\0\0\0\0\0\0", 8) == -1.5,
	   "f8 in both byte orders");
	ok(first("|i1", "\x80", 1) == -128 && first("|u1", "\x80", 1) == 128, "i1 and u1");
	ok(first("<i2", "\xfe\xff", 2) == -2 && first(">i2", "\xff\xfe", 2) == -2 &&
		   first(">u2", "\xff\xfe", 2) == 65534,
	   "i2 and u2");
	ok(first("<i4", "\xfe\xff\xff\xff", 4) == -2 &&
		   first("<u4", "\xfe\xff\xff\xff", 4) == 4294967294.0,
	   "i4 and u4");
	ok(first(">i8", "\xff\xff\xff\xff\xff\xff\xff\xfe", 8) == -2 &&
		   first("<u8", "\0\0\0\0\0\0\0\x80", 8) == 9223372036854775808.0,
	   "i8 and u8");
	ok(first("|b1", "\1", 1) == 1 && first("|b1", "\0", 1) == 0, "b1");
	ok(isnan(first("<f4", "\0\0\xc0\x7f", 4)), "NaN is NaN");
}

static void test_unknown_types(void)
{
	static const char *const types[] = { "<f2", "<c8", "|O",   "<U4", "|S3",
					     "<M8", "f4",  "|f4",  "=f4", "<f16",
					     "<b4", "",	   "<u3", "<V8" };
	size_t n = 0;

	for (size_t k = 0; k < sizeof(types) / sizeof(*types); k++)
		n += fails(array_of(types[k], "(1,)", "12345678", 8), "is not known");
	ok(n == sizeof(types) / sizeof(*types), "other types are refused by name");
	ok(fails(file_of(1, "{'descr': [('a', '<f4')], 'fortran_order': False, "
			    "'shape': (1,), }",
			 "1234", 4),
		 "records"),
	   "records are refused");
}

static void test_orders(void)
{
	static const uint8_t v[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
	struct bytes c = array_of("|u1", "(2, 3, 2)", v, 12);
	struct bytes f = file_of(2, "{'fortran_order': True, \"shape\": (2,3,2), "
				    "'descr': '|u1'}",
				 v, 12);
	bool good = true;

	ok(!npy_parse(&x, c.b, c.n, &err) && x.dims == 3 && x.count == 12 &&
		   npy_cols(&x) == 6,
	   "shape");
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < 6; j++)
			good &= npy_at(&x, npy_place(&x, j) + i * x.stride[0]) ==
				(double)(6 * i + j);
	ok(good, "C order: columns run along the last dimension");
	ok(!npy_parse(&x, f.b, f.n, &err) && npy_cols(&x) == 6, "keys in another order");
	good = true;
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < 6; j++)
			good &= npy_at(&x, npy_place(&x, j) + i * x.stride[0]) ==
				(double)(i + 2 * (j / 2) + 6 * (j % 2));
	ok(good, "Fortran order: the same columns, other places");
	f = file_of(3, "{'descr': '|u1', 'fortran_order': False, 'shape': ()}", v, 1);
	ok(!npy_parse(&x, f.b, f.n, &err) && !x.dims && x.count == 1, "no dimensions");
	f = array_of("|u1", "(0, 5)", v, 0);
	ok(!npy_parse(&x, f.b, f.n, &err) && !x.count, "no rows");
}

/* ---------------------------------------------------------------- broken files */

#define HEAD "'descr': '|u1', 'fortran_order': False"

static void test_headers(void)
{
	static const char *const bad[][2] = {
		{ "", "is no dictionary" },
		{ "[]", "is no dictionary" },
		{ "{}", "lacks one of" },
		{ "{" HEAD "}", "lacks one of" },
		{ "{" HEAD ", 'shape': (2)}", "no tuple" },
		{ "{" HEAD ", 'shape': 2}", "no tuple" },
		{ "{" HEAD ", 'shape': (2,}", "no number" },
		{ "{" HEAD ", 'shape': (1 2)}", "without a comma" },
		{ "{" HEAD ", 'shape': (-2,)}", "no number" },
		{ "{" HEAD ", 'shape': (2.0,)}", "without a comma" },
		{ "{" HEAD ", 'shape': (99999999999999999999,)}", "too large" },
		{ "{" HEAD ", 'shape': (4294967296,4294967296)}", "dimensions are too" },
		{ "{" HEAD ", 'shape': (1,1,1,1,1,1,1,1,2)}", "more than 8" },
		{ "{" HEAD ", 'shape': (2,), 'x': 1}", "an unknown key" },
		{ "{" HEAD ", 'shape': (2,), 'shape': (2,)}", "a key twice" },
		{ "{" HEAD " 'shape': (2,)}", "entries without a comma" },
		{ "{" HEAD ", 'shape' (2,)}", "without a colon" },
		{ "{" HEAD ", 'shape: (2,)}", "not closed" },
		{ "{" HEAD ", shape: (2,)}", "no text in quotes" },
		{ "{" HEAD ", 'shape': (2,)} x", "behind its dictionary" },
		{ "{" HEAD ", 'shape': (2,)", "entries without a comma" },
		{ "{'descr': '|u1', 'fortran_order': 1, 'shape': (2,)}", "True nor False" },
	};

	for (size_t k = 0; k < sizeof(bad) / sizeof(*bad); k++)
		ok(fails(file_of(1, bad[k][0], "ab", 2), bad[k][1]), "header %zu: %s", k,
		   bad[k][1]);
}

static void test_broken(void)
{
	struct bytes good = array_of("<i2", "(3, 2)", "abcdefghijkl", 12), f = good;
	size_t noticed = 0;

	for (size_t n = 0; n < good.n; n++) {
		f.n = n;
		noticed += parse(&f) == ERR_DATA && err.text[0];
	}
	ok(noticed == good.n, "a file cut at any byte is an error");
	f = good;
	f.n++;
	ok(fails(f, "13 bytes follow"), "so is a byte too many");
	f = good;
	f.b[0] = 'P';
	ok(fails(f, "no npy file"), "another format");
	f = good;
	f.b[6] = 4;
	ok(fails(f, "npy format 4.0"), "another version");
	f = good;
	f.b[8] = f.b[9] = 0xff;
	ok(fails(f, "cut short"), "a header longer than the file");
	ok(fails(array_of("<f8", "(2305843009213693952, 1)", "", 0), "promises"),
	   "sizes whose bytes overflow");
	ok(fails(array_of("|u1", "(1000000, 1000000)", "ab", 2), "promises"),
	   "a header that promises too much");
}

static void test_mutations(void)
{
	struct bytes good = array_of("<i2", "(3, 2)", "abcdefghijkl", 12);
	struct rng r = rng_make(3, "npy mutants");
	size_t read = 0;

	for (size_t k = 0; k < 20000; k++) {
		struct bytes f = good;

		for (size_t c = 0; c <= rng_below(r, 9 * k, 3); c++)
			f.b[rng_below(r, 9 * k + 2 * c + 1, f.n)] =
				(uint8_t)rng_u32(r, 9 * k + 2 * c + 2);
		read += !parse(&f);
	}
	ok(read > 100 && read < 20000, "%zu of 20,000 changed files are read, none crashes",
	   read);
}

/* ---------------------------------------------------------------- reader */

static struct items items;
static const char *target = "y";
static enum task task;

static int read_files(const char *options, size_t n, const struct bytes *files)
{
	char name[4][64];
	const char *paths[5];
	struct source src = { .name = "toy", .paths = paths, .n_paths = n,
			      .target = target, .task = task };
	struct yaml *map = NULL;

	arena_clear(&arena);
	error_clear(&err);
	for (size_t k = 0; k < n && k < 4; k++) {
		snprintf(name[k], sizeof(name[k]), "%s/%zu.npy", folder, k);
		paths[k] = name[k];
		if (file_replace(name[k], files[k].b, files[k].n, &err))
			return err.code;
	}
	if (yaml_parse(&arena, options, strlen(options), "options", &map, &err))
		return err.code;
	src.options = map;
	return reader_find("npy")->read(&src, &arena, &items, &err);
}

static bool refused(int rc, enum err code, const char *with)
{
	if (rc == (int)code && strstr(err.text, with))
		return true;
	printf("# %d '%s'\n", rc, err.text);
	return false;
}

static void test_tables(void)
{
	static const float v[] = { 1, 2, NAN, 4, 5, 6 };
	const struct bytes f[] = { array_of("<f4", "(3, 2)", v, 24),
				   array_of("|i1", "(3,)", "\7\5\7", 3),
				   array_of("<f4", "(1, 2)", v, 8),
				   array_of("|i1", "(1, 1)", "\5", 1) };
	const struct bytes one[] = { array_of("<f4", "(3, 2)", v, 24) };
	const struct bytes deep[] = { array_of("|u1", "(2, 2, 2)", "abcdefgh", 8), f[1] };
	const struct bytes two[] = { array_of("|u1", "(3, 1)", "abc", 3), f[1] };

	task = TASK_CLASSIFICATION;
	ok(!read_files("{}", 2, f) && items.n == 3 && items.cols == 2 && items.classes == 2,
	   "table: X and y");
	ok(!strcmp(items.columns[1].name, "c2") && items.cell[1][0] == 2 &&
		   items.cell[0][2] == 5 && isnan(items.cell[0][1]) && items.label[1] == 0,
	   "table: cells, holes and labels");
	ok(!strcmp(items.class_names[1], "7") && !items.official,
	   "table: classes are called by their numbers");
	ok(!read_files("columns: [a, b]", 4, f) && items.n == 4 &&
		   items.official[2] == OFFICIAL_TRAIN &&
		   items.official[3] == OFFICIAL_TEST && items.cell[1][3] == 2 &&
		   !strcmp(items.columns[0].name, "a"),
	   "table: train and test");
	ok(!read_files("classes: [a, b, c, d, e, f, g, h]", 2, f) && items.classes == 2 &&
		   !strcmp(items.class_names[0], "f"),
	   "table: classes by name, those that stand nowhere left out");
	task = TASK_REGRESSION;
	ok(!read_files("{}", 1, one) && items.cols == 1 && items.target[1] == 4 &&
		   items.cell[0][2] == 5,
	   "table: one file, the target last");
	ok(!read_files("{}", 2, two) && items.cols == 1 && items.cell[0][2] == 'c',
	   "table: a single column");
	ok(refused(read_files("{}", 2, deep), ERR_DATA, "3 targets for 2 rows"),
	   "table: as many targets as rows");
	target = NULL;
	ok(!read_files("{}", 2, f) && items.target[0] == 7, "table: the target is implied");
	target = "c1";
	ok(refused(read_files("{}", 2, f), ERR_CONFIG, "called 'c1' like a column"),
	   "table: but not a column");
	target = "y";
}

static void test_table_errors(void)
{
	const struct bytes f[] = { array_of("|u1", "(3, 2)", "abcdef", 6),
				   array_of("<i4", "(3,)", "\1\0\0\1\0\0\0\1\0\0\0\2", 12),
				   array_of("|u1", "(1, 3)", "abc", 3),
				   array_of("|u1", "(1,)", "a", 1) };
	const struct bytes swapped[] = { f[1], f[0] };
	const struct bytes none[] = { array_of("|u1", "(0, 2)", "", 0), f[3] };
	const struct bytes flat[] = { f[3], array_of("|u1", "()", "a", 1) };

	task = TASK_CLASSIFICATION;
	ok(refused(read_files("{}", 2, f), ERR_DATA, "row 1: the label 16777217"),
	   "labels that floats cannot tell apart");
	task = TASK_REGRESSION;
	ok(refused(read_files("{}", 4, f), ERR_DATA, "another shape"),
	   "test rows of another shape");
	ok(refused(read_files("{}", 2, swapped), ERR_DATA, "1.npy: the target must"),
	   "X and y swapped");
	ok(refused(read_files("{}", 2, none), ERR_DATA, "no rows"), "no rows at all");
	ok(refused(read_files("{}", 2, flat), ERR_DATA, "the target must"),
	   "a target without dimensions");
	ok(refused(read_files("{}", 1, f + 3), ERR_DATA, "must have the shape"),
	   "one array of one column");
	ok(refused(read_files("columns: [a]", 2, f), ERR_CONFIG, "1 names for 2 columns"),
	   "as many names as columns");
	ok(refused(read_files("classes: [a]", 2, f), ERR_CONFIG, "1 classes are named"),
	   "a label without a name");
	ok(refused(read_files("as: sound", 2, f), ERR_CONFIG, "options:1:5: as is table"),
	   "another modality");
	ok(refused(read_files("{}", 3, f), ERR_CONFIG, "not 3") &&
		   refused(read_files("{}", 0, f), ERR_CONFIG, "not 0"),
	   "three files, or none");
}

static void test_images(void)
{
	static const uint8_t v[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
				     15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
				     28, 29, 30, 31, 32, 33, 34, 35 };
	const struct bytes y = array_of("|u1", "(2,)", "\0\1", 2);
	const struct bytes grey[] = { array_of("|u1", "(2, 2, 5)", v, 20), y };
	const struct bytes last[] = { array_of("|u1", "(2, 2, 2, 3)", v, 24), y };
	const struct bytes before[] = { array_of("|u1", "(2, 3, 2, 2)", v, 24), y };
	const struct bytes both[] = { array_of("|u1", "(2, 3, 2, 3)", v, 36), y };
	const struct bytes words[] = { array_of("<u2", "(2, 2, 2)", v, 16), y };

	task = TASK_CLASSIFICATION;
	ok(!read_files("{as: image, classes: [cat, dog]}", 2, grey) &&
		   items.modality == MODALITY_IMAGE && items.channels == 1 &&
		   items.height == 2 && items.width == 5 && items.pixels[19] == 19 &&
		   !strcmp(items.class_names[1], "dog"),
	   "image: grey ones");
	ok(!read_files("as: image", 2, last) && items.channels == 3 && items.width == 2 &&
		   items.pixels[1] == 3 && items.pixels[4] == 1 && items.pixels[12] == 12,
	   "image: channels last become planes");
	ok(!read_files("as: image", 2, before) && items.channels == 3 &&
		   items.pixels[1] == 1 && items.pixels[12] == 12,
	   "image: channels first are planes");
	ok(refused(read_files("as: image", 2, both), ERR_DATA, "set the option layout"),
	   "image: channels that could be either");
	ok(!read_files("{as: image, layout: nhwc}", 2, both) && items.height == 3 &&
		   items.width == 2 && !read_files("{as: image, layout: nchw}", 2, both) &&
		   items.height == 2 && items.width == 3,
	   "image: the layout decides");
	ok(refused(read_files("{as: image, layout: hwcn}", 2, both), ERR_CONFIG, "nhwc or"),
	   "image: an unknown layout");
	ok(refused(read_files("as: image", 2, words), ERR_DATA, "images need bytes"),
	   "image: of bytes");
	ok(refused(read_files("as: image", 1, grey), ERR_DATA, "must have the shape") &&
		   refused(read_files("as: image", 2, (struct bytes[]){ y, y }), ERR_DATA,
			   "3 or 4 dimensions"),
	   "image: labels and dimensions");
}

static void test_memory(const char *options)
{
	const struct bytes f[] = { array_of("|u1", "(2, 2, 2)", "abcdefgh", 8),
				   array_of("|u1", "(2,)", "\0\1", 2),
				   array_of("|u1", "(1, 2, 2)", "abcd", 4),
				   array_of("|u1", "(1,)", "\1", 1) };
	size_t n = 0;
	int rc;

	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = read_files(options, 4, f);
	} while (rc == ERR_MEMORY && n < 1000);
	arena.fail_at = 0;
	ok(!rc && n > 10, "each of %zu allocations may fail", n - 1);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	arena_init(&arena, (size_t)1 << 28);
	test_types();
	test_unknown_types();
	test_orders();
	test_headers();
	test_broken();
	test_mutations();
	test_tables();
	test_table_errors();
	test_images();
	test_memory("{as: image, classes: [cat, dog]}");
	test_memory("{as: table}");
	folder_remove(folder);
	arena_clear(&arena);
	return tap_done();
}
