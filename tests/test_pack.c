/* Promises of datasets/pack.h: what is written comes back, and no byte of a file
 * can lead outside of it. */
#include "datasets/pack.h"

#include <stdlib.h>

#include "harness/base/rng.h"
#include "tests/tap.h"

/* Something with everything a walk can hold. */
struct thing {
	uint64_t n;
	const float *x;	     /* (n) */
	const uint8_t *none; /* NULL */
	const char *name;
	const char *no_name;
	const char *const *words; /* (n) */
	const char *const *no_words;
};

static void walk(struct pack *p, struct thing *t)
{
	pack_value(p, &t->n, sizeof(t->n));
	pack_array(p, (const void **)&t->x, t->n, sizeof(*t->x));
	pack_array(p, (const void **)&t->none, t->n, 1);
	pack_string(p, &t->name);
	pack_string(p, &t->no_name);
	pack_strings(p, &t->words, t->n);
	pack_strings(p, &t->no_words, t->n);
}

/* The file of a thing, to be freed; where its small values end in *value_end. */
static uint8_t *write_thing(struct thing *t, size_t *size, size_t *value_end)
{
	struct pack p = { .mode = PACK_MEASURE };
	struct thing copy = *t;

	walk(&p, &copy);
	*value_end = p.value_at;
	*size = pack_align(p.value_at) + p.array_at;
	p = (struct pack){ .mode = PACK_WRITE, .size = *size,
			   .array_at = pack_align(p.value_at) };
	p.out = aligned_alloc(64, pack_align(*size));
	memset(p.out, 0, *size);
	walk(&p, &copy);
	ok(p.value_at == *value_end && p.array_at <= *size,
	   "pack: writing takes what measuring said");
	return p.out;
}

static struct pack read_thing(const uint8_t *file, size_t size, size_t value_end,
			      struct arena *a, struct thing *t)
{
	struct pack p = { .mode = PACK_READ, .a = a, .in = file, .size = size,
			  .value_end = value_end };

	*t = (struct thing){ 0 };
	walk(&p, t);
	return p;
}

static const float numbers[] = { 1, -2, 3.5f };
static const char *const texts[] = { "", "two", "drei" };
static struct thing full = { .n = 3, .x = numbers, .name = "a thing",
			     .words = texts };

static void test_round(struct arena *a)
{
	size_t size, end;
	uint8_t *file = write_thing(&full, &size, &end);
	struct thing t;
	struct pack p = read_thing(file, size, end, a, &t);

	ok(!p.is_broken && t.n == 3 && !memcmp(t.x, numbers, sizeof(numbers)),
	   "pack: values and arrays come back");
	ok((size_t)((const uint8_t *)t.x - file) % 64 == 0 &&
		   (const uint8_t *)t.x < file + size,
	   "pack: arrays are aligned, and in the file");
	ok(!t.none && !t.no_name && !t.no_words, "pack: what is NULL stays NULL");
	ok(!strcmp(t.name, "a thing") && !strcmp(t.words[0], "") &&
		   !strcmp(t.words[2], "drei"),
	   "pack: strings come back, also the empty one");
	free(file);
}

static void test_empty(struct arena *a)
{
	struct thing nothing = { .name = "", .x = numbers, .words = texts }, t;
	size_t size, end;
	uint8_t *file = write_thing(&nothing, &size, &end);
	struct pack p = read_thing(file, size, end, a, &t);

	ok(!p.is_broken && t.n == 0 && t.name && !*t.name && t.words,
	   "pack: an empty string and an empty list are not NULL");
	free(file);
}

/* Every length but the whole is broken, and so is what follows it. */
static void test_cut(struct arena *a)
{
	size_t size, end, noticed = 0;
	uint8_t *file = write_thing(&full, &size, &end);
	struct thing t;

	for (size_t n = 0; n < end; n++) {
		uint8_t *part = malloc(n ? n : 1);

		memcpy(part, file, n);
		noticed += read_thing(part, n, n, a, &t).is_broken && !t.no_words;
		free(part);
	}
	ok(noticed == end, "pack: small values cut at any of %zu bytes", end);
	noticed = 0;
	for (size_t n = end; n < size; n++)
		noticed += read_thing(file, n, end, a, &t).is_broken;
	/* the last array ends with "drei": its NUL is the last byte */
	ok(noticed == size - end, "pack: arrays cut at any byte");
	free(file);
}

static bool inside(const void *p, const uint8_t *file, size_t size)
{
	return !p || ((const uint8_t *)p >= file && (const uint8_t *)p <= file + size);
}

/* 20,000 files with changed bytes: whatever comes back lies in the file. */
static void test_changed(struct arena *a)
{
	struct rng r = rng_make(1, "test/pack");
	size_t size, end, good = 0;
	uint8_t *file = write_thing(&full, &size, &end);

	for (uint64_t k = 0; k < 20000; k++) {
		size_t at = rng_below(r, 3 * k, end);
		uint8_t old = file[at];
		struct thing t;
		struct pack p;

		file[at] = (uint8_t)(k % 2 ? rng_u32(r, 3 * k + 1) :
					     old ^ 1u << k % 8);
		arena_clear(a);
		p = read_thing(file, size, end, a, &t);
		good += p.is_broken || p.out_of_memory ||
			(inside(t.x, file, size) && inside(t.none, file, size) &&
			 inside(t.name, file, size) && (!t.x || t.n < size));
		file[at] = old;
	}
	ok(good == 20000, "pack: no changed byte leads outside of the file");
	free(file);
}

static void test_memory(void)
{
	size_t size, end;
	uint8_t *file = write_thing(&full, &size, &end);
	struct thing t;
	struct arena a;
	struct pack p;

	arena_init(&a, 0);
	a.fail_at = 1;
	p = read_thing(file, size, end, &a, &t);
	ok(p.out_of_memory && !t.words, "pack: a list without memory is said to be");
	arena_clear(&a);
	free(file);
}

int main(void)
{
	struct arena a;

	arena_init(&a, (size_t)1 << 24);
	test_round(&a);
	test_empty(&a);
	test_cut(&a);
	test_changed(&a);
	test_memory();
	arena_clear(&a);
	return tap_done();
}
