/* Items lie one behind the other and keep their lengths: starts stay. */
#include "datasets/twins/wave_edit.h"

#include <string.h>

#include "harness/base/par.h"

/* Shared by all threads and only read, but for the wave, of which each row has a part. */
struct editing {
	const struct transform_job *job;
	const struct items *items;
	wave_fn *fn;
	float *wave;
};

/* A row is a thread's own; how long it is does not change, so no row can reach into
 * another. */
static void edit_row(void *ctx, size_t i, size_t worker)
{
	const struct editing *e = ctx;
	uint32_t row = e->job->split->test[i];
	size_t at = e->items->wave_start[row];

	(void)worker;
	e->fn(e->job, row, e->items->wave + at, e->items->wave_start[row + 1] - at,
	      e->items->rate, e->wave + at);
}

/* In one thread: it is as fast as memory is. */
static void copy_rows(const struct editing *e, const uint32_t *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = e->items->wave_start[rows[i]];

		memcpy(e->wave + at, e->items->wave + at,
		       (e->items->wave_start[rows[i] + 1] - at) * sizeof(float));
	}
}

/* Only test rows are edited: all twins of sound that work on the wave are probes of a
 * shift. The new array is cleared, so an edit need not write silence, and as long as
 * the old one, since wave_start is shared by both. */
int wave_edit(const struct transform_job *job, struct items *items, wave_fn *fn,
	      struct error *err)
{
	struct editing e = { .job = job, .items = items, .fn = fn };

	e.wave = ARENA_NEW(job->a, float, items->wave_start[items->n]);
	if (!e.wave)
		return arena_error(job->a, err);
	copy_rows(&e, job->split->train, job->split->n_train);
	copy_rows(&e, job->split->valid, job->split->n_valid);
	par_for(job->threads, job->split->n_test, edit_row, &e);
	items->wave = e.wave;
	return 0;
}
