/* A few hundred rows a chunk: turned once, they stay in the cache for all trees
 * of the round. */
#include "learners/gbdt/walk.h"

#include "harness/base/par.h"
#include "learners/gbdt/worth.h"

static void walk_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct walk *w = ctx;
	struct par_range r = par_range(w->part->rows, SIEVE_ROWS, chunk);
	size_t cols = w->turner->cols;
	const float *x = w->part->x + r.begin * cols;
	const struct turned *rows =
		turner_turn(w->turner, x, r.end - r.begin, worker);

	for (size_t c = 0; c < w->outputs; c++)
		tree_add_turned(&w->tree[c], w->column, rows, x, cols,
				w->score + c * w->part->rows + r.begin, 1);
}

void walk_trees(const struct walk *w)
{
	double steps = 10.0 * (double)w->part->rows * (double)w->outputs;

	turner_forget(w->turner);
	for (size_t c = 0; c < w->outputs; c++)
		turner_want(w->turner, &w->tree[c], w->column);
	par_for(worth_threads(w->threads, steps),
		par_chunks(w->part->rows, SIEVE_ROWS), walk_chunk, (void *)w);
}
