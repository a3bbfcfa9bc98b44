#include "tests/tap.h"

#include <stdlib.h>
#include <unistd.h>

#include <zlib.h>

#include "datasets/folder.h"
#include "datasets/formats/idx.h"
#include "datasets/reader.h"
#include "harness/base/file.h"
#include "harness/base/rng.h"

static char folder[] = "/tmp/triarch-idx-XXXXXX";

/* Bytes of a file being made. */
struct bytes {
	uint8_t b[4096];
	size_t n;
};

static void add32(struct bytes *x, size_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		x->b[x->n++] = (uint8_t)(v >> shift);
}

/* Images (n, h, w) whose byte k is k, or labels (n) that are 0, 1, 2, 0 ... */
static struct bytes images(size_t n, size_t h, size_t w)
{
	struct bytes x = { .b = { 0, 0, 8, 3 }, .n = 4 };

	add32(&x, n);
	add32(&x, h);
	add32(&x, w);
	for (size_t k = 0; k < n * h * w; k++)
		x.b[x.n++] = (uint8_t)k;
	return x;
}

static struct bytes labels(size_t n)
{
	struct bytes x = { .b = { 0, 0, 8, 1 }, .n = 4 };

	add32(&x, n);
	for (size_t i = 0; i < n; i++)
		x.b[x.n++] = (uint8_t)(i % 3);
	return x;
}

static struct bytes gzipped(const struct bytes *x)
{
	struct bytes out = { .n = 0 };
	z_stream z = { .next_in = (Bytef *)(size_t)x->b, .avail_in = (uInt)x->n,
		       .next_out = out.b, .avail_out = sizeof(out.b) };

	deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	out.n = z.total_out;
	deflateEnd(&z);
	return out;
}

static int parse(const struct bytes *x, struct idx *out, struct error *err)
{
	struct arena a;
	int rc;

	arena_init(&a, 1 << 20);
	error_clear(err);
	rc = idx_parse(out, x->b, x->n, &a, err);
	arena_clear(&a);
	return rc;
}

static void test_parse(void)
{
	struct bytes plain = images(4, 3, 2), gz = gzipped(&plain);
	struct idx x, y;
	struct error err;
	struct arena a;

	arena_init(&a, 0);
	ok(!idx_parse(&x, plain.b, plain.n, &a, &err) && x.dims == 3 &&
		   x.size[0] == 4 && x.size[1] == 3 && x.size[2] == 2 &&
		   x.count == 24 && x.values[23] == 23,
	   "idx: dimensions and values of a plain file");
	ok(!idx_parse(&y, gz.b, gz.n, &a, &err) && y.count == 24 &&
		   !memcmp(x.values, y.values, 24),
	   "idx: the same from gzip");
	arena_clear(&a);
}

static void expect_error(struct bytes x, const char *words, const char *name)
{
	struct idx out;
	struct error err;

	if (!ok(parse(&x, &out, &err) == ERR_DATA && strstr(err.text, words),
		"idx: %s is an error", name))
		printf("# %s\n", err.text);
}

static void test_broken(void)
{
	struct bytes good = images(4, 3, 2), x = good, gz = gzipped(&good);

	x.n = 0;
	expect_error(x, "two zero bytes", "an empty file");
	x = good;
	x.b[0] = 'P';
	expect_error(x, "two zero bytes", "another format");
	x = good;
	x.b[2] = 0x0d;
	expect_error(x, "0x0d", "a file of floats");
	x = good;
	x.b[3] = 9;
	expect_error(x, "9 dimensions", "nine dimensions");
	x = good;
	x.n = 10;
	expect_error(x, "header is cut short", "a header cut short");
	x = good;
	x.n--;
	expect_error(x, "cut short", "a file cut short");
	x = good;
	x.n++;
	expect_error(x, "bytes behind", "a byte too many");
	x = good;
	memset(x.b + 4, 0xff, 12);
	expect_error(x, "too large", "dimensions that overflow");
	x = good;
	x.b[5] = 0xff;
	expect_error(x, "promises", "a header that promises too much");
	gz.n -= 12;
	expect_error(gz, "cut short", "a gzip stream cut short");
}

/* Every value may have come when the file still is not whole: the checksum and
 * the length stand behind them. */
static void test_trailer(void)
{
	struct bytes good = images(4, 3, 2), gz = gzipped(&good), x;
	struct error err;
	struct idx out;
	size_t noticed = 0;

	for (size_t k = 1; k <= gz.n; k++) {
		x = gz;
		x.n -= k;
		noticed += parse(&x, &out, &err) == ERR_DATA;
	}
	ok(noticed == gz.n, "idx: a gzip stream cut at any byte is an error");
	noticed = 0;
	for (size_t k = 1; k <= 8; k++) {
		x = gz;
		x.b[x.n - k] ^= 1;
		noticed += parse(&x, &out, &err) == ERR_DATA;
	}
	ok(noticed == 8, "idx: so is a wrong checksum or length");
	noticed = 0;
	for (size_t k = 1; k <= good.n; k++) {
		x = good;
		x.n -= k;
		noticed += parse(&x, &out, &err) == ERR_DATA;
	}
	ok(noticed == good.n, "idx: so is a plain file cut at any byte");
}

/* One byte after another is changed: values or an error, never a crash, and
 * never more memory than the format allows (the arena's limit is 1 MiB). */
static void test_mutations(void)
{
	struct bytes plain = images(6, 5, 4), gz = gzipped(&plain);
	const struct bytes *starts[] = { &plain, &gz };
	struct rng r = rng_make(3, "mutate");
	bool good = true;

	for (size_t k = 0; k < 20000; k++) {
		struct bytes x = *starts[k % 2];
		struct idx out;
		struct error err;
		size_t changes = 1 + rng_below(r, 9 * k, 3);

		for (size_t c = 0; c < changes; c++)
			x.b[rng_below(r, 9 * k + 2 * c + 1, x.n)] =
				(uint8_t)rng_u32(r, 9 * k + 2 * c + 2);
		if (k % 5 == 0)
			x.n = rng_below(r, 9 * k + 8, x.n);
		good &= !parse(&x, &out, &err) || err.text[0];
	}
	ok(good, "idx: 20,000 changed files give values or words");
}

static const char *write_file(const char *name, const struct bytes *x,
			      struct arena *a)
{
	char *path = arena_printf(a, "%s/%s", folder, name);
	struct error err;

	if (file_replace(path, x->b, x->n, &err))
		puts(err.text);
	return path;
}

static int read_files(const char *const *paths, size_t n, const char *options,
		      struct arena *a, struct items *out, struct error *err)
{
	struct source src = { .name = "toy", .paths = paths, .n_paths = n,
			      .threads = 1 };
	struct yaml *tree = NULL;

	if (options && yaml_parse(a, options, strlen(options), "options", &tree,
				  err))
		return (int)err->code;
	src.options = tree;
	return reader_find("idx")->read(&src, a, out, err);
}

static void test_pairs(struct arena *a)
{
	struct bytes xi = images(5, 4, 3), xl = labels(5), xt = images(2, 4, 3),
		     xm = labels(2), odd = images(2, 3, 4), gz = gzipped(&xi);
	const char *paths[] = { write_file("i.gz", &gz, a),
				write_file("l", &xl, a), write_file("t", &xt, a),
				write_file("m", &xm, a) };
	const char *classes = "classes: [cat, dog, hen]\n";
	struct items it;
	struct error err;

	if (!ok(!read_files(paths, 4, classes, a, &it, &err),
		"idx: four files are read"))
		printf("# %s\n", err.text);
	ok(it.n == 7 && it.channels == 1 && it.height == 4 && it.width == 3 &&
		   it.classes == 3 && !strcmp(it.class_names[2], "hen"),
	   "idx: rows, shape and class names");
	ok(it.official[4] == OFFICIAL_TRAIN && it.official[5] == OFFICIAL_TEST,
	   "idx: train and test are official parts");
	ok(it.pixels[4 * 12 + 11] == 59 && it.pixels[5 * 12] == 0 &&
		   it.label[4] == 1 && it.label[5] == 0,
	   "idx: the test rows stand behind the training rows");
	ok(!read_files(paths, 2, NULL, a, &it, &err) && !it.official &&
		   !strcmp(it.class_names[1], "1"),
	   "idx: two files have no official parts, labels name themselves");
	ok(read_files(paths, 3, NULL, a, &it, &err) == ERR_CONFIG,
	   "idx: three files are an error");
	ok(read_files(paths, 4, "classes: [cat, dog]\n", a, &it, &err) ==
			   ERR_CONFIG && strstr(err.text, "options:1"),
	   "idx: class names must be as many as the classes");
	paths[2] = write_file("t", &odd, a);
	ok(read_files(paths, 4, NULL, a, &it, &err) == ERR_DATA,
	   "idx: test images of another shape are an error");
	paths[1] = paths[3];
	ok(read_files(paths, 2, NULL, a, &it, &err) == ERR_DATA &&
		   strstr(err.text, "2 labels for 5 images"),
	   "idx: labels must be as many as the images");
	ok(read_files(paths + 1, 2, NULL, a, &it, &err) == ERR_DATA,
	   "idx: labels are no images");
	paths[0] = "/no/such/file";
	ok(read_files(paths, 2, NULL, a, &it, &err) == ERR_IO,
	   "idx: a missing file");
}

static void test_memory(struct arena *a)
{
	struct bytes xi = images(5, 4, 3), xl = labels(5);
	const char *paths[] = { write_file("i", &xi, a),
				write_file("l", &xl, a) };
	int rc = ERR_MEMORY;
	size_t calls = 0;

	for (; rc == ERR_MEMORY; calls++) {
		struct arena small;
		struct items it;
		struct error err;

		arena_init(&small, 0);
		small.fail_at = calls + 1;
		rc = read_files(paths, 2, NULL, &small, &it, &err);
		arena_clear(&small);
	}
	ok(!rc && calls > 5, "idx: every failing allocation is an error");
}

int main(void)
{
	struct arena a;

	if (!mkdtemp(folder))
		return 1;
	arena_init(&a, 0);
	test_parse();
	test_broken();
	test_trailer();
	test_mutations();
	test_pairs(&a);
	test_memory(&a);
	folder_remove(folder);
	arena_clear(&a);
	return tap_done();
}
