/* One thread: utf8proc and the arena are what takes the time. */
#include "datasets/twins/text_edit.h"

#include <string.h>

/* Rows of all three parts, one behind the other. Words are numbered over all parts
 * together: a twin renames a word of the test part as it does in training. */
static uint32_t *rows_of(const struct split *s, struct arena *a, size_t *n)
{
	uint32_t *rows;

	*n = s->n_train + s->n_valid + s->n_test;
	rows = ARENA_NEW(a, uint32_t, *n);
	if (!rows)
		return NULL;
	for (size_t k = 0; k < s->n_train; k++)
		rows[k] = s->train[k];
	for (size_t k = 0; k < s->n_valid; k++)
		rows[s->n_train + k] = s->valid[k];
	for (size_t k = 0; k < s->n_test; k++)
		rows[s->n_train + s->n_valid + k] = s->test[k];
	return rows;
}

/* Only the texts of the split are read, since rows outside of it may be millions; the
 * list of pointers is that of all rows, so that row numbers stay. A text that `fn`
 * does not set is the old one. */
int text_edit(const struct transform_job *job, struct items *items,
	      int (*begin)(const struct transform_job *job, struct retext *r,
			   struct error *err),
	      text_fn *fn, struct error *err)
{
	struct arena *a = job->a;
	size_t n = 0;
	uint32_t *rows = rows_of(job->split, a, &n);
	const char **old = ARENA_NEW(a, const char *, n);
	const char **text = arena_copy(a, items->text, items->n * sizeof(*text));
	struct retext r;

	if (!rows || !old || !text)
		return arena_error(a, err);
	for (size_t i = 0; i < n; i++)
		old[i] = items->text[rows[i]];
	if (retext_init(&r, old, n, a, err) || (begin && begin(job, &r, err)))
		return (int)err->code;
	for (size_t i = 0; i < n; i++)
		if (fn(job, &r, i, rows[i], &text[rows[i]], err))
			return (int)err->code;
	items->text = text;
	return 0;
}
