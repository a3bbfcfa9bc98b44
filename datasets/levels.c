/* An array of entries in order of appearance, and an open-addressing table of
 * indices into it; both double together.
 */
#include "datasets/levels.h"

#include <stdlib.h>
#include <string.h>

/* An entry. The text is the caller's: a million cells of a mapped file need no
 * copy, and only the distinct ones are copied, at the end. */
struct level {
	const char *text; /* `size` bytes, not terminated */
	size_t size;
	uint32_t hash;
	uint32_t code;
};

/* No table yet: most columns of most files are numeric and never need one. */
void levels_init(struct levels *l, struct arena *a)
{
	*l = (struct levels){ .arena = a };
}

/* FNV-1a, 32 bits: short strings, and no seed, so that the same file takes the
 * same time on every run. */
static uint32_t hash_of(const char *text, size_t size)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619u;
	return h ^ h >> 15;
}

/* The slot that holds the string, or the empty one where it belongs: linear
 * probing, with at most half of the slots in use. The stored hash spares most
 * comparisons of text. */
static size_t slot_of(const struct levels *l, const char *text, size_t size,
		      uint32_t hash)
{
	size_t s = hash & (l->slots - 1);

	while (l->slot[s]) {
		const struct level *v = &l->list[l->slot[s] - 1];

		if (v->hash == hash && v->size == size && !memcmp(v->text, text, size))
			break;
		s = (s + 1) & (l->slots - 1);
	}
	return s;
}

/* Double both tables; the old ones stay in the arena, which costs less than
 * what is in use. */
static int grow(struct levels *l, struct error *err)
{
	size_t room = l->room ? 2 * l->room : 32, slots = 2 * room;
	struct level *list = ARENA_RAW(l->arena, struct level, room);
	uint32_t *slot = ARENA_NEW(l->arena, uint32_t, slots);

	if (!list || !slot)
		return arena_error(l->arena, err);
	if (l->n)
		memcpy(list, l->list, l->n * sizeof(*list));
	*l = (struct levels){ .arena = l->arena,
			      .n = l->n,
			      .list = list,
			      .room = room,
			      .slot = slot,
			      .slots = slots };
	for (size_t i = 0; i < l->n; i++) {
		const struct level *v = &list[i];

		slot[slot_of(l, v->text, v->size, v->hash)] = (uint32_t)i + 1;
	}
	return 0;
}

/* The table grows before the search, so that the slot found stays valid. */
int levels_add(struct levels *l, const char *text, size_t size, uint32_t *code,
	       struct error *err)
{
	uint32_t hash = hash_of(text, size);
	size_t s;

	if (l->n == l->room && grow(l, err))
		return err->code;
	s = slot_of(l, text, size, hash);
	if (!l->slot[s]) {
		if (l->n == LEVELS_MAX)
			return error_set(err, ERR_DATA, "more than %zu distinct values",
					 LEVELS_MAX);
		l->list[l->n] = (struct level){
			.text = text, .size = size, .hash = hash, .code = (uint32_t)l->n
		};
		l->slot[s] = (uint32_t)++l->n;
	}
	*code = l->slot[s] - 1;
	return 0;
}

/* For test files, whose texts must not become levels. */
uint32_t levels_find(const struct levels *l, const char *text, size_t size)
{
	size_t s;

	if (!l->slots)
		return UINT32_MAX;
	s = slot_of(l, text, size, hash_of(text, size));
	return l->slot[s] - 1; /* an empty slot holds 0 */
}

/* Byte order, which for UTF-8 is the order of code points and does not depend
 * on a locale; a prefix comes first. */
static int by_text(const void *pa, const void *pb)
{
	const struct level *a = pa, *b = pb;
	size_t size = a->size < b->size ? a->size : b->size;
	int c = memcmp(a->text, b->text, size);

	if (c)
		return c;
	return (a->size > b->size) - (a->size < b->size);
}

/* All names in one block: an allocation each would round up to 64 bytes. */
static void copy_names(const struct level *sorted, size_t n, const char **names,
		       char *block)
{
	for (size_t i = 0; i < n; i++) {
		memcpy(block, sorted[i].text, sorted[i].size);
		block[sorted[i].size] = '\0';
		names[i] = block;
		block += sorted[i].size + 1;
	}
}

/* `rank` turns codes by appearance into codes by name: without it the same rows
 * in another order would be another data set. */
int levels_sort(const struct levels *l, const char *const **names, uint32_t **rank,
		struct error *err)
{
	struct level *sorted = ARENA_RAW(l->arena, struct level, l->n);
	const char **list = ARENA_RAW(l->arena, const char *, l->n);
	size_t bytes = 0;
	char *block;

	*rank = ARENA_RAW(l->arena, uint32_t, l->n);
	for (size_t i = 0; i < l->n; i++)
		bytes += l->list[i].size + 1;
	block = ARENA_RAW(l->arena, char, bytes);
	if (!sorted || !list || !*rank || !block)
		return arena_error(l->arena, err);
	if (l->n) {
		memcpy(sorted, l->list, l->n * sizeof(*sorted));
		qsort(sorted, l->n, sizeof(*sorted), by_text);
	}
	copy_names(sorted, l->n, list, block);
	for (size_t i = 0; i < l->n; i++)
		(*rank)[sorted[i].code] = (uint32_t)i;
	*names = list;
	return 0;
}
