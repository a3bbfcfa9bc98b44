#include "datasets/rdata/rdata.h"

#include <bzlib.h>
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>

#include "datasets/rdata/rdata_inflate.h"
#include "harness/base/rng.h"
#include "tests/rdata_writer.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;

/* Start a stream; write one value; parse it. */
static struct writer start(void)
{
	struct writer w = { .n = 0 };

	arena_clear(&arena);
	error_clear(&err);
	w_begin(&w, 2);
	return w;
}

static const struct rvalue *parse(const struct writer *w)
{
	const struct rvalue *v = NULL;

	if (rdata_parse(w->bytes, w->n, &arena, &v, &err)) {
		printf("# %s\n", err.text);
		return NULL;
	}
	return v;
}

/* Every prefix of a file is an error, never a crash or a wrong value. */
static void test_prefixes(void)
{
	struct writer w = { .n = 0 };
	size_t wrong = 0;

	w_rda(&w);
	for (size_t n = 0; n < w.n; n++) {
		/* A block of its own, so that a sanitizer sees a read behind it. */
		unsigned char *part = malloc(n ? n : 1);
		const struct rvalue *v;

		arena_clear(&arena);
		memcpy(part, w.bytes, n);
		wrong += !rdata_parse(part, n, &arena, &v, &err);
		free(part);
	}
	ok(!wrong, "each of %zu prefixes of a file is an error", w.n);
}

static void test_memory(void)
{
	struct writer w = { .n = 0 };
	const struct rvalue *v;
	size_t n = 0;
	int rc;

	w_rda(&w);
	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = rdata_parse(w.bytes, w.n, &arena, &v, &err);
		if (rc && rc != ERR_MEMORY)
			break;
	} while (rc && n < 1000);
	arena.fail_at = 0;
	ok(!rc && n > 20, "each of %zu allocations may fail", n - 1);
}

/* ---------------------------------------------------------------- compression */

static size_t gzip(const struct writer *w, unsigned char *out, size_t room, int window)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)w->bytes,
		       .avail_in = (unsigned)w->n,
		       .next_out = out,
		       .avail_out = (unsigned)room };

	deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return z.total_out;
}

static size_t bzip2(const struct writer *w, unsigned char *out, size_t room)
{
	unsigned n = (unsigned)room;

	BZ2_bzBuffToBuffCompress((char *)out, &n, (char *)(uintptr_t)w->bytes,
				 (unsigned)w->n, 9, 0, 0);
	return n;
}

static size_t xz(const struct writer *w, unsigned char *out, size_t room)
{
	size_t n = 0;

	return lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, w->bytes, w->n, out, &n,
				       room) == LZMA_OK
		       ? n
		       : 0;
}

static size_t raw_lzma(const struct writer *w, unsigned char *out, size_t room)
{
	lzma_options_lzma options;
	const lzma_filter filters[] = { { .id = LZMA_FILTER_LZMA2, .options = &options },
					{ .id = LZMA_VLI_UNKNOWN } };
	size_t n = 0;

	lzma_lzma_preset(&options, 6);
	return lzma_raw_buffer_encode(filters, NULL, w->bytes, w->n, out, &n, room) ==
			       LZMA_OK
		       ? n
		       : 0;
}

static bool is_rda(const unsigned char *bytes, size_t n)
{
	const struct rvalue *v = NULL, *other;

	arena_clear(&arena);
	if (rdata_parse(bytes, n, &arena, &v, &err))
		return false;
	other = rdata_element(v, "other");
	return rdata_inherits(rdata_element(v, "d"), "data.frame") && other->n == 3;
}

static void test_compression(void)
{
	struct writer w = { .n = 0 };
	unsigned char out[2 * W_MAX];
	size_t n;

	w_rda(&w);
	ok(is_rda(w.bytes, w.n), ".rda without compression");
	n = gzip(&w, out, sizeof(out), 15 + 16);
	ok(is_rda(out, n), ".rda in gzip");
	ok(!is_rda(out, n / 2) && strstr(err.text, "cut short"), "gzip cut in half");
	out[n / 2] ^= 0x55;
	ok(!is_rda(out, n), "gzip with a wrong byte");
	n = bzip2(&w, out, sizeof(out));
	ok(is_rda(out, n), ".rda in bzip2");
	ok(!is_rda(out, n - 9), "bzip2 cut short");
	n = xz(&w, out, sizeof(out));
	ok(is_rda(out, n), ".rda in xz");
	ok(!is_rda(out, n - 9), "xz cut short");
}

/* RFC 1952: members end to end are one file; what is no member is padding. */
static void test_members(void)
{
	struct writer w = { .n = 0 }, half;
	unsigned char out[2 * W_MAX] = { 0 };
	size_t n = 0, cut;

	w_rda(&w);
	for (size_t at = 0; at < w.n; at += half.n) {
		half.n = w.n - at < 300 ? w.n - at : 300;
		memcpy(half.bytes, w.bytes + at, half.n);
		n += gzip(&half, out + n, sizeof(out) - n, 15 + 16);
	}
	ok(is_rda(out, n), "gzip in several members");
	cut = n - 20;
	ok(!is_rda(out, cut), "the last member cut short");
	ok(is_rda(out, n + 100), "gzip with padding behind it");
	out[n - 6] ^= 1;
	ok(!is_rda(out, n) && strstr(err.text, "corrupted"),
	   "a wrong checksum of the last member");
}

/* 40 MiB of zeros in 40 kB: more than any data file shrinks. */
static void test_bomb(void)
{
	const size_t size = (size_t)1200 << 20;
	static unsigned char zeros[1 << 20], out[1 << 16];
	bz_stream b = { .next_out = (char *)out, .avail_out = sizeof(out) };
	const struct rvalue *v;

	BZ2_bzCompressInit(&b, 9, 0, 0);
	for (size_t i = 0; i < 40; i++) {
		b.next_in = (char *)zeros;
		b.avail_in = sizeof(zeros);
		BZ2_bzCompress(&b, BZ_RUN);
	}
	BZ2_bzCompress(&b, BZ_FINISH);
	BZ2_bzCompressEnd(&b);
	arena_clear(&arena);
	error_clear(&err);
	ok(rdata_parse(out, sizeof(out) - b.avail_out, &arena, &v, &err) == ERR_DATA &&
		   strstr(err.text, "uncompressed") && arena.peak < size,
	   "a file that blows up is refused");
}

/* ---------------------------------------------------------------- lazy load */

/* An index of so many objects, whose names have `length` bytes or half of it. */
static void long_index(struct writer *w, int objects, int length)
{
	static char name[2][80];
	const char *names[256];

	for (int k = 0; k < 2; k++)
		memset(name[k], 'a', sizeof(name[k]));
	name[0][length] = name[1][(length + 1) / 2] = '\0';
	*w = start();
	w_item(w, 19, W_ATTR);
	w_int(w, 1);
	w_item(w, 19, W_ATTR);
	w_int(w, objects);
	for (int k = 0; k < objects; k++) {
		W_INTS(w, 13, 0, 0, 0);
		names[k] = name[k % 3 == 0];
	}
	w_tag(w, "names");
	w_strings(w, 0, objects, names);
	w_nil(w);
	w_tag(w, "names");
	W_STRINGS(w, 0, "variables");
	w_nil(w);
}

/* Names of any length, so that some list fills its message to the last byte. */
static void test_long_lists(void)
{
	size_t good = 0;

	for (int length = 1; length < 70; length++) {
		const struct rvalue *index, *v;
		struct writer w;

		long_index(&w, 520 / (length + 3) + 2, length);
		index = parse(&w);
		good += index &&
			rdata_lazy(index, NULL, 0, "b", &arena, &v, &err) ==
				ERR_CONFIG &&
			strstr(err.text, "no object 'b'") &&
			strstr(err.text, " ...");
	}
	ok(good == 69, "a list of names of any length fits its message");
}

/* A database of one object, `fits`, stored in several ways. */
static size_t blob(int letter, unsigned char *out, size_t room)
{
	struct writer w = { .n = 0 };
	size_t head = letter ? 5 : 4, n = 0;

	w_begin(&w, 2);
	W_INTS(&w, 13, 0, 31, 41);
	out[0] = out[1] = 0;
	out[2] = (unsigned char)(w.n >> 8);
	out[3] = (unsigned char)w.n;
	out[4] = (unsigned char)letter;
	room -= head;
	if (letter == '0')
		memcpy(out + head, w.bytes, n = w.n);
	else if (letter == '2')
		n = bzip2(&w, out + head, room);
	else if (letter == 'Z')
		n = raw_lzma(&w, out + head, room);
	else
		n = gzip(&w, out + head, room, 15);
	return head + n;
}

static void index_of(struct writer *w, const char *name, int from, int n)
{
	*w = start();
	w_item(w, 19, W_ATTR);
	w_int(w, 1);
	w_item(w, 19, W_ATTR);
	w_int(w, 1);
	W_INTS(w, 13, 0, from, n);
	w_tag(w, "names");
	W_STRINGS(w, 0, name);
	w_nil(w);
	w_tag(w, "names");
	W_STRINGS(w, 0, "variables");
	w_nil(w);
}

static void test_lazy(void)
{
	static const int letters[] = { 0, '0', '1', '2', 'Z' };
	const struct rvalue *index, *v;
	unsigned char out[W_MAX];
	struct writer w;
	size_t n;

	for (size_t k = 0; k < 5; k++) {
		n = blob(letters[k], out, sizeof(out));
		index_of(&w, "fits", 0, (int)n);
		index = parse(&w);
		v = NULL;
		ok(!rdata_lazy(index, out, n, "fits", &arena, &v, &err) && v->n == 2 &&
			   v->ints[1] == 41,
		   "lazy load: %s",
		   (const char *[]){ "zlib", "stored", "marked zlib", "bzip2",
				     "raw LZMA2" }[k]);
	}
	ok(rdata_lazy(index, out, n, "fit", &arena, &v, &err) == ERR_CONFIG &&
		   strstr(err.text, "did you mean 'fits'"),
	   "lazy load: an unknown name");
	ok(!rdata_lazy(index, out, n, NULL, &arena, &v, &err),
	   "lazy load: the only object needs no name");
	ok(rdata_lazy(index, out, n - 1, "fits", &arena, &v, &err) == ERR_DATA,
	   "lazy load: a data file cut short");
	out[3]++;
	ok(rdata_lazy(index, out, n, "fits", &arena, &v, &err) == ERR_DATA &&
		   strstr(err.text, "promised"),
	   "lazy load: a wrong length");
	n = blob('0', out, sizeof(out));
	out[3]++;
	index_of(&w, "fits", 0, (int)n);
	index = parse(&w);
	ok(rdata_lazy(index, out, n, "fits", &arena, &v, &err) == ERR_DATA &&
		   strstr(err.text, "promised"),
	   "lazy load: a wrong length of stored bytes");
	ok(rdata_lazy(index->items[0], out, n, "fits", &arena, &v, &err) == ERR_DATA,
	   "lazy load: an index that is none");
	for (n = 0; n < 7; n++) {
		struct rdata_bytes b;

		out[0] = 255;
		if (!rdata_inflate_blob(out, n, &arena, &b, &err))
			break;
	}
	ok(n == 7, "lazy load: entries of few bytes");
}

/* ---------------------------------------------------------------- mutants */

/* What the fuzzer does, in small: bytes of a valid file changed at random. */
static void test_mutants(void)
{
	struct rng r = rng_make(1, "rdata mutants");
	struct writer w = { .n = 0 };
	size_t read = 0, n = 4000;

	w_rda(&w);
	for (size_t k = 0; k < n; k++) {
		struct rng rk = rng_sub(r, k);
		struct writer m = w;
		const struct rvalue *v;

		for (uint64_t i = 0; i <= rng_below(rk, 0, 4); i++) {
			size_t at = rng_below(rk, 3 * i + 1, m.n);
			static const unsigned char usual[] = { 0,  1,  2,  255, 238,
							       16, 19, 13, 254, 4 };

			m.bytes[at] = rng_below(rk, 3 * i + 2, 2)
					      ? usual[rng_below(rk, 3 * i + 3, 10)]
					      : (unsigned char)rng_u32(rk, 3 * i + 3);
		}
		arena_clear(&arena);
		read += !rdata_parse(m.bytes, m.n, &arena, &v, &err);
	}
	ok(read > 100 && read < n, "%zu of %zu mutants are still read, none crashes",
	   read, n);
}

int main(void)
{
	arena_init(&arena, (size_t)256 << 20);
	test_prefixes();
	test_memory();
	test_compression();
	test_members();
	test_bomb();
	test_long_lists();
	test_lazy();
	test_mutants();
	arena_clear(&arena);
	return tap_done();
}
