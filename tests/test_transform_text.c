/* Transforms of text: bags, names and beginnings of documents. */
#include "tests/tap.h"

#include "datasets/text/words.h"
#include "tests/transform_trial.h"

#define ROWS 60

static struct arena arena;
static struct error err;
static struct items texts;
static struct split split;

static struct trial apply(const char *name, double severity)
{
	struct trial t = { .name = name, .severity = severity, .threads = 2,
			   .view = VIEW_TOKENS };

	trial_run(&t, &texts, &split, &arena, &arena);
	if (t.rc)
		printf("# %s\n", t.err.text);
	return t;
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static struct words words_of(const struct items *it)
{
	struct words w;

	if (words_init(&w, it->text, NULL, ROWS, &arena, &err))
		printf("Bail out! %s\n", err.text);
	return w;
}

/* Numbers of a text's words, sorted in place: a bag. */
static uint32_t *bag(const struct words *w, size_t i)
{
	uint32_t *id = (uint32_t *)(size_t)w->id + w->start[i];

	qsort(id, w->start[i + 1] - w->start[i], sizeof(*id), by_id);
	return id;
}

static void test_shuffle(void)
{
	struct trial t = apply("shuffle_tokens", 1), half = apply("shuffle_tokens", 0.5);
	struct words x = words_of(&texts), y = words_of(&t.items);
	size_t same_order = 0, untouched = 0;
	bool same_bag = x.n == y.n;

	for (size_t i = 0; i < ROWS; i++) {
		size_t n = x.start[i + 1] - x.start[i];

		same_bag &= n == y.start[i + 1] - y.start[i];
		same_order += !memcmp(x.id + x.start[i], y.id + y.start[i], n * 4);
		same_bag &= !memcmp(bag(&x, i), bag(&y, i), n * 4);
		untouched += half.items.text[i] == texts.text[i];
	}
	ok(same_bag, "shuffle_tokens: each document has the words it had");
	/* three words keep their order once in six */
	ok(same_order < ROWS / 4, "shuffle_tokens: their order is another");
	ok(untouched > ROWS / 4 && untouched < 3 * ROWS / 4,
	   "shuffle_tokens: half of the documents are half");
}

/* The names map one to one, in both directions, everywhere. */
static void test_remap(void)
{
	struct trial t = apply("remap_vocabulary", 1), some = apply("remap_vocabulary", 0.5);
	struct words x = words_of(&texts), y = words_of(&t.items), z = words_of(&some.items);
	uint32_t to[64];
	bool one_to_one = x.n == y.n && x.n == z.n, made_up = true;
	size_t kept = 0;

	memset(to, 0xff, sizeof(to));
	for (uint64_t k = 0; one_to_one && k < x.start[ROWS]; k++) {
		if (to[x.id[k]] == UINT32_MAX)
			to[x.id[k]] = y.id[k];
		one_to_one &= to[x.id[k]] == y.id[k];
	}
	for (size_t k = 0; k < y.n; k++)
		made_up &= strlen(y.name[k]) == 14;
	for (size_t k = 0; k < z.n; k++)
		kept += strlen(z.name[k]) != 14;
	ok(one_to_one, "remap_vocabulary: a bijection of the words");
	ok(made_up, "remap_vocabulary: names are letters of one length");
	ok(kept > 5 && kept < x.n - 5, "remap_vocabulary: severity is a share of the words");
}

static void test_truncate(void)
{
	struct trial t = apply("truncate", 4);
	struct words x = words_of(&texts), y = words_of(&t.items);
	bool right = true;

	for (size_t i = 0; i < ROWS; i++) {
		size_t n = x.start[i + 1] - x.start[i], left = y.start[i + 1] - y.start[i];

		right &= left == (n < 4 ? n : 4);
		for (size_t k = 0; k < left; k++)
			right &= !strcmp(x.name[x.id[x.start[i] + k]],
					 y.name[y.id[y.start[i] + k]]);
	}
	ok(right, "truncate: the first four words stay, or all");
}

static void test_bad_text(void)
{
	const char **bad = arena_copy(&arena, texts.text, ROWS * sizeof(*bad));
	struct items broken = texts;
	struct trial t = { .name = "truncate", .severity = 4, .threads = 1 };

	bad[3] = "\xff\xfe";
	broken.text = bad;
	trial_run(&t, &broken, &split, &arena, &arena);
	ok(t.rc == ERR_DATA && strstr(t.err.text, "transform truncate"),
	   "a text that is no UTF-8 is an error that names the transform");
	bad[3] = "";
	trial_run(&t, &broken, &split, &arena, &arena);
	ok(!t.rc && !*t.items.text[3], "an empty text stays empty");
}

static void test_text_edges(void)
{
	struct trial none = apply("shuffle_tokens", 0), plain = apply("remap_vocabulary", 0);
	struct trial one = apply("truncate", 1), all = apply("truncate", 1000000);
	struct trial again = apply("shuffle_tokens", 1), twice = apply("shuffle_tokens", 1);
	bool untouched = true, short_enough = true, whole = true, same = true;
	struct words w = words_of(&one.items);

	for (size_t i = 0; i < ROWS; i++) {
		untouched &= none.items.text[i] == texts.text[i] &&
			     plain.items.text[i] == texts.text[i];
		short_enough &= w.start[i + 1] - w.start[i] <= 1;
		whole &= all.items.text[i] == texts.text[i];
		same &= !strcmp(again.items.text[i], twice.items.text[i]);
	}
	ok(untouched, "severity 0 leaves the very texts");
	ok(short_enough, "truncate: one word is the least");
	ok(whole, "truncate: a limit beyond all texts leaves them, byte by byte");
	ok(same, "shuffle_tokens: the same order each time");
}

static void test_one_word(void)
{
	const char **few = arena_copy(&arena, texts.text, ROWS * sizeof(*few));
	struct items items = texts;
	struct trial t = { .name = "shuffle_tokens", .severity = 1, .threads = 1 };

	few[0] = "lonely";
	few[1] = "  \t\n ";
	few[2] = "same same same";
	items.text = few;
	trial_run(&t, &items, &split, &arena, &arena);
	ok(!t.rc && !strcmp(t.items.text[0], "lonely") && !strcmp(t.items.text[2], few[2]),
	   "shuffle_tokens: one word, or one word three times, has one order");
	t.name = "remap_vocabulary";
	trial_run(&t, &items, &split, &arena, &arena);
	ok(!t.rc && strlen(t.items.text[0]) == 14 && strlen(t.items.text[2]) == 3 * 14 + 2 &&
	   !strncmp(t.items.text[2], t.items.text[2] + 15, 14),
	   "remap_vocabulary: equal words stay equal");
	ok(strspn(t.items.text[1], " \t\n") == strlen(t.items.text[1]),
	   "remap_vocabulary: white space has no words");
}

int main(void)
{
	arena_init(&arena, 0);
	texts = fixture_text(&arena, ROWS);
	split = fixture_split(&arena, ROWS, 30, 15);
	test_shuffle();
	test_remap();
	test_truncate();
	test_bad_text();
	test_text_edges();
	test_one_word();
	arena_clear(&arena);
	return tap_done();
}
