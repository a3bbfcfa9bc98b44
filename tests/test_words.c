/* Promises of datasets/text/words.h. */
#include "datasets/text/words.h"

#include "tests/tap.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

/* The words of text i with '|' between, through w's numbers. */
static const char *join(const struct words *w, size_t i, char *to, size_t size)
{
	to[0] = '\0';
	for (uint64_t k = w->start[i]; k < w->start[i + 1]; k++) {
		size_t len = strlen(to);

		snprintf(to + len, size - len, "%s%s", len ? "|" : "",
			 w->name[w->id[k]]);
	}
	return to;
}

static void splits_one(struct arena *a, const char *text, const char *want,
		       const char *promise)
{
	struct error err = { 0 };
	struct words w = { 0 };
	char got[256];

	if (!ok(!words_init(&w, &text, NULL, 1, a, &err), "%s: splits", promise))
		return;
	ok_str(join(&w, 0, got, sizeof(got)), want, "%s", promise);
}

static void splits(struct arena *a)
{
	splits_one(a, "A cat, the CAT; the-dog", "a|cat|the|cat|the|dog",
		   "lower case, cut at what is no letter or digit");
	splits_one(a, "", "", "an empty text has no words");
	splits_one(a, " ,.! ", "", "neither have blanks and points");
	splits_one(a, "man's 2nd", "man|s|2nd", "digits belong to words");
	splits_one(a, "Stra\xc3\x9f" "e", "strasse", "sharp s is folded to ss");
	splits_one(a, "\xef\xac\x81ne \xe2\x91\xa0", "fine|1",
		   "ligatures and circled digits are compatible letters");
	splits_one(a, "e\xcc\x81t\xc3\xa9", "\xc3\xa9t\xc3\xa9",
		   "an accent by itself is composed with its letter");
	splits_one(a, "\xd0\x9c\xd0\x98\xd0\xa0", "\xd0\xbc\xd0\xb8\xd1\x80",
		   "Cyrillic is folded");
	splits_one(a, "a_b", "a|b", "an underscore is no letter");
}

static const char *const texts[] = {
	"The dog and the cat", "the cat", "zebra", "THE cat!", "", "and", "",
};

static void numbers(struct arena *a)
{
	static const uint32_t turned[] = { 2, 1, 0 };
	struct error err = { 0 };
	struct words w, v;
	bool sorted = true;

	ok(!words_init(&w, texts, NULL, COUNT(texts), a, &err) && w.n == 5,
	   "words: five different ones");
	for (size_t k = 0; k + 1 < w.n; k++)
		sorted &= strcmp(w.name[k], w.name[k + 1]) < 0;
	ok(sorted, "words: numbers follow the order of their bytes");
	ok(!words_init(&v, texts, turned, 3, a, &err) && v.rows == 3 &&
		   v.start[1] == 1 && v.id[0] == 4,
	   "words: rows choose the texts, in their order");
	ok(v.n == w.n && !strcmp(v.name[2], w.name[2]),
	   "words: numbers do not depend on the order of the texts");
}

static void vocabulary(struct arena *a)
{
	struct error err = { 0 };
	struct words w;
	struct vocab v;

	words_init(&w, texts, NULL, COUNT(texts), a, &err);
	/* and 0, cat 1, dog 2, the 3, zebra 4 */
	words_vocab(&w, 3, 1, a, &v, &err);
	ok(v.n == 5 && v.of[3] == 1 && v.of[1] == 2,
	   "vocab: the most frequent words first");
	ok(v.of[0] == 3 && v.of[2] == 4 && v.of[4] == 5,
	   "vocab: ties by the order of the bytes");
	words_vocab(&w, 3, 2, a, &v, &err);
	ok(v.n == 2 && !v.of[4], "vocab: rare words are number 0");
	words_vocab(&w, 1, 1, a, &v, &err);
	ok(v.n == 4 && !v.of[4], "vocab: words of later rows do not count");
	ok(!words_vocab(&w, 0, 1, a, &v, &err) && v.n == 0,
	   "vocab: no rows, no words");
}

static void groups(struct arena *a)
{
	struct error err = { 0 };
	struct words w;
	uint32_t g[COUNT(texts)];

	words_init(&w, texts, NULL, COUNT(texts), a, &err);
	ok(!words_groups(&w, a, g, &err) && g[1] == g[3],
	   "groups: texts of the same words are one group");
	ok(g[4] == g[6] && g[4] != g[1], "groups: so are texts without words");
	ok(g[0] == 0 && g[1] == 1 && g[2] == 2 && g[4] == 3 && g[5] == 4,
	   "groups: numbered by their first text");
}

static void bad_bytes(struct arena *a)
{
	const char *bad[] = { "fine", "a\xff" "b" };
	struct error err = { 0 };
	struct words w;

	ok(words_init(&w, bad, NULL, 2, a, &err) == ERR_DATA &&
		   strstr(err.text, "text 1"),
	   "a text that is not UTF-8 is named");
}

static int all_of_it(struct arena *a, struct error *err)
{
	uint32_t g[COUNT(texts)];
	struct words w;
	struct vocab v;
	int rc = words_init(&w, texts, NULL, COUNT(texts), a, err);

	if (!rc)
		rc = words_vocab(&w, 3, 1, a, &v, err);
	return rc ? rc : words_groups(&w, a, g, err);
}

static void failing_memory(void)
{
	bool good = true;
	int rc = ERR_MEMORY;

	for (size_t k = 1; rc && k < 100; k++) {
		struct error err = { 0 };
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = k;
		rc = all_of_it(&a, &err);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && !rc, "every allocation that fails is an error");
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	splits(&a);
	numbers(&a);
	vocabulary(&a);
	groups(&a);
	bad_bytes(&a);
	failing_memory();
	arena_clear(&a);
	return tap_done();
}
