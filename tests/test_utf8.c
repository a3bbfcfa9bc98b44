/* Promises of datasets/text/utf8.h. */
#include "datasets/text/utf8.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/base/rng.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct utf8_text text;

static int decode(const char *bytes, size_t size, bool latin1, bool replace)
{
	struct utf8_source from = { .latin1 = latin1, .replace = replace };

	error_clear(&err);
	return utf8_decode((const unsigned char *)bytes, size, "name", from,
			   &arena, &text, &err);
}

static void decodes(void)
{
	ok(!decode("a\xc3\xa9\n", 4, false, false) && text.size == 4 &&
		   !strcmp(text.bytes, "a\xc3\xa9\n"),
	   "UTF-8 stays as it is, with a NUL behind it");
	ok(!decode("a\xe9\xff", 3, true, false) && text.size == 5 &&
		   !strcmp(text.bytes, "a\xc3\xa9\xc3\xbf"),
	   "latin1: bytes are code points");
	ok(!decode("", 0, false, false) && !text.size && !*text.bytes,
	   "nothing is an empty text");
	ok(!decode("\xef\xbb\xbfx", 4, false, false) && text.size == 1,
	   "a byte order mark is left out");
	ok(!decode("\xef\xbb\xbf", 3, true, false) && text.size == 6,
	   "but in latin1 it is three characters");
}

static void refuses(void)
{
	ok(decode("a\nb\nc\xff", 6, false, false) == ERR_DATA &&
		   strstr(err.text, "name:3: byte ff"),
	   "a bad byte: name and line");
	ok(decode("\xc3", 1, false, false) == ERR_DATA, "a character cut short");
	ok(decode("\xed\xa0\x80", 3, false, false) == ERR_DATA, "a surrogate");
	ok(decode("\xc0\xaf", 2, false, false) == ERR_DATA, "an overlong slash");
	ok(decode("a\0b", 3, false, false) == ERR_DATA && strstr(err.text, "NUL"),
	   "a NUL byte");
	ok(decode("a\0b", 3, true, false) == ERR_DATA, "a NUL byte in latin1");
}

static void replaces(void)
{
	ok(!decode("a\xff\xfe" "b\0", 5, false, true) && text.size == 11 &&
		   !strcmp(text.bytes, "a\xef\xbf\xbd\xef\xbf\xbd" "b\xef\xbf\xbd"),
	   "each bad byte becomes U+FFFD");
	ok(!decode("\xc3(", 2, false, true) &&
		   !strcmp(text.bytes, "\xef\xbf\xbd("),
	   "what follows a bad byte is kept");
}

/* Whatever comes in, what comes out is UTF-8 without NUL, or an error. */
static void any_bytes(void)
{
	struct rng r = rng_make(3, "utf8");
	size_t good = 0;

	for (uint64_t t = 0; t < 3000; t++) {
		char bytes[24];
		size_t size = rng_below(r, 100 * t, sizeof(bytes));

		for (size_t k = 0; k < size; k++)
			bytes[k] = (char)rng_below(r, 100 * t + k + 1, 256);
		if (decode(bytes, size, t & 1, t & 2))
			good += !(t & 2) && err.text[0];
		else
			good += utf8_valid(text.bytes) &&
				strlen(text.bytes) == text.size;
	}
	ok(good == 3000, "3,000 random texts: UTF-8 or an error");
}

static void cuts(void)
{
	const char *s = "a\xc3\xa9\xe2\x82\xac!"; /* 1, 2, 3 and 1 bytes */
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 7, 7 };
	bool good = true;

	for (size_t most = 0; most < 9; most++)
		good &= utf8_cut(s, 7, most) == want[most];
	ok(good, "utf8_cut: never inside of a character");
	ok(utf8_valid(s) && !utf8_valid("\xe2\x82"), "utf8_valid");
}

static void reads(void)
{
	char path[] = "/tmp/test_utf8_XXXXXX";
	int fd = mkstemp(path);
	struct utf8_source from = { 0 };

	ok(fd >= 0 && write(fd, "x\n\xff", 3) == 3 && !close(fd) &&
		   utf8_read(path, from, &arena, &text, &err) == ERR_DATA &&
		   strstr(err.text, path) && strstr(err.text, ":2:"),
	   "a file is named by its path");
	unlink(path);
	ok(utf8_read(path, from, &arena, &text, &err) == ERR_IO,
	   "a file that is not there");
	arena.fail_at = arena.calls + 1;
	ok(decode("abc", 3, false, false) == ERR_MEMORY, "no memory is an error");
	arena.fail_at = 0;
}

int main(void)
{
	arena_init(&arena, 0);
	decodes();
	refuses();
	replaces();
	any_bytes();
	cuts();
	reads();
	arena_clear(&arena);
	return tap_done();
}
