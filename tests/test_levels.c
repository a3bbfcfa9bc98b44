#include "datasets/levels.h"

#include "tests/tap.h"

static struct arena arena;
static struct error err;

static uint32_t add(struct levels *l, const char *text)
{
	uint32_t code = UINT32_MAX;

	levels_add(l, text, strlen(text), &code, &err);
	return code;
}

static void test_codes(void)
{
	const char *const *names;
	struct levels l;
	uint32_t *rank;

	levels_init(&l, &arena);
	ok(levels_find(&l, "a", 1) == UINT32_MAX, "nothing is known at first");
	ok(add(&l, "pear") == 0 && add(&l, "apple") == 1 && add(&l, "") == 2,
	   "codes in order of appearance");
	ok(add(&l, "pear") == 0 && l.n == 3, "a string has one code");
	ok(levels_find(&l, "apple pie", 5) == 1, "strings need no end");
	ok(levels_find(&l, "app", 3) == UINT32_MAX, "a prefix is another string");
	add(&l, "app");
	ok(!levels_sort(&l, &names, &rank, &err), "sorted");
	ok(!*names[0] && !strcmp(names[1], "app") && !strcmp(names[2], "apple") &&
		   !strcmp(names[3], "pear"),
	   "names in byte order, a prefix first");
	ok(rank[0] == 3 && rank[1] == 2 && rank[2] == 0 && rank[3] == 1,
	   "rank leads from code to name");
}

static void test_many(void)
{
	const char *const *names;
	static char text[5000][8];
	struct levels l;
	uint32_t *rank;
	bool good = true;

	levels_init(&l, &arena);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(text[i], sizeof(text[i]), "%u", i * 7919 % 5000);
		good &= add(&l, text[i]) == i;
	}
	for (unsigned i = 0; i < 5000; i++)
		good &= levels_find(&l, text[i], strlen(text[i])) == i;
	ok(good, "5000 strings keep their codes while the table grows");
	levels_sort(&l, &names, &rank, &err);
	for (size_t i = 0; i < 5000; i++)
		good &= !strcmp(names[rank[i]], text[i]);
	for (size_t i = 1; i < 5000; i++)
		good &= strcmp(names[i - 1], names[i]) < 0;
	ok(good, "and are sorted");
}

static void test_memory(void)
{
	const char *const *names;
	struct levels l;
	uint32_t *rank;
	size_t n = 0;
	int rc;

	do {
		arena_clear(&arena);
		error_clear(&err);
		arena.calls = 0;
		arena.fail_at = ++n;
		levels_init(&l, &arena);
		add(&l, "b");
		rc = err.code;
		if (!rc)
			rc = levels_sort(&l, &names, &rank, &err);
	} while (rc == ERR_MEMORY && n < 100);
	arena.fail_at = 0;
	ok(!rc && n == 7, "each of six allocations may fail");
}

int main(void)
{
	arena_init(&arena, 0);
	test_codes();
	test_many();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
