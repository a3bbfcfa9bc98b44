/* Apply one transform to fixtures: shared by the tests of transforms. */
#ifndef TRIARCH_TRANSFORM_TRIAL_H
#define TRIARCH_TRANSFORM_TRIAL_H

#include <stdlib.h>

#include "datasets/encode.h"
#include "datasets/transform.h"
#include "harness/base/hash.h"
#include "tests/data_fixtures.h"

/* The later a column stands, the more it matters. */
__attribute__((unused)) static int
trial_rank(void *ctx, const struct dataset *data, struct arena *a, double *gain,
	   struct error *err)
{
	(void)ctx, (void)a, (void)err;
	assert(data->view == VIEW_TABLE && !data->test.rows);
	for (size_t j = 0; j < data->cols; j++)
		gain[j] = (double)(j + 1);
	return 0;
}

struct trial {
	const char *name;
	double severity;
	unsigned repeat;
	int threads;
	enum view view;
	size_t fail_at; /* allocation that fails; 0: none */
	bool nobody;	/* no ranking */
	/* what comes of it */
	int rc;
	struct error err;
	size_t calls;
	struct items items;
	struct split split;
	struct dataset data; /* for transforms of views */
};

/* Rows, items and then the view, as load.c does. The arena is `made`; the data
 * are encoded in `a`. */
__attribute__((unused)) static void
trial_run(struct trial *t, const struct items *items, const struct split *split,
	  struct arena *a, struct arena *made)
{
	const struct transform *x = transform_find(t->name);
	const struct transform_step step = { x, t->severity };
	const struct transform_chain chain = { &step, 1 };
	const struct ranking ranking = { .rank = trial_rank };
	const struct transform_means with = { t->repeat, t->nobody ? NULL : &ranking, t->view,
					      t->threads, made };

	assert(x);
	t->items = *items;
	t->split = *split;
	made->calls = 0;
	if (x->view) {
		const struct encoder *e = encoder_find(t->view, items->modality);

		assert(e && !e->encode(items, split, 1, a, &t->data, &t->err));
	}
	made->fail_at = t->fail_at;
	t->rc = transform_rows(&chain, &with, items, &t->split, &t->err);
	if (!t->rc)
		t->rc = transform_items(&chain, &with, &t->split, &t->items, &t->err);
	if (!t->rc && x->view)
		t->rc = transform_view(&chain, &with, &t->split, &t->data, &t->err);
	t->calls = made->calls;
}

/* One item's content, its label or target left out. */
__attribute__((unused)) static void
trial_hash_row(struct hash *h, const struct items *it, uint32_t row)
{
	size_t size = it->channels * it->height * it->width;

	for (size_t j = 0; j < it->cols; j++)
		hash_add(h, &it->cell[j][row], sizeof(float));
	if (it->pixels)
		hash_add(h, it->pixels + row * size, size);
	if (it->wave)
		hash_add(h, it->wave + it->wave_start[row],
			 (it->wave_start[row + 1] - it->wave_start[row]) * sizeof(float));
	if (it->text)
		hash_add_string(h, it->text[row]);
}

__attribute__((unused)) static void
trial_hash_target(struct hash *h, const struct items *it, uint32_t row)
{
	if (it->label)
		hash_add(h, &it->label[row], sizeof(int32_t));
	if (it->target)
		hash_add(h, &it->target[row], sizeof(float));
}

/* Content and targets of training, validation and the first `tests` test rows. */
__attribute__((unused)) static void
trial_hash(const struct trial *t, bool is_view, size_t tests, char hex[HASH_HEX])
{
	const struct split *s = &t->split;
	const uint32_t *rows[] = { s->train, s->valid, s->test };
	size_t n[] = { s->n_train, s->n_valid, tests < s->n_test ? tests : s->n_test };
	const struct part *parts[] = { &t->data.train, &t->data.valid, &t->data.test };
	struct hash *h = hash_new();

	assert(h);
	hash_add(h, n, sizeof(n));
	for (size_t p = 0; p < 3; p++)
		for (size_t i = 0; i < n[p]; i++) {
			hash_add(h, &rows[p][i], sizeof(uint32_t));
			if (is_view)
				hash_add(h, parts[p]->x + i * t->data.cols,
					 t->data.cols * sizeof(float));
			else
				trial_hash_row(h, &t->items, rows[p][i]);
			trial_hash_target(h, &t->items, rows[p][i]);
		}
	hash_finish(h, hex);
}

#endif
