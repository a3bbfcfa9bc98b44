#include "harness/base/arena.h"

#include <stdint.h>

#include "tests/tap.h"

static void test_alignment_and_zeroes(void)
{
	struct arena a;
	bool aligned = true, zeroed = true, apart = true;
	unsigned char *last = NULL;

	arena_init(&a, 0);
	for (size_t size = 1; size < 3000; size = size * 3 + 1) {
		unsigned char *p = arena_alloc(&a, size, 1);

		aligned &= (uintptr_t)p % 64 == 0;
		for (size_t i = 0; i < size; i++)
			zeroed &= p[i] == 0;
		memset(p, 0xff, size);
		apart &= p != last;
		last = p;
	}
	ok(aligned, "arena: every allocation is aligned to 64 bytes");
	ok(zeroed, "arena: arena_alloc gives zeroes");
	ok(apart, "arena: allocations do not overlap");
	ok(arena_alloc(&a, 0, 8) != NULL, "arena: size 0 gives a pointer");
	arena_clear(&a);
	ok(a.used == 0 && a.peak > 0,
	   "arena: clear gives all back and keeps the peak");
}

static void test_limit(void)
{
	/* volatile: the compiler would refuse these sizes on its own */
	volatile size_t huge = SIZE_MAX / 2, whole = SIZE_MAX;
	struct arena a;
	struct error err = { 0 };

	arena_init(&a, 4096);
	ok(arena_alloc(&a, 1000, 1) != NULL, "arena: fits a small limit");
	ok(arena_alloc(&a, 1 << 20, 1) == NULL, "arena: the limit holds");
	ok(a.used <= 4096, "arena: a refused request uses nothing");
	ok(arena_error(&a, &err) == ERR_MEMORY && strstr(err.text, "allowed"),
	   "arena: the error states the limit");
	ok(arena_alloc(&a, huge, 4) == NULL,
	   "arena: a product that overflows is refused");
	ok(arena_alloc(&a, whole, 1) == NULL,
	   "arena: a size near SIZE_MAX is refused");
	arena_clear(&a);
}

static void test_fail_at(void)
{
	struct arena a;

	arena_init(&a, 0);
	a.fail_at = 2;
	ok(arena_alloc(&a, 1, 1) && !arena_alloc(&a, 1, 1) &&
		   arena_alloc(&a, 1, 1),
	   "arena: exactly the n-th allocation fails");
	arena_clear(&a);
}

static void test_rewind(void)
{
	struct arena a;
	struct arena_mark mark;
	char *kept;
	size_t used;

	arena_init(&a, 0);
	kept = arena_strdup(&a, "kept");
	used = a.used;
	mark = arena_mark(&a);
	arena_alloc(&a, 1 << 22, 1);
	arena_alloc(&a, 100, 1);
	ok(a.used > used, "arena: a large request takes a block");
	arena_rewind(&a, mark);
	ok(a.used == used, "arena: rewind gives the later blocks back");
	ok_str(kept, "kept", "arena: rewind leaves what came before");
	arena_clear(&a);
}

static void test_strings(void)
{
	struct arena a;

	arena_init(&a, 0);
	ok_str(arena_printf(&a, "%s-%d", "cell", 12), "cell-12",
	       "arena: formatted strings");
	ok(!memcmp(arena_copy(&a, "abc", 3), "abc", 3), "arena: copies");
	a.fail_at = a.calls + 1;
	ok(!arena_printf(&a, "x"), "arena: printf reports a failure");
	arena_clear(&a);
}

/* Small allocations fill blocks together: the system is asked now and then,
 * not each time, and rewinding over many blocks gives all of them back. */
static void test_many_blocks(void)
{
	struct arena_mark mark;
	size_t steps = 0, used, before;
	bool apart = true;
	struct arena a;
	char *last = NULL;

	arena_init(&a, 0);
	arena_alloc(&a, 1, 1);
	used = before = a.used;
	mark = arena_mark(&a);
	for (size_t i = 0; i < 20000; i++) {
		char *p = arena_alloc(&a, 1000, 1);

		apart &= p && p != last && !p[0] && !p[999];
		if (!p)
			break;
		memset(p, 1, 1000);
		last = p;
		steps += a.used != before;
		before = a.used;
	}
	ok(apart, "arena: 20000 small requests, each its own and zeroed");
	ok(steps > 1 && steps < 2000, "arena: blocks are shared (%zu)", steps);
	arena_rewind(&a, mark);
	ok(a.used == used, "arena: rewind over many blocks gives all back");
	ok(a.peak == before, "arena: the peak remembers them");
	arena_clear(&a);
	ok(a.used == 0 && a.peak == before, "arena: clear keeps the peak");
}

/* A limit holds whatever the request, and a refusal leaves the arena usable. */
static void test_near_the_limit(void)
{
	bool held = true, alive = true;

	for (size_t size = 1; size < 300000; size = size * 5 / 4 + 1) {
		struct arena a;

		arena_init(&a, 100000);
		for (int i = 0; i < 50; i++)
			arena_alloc(&a, size, 1);
		held &= a.used <= a.limit && a.peak <= a.limit;
		arena_clear(&a);
		alive &= arena_alloc(&a, 1, 1) != NULL;
		arena_clear(&a);
	}
	ok(held, "arena: no size of request gets past the limit");
	ok(alive, "arena: after a refusal and a clear it gives again");
}

/* A hint: nothing of the memory changes, whatever its place and size. */
static void test_hint(void)
{
	static const size_t sizes[] = { 0, 1, 4096, 5u << 20 };
	bool kept = true;
	struct arena a;

	arena_init(&a, 0);
	for (size_t k = 0; k < 4; k++) {
		unsigned char *p = ARENA_RAW(&a, unsigned char, sizes[k]);

		memset(p, 7, sizes[k]);
		arena_read_at_random(p, sizes[k]);
		for (size_t i = 0; i < sizes[k]; i++)
			kept &= p[i] == 7;
	}
	ok(kept, "arena: memory to be read at random stays as it is");
	arena_clear(&a);
}

int main(void)
{
	test_hint();
	test_alignment_and_zeroes();
	test_limit();
	test_fail_at();
	test_rewind();
	test_strings();
	test_many_blocks();
	test_near_the_limit();
	return tap_done();
}
