/* Promises of datasets/made/rhm.h. */
#include "datasets/made/rhm.h"

#include <stdlib.h>

#include "tests/tap.h"

#define LEAVES 64

static struct rhm make(size_t v, size_t m, size_t s, size_t levels,
		       size_t classes, struct arena *a)
{
	struct rhm h = { .v = v, .m = m, .s = s, .levels = levels,
			 .classes = classes };
	struct error err = { 0 };

	if (rhm_init(&h, rng_make(3, "test"), a, &err)) {
		printf("# %s\n", err.text);
		abort();
	}
	return h;
}

static void counts(struct arena *a)
{
	struct rhm h = make(8, 8, 2, 2, 8, a);

	ok(h.leaves == 4 && h.choices == 3 && h.inputs == 8 * 512,
	   "two levels of pairs: 4 leaves, classes m^3 inputs");
	h = make(10, 10, 2, 3, 10, a);
	ok(h.leaves == 8 && h.choices == 7 && h.inputs == 100000000,
	   "three levels: classes m^7");
	h = make(6, 3, 3, 2, 2, a);
	ok(h.leaves == 9 && h.choices == 4 && h.inputs == 2 * 81,
	   "words of three: classes m^4");
	h = make(16, 16, 2, 5, 16, a);
	ok(h.leaves == 32 && !h.inputs, "beyond 2^62 they are not counted");
}

/* Every word of a level has one meaning. */
static bool has_own_words(const struct rhm *h)
{
	for (size_t k = 0; k < h->levels; k++) {
		size_t n = (k ? h->v : h->classes) * h->m;

		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < i; j++)
				if (h->words[k][i] == h->words[k][j])
					return false;
	}
	return true;
}

/* All inputs of a small model, row by row. */
static void all_rows(struct arena *a)
{
	struct rhm h = make(6, 4, 2, 2, 5, a);
	size_t n = (size_t)h.inputs, per_class[5] = { 0 };
	uint32_t *code = ARENA_NEW(a, uint32_t, n), leaves[LEAVES];
	bool parsed = true, distinct = true, even = true;

	for (size_t i = 0; i < n; i++) {
		size_t label = rhm_row(&h, i, leaves);

		per_class[label]++;
		for (size_t k = 0; k < h.leaves; k++)
			code[i] = code[i] * 6 + leaves[k];
		for (size_t k = 0; k < i; k++)
			distinct &= code[k] != code[i];
		parsed &= rhm_parse(&h, leaves) == label;
	}
	for (size_t c = 0; c < 5; c++)
		even &= per_class[c] == n / 5;
	ok(has_own_words(&h), "no two meanings share a word");
	ok(n == 5 * 64 && distinct, "rows 0 .. inputs - 1 are all different");
	ok(even, "each class has as many inputs");
	ok(parsed, "the label follows from the leaves");
	code[0] = 0;
	for (size_t k = 0; k < 1296; k++) {
		uint32_t x[4] = { (uint32_t)(k / 216), (uint32_t)(k / 36 % 6),
				  (uint32_t)(k / 6 % 6), (uint32_t)(k % 6) };

		code[0] += rhm_parse(&h, x) != SIZE_MAX;
	}
	ok(code[0] == n, "and no other leaves have one (%u of 1296)", code[0]);
}

/* The label of leaves in which the first pair is replaced by another word of
 * the same symbol: the label must stay. A word of another symbol changes the
 * next level, and may change it. */
static void synonyms(struct arena *a)
{
	struct rhm h = make(8, 4, 2, 3, 6, a);
	size_t kept = 0, tried = 0, moved = 0;
	uint32_t leaves[LEAVES], x[LEAVES];

	for (uint64_t i = 0; i < 200; i++) {
		size_t label = rhm_row(&h, i, leaves), up = 0;
		uint32_t word = leaves[0] * 8 + leaves[1];

		while (h.words[2][up] != word)
			up++;
		for (size_t k = 0; k < 8 * h.m; k++) {
			bool same = k / h.m == up / h.m;

			memcpy(x, leaves, sizeof(x));
			x[0] = h.words[2][k] / 8;
			x[1] = h.words[2][k] % 8;
			if (same) {
				tried++;
				kept += rhm_parse(&h, x) == label;
			} else {
				moved += rhm_parse(&h, x) != label;
			}
		}
	}
	ok(tried == 800 && kept == tried,
	   "exchanging synonyms leaves the label alone");
	ok(moved > 1000, "other words do not (%zu)", moved);
}

/* Half the rows must look like a random half: no class by its place in the file,
 * no leaf either. */
static void mixed(struct arena *a)
{
	struct rhm h = make(8, 8, 2, 2, 8, a);
	size_t per_class[8] = { 0 }, per_symbol[8] = { 0 };
	uint32_t leaves[LEAVES];
	double worst = 0;

	for (size_t i = 0; i < 2048; i++) {
		per_class[rhm_row(&h, i, leaves)]++;
		per_symbol[leaves[2]]++;
	}
	for (size_t c = 0; c < 8; c++)
		worst = fmax(worst, fabs((double)per_class[c] - 256));
	/* hypergeometric: sd sqrt(2048 / 8 * 7 / 8 / 2) = 10.6, four of them */
	ok_near(worst, 0, 43, "half of the rows has all classes evenly");
	worst = 0;
	for (size_t c = 0; c < 8; c++)
		worst = fmax(worst, (double)per_symbol[c]);
	ok(worst < 800, "and all symbols");
}

/* Where rows are drawn and not numbered. */
static void large(struct arena *a)
{
	struct rhm h = make(16, 16, 2, 5, 4, a);
	size_t per_class[4] = { 0 };
	uint32_t leaves[LEAVES], again[LEAVES];
	bool parsed = true, same = true;
	double worst = 0;

	for (size_t i = 0; i < 4000; i++) {
		size_t label = rhm_row(&h, i, leaves);

		same &= rhm_row(&h, i, again) == label &&
			!memcmp(again, leaves, h.leaves * sizeof(*leaves));
		per_class[label]++;
		parsed &= rhm_parse(&h, leaves) == label;
	}
	for (size_t c = 0; c < 4; c++)
		worst = fmax(worst, fabs((double)per_class[c] - 1000));
	/* binomial: sd sqrt(4000 * 3 / 16) = 27, four of them */
	ok_near(worst, 0, 110, "drawn rows: each class equally likely");
	ok(parsed, "drawn rows: the label follows from the leaves");
	ok(same, "drawn rows: row i is always the same");
	ok(rhm_row(&h, UINT64_MAX, leaves) < 4, "any row number will do");
	h = make(6, 4, 2, 2, 5, a);
	ok(rhm_row(&h, h.inputs + 7, leaves) == rhm_parse(&h, leaves),
	   "also behind the last of the numbered ones");
}

static void refuses(struct arena *a)
{
	static const struct {
		struct rhm h;
		const char *says;
	} bad[] = {
		{ { .v = 4, .m = 5, .s = 2, .levels = 2, .classes = 2 },
		  "5 words" },
		{ { .v = 4, .m = 4, .s = 2, .levels = 1, .classes = 5 },
		  "4 words" },
		{ { .v = 300, .m = 1, .s = 2, .levels = 2, .classes = 2 },
		  "v^s" },
		{ { .v = 2, .m = 1, .s = 2, .levels = 20, .classes = 2 },
		  "levels" },
		{ { .v = 2, .m = 1, .s = 16, .levels = 3, .classes = 2 },
		  "leaves" },
		{ { .v = 2, .m = 1, .s = 2, .levels = 0, .classes = 2 },
		  "levels" },
		{ { .v = 1, .m = 1, .s = 2, .levels = 1, .classes = 2 },
		  "2 or more" },
		{ { .v = 2, .m = 0, .s = 2, .levels = 1, .classes = 2 },
		  "1 or more" },
		{ { .v = SIZE_MAX, .m = 1, .s = SIZE_MAX, .levels = 1,
		    .classes = SIZE_MAX }, "leaves" },
	};

	for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
		struct rhm h = bad[k].h;
		struct error err = { 0 };

		ok(rhm_init(&h, rng_make(1, "t"), a, &err) == ERR_CONFIG &&
			   strstr(err.text, bad[k].says),
		   "refused: %s", err.text);
	}
}

static void memory(void)
{
	size_t failed = 0;

	for (size_t k = 1; k <= 3; k++) {
		struct rhm h = { .v = 4, .m = 2, .s = 2, .levels = 3,
				 .classes = 2 };
		struct error err = { 0 };
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = k;
		failed += rhm_init(&h, rng_make(1, "t"), &a, &err) == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(failed == 3, "every failing allocation is an error");
}

/* Each limit at its edge: what is allowed and one step beyond. */
static void edges(struct arena *a)
{
	static const struct {
		size_t v, m, s, levels, classes;
		bool good;
	} sizes[] = {
		{ 2, 1, 2, 1, 2, true },     { 1, 1, 2, 1, 2, false }, { 2, 0, 2, 1, 2, false },
		{ 2, 1, 1, 1, 2, false },    { 2, 1, 2, 1, 1, false }, { 2, 1, 2, 0, 2, false },
		{ 2, 2, 2, 1, 2, true },     { 2, 3, 2, 1, 2, false }, { 2, 1, 2, 8, 4, true },
		{ 2, 1, 2, 9, 2, false },    { 2, 1, 2, 2, 5, false }, { 256, 1, 2, 1, 2, true },
		{ 257, 1, 2, 1, 2, false },  { 2, 1, 16, 2, 2, true }, { 2, 1, 17, 1, 2, false },
		{ 2, 1, 11, 3, 2, false },
	};

	for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
		struct rhm h = { .v = sizes[k].v, .m = sizes[k].m, .s = sizes[k].s,
				 .levels = sizes[k].levels, .classes = sizes[k].classes };
		struct error err = { 0 };
		int rc = rhm_init(&h, rng_make(1, "edge"), a, &err);

		ok(sizes[k].good ? !rc : rc == ERR_CONFIG && *err.text,
		   "v %zu, m %zu, s %zu, %zu levels, %zu classes: %s", h.v, h.m, h.s, h.levels,
		   h.classes, sizes[k].good ? "made" : err.text);
	}
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	counts(&a);
	all_rows(&a);
	synonyms(&a);
	mixed(&a);
	large(&a);
	refuses(&a);
	edges(&a);
	memory();
	arena_clear(&a);
	return tap_done();
}
