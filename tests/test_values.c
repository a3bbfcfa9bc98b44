#include "datasets/values.h"

#include <stdlib.h>

#include "harness/base/rng.h"
#include "tests/tap.h"

static struct arena arena;
static struct error err;

static void test_order(void)
{
	static const float x[] = { 3, NAN, -1, 0.0f, 3, -0.0f, NAN, 1e-3f };
	struct values v;

	ok(!values_of(&v, x, 8, &arena, &err) && v.n == 4, "holes and copies are left out");
	ok(v.value[0] == -1 && v.value[3] == 3, "values ascend");
	ok(!signbit(v.value[1]), "0 and -0 are one value, 0");
	ok(values_find(&v, 3) == 3 && values_find(&v, -1) == 0 &&
		   values_find(&v, -0.0f) == 1,
	   "each is found at its place");
	ok(!values_of(&v, x + 1, 1, &arena, &err) && !v.n, "a hole alone gives none");
	ok(!values_of(&v, x, 0, &arena, &err) && !v.n, "no rows give none");
}

static void test_names(void)
{
	static const float x[] = { 0.5f, 3, -7, 1e10f, 0.1f, 16777216, 1.1754944e-38f };
	const char *const *names;
	struct values v;

	values_of(&v, x, 7, &arena, &err);
	ok(!values_names(&v, &arena, &names, &err), "names are made");
	ok_str(names[0], "-7", "a whole number has no point");
	ok_str(names[2], "0.1", "the shortest text that reads back");
	ok_str(names[6], "1e+10", "a large one");
	ok(strtof(names[1], NULL) == 1.1754944e-38f, "the smallest normal number");
}

/* The slow twin: a search in order. */
static void test_random(void)
{
	struct rng r = rng_make(5, "values");
	bool good = true;
	float x[500];
	const char *const *names;
	struct values v;

	for (size_t i = 0; i < 500; i++)
		x[i] = (float)rng_normal(r, i) * (i % 3 ? 1.0f : 1e6f);
	values_of(&v, x, 500, &arena, &err);
	values_names(&v, &arena, &names, &err);
	for (size_t i = 0; i < 500; i++) {
		size_t k = 0;

		while (v.value[k] < x[i])
			k++;
		good &= k == values_find(&v, x[i]) &&
			!(strtof(names[k], NULL) < x[i]) &&
			!(strtof(names[k], NULL) > x[i]);
	}
	ok(good, "500 random numbers: found as by a search in order, named to the bit");
}

static void test_memory(void)
{
	static const float x[] = { 1, 2 };
	const char *const *names;
	struct values v;
	size_t n = 0;
	int rc;

	do {
		arena_clear(&arena);
		arena.calls = 0;
		arena.fail_at = ++n;
		rc = values_of(&v, x, 2, &arena, &err);
		if (!rc)
			rc = values_names(&v, &arena, &names, &err);
	} while (rc == ERR_MEMORY && n < 9);
	arena.fail_at = 0;
	ok(!rc && n == 4, "each of %zu allocations may fail", n - 1);
}

int main(void)
{
	arena_init(&arena, 0);
	test_order();
	test_names();
	test_random();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
