/* A few hundred rows a chunk: turned once, they stay in the cache for all trees
 * of the round. */
#include "learners/gbdt/walk.h"

#include "harness/base/par.h"
#include "learners/gbdt/worth.h"

static void walk_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct walk *w = ctx;
	const struct expand *e = w->expand;
	struct par_range r = par_range(w->part->rows, e->grain, chunk);
	const float *x = expand_open(e, w->part, w->ordered, r, worker);
	const struct turned *rows =
		turner_turn(w->turner, x, r.end - r.begin, worker);

	for (size_t c = 0; c < w->outputs; c++)
		tree_add_turned(&w->tree[c], w->column, rows, x, e->width,
				w->score + c * w->part->rows + r.begin, 1);
	expand_close(e, w->part, r, worker);
}

void walk_trees(const struct walk *w)
{
	double steps = 10.0 * (double)w->part->rows * (double)w->outputs;

	turner_forget(w->turner);
	for (size_t c = 0; c < w->outputs; c++)
		turner_want(w->turner, &w->tree[c], w->column);
	par_for(worth_threads(w->threads, steps),
		par_chunks(w->part->rows, w->expand->grain), walk_chunk, (void *)w);
}
