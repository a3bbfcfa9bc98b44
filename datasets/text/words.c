/* Words of texts as numbers.
 *
 * Texts are normalised before they are cut (NFKC, Unicode Standard Annex 15;
 * full case folding), so that a ligature, a full-width letter or a capital
 * does not make another word. Everything that is not a letter, mark or number
 * separates. There is no stemming and no list of stop words: both belong to
 * one language, and the texts may be of any.
 *
 * Words are numbered by hashing while they are met and renumbered by their
 * bytes at the end, so that numbers depend on the set of words alone. */
#include "datasets/text/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

/* The words of one text, a NUL behind each. */
struct pieces {
	char *bytes;
	size_t n;
};

/* Marks belong to the letters they stand on; punctuation and symbols do not. */
static bool in_word(utf8proc_int32_t codepoint)
{
	utf8proc_category_t c = utf8proc_category(codepoint);

	/* Lu Ll Lt Lm Lo, Mn Mc Me, Nd Nl No stand in this order in utf8proc.h. */
	return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO;
}

/* Copy the words of a normalised text to `to`, which may be `s`; how many. */
static size_t cut(const utf8proc_uint8_t *s, size_t size, char *to)
{
	size_t n = 0;
	bool inside = false;

	for (size_t i = 0; i < size;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t len = utf8proc_iterate(
			s + i, (utf8proc_ssize_t)(size - i), &c);

		if (len <= 0) /* cannot be: utf8proc_map made these bytes */
			break;
		if (in_word(c)) {
			memmove(to, s + i, (size_t)len);
			to += len;
			inside = true;
		} else if (inside) {
			*to++ = '\0';
			n++;
			inside = false;
		}
		i += (size_t)len;
	}
	*to = '\0';
	return n + inside;
}

/* Casefolding can undo the composition of a few characters: utf8proc folds
 * inside the decomposition, and composes last. */
int words_normalise(const char *text, size_t number, struct arena *a, char **out,
		    size_t *size, struct error *err)
{
	utf8proc_uint8_t *s = NULL;
	utf8proc_ssize_t n = utf8proc_map(
		(const utf8proc_uint8_t *)text, (utf8proc_ssize_t)strlen(text),
		&s, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
			    UTF8PROC_CASEFOLD);

	if (n == UTF8PROC_ERROR_NOMEM)
		return error_set(err, ERR_MEMORY, "out of memory in utf8proc");
	if (n < 0)
		return error_set(err, ERR_DATA, "text %zu is not UTF-8", number);
	*size = (size_t)n;
	*out = arena_copy(a, s, *size + 1);
	free(s); /* malloc'ed by utf8proc_map */
	return *out ? 0 : arena_error(a, err);
}

/* Normalise, then cut in place: words only move to the front. */
static int split_text(const char *text, size_t number, struct arena *a,
		      struct pieces *out, struct error *err)
{
	size_t size;
	int rc = words_normalise(text, number, a, &out->bytes, &size, err);

	if (!rc)
		out->n = cut((utf8proc_uint8_t *)out->bytes, size, out->bytes);
	return rc;
}

/* FNV-1a, 64 bits. No seed: times and orders are the same in every run. */
static uint64_t hash_word(const char *s) /* FNV-1a, 64 bits */
{
	uint64_t h = 14695981039346656037u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h ^ h >> 32;
}

/* Different words, in the order they are met. */
struct table {
	size_t n, mask;
	uint32_t *slot;	   /* (mask + 1) number + 1, or 0: free */
	const char **name; /* (n) */
};

/* Room for `tokens` words, all different at worst: at most half full. */
static int table_init(struct table *t, size_t tokens, struct arena *a,
		      struct error *err)
{
	size_t slots = 16;

	while (slots < 2 * tokens)
		slots *= 2;
	t->n = 0;
	t->mask = slots - 1;
	t->slot = ARENA_NEW(a, uint32_t, slots);
	t->name = ARENA_NEW(a, const char *, tokens);
	return t->slot && t->name ? 0 : arena_error(a, err);
}

/* The word's number, a new one if it is met for the first time. Names stay
 * where the text was cut: the table copies nothing. */
static uint32_t table_number(struct table *t, const char *word)
{
	size_t i = hash_word(word) & t->mask;

	for (; t->slot[i]; i = (i + 1) & t->mask)
		if (!strcmp(t->name[t->slot[i] - 1], word))
			return t->slot[i] - 1;
	t->name[t->n++] = word;
	t->slot[i] = (uint32_t)t->n;
	return t->slot[i] - 1;
}

/* A word and its old number, for sorting. */
struct named {
	const char *name;
	uint32_t old;
};

/* Bytes of UTF-8, which is the order of code points; no locale. */
static int by_name(const void *x, const void *y)
{
	const struct named *p = x, *q = y;

	return strcmp(p->name, q->name);
}

/* Renumber by the order of the bytes, so that no number tells which texts
 * were read, or in what order. */
static int renumber(struct table *t, uint32_t *id, size_t tokens,
		    struct arena *a, struct error *err)
{
	struct named *list = ARENA_NEW(a, struct named, t->n);
	uint32_t *now = ARENA_NEW(a, uint32_t, t->n);

	if (!list || !now)
		return arena_error(a, err);
	for (size_t k = 0; k < t->n; k++)
		list[k] = (struct named){ t->name[k], (uint32_t)k };
	if (t->n)
		qsort(list, t->n, sizeof(*list), by_name);
	for (size_t k = 0; k < t->n; k++) {
		t->name[k] = list[k].name;
		now[list[k].old] = (uint32_t)k;
	}
	for (size_t i = 0; i < tokens; i++)
		id[i] = now[id[i]];
	return 0;
}

/* All words in the order of the texts. */
static void number_pieces(const struct pieces *p, size_t rows, struct table *t,
			  uint32_t *id)
{
	for (size_t i = 0; i < rows; i++) {
		const char *s = p[i].bytes;

		for (size_t k = 0; k < p[i].n; k++, s += strlen(s) + 1)
			*id++ = table_number(t, s);
	}
}

/* Cut all texts, count, then number: the table is allocated once, at most half
 * full, and never grows. */
int words_init(struct words *w, const char *const *text, const uint32_t *rows,
	       size_t n, struct arena *a, struct error *err)
{
	struct pieces *p = ARENA_NEW(a, struct pieces, n);
	uint64_t *start = ARENA_NEW(a, uint64_t, n + 1);
	struct table t;
	uint32_t *id;
	int rc;

	if (!p || !start)
		return arena_error(a, err);
	for (size_t i = 0; i < n; i++) {
		size_t row = rows ? rows[i] : i;

		rc = split_text(text[row], row, a, &p[i], err);
		if (rc)
			return rc;
		start[i + 1] = start[i] + p[i].n;
	}
	if (start[n] >= UINT32_MAX) /* numbers are 32 bits wide */
		return error_set(err, ERR_DATA, "the texts have too many words");
	rc = table_init(&t, start[n], a, err);
	if (rc)
		return rc;
	id = ARENA_RAW(a, uint32_t, start[n]);
	if (!id)
		return arena_error(a, err);
	number_pieces(p, n, &t, id);
	*w = (struct words){ .rows = n, .start = start, .id = id, .n = t.n,
			     .name = t.name };
	return renumber(&t, id, start[n], a, err);
}

/* In the order in which encoders write their parts: a part is then a range of
 * rows. */
int words_of_split(struct words *w, const struct items *items,
		   const struct split *s, struct arena *a, struct error *err)
{
	size_t n = s->n_train + s->n_valid + s->n_test, k = 0;
	uint32_t *rows = ARENA_RAW(a, uint32_t, n);

	if (!rows)
		return arena_error(a, err);
	for (size_t i = 0; i < s->n_train; i++)
		rows[k++] = s->train[i];
	for (size_t i = 0; i < s->n_valid; i++)
		rows[k++] = s->valid[i];
	for (size_t i = 0; i < s->n_test; i++)
		rows[k++] = s->test[i];
	return words_init(w, items->text, rows, n, a, err);
}

/* How often a word stands there. Ties go by `id`, which is by text. */
struct counted {
	uint64_t count;
	uint32_t id;
};

/* Falling counts; equal ones in the order of the words' bytes. */
static int by_count(const void *x, const void *y)
{
	const struct counted *p = x, *q = y;

	if (p->count != q->count)
		return p->count > q->count ? -1 : 1;
	return p->id < q->id ? -1 : p->id > q->id;
}

/* Words that only later rows have count 0 and are never kept. */
int words_vocab(const struct words *w, size_t rows, size_t min_count,
		struct arena *a, struct vocab *out, struct error *err)
{
	uint32_t *of = ARENA_NEW(a, uint32_t, w->n);
	struct counted *c = ARENA_NEW(a, struct counted, w->n);
	size_t n = 0;

	if (!of || !c)
		return arena_error(a, err);
	for (size_t k = 0; k < w->n; k++)
		c[k].id = (uint32_t)k;
	for (size_t i = 0; i < w->start[rows]; i++)
		c[w->id[i]].count++;
	if (w->n)
		qsort(c, w->n, sizeof(*c), by_count);
	while (n < w->n && c[n].count && c[n].count >= min_count) {
		of[c[n].id] = (uint32_t)n + 1;
		n++;
	}
	*out = (struct vocab){ .n = n, .of = of };
	return 0;
}

/* The same words in the same order; case and punctuation are gone by now. */
static bool same_words(const struct words *w, size_t i, size_t j)
{
	size_t n = w->start[i + 1] - w->start[i];

	return n == w->start[j + 1] - w->start[j] &&
	       !memcmp(w->id + w->start[i], w->id + w->start[j],
		       n * sizeof(*w->id));
}

/* FNV-1a again, a word at a time. */
static size_t hash_ids(const struct words *w, size_t i)
{
	uint64_t h = 14695981039346656037u;

	for (uint64_t k = w->start[i]; k < w->start[i + 1]; k++)
		h = (h ^ w->id[k]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/* A hash table of texts that is at most half full. Texts without any word are
 * equal to each other, and one group. */
int words_groups(const struct words *w, struct arena *a,
		 uint32_t *group /* (w->rows) */, struct error *err)
{
	size_t slots = 16;
	uint32_t n = 0;
	uint32_t *slot; /* (slots) first text of a group + 1, or 0: free */

	while (slots < 2 * w->rows)
		slots *= 2;
	slot = ARENA_NEW(a, uint32_t, slots);
	if (!slot)
		return arena_error(a, err);
	for (size_t i = 0; i < w->rows; i++) {
		size_t s = hash_ids(w, i) & (slots - 1);

		while (slot[s] && !same_words(w, slot[s] - 1, i))
			s = (s + 1) & (slots - 1);
		if (slot[s]) {
			group[i] = group[slot[s] - 1];
		} else {
			slot[s] = (uint32_t)i + 1;
			group[i] = n++;
		}
	}
	return 0;
}
