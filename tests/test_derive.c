#include "tests/tap.h"

#include <stdlib.h>
#include <unistd.h>

#include "datasets/fetch/derive.h"
#include "datasets/folder.h"
#include "harness/base/file.h"

static char root[] = "/tmp/triarch-derive-XXXXXX";
static char from[64], to[64];
static struct error err;

static void put(const char *data, size_t size)
{
	file_replace(from, data, size, &err);
	unlink(to);
	error_clear(&err);
}

static bool made(const char *want, size_t size)
{
	struct file_map m;
	bool same;

	if (file_map(&m, to, &err))
		return false;
	same = m.size == size && !memcmp(m.data, want, size);
	file_unmap(&m);
	return same;
}

static void test_lines(void)
{
	put("a\nbb\n\nc", 7);
	ok(!derive_lines(from, 2, to, &err) && made("a\nbb\n", 5),
	   "derive: the first lines with their ends");
	ok(!derive_lines(from, 3, to, &err) && made("a\nbb\n\n", 6),
	   "derive: an empty line is one");
	ok(derive_lines(from, 4, to, &err) == ERR_DATA && strstr(err.text, "4"),
	   "derive: a last line without its end does not count");
	ok(derive_lines(from, 400, to, &err) == ERR_DATA,
	   "derive: too few lines");
	put("a\r\nb\0c\r\nd\n", 10);
	ok(!derive_lines(from, 2, to, &err) && made("a\r\nb\0c\r\n", 8),
	   "derive: bytes are left as they are");
	put("", 0);
	ok(derive_lines(from, 1, to, &err) == ERR_DATA, "derive: an empty file");
	ok(derive_lines(root, 1, to, &err) == ERR_IO, "derive: a folder");
	put("a\n", 2);
	ok(derive_lines(from, 1, "/proc/no", &err) == ERR_IO,
	   "derive: nowhere to write to");
	if (access("/dev/full", W_OK))
		skip("derive: a full disk", "/dev/full");
	else
		ok(derive_lines(from, 1, "/dev/full", &err) == ERR_IO &&
			   strstr(err.text, "free some space"),
		   "derive: a full disk is an error with the cure");
}

/* The slow twin: the record with the lowest digest above the last one. */
static void pick(const char *data, size_t n, const struct lowest *l, char *out)
{
	char last[HASH_HEX] = "", best[HASH_HEX], hex[HASH_HEX];

	for (size_t k = 0; k < l->take; k++) {
		size_t which = n;

		for (size_t i = 0; i < n; i++) {
			hash_bytes(data + i * l->record + l->skip,
				   l->record - l->skip, hex);
			if (strcmp(hex, last) > 0 &&
			    (which == n || strcmp(hex, best) < 0)) {
				which = i;
				memcpy(best, hex, HASH_HEX);
			}
		}
		memcpy(out + k * l->record, data + which * l->record, l->record);
		memcpy(last, best, HASH_HEX);
	}
}

static void test_lowest(struct arena *a)
{
	struct lowest l = { .record = 5, .skip = 1, .take = 7 };
	char data[200], want[200];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 37 + i / 5);
	put(data, sizeof(data));
	pick(data, 40, &l, want);
	ok(!derive_lowest(from, &l, to, a, &err) && made(want, 35),
	   "derive: records with the lowest digests, in their order");
	l.take = 40;
	pick(data, 40, &l, want);
	ok(!derive_lowest(from, &l, to, a, &err) && made(want, 200),
	   "derive: all of them are a permutation");
	l.take = 41;
	ok(derive_lowest(from, &l, to, a, &err) == ERR_DATA,
	   "derive: more than there are");
	l = (struct lowest){ .record = 7, .take = 1 };
	ok(derive_lowest(from, &l, to, a, &err) == ERR_DATA,
	   "derive: no whole number of records");
	put("1x2x3x", 6);
	l = (struct lowest){ .record = 2, .skip = 1, .take = 2 };
	ok(!derive_lowest(from, &l, to, a, &err) && made("1x2x", 4),
	   "derive: equal ones in the order of the file");
	a->fail_at = a->calls + 1;
	ok(derive_lowest(from, &l, to, a, &err) == ERR_MEMORY,
	   "derive: out of memory is an error");
	a->fail_at = 0;
	ok(derive_lowest("/proc/no", &l, to, a, &err) == ERR_IO &&
		   derive_lowest(from, &l, "/proc/no", a, &err) == ERR_IO,
	   "derive: files that are not");
}

int main(void)
{
	struct arena a;

	if (!mkdtemp(root))
		return 1;
	snprintf(from, sizeof(from), "%s/from", root);
	snprintf(to, sizeof(to), "%s/to", root);
	arena_init(&a, 0);
	test_lines();
	test_lowest(&a);
	arena_clear(&a);
	folder_remove(root);
	return tap_done();
}
