#include "datasets/formats/cifar.h"

#include <stdlib.h>
#include <unistd.h>

#include "datasets/folder.h"
#include "datasets/reader.h"
#include "harness/base/file.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

static char folder[] = "/tmp/test_cifar-XXXXXX";
static struct arena arena;
static struct error err;
static struct cifar c;

static const struct cifar_form ten = { .label_bytes = 1, .classes = 10 };
static const struct cifar_form fine = { .label_bytes = 2, .label_at = 1, .classes = 100 };

/* n records whose labels are first, first + 1 ... and whose pixel k is k + i. */
static uint8_t *records(size_t n, size_t label_bytes, size_t first)
{
	size_t size = label_bytes + CIFAR_PIXELS;
	uint8_t *b = malloc(n * size + 1);

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < label_bytes; k++)
			b[i * size + k] = (uint8_t)(first + i + 3 * k);
		for (size_t k = 0; k < CIFAR_PIXELS; k++)
			b[i * size + label_bytes + k] = (uint8_t)(k + i);
	}
	return b;
}

static bool fails(const uint8_t *b, size_t size, const struct cifar_form *form,
		  const char *with)
{
	error_clear(&err);
	if (cifar_parse(&c, b, size, form, &err) == ERR_DATA && strstr(err.text, with))
		return true;
	printf("# '%s'\n", err.text);
	return false;
}

static void test_parse(void)
{
	uint8_t *b = records(4, 1, 6), *two = records(3, 2, 1);
	uint8_t *pixels = malloc(4 * CIFAR_PIXELS);
	int32_t label[4];

	ok(!cifar_parse(&c, b, 4 * 3073, &ten, &err) && c.n == 4, "records of one label");
	cifar_copy(&c, label, pixels);
	ok(label[0] == 6 && label[3] == 9 && pixels[0] == 0 && pixels[1024] == 0 &&
		   pixels[3 * CIFAR_PIXELS + 5] == 8,
	   "labels and planes");
	ok(!cifar_parse(&c, two, 3 * 3074, &fine, &err) && c.n == 3, "of two labels");
	cifar_copy(&c, label, pixels);
	ok(label[0] == 4 && label[2] == 6 && pixels[CIFAR_PIXELS] == 1, "the fine one");
	free(b);
	free(two);
	free(pixels);
}

static void test_broken(void)
{
	uint8_t *b = records(3, 1, 0);
	size_t noticed = 0;

	ok(fails(b, 0, &ten, "0 bytes are no whole number"), "an empty file");
	for (size_t n = 1; n < 3 * 3073; n++)
		noticed += n % 3073 == 0 || fails(b, n, &ten, "no whole number");
	ok(noticed == 3 * 3073 - 1, "a file cut at any byte of a record");
	ok(fails(b, 3 * 3073, &fine, "another number of label bytes"),
	   "another number of label bytes");
	b[2 * 3073] = 10;
	ok(fails(b, 3 * 3073, &ten,
		 "record 3 (byte 6146): the label 10 is not below 10, the number"),
	   "a label that is no class, with its place");
	memset(b, 0xff, 3 * 3073);
	ok(fails(b, 3 * 3073, &ten, "record 1 (byte 0): the label 255"), "another format");
	free(b);
}

/* From a block of exactly the size, so that a sanitizer sees a read behind it. */
static void test_mutations(void)
{
	struct rng r = rng_make(3, "cifar mutants");
	uint8_t *good = records(2, 1, 0);
	size_t read = 0;

	for (size_t k = 0; k < 2000; k++) {
		size_t size = 2 * 3073 - (k % 4 ? 0 : rng_below(r, 9 * k, 3073));
		uint8_t *b = malloc(size);

		memcpy(b, good, size);
		b[rng_below(r, 9 * k + 1, size / 3073) * 3073] = (uint8_t)rng_u32(r, k);
		error_clear(&err);
		read += !cifar_parse(&c, b, size, &ten, &err);
		free(b);
	}
	ok(read > 20 && read < 1900, "%zu of 2000 changed files are read, none crashes",
	   read);
	free(good);
}

/* ---------------------------------------------------------------- reader */

static struct items items;

/* Files of 2, 3, 4 ... records. */
static int read_files(const char *options, size_t n, size_t label_bytes)
{
	char name[4][64];
	const char *paths[4];
	struct source src = { .name = "toy", .paths = paths, .n_paths = n,
			      .task = TASK_CLASSIFICATION };
	struct yaml *map = NULL;

	arena_clear(&arena);
	error_clear(&err);
	for (size_t k = 0; k < n; k++) {
		uint8_t *b = records(2 + k, label_bytes, k);
		size_t size = (2 + k) * (label_bytes + CIFAR_PIXELS);

		snprintf(name[k], sizeof(name[k]), "%s/%zu.bin", folder, k);
		paths[k] = name[k];
		if (file_replace(name[k], b, size, &err))
			puts(err.text);
		free(b);
	}
	if (yaml_parse(&arena, options, strlen(options), "options", &map, &err))
		return err.code;
	src.options = map;
	return reader_find("cifar")->read(&src, &arena, &items, &err);
}

static bool refused(int rc, enum err code, const char *with)
{
	if (rc == (int)code && strstr(err.text, with))
		return true;
	printf("# %d '%s'\n", rc, err.text);
	return false;
}

static void test_reader(void)
{
	ok(!read_files("{}", 1, 1) && items.n == 2 && items.classes == 10 &&
		   items.modality == MODALITY_IMAGE && items.channels == 3 &&
		   items.height == 32 && items.width == 32 && !items.official,
	   "reader: one file");
	ok_str(items.class_names[9], "9", "reader: labels name themselves");
	ok(!read_files("classes: [a, b, c, d, e, f]", 3, 1) && items.n == 9 &&
		   items.classes == 6 && items.label[8] == 5 &&
		   items.pixels[5 * CIFAR_PIXELS] == 0,
	   "reader: several files, rows in their order");
	ok(items.official[4] == OFFICIAL_TRAIN && items.official[5] == OFFICIAL_TEST,
	   "reader: the last file is the test part");
	ok(!read_files("{official: [test, train]}", 2, 1) &&
		   items.official[0] == OFFICIAL_TEST && items.official[4] == OFFICIAL_TRAIN,
	   "reader: parts as the option says");
	ok(!read_files("labels: 2", 1, 2) && items.classes == 100 && items.label[1] == 4 &&
		   !read_files("{labels: 2, label: coarse}", 1, 2) && items.classes == 20 &&
		   items.label[1] == 1,
	   "reader: fine and coarse labels");
}

static void test_reader_errors(void)
{
	ok(refused(read_files("classes: [a, b, c]", 2, 1), ERR_DATA,
		   "1.bin: record 3 (byte 6146): the label 3 is not below 3"),
	   "reader: a label without a name, with its file");
	ok(refused(read_files("classes: [a]", 1, 1), ERR_CONFIG, "two classes"),
	   "reader: one class");
	ok(refused(read_files("labels: 3", 1, 1), ERR_CONFIG, "options:1"),
	   "reader: three labels");
	ok(refused(read_files("label: coarse", 1, 1), ERR_CONFIG, "only with labels: 2"),
	   "reader: a choice of one label");
	ok(refused(read_files("{labels: 2, label: rough}", 1, 2), ERR_CONFIG,
		   "coarse or fine"),
	   "reader: an unknown label");
	ok(refused(read_files("official: [train]", 2, 1), ERR_CONFIG, "1 words for 2"),
	   "reader: each file has its part");
	ok(refused(read_files("{}", 0, 1), ERR_CONFIG, "needs a file"), "reader: no file");
}

static void test_memory(void)
{
	size_t n = 0;
	int rc;

	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = read_files("{}", 2, 1);
	} while (rc == ERR_MEMORY && n < 100);
	arena.fail_at = 0;
	ok(!rc && n > 6, "each of %zu allocations may fail", n - 1);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	arena_init(&arena, (size_t)64 << 20);
	test_parse();
	test_broken();
	test_mutations();
	test_reader();
	test_reader_errors();
	test_memory();
	folder_remove(folder);
	arena_clear(&arena);
	return tap_done();
}
