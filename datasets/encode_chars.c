/* The `chars` view of text: characters in their order, by number.
 *
 * A text is normalised as for words (words.h), so that both views know the same
 * of it, and not cut: blanks, line ends and punctuation are characters too.
 * Numbers 1, 2, ... go to the characters that stand at least twice in the
 * training rows, the most frequent first; 0 stands for all others, and the rare
 * ones of training teach a learner what it is like (see encode_tokens.c). */
#include "datasets/encode.h"

#include <stdlib.h>

#include <utf8proc.h>

#include "datasets/text/words.h"

#define MIN_COUNT   2
#define CODE_POINTS 0x110000 /* of Unicode */

/* A character and how often training has it. */
struct counted {
	uint64_t count;
	uint32_t point;
};

/* Falling counts, then code points. */
static int by_count(const void *x, const void *y)
{
	const struct counted *p = x, *q = y;

	if (p->count != q->count)
		return p->count > q->count ? -1 : 1;
	return p->point < q->point ? -1 : p->point > q->point;
}

/* The code points of one normalised text. */
static size_t decode(const char *s, size_t size, uint32_t *to)
{
	size_t n = 0;

	for (size_t i = 0; i < size;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t len = utf8proc_iterate(
			(const utf8proc_uint8_t *)s + i,
			(utf8proc_ssize_t)(size - i), &c);

		if (len <= 0) /* cannot be: utf8proc made these bytes */
			break;
		to[n++] = (uint32_t)c;
		i += (size_t)len;
	}
	return n;
}

/* Normalised texts of a part end to end; code points of text i are then
 * [start[i], start[i + 1]). A text has no more of them than bytes. */
static int fill_part(const struct items *items, const struct encode_part *p,
		     struct arena *a, uint32_t **points, struct error *err)
{
	uint64_t *start = ARENA_NEW(a, uint64_t, p->n + 1);
	char **text = ARENA_NEW(a, char *, p->n);
	size_t *size = ARENA_NEW(a, size_t, p->n), bytes = 0;

	if (!start || !text || !size)
		return arena_error(a, err);
	for (size_t i = 0; i < p->n; i++) {
		if (words_normalise(items->text[p->rows[i]], p->rows[i], a,
				    &text[i], &size[i], err))
			return err->code;
		bytes += size[i];
	}
	*points = ARENA_RAW(a, uint32_t, bytes);
	if (!*points)
		return arena_error(a, err);
	for (size_t i = 0; i < p->n; i++)
		start[i + 1] = start[i] + decode(text[i], size[i],
						 *points + start[i]);
	p->part->row_start = start;
	p->part->index = *points;
	return 0;
}

/* id[c] for each code point, from the training rows' `n` characters. */
static int number_points(const uint32_t *points, size_t n, struct arena *a,
			 uint32_t **id, size_t *vocab, struct error *err)
{
	struct counted *c = ARENA_NEW(a, struct counted, CODE_POINTS);

	*id = ARENA_NEW(a, uint32_t, CODE_POINTS);
	if (!c || !*id)
		return arena_error(a, err);
	for (uint32_t k = 0; k < CODE_POINTS; k++)
		c[k].point = k;
	for (size_t i = 0; i < n; i++)
		c[points[i]].count++;
	qsort(c, CODE_POINTS, sizeof(*c), by_count);
	for (*vocab = 1; c[*vocab - 1].count >= MIN_COUNT; (*vocab)++)
		(*id)[c[*vocab - 1].point] = (uint32_t)*vocab;
	return 0;
}

/* Code points of all parts first; then they become numbers in place. */
static int encode(const struct items *items, const struct split *split,
		  int threads, struct arena *a, struct dataset *out,
		  struct error *err)
{
	struct encode_part parts[3];
	uint32_t *points[3], *id;

	(void)threads;
	if (encode_begin(items, split, VIEW_TOKENS, a, out, err))
		return err->code;
	encode_parts(split, out, parts);
	for (size_t p = 0; p < 3; p++)
		if (fill_part(items, &parts[p], a, &points[p], err))
			return err->code;
	if (number_points(points[0], out->train.row_start[split->n_train], a,
			  &id, &out->vocab, err))
		return err->code;
	for (size_t p = 0; p < 3; p++)
		for (size_t k = 0; k < parts[p].part->row_start[parts[p].n]; k++)
			points[p][k] = id[points[p][k]];
	return 0;
}

const struct encoder encoder_chars = {
	.view = VIEW_CHARS,
	.version = 1,
	.modalities = 1u << MODALITY_TEXT,
	.encode = encode,
};
