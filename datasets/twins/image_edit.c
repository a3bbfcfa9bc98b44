/* The pictures are mapped from a file and may be 70,000; pages of rows that are
 * not in the split are never touched. */
#include "datasets/twins/image_edit.h"

#include <string.h>

#include "harness/base/par.h"

#define ROW_GRAIN 64

/* One part of the split at a time, as training rows may be copied while test rows are
 * edited. */
struct editing {
	const struct image_edit *edit;
	const struct items *items;
	const uint32_t *rows; /* (n) of one part */
	size_t n;
	bool copies;
	uint8_t *pixels; /* (items->n, ...) */
};

/* Rows that are only copied go the same way, because the new array has to hold all
 * rows that anybody will read. */
static void edit_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct editing *e = ctx;
	const struct items *it = e->items;
	size_t size = it->channels * it->height * it->width;
	struct par_range r = par_range(e->n, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		const uint8_t *from = it->pixels + e->rows[i] * size;
		uint8_t *to = e->pixels + e->rows[i] * size;

		if (e->copies)
			memcpy(to, from, size);
		else
			e->edit->fn(e->edit->ctx, it, e->rows[i], from, to);
	}
}

/* The array is cleared by the arena, which edits that leave parts black rely on. It is
 * as long as all the pictures, so that row numbers stay what they are; memory that is
 * never touched is never backed by the kernel. */
int image_edit(const struct transform_job *job, struct items *items,
	       const struct image_edit *edit, struct error *err)
{
	const struct split *s = job->split;
	const uint32_t *rows[] = { s->train, s->valid, s->test };
	size_t n[] = { s->n_train, s->n_valid, s->n_test };
	struct editing e = { .edit = edit, .items = items };

	e.pixels = arena_alloc(job->a, items->n, items->channels * items->height *
							 items->width);
	if (!e.pixels)
		return arena_error(job->a, err);
	for (size_t p = 0; p < 3; p++) {
		e.rows = rows[p];
		e.n = n[p];
		e.copies = edit->test_only && p < 2;
		par_for(job->threads, par_chunks(e.n, ROW_GRAIN), edit_rows, &e);
	}
	items->pixels = e.pixels;
	return 0;
}
