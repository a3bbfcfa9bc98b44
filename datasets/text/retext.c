/* A text is written from word numbers, whatever made their order. */
#include "datasets/text/retext.h"

#include <string.h>

/* Words from numbers id[0..n), with blanks between them. */
static int write_text(const struct retext *r, const uint32_t *id, size_t n,
		      struct arena *a, const char **out, struct error *err)
{
	size_t size = 1;
	char *to;

	for (size_t k = 0; k < n; k++)
		size += strlen(r->name[id[k]]) + 1;
	*out = to = ARENA_RAW(a, char, size);
	if (!to)
		return arena_error(a, err);
	for (size_t k = 0; k < n; k++) {
		size_t len = strlen(r->name[id[k]]);

		if (k)
			*to++ = ' ';
		memcpy(to, r->name[id[k]], len);
		to += len;
	}
	*to = '\0';
	return 0;
}

/* The numbers of text i. */
static const uint32_t *ids_of(const struct retext *r, size_t i, size_t *n)
{
	*n = (size_t)(r->words.start[i + 1] - r->words.start[i]);
	return r->words.id + r->words.start[i];
}

/* Names are a copy, as renaming replaces them and the words keep their own. */
int retext_init(struct retext *r, const char *const *text, size_t n,
		struct arena *a, struct error *err)
{
	if (words_init(&r->words, text, NULL, n, a, err))
		return err->code;
	r->name = ARENA_NEW(a, const char *, r->words.n);
	if (!r->name)
		return arena_error(a, err);
	for (size_t k = 0; k < r->words.n; k++)
		r->name[k] = r->words.name[k];
	return 0;
}

/* The text that other changes are to be compared with: what cutting and joining
 * does by itself is then on both sides. */
int retext_same(const struct retext *r, size_t i, struct arena *a,
		const char **out, struct error *err)
{
	return retext_head(r, i, SIZE_MAX, a, out, err);
}

/* By way of places, not by swapping words: rng_permutation is the house's. */
int retext_shuffle(const struct retext *r, size_t i, struct rng rng,
		   struct arena *a, const char **out, struct error *err)
{
	size_t n;
	const uint32_t *from = ids_of(r, i, &n);
	uint32_t *id = ARENA_RAW(a, uint32_t, n);

	if (!id)
		return arena_error(a, err);
	rng_permutation(rng, n, id);
	for (size_t k = 0; k < n; k++)
		id[k] = from[id[k]];
	return write_text(r, id, n, a, out, err);
}

/* Words, not bytes: how much of an order is needed is counted in words. */
int retext_head(const struct retext *r, size_t i, size_t most, struct arena *a,
		const char **out, struct error *err)
{
	size_t n;
	const uint32_t *id = ids_of(r, i, &n);

	return write_text(r, id, n < most ? n : most, a, out, err);
}

/* Letters and digits make one word, which case folding leaves alone; so names cut
 * to themselves. Equal lengths, so that a learner of characters cannot tell
 * frequent words by short numbers. */
int retext_rename(struct retext *r, struct rng rng, struct arena *a,
		  struct error *err)
{
	uint32_t *number = ARENA_RAW(a, uint32_t, r->words.n);
	int digits = 1;

	if (!number)
		return arena_error(a, err);
	rng_permutation(rng, r->words.n, number);
	for (size_t top = r->words.n; top > 10; top = (top + 9) / 10)
		digits++;
	for (size_t k = 0; k < r->words.n; k++) {
		r->name[k] = arena_printf(a, "w%0*u", digits, number[k]);
		if (!r->name[k])
			return arena_error(a, err);
	}
	return 0;
}
