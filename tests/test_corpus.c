/* Promises of datasets/text/corpus.h. */
#include "datasets/text/corpus.h"

#include "harness/base/rng.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;
static struct items items;

static void add(struct corpus *c, const char *text, const char *label,
		enum official part, uint32_t block)
{
	corpus_add(c, text, label, strlen(label), part, &err);
	c->row[c->n - 1].block = block;
}

static void sample(struct corpus *c)
{
	corpus_init(c, &arena);
	add(c, "one", "b", OFFICIAL_NONE, 1);
	add(c, "two", "a", OFFICIAL_NONE, 1);
	add(c, "Two!", "a", OFFICIAL_NONE, 2);
	add(c, "three", "c", OFFICIAL_NONE, 2);
	add(c, "four", "b", OFFICIAL_NONE, 3);
	add(c, "one.", "b", OFFICIAL_NONE, 4);
	add(c, "five", "b", OFFICIAL_NONE, 5);
}

static void classes(void)
{
	static const char *const given[] = { "c", "b", "unused", "a" };
	struct corpus_rule rule = { 0 };
	struct corpus c;

	sample(&c);
	ok(!corpus_finish(&c, &rule, &items, &err) && items.n == 7 &&
		   items.classes == 3 && !strcmp(items.class_names[0], "a") &&
		   items.label[0] == 1 && items.label[3] == 2,
	   "classes: those that occur, in the order of bytes");
	ok(!items.official, "no parts where no row has one");
	ok_str(items.text[2], "Two!", "rows keep their order without a purpose");
	rule.classes = given;
	rule.n_classes = 4;
	sample(&c);
	ok(!corpus_finish(&c, &rule, &items, &err) && items.classes == 3 &&
		   !strcmp(items.class_names[0], "c") &&
		   !strcmp(items.class_names[2], "a") && items.label[0] == 1,
	   "classes: in a given order, without those that have no row");
	rule.n_classes = 2;
	sample(&c);
	ok(corpus_finish(&c, &rule, &items, &err) == ERR_DATA &&
		   strstr(err.text, "'a' is not in classes"),
	   "classes: a label outside of the given ones");
}

static void small_classes(void)
{
	struct corpus_rule rule = { .min_class = 2 };
	struct corpus c;

	sample(&c);
	add(&c, "six", "d", OFFICIAL_TEST, 6);
	ok(!corpus_finish(&c, &rule, &items, &err) && items.n == 6 &&
		   items.classes == 2 && !items.official,
	   "min_class: rows of small classes are left out, with their parts");
	rule.min_class = 3;
	sample(&c);
	ok(corpus_finish(&c, &rule, &items, &err) == ERR_DATA &&
		   strstr(err.text, "1 classes have 3 texts"),
	   "min_class: two classes must be left");
	corpus_init(&c, &arena);
	ok(corpus_finish(&c, &rule, &items, &err) == ERR_DATA,
	   "no text is an error");
}

static void groups(void)
{
	struct corpus_rule rule = { 0 };
	struct corpus c;
	const uint32_t *g;

	sample(&c);
	if (!ok(!corpus_finish(&c, &rule, &items, &err), "groups: finishes"))
		return;
	g = items.group;
	ok(g[1] == g[2] && g[0] == g[5] && g[0] != g[1] && g[3] != g[2],
	   "groups: texts of the same words, whatever their block");
	sample(&c);
	c.has_blocks = true;
	if (!ok(!corpus_finish(&c, &rule, &items, &err), "groups: with blocks"))
		return;
	g = items.group;
	ok(g[0] == g[1] && g[1] == g[2] && g[2] == g[3] && g[5] == g[0],
	   "groups: copies and blocks join from row to row");
	ok(g[0] == 0 && g[4] == 1 && g[6] == 2,
	   "groups: numbered by their first rows, others stay apart");
}

/* Union-find against following every link by hand. */
static void many_blocks(void)
{
	enum { N = 300 };
	struct rng r = rng_make(1, "blocks");
	struct corpus_rule rule = { 0 };
	static char text[N][16];
	static bool linked[N][N];
	size_t wrong = 0;
	struct corpus c;

	corpus_init(&c, &arena);
	for (uint32_t i = 0; i < N; i++) {
		snprintf(text[i], sizeof(text[i]), "t%u",
			 (unsigned)rng_below(r, i, 250));
		add(&c, text[i], i % 2 ? "x" : "y", OFFICIAL_NONE,
		    (uint32_t)rng_below(r, N + i, 250));
	}
	c.has_blocks = true;
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++)
			linked[i][j] = !strcmp(text[i], text[j]) ||
				       c.row[i].block == c.row[j].block;
	for (size_t k = 0; k < N; k++) /* Warshall 1962 */
		for (size_t i = 0; i < N; i++)
			for (size_t j = 0; linked[i][k] && j < N; j++)
				linked[i][j] |= linked[k][j];
	ok(!corpus_finish(&c, &rule, &items, &err), "groups: of 300 rows");
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++)
			wrong += linked[i][j] != (items.group[i] == items.group[j]);
	ok(!wrong, "groups: the closure of copies and blocks, no more");
}

static void order(void)
{
	struct corpus_rule rule = { .purpose = "test/order" };
	const char *first[7];
	struct corpus c;
	size_t moved = 0, same = 0;

	sample(&c);
	c.row[0].official = OFFICIAL_TEST;
	corpus_finish(&c, &rule, &items, &err);
	for (size_t i = 0; i < 7; i++) {
		first[i] = items.text[i];
		moved += strcmp(items.text[i], c.row[i].text) != 0;
		same += !strcmp(items.text[i], "one") ==
			(items.official[i] == OFFICIAL_TEST);
	}
	ok(moved > 2, "rows come in random order");
	ok(same == 7, "with their parts");
	sample(&c);
	corpus_finish(&c, &rule, &items, &err);
	ok(!memcmp(first, items.text, sizeof(first)), "always the same one");
}

static void failing_memory(void)
{
	struct corpus_rule rule = { .purpose = "test/order" };
	bool good = true;
	int rc = ERR_MEMORY;

	for (size_t k = 1; rc && k < 200; k++) {
		struct arena a;
		struct corpus c;

		error_clear(&err);
		arena_init(&a, 0);
		a.fail_at = k;
		corpus_init(&c, &a);
		rc = corpus_add(&c, "x", "a", 1, OFFICIAL_NONE, &err);
		if (!rc)
			rc = corpus_add(&c, "y", "b", 1, OFFICIAL_NONE, &err);
		c.has_blocks = true;
		if (!rc)
			rc = corpus_finish(&c, &rule, &items, &err);
		good &= !rc || rc == ERR_MEMORY;
		arena_clear(&a);
	}
	ok(good && !rc, "every allocation that fails is an error");
}

int main(void)
{
	arena_init(&arena, 0);
	classes();
	small_classes();
	groups();
	many_blocks();
	order();
	failing_memory();
	arena_clear(&arena);
	return tap_done();
}
