/* A few hundred rows a chunk: turned once, they stay in the cache for all trees
 * of the round. */
#include "learners/gbdt/walk.h"

#include "harness/base/par.h"
#include "learners/gbdt/worth.h"

int walk_init(struct expand *e, struct turner *t, size_t cols, bool sparse,
	      size_t leaves, const struct target_stats *stats, int threads,
	      struct arena *a, struct error *err)
{
	size_t width = cols + target_stats_extras(stats);

	if (turner_init(t, width, sparse && leaves <= SIEVE_LEAVES, threads, a, err))
		return err->code;
	return expand_init(e, cols, sparse && !t->sparse, stats, threads, a, err);
}

const struct turned *walk_open(const struct walk_rows *w, struct par_range r,
			       size_t worker, const float **x)
{
	*x = NULL;
	if (w->turner->sparse)
		return turner_scatter(w->turner, w->part, r, worker);
	*x = expand_open(w->expand, w->part, w->ordered, r, worker);
	return turner_turn(w->turner, *x, r.end - r.begin, worker);
}

void walk_close(const struct walk_rows *w, struct par_range r, size_t worker)
{
	if (w->turner->sparse)
		turner_clear(w->turner, w->part, r, worker);
	else
		expand_close(w->expand, w->part, r, worker);
}

static void walk_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct walk *w = ctx;
	struct walk_rows from = { .expand = w->expand, .turner = w->turner,
				  .part = w->part, .ordered = w->ordered };
	struct par_range r = par_range(w->part->rows, w->expand->grain, chunk);
	const float *x;
	const struct turned *rows = walk_open(&from, r, worker, &x);

	for (size_t c = 0; c < w->outputs; c++)
		tree_add_turned(&w->tree[c], w->column, rows, x, w->expand->width,
				w->score + c * w->part->rows + r.begin, 1);
	walk_close(&from, r, worker);
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
