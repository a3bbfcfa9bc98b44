#include "harness/base/text.h"

#include <stdlib.h>

#include "tests/tap.h"

static struct arena a;

static void test_growth(void)
{
	struct text t = { .arena = &a };
	bool right = true;

	for (int i = 0; i < 10000; i++)
		text_add(&t, "abc");
	for (size_t i = 0; i < t.size; i++)
		right &= t.data[i] == "abc"[i % 3];
	ok(right && t.size == 30000 && !t.failed, "text: grows and keeps all");
	ok(t.data[t.size] == '\0', "text: a NUL stands behind it");
	ok(t.room < 4 * t.size, "text: its room is a few times its size");
}

static void test_pieces(void)
{
	struct text t = { .arena = &a };

	ok(!t.data && !t.size, "text: empty has no data");
	text_add_bytes(&t, "abcdef", 3);
	text_fill(&t, '-', 4);
	text_fill(&t, 'x', 0);
	text_printf(&t, "%d/%s", 7, "y");
	text_add(&t, "");
	ok_str(t.data, "abc----7/y", "text: bytes, fills and formats in order");
}

/* Around the size of the first piece, where a NUL too few would show. */
static void test_every_length(void)
{
	char word[600];
	bool right = true;

	memset(word, 'w', sizeof(word));
	for (size_t n = 0; n < sizeof(word); n++) {
		struct text printed = { .arena = &a }, filled = { .arena = &a };

		text_printf(&printed, "%.*s", (int)n, word);
		text_fill(&filled, 'w', n);
		right &= printed.size == n && strlen(printed.data) == n;
		right &= filled.size == n && !strcmp(filled.data, printed.data);
	}
	ok(right, "text: every length has room for its NUL");
}

static void test_failure(void)
{
	struct text t = { .arena = &a };

	text_add(&t, "kept");
	a.fail_at = a.calls + 1;
	text_fill(&t, 'x', 100000);
	a.fail_at = 0;
	ok(t.failed, "text: a failed allocation is remembered");
	text_add(&t, "more");
	text_printf(&t, "%d", 1);
	ok_str(t.data, "kept", "text: after it nothing is added");
	ok(t.failed, "text: and it stays failed");
}

static void test_width(void)
{
	ok(text_width("") == 0 && text_width("abc") == 3,
	   "text: ASCII is as wide as long");
	ok(text_width("größe") == 5 && text_width("★") == 1,
	   "text: a code point is one column");
}

static void test_order(void)
{
	const char *words[] = { "b", "", "ab", "a", "\xc3\xa9", "B" };
	const char *want[] = { "", "B", "a", "ab", "b", "\xc3\xa9" };
	bool right = true;

	qsort(words, 6, sizeof(*words), text_order);
	for (size_t i = 0; i < 6; i++)
		right &= !strcmp(words[i], want[i]);
	ok(right, "text: sorts by bytes");
}

int main(void)
{
	arena_init(&a, 0);
	test_growth();
	test_pieces();
	test_every_length();
	test_failure();
	test_width();
	test_order();
	arena_clear(&a);
	return tap_done();
}
