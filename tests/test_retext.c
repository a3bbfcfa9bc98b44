/* Promises of datasets/text/retext.h: what is said of new texts is checked by cutting
 * them into words again. */
#include "datasets/text/retext.h"

#include <stdlib.h>

#include "tests/tap.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

static const char *const texts[] = {
	"The cat -- the DOG! And the bird.", "", " ... ",
	"caf\xc3\xa9 Stra\xc3\x9f" "e \xef\xac\x81ne",
	"\xe0\xa4\x95\xe0\xa5\x8d\xe0\xa4\xb7 \xce\xb1\xcd\x85\xcc\x81 1\xe2\x81\x84"
	"2 \xc2\xb4x",
	"a a a b b c d e f g h i j k l m n o p",
};

static struct arena arena;
static struct error err;
static struct retext re;

static void recut(const char *text, struct words *w)
{
	if (words_init(w, &text, NULL, 1, &arena, &err))
		abort();
}

/* Are the words of `text` those of text i from its start, `n` of them? */
static bool same_words(const char *text, size_t i, size_t n)
{
	const uint32_t *id = re.words.id + re.words.start[i];
	struct words w;

	recut(text, &w);
	if (w.start[1] != n)
		return false;
	for (size_t k = 0; k < n; k++)
		if (strcmp(w.name[w.id[k]], re.words.name[id[k]]))
			return false;
	return true;
}

static size_t length_of(size_t i)
{
	return (size_t)(re.words.start[i + 1] - re.words.start[i]);
}

static void keeps(void)
{
	const char *out;
	size_t good = 0;

	for (size_t i = 0; i < COUNT(texts); i++)
		good += !retext_same(&re, i, &arena, &out, &err) &&
			same_words(out, i, length_of(i));
	ok(good == COUNT(texts), "same: cuts to the words it was made of");
	retext_same(&re, 0, &arena, &out, &err);
	ok_str(out, "the cat the dog and the bird", "same: single blanks");
	retext_same(&re, 1, &arena, &out, &err);
	ok_str(out, "", "same: an empty text stays empty");
}

static void heads(void)
{
	const char *out;
	size_t good = 0;

	for (size_t i = 0; i < COUNT(texts); i++)
		for (size_t k = 0; k < 4; k++) {
			size_t n = length_of(i) < k ? length_of(i) : k;

			good += !retext_head(&re, i, k, &arena, &out, &err) &&
				same_words(out, i, n);
		}
	ok(good == 4 * COUNT(texts), "head: the first words, or all there are");
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The words of a text, sorted. */
static size_t bag(const struct words *w, size_t i, const char *list[64])
{
	size_t n = 0;

	for (uint64_t k = w->start[i]; k < w->start[i + 1]; k++)
		list[n++] = w->name[w->id[k]];
	if (n)
		qsort(list, n, sizeof(*list), by_text);
	return n;
}

static void shuffles(void)
{
	struct rng rng = rng_make(4, "test/shuffle");
	const char *out, *again, *other, *a[64], *b[64];
	size_t good = 0;

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct words w;
		size_t n;
		bool same;

		retext_shuffle(&re, i, rng_sub(rng, i), &arena, &out, &err);
		recut(out, &w);
		n = bag(&w, 0, a);
		same = n == bag(&re.words, i, b);
		for (size_t k = 0; same && k < n; k++)
			same = !strcmp(a[k], b[k]);
		good += same;
	}
	ok(good == COUNT(texts), "shuffle: the bag of words is unchanged");
	retext_shuffle(&re, 5, rng_sub(rng, 5), &arena, &again, &err);
	ok_str(out, again, "shuffle: the same for one rng");
	retext_shuffle(&re, 5, rng_sub(rng, 6), &arena, &other, &err);
	ok(strcmp(out, other) && !same_words(out, 5, length_of(5)),
	   "shuffle: another order for another, and not the old one");
}

static void renames(void)
{
	size_t n = re.words.n, good = 0, digits = strlen(re.name[0]);
	const char *out, **list;
	struct words w;

	retext_same(&re, 5, &arena, &out, &err);
	ok(!retext_rename(&re, rng_make(9, "test/rename"), &arena, &err),
	   "rename: gives names");
	digits = strlen(re.name[0]);
	list = ARENA_NEW(&arena, const char *, n);
	for (size_t k = 0; k < n; k++) {
		list[k] = re.name[k];
		good += strlen(list[k]) == digits && list[k][0] == 'w';
	}
	qsort(list, n, sizeof(*list), by_text);
	for (size_t k = 0; k + 1 < n; k++)
		good += strcmp(list[k], list[k + 1]) != 0;
	ok(good == 2 * n - 1, "rename: names of one length, all different");
	retext_same(&re, 5, &arena, &out, &err);
	recut(out, &w);
	good = 0;
	for (size_t k = 0; k < length_of(5); k++)
		good += !strcmp(w.name[w.id[k]],
				re.name[re.words.id[re.words.start[5] + k]]);
	ok(good == length_of(5) && w.start[1] == length_of(5),
	   "rename: texts cut to the new names, in their order");
	ok(w.id[0] == w.id[1] && w.id[1] == w.id[2] && w.id[3] == w.id[4] &&
		   w.id[0] != w.id[3],
	   "rename: equal words stay equal");
}

static void failing_memory(void)
{
	bool good = true;
	int rc = ERR_MEMORY;

	for (size_t k = 1; rc && k < 200; k++) {
		const char *out;
		struct retext r;
		struct arena a;

		error_clear(&err);
		arena_init(&a, 0);
		a.fail_at = k;
		rc = retext_init(&r, texts, COUNT(texts), &a, &err);
		if (!rc)
			rc = retext_rename(&r, rng_make(1, "x"), &a, &err);
		if (!rc)
			rc = retext_shuffle(&r, 0, rng_make(1, "x"), &a, &out,
					    &err);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && !rc, "every allocation that fails is an error");
}

int main(void)
{
	arena_init(&arena, 0);
	if (retext_init(&re, texts, COUNT(texts), &arena, &err))
		return 1;
	keeps();
	heads();
	shuffles();
	renames();
	failing_memory();
	arena_clear(&arena);
	return tap_done();
}
