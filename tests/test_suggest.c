#include "harness/base/suggest.h"

#include "tests/tap.h"

static const char *const names[] = { "gbdt", "krr", "mlp", "embedding_bag" };

/* The slow twin of the distance: every way to edit, by recursion. */
static size_t edits(const char *a, const char *b, size_t budget)
{
	size_t best = strlen(a) + strlen(b), d;

	if (!*a || !*b || !budget)
		return best;
	d = edits(a + 1, b + 1, budget - (*a != *b)) + (*a != *b);
	best = d < best ? d : best;
	d = edits(a + 1, b, budget - 1) + 1;
	best = d < best ? d : best;
	d = edits(a, b + 1, budget - 1) + 1;
	best = d < best ? d : best;
	if (a[1] && b[1] && a[0] == b[1] && a[1] == b[0] && a[0] != b[0]) {
		d = edits(a + 2, b + 2, budget - 1) + 1;
		best = d < best ? d : best;
	}
	return best;
}

/* All words of four letters a, b, c against three names. */
static void test_against_twin(void)
{
	static const char *const few[] = { "abca", "ccb", "aab" };
	size_t wrong = 0, found = 0;

	for (int code = 0; code < 81; code++) {
		char word[5] = { (char)('a' + code % 3),
				 (char)('a' + code / 3 % 3),
				 (char)('a' + code / 9 % 3),
				 (char)('a' + code / 27) };
		const char *got = suggest_nearest(word, few, 3), *want = NULL;
		size_t best = strlen(word) / 3 + 2;

		for (size_t i = 0; i < 3; i++) {
			size_t d = edits(word, few[i], 8);

			want = d < best ? few[i] : want;
			best = d < best ? d : best;
		}
		wrong += got != want;
		found += got != NULL;
	}
	ok(!wrong && found > 20, "suggest: the nearest by all edits (%zu found)",
	   found);
}

int main(void)
{
	char text[64], longest[200];

	ok_str(suggest_nearest("gbtd", names, 4), "gbdt",
	       "suggest: swapped letters");
	ok_str(suggest_nearest("embeding_bag", names, 4), "embedding_bag",
	       "suggest: a missing letter");
	ok(!suggest_nearest("transformer", names, 4),
	   "suggest: nothing when nothing is near");
	ok_str(suggest_text("kr", names, 4, text, sizeof(text)),
	       " (did you mean 'krr'?)", "suggest: as a text");
	ok_str(suggest_text("zzzzzz", names, 4, text, sizeof(text)), "",
	       "suggest: an empty text");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ok(!suggest_nearest(longest, names, 4), "suggest: long words are safe");
	ok(!suggest_nearest("x", names, 0), "suggest: no names, no suggestion");
	ok_str(suggest_nearest("", names, 4) ? "one" : "none", "none",
	       "suggest: nothing is near an empty word");
	test_against_twin();
	return tap_done();
}
