/* Alone, a block is built, subtracted and searched while it is in the cache.
 * Together, either each thread takes whole blocks, where there are enough of
 * them, or a share of the rows into a histogram of its own, which are added up
 * by columns: integers, so it matters not who had which rows.
 */
#include "learners/gbdt/look.h"

#include <string.h>

#include "harness/base/par.h"

enum {
	UNIT = 8,	/* columns that are searched as one piece of work */
	SHARE = 16384,	/* rows of a share */
};

/* One block's histogram of rows [begin, end) of the partition, or their sums
 * added to it. */
static void build(const struct grower *g, const struct drawn_block *b,
		  size_t begin, size_t end, int64_t *hist, bool add, size_t worker)
{
	size_t w = hist_width_index(b->width), s = hist_stride_index(b->stride);
	const struct partition_rows *p = &g->partition.rows;

	hist += b->offset;
	if (!add && (begin == end || !g->narrow))
		memset(hist, 0, b->cells * sizeof(*hist));
	if (!g->narrow) {
		g->kernels->wide[w][s](hist, b->bin, p->row + begin, g->gh,
				       end - begin);
		return;
	}
	while (begin < end) {
		size_t n = g->kernels->span(p->gh + begin, end - begin);

		g->kernels->narrow[w][s](g->fast[worker], b->bin,
					 p->row + begin, p->gh + begin, n);
		g->kernels->empty(hist, g->fast[worker], b->cells, add);
		begin += n;
		add = true;
	}
}

/* The better; of equal ones the first. */
static void take_better(struct cut *best, const struct cut *cut)
{
	if (cut->gain > best->gain)
		*best = *cut;
}

static void search(const struct look *l, const struct grower_leaf *leaf,
		   const struct drawn_block *b, size_t first,
		   const int64_t *hist, struct cut *best)
{
	const struct grower *g = l->g;
	struct cut_rules rules = {
		.config = g->config, .bins = g->bins, .fixed = &g->fixed,
	};
	struct cut_leaf about = {
		.total = leaf->total, .rows = leaf->end - leaf->begin,
	};
	size_t n = b->live - first < UNIT ? b->live - first : UNIT;
	struct cut cut = cut_search(&rules, b, first, n, hist + b->offset, &about);

	take_better(best, &cut);
}

/* The large half of a block, then the cuts among UNIT columns from `first`. */
static void finish(const struct look *l, const struct drawn_block *b,
		   size_t first, struct cut best[2])
{
	if (l->search_small)
		search(l, l->small, b, first, l->small_hist, &best[0]);
	if (l->search_large)
		search(l, l->large, b, first, l->large_hist, &best[1]);
}

static void build_halves(const struct look *l, const struct drawn_block *b,
			 size_t worker)
{
	const struct grower *g = l->g;

	build(g, b, l->small->begin, l->small->end, l->small_hist, false, worker);
	if (l->large && l->subtract)
		g->kernels->subtract(l->large_hist + b->offset,
				     l->small_hist + b->offset, b->cells);
	else if (l->large)
		build(g, b, l->large->begin, l->large->end, l->large_hist, false,
		      worker);
}

static void look_at_block(const struct look *l, const struct drawn_block *b,
			  struct cut best[2], size_t worker)
{
	build_halves(l, b, worker);
	for (size_t first = 0; first < b->live; first += UNIT)
		finish(l, b, first, best);
}

static void set_cuts(struct look *l, const struct cut best[2])
{
	if (l->search_small)
		l->small->cut = best[0];
	if (l->search_large)
		l->large->cut = best[1];
}

void look_alone(struct look *l, size_t worker)
{
	struct cut best[2] = { { 0 } };

	for (size_t b = 0; b < l->g->drawn->n_blocks; b++)
		look_at_block(l, &l->g->drawn->block[b], best, worker);
	set_cuts(l, best);
}

/* ---------------------------------------------------------------- together */

static void whole_block(void *ctx, size_t b, size_t worker)
{
	const struct look *l = ctx;
	struct cut *best = l->g->cuts + 2 * b;

	best[0] = best[1] = (struct cut){ 0 };
	look_at_block(l, &l->g->drawn->block[b], best, worker);
}

/* A leaf's rows, cut into shares for each block. */
struct shares {
	const struct look *l;
	const struct grower_leaf *leaf;
	size_t each; /* block */
};

static void add_share(void *ctx, size_t chunk, size_t worker)
{
	const struct shares *s = ctx;
	const struct grower *g = s->l->g;
	struct par_range r = par_range(s->leaf->end - s->leaf->begin, SHARE,
				       chunk % s->each);

	build(g, &g->drawn->block[chunk / s->each], s->leaf->begin + r.begin,
	      s->leaf->begin + r.end, g->own[worker], true, worker);
}

static void build_shares(const struct look *l, const struct grower_leaf *leaf)
{
	const struct grower *g = l->g;
	struct shares s = { .l = l, .leaf = leaf,
			    .each = par_chunks(leaf->end - leaf->begin, SHARE) };

	for (int t = 0; t < g->threads; t++)
		memset(g->own[t], 0, g->drawn->cells * sizeof(**g->own));
	par_for(g->threads, g->drawn->n_blocks * s.each, add_share, &s);
}

/* What the threads have of UNIT columns becomes one histogram. The columns that
 * only fill a block go with them, as its subtraction takes it as a whole. */
static void collect(const struct grower *g, size_t cell, size_t cells,
		    int64_t *hist)
{
	memcpy(hist + cell, g->own[0] + cell, cells * sizeof(*hist));
	for (int t = 1; t < g->threads; t++)
		g->kernels->add(hist + cell, g->own[t] + cell, cells);
}

static void finish_unit(void *ctx, size_t u, size_t worker)
{
	const struct look *l = ctx;
	const struct grower *g = l->g;
	const size_t units = HIST_WIDTH / UNIT;
	const struct drawn_block *b = &g->drawn->block[u / units];
	size_t first = u % units * UNIT;
	size_t cell = b->offset + first * b->stride;
	size_t cells = (b->width - first < UNIT ? b->width - first : UNIT) *
		       b->stride;
	struct cut *best = g->cuts + 2 * u;

	(void)worker;
	best[0] = best[1] = (struct cut){ 0 };
	if (first >= b->live)
		return;
	collect(g, cell, cells, l->small_hist);
	if (l->large)
		g->kernels->subtract(l->large_hist + cell,
				     l->small_hist + cell, cells);
	finish(l, b, first, best);
}

static void best_of(struct look *l, size_t n)
{
	struct cut best[2] = { { 0 } };

	for (size_t k = 0; k < 2 * n; k++)
		take_better(&best[k % 2], &l->g->cuts[k]);
	set_cuts(l, best);
}

/* Shares of rows need the parent's histogram; without one, blocks are shared. */
void look_together(struct look *l)
{
	struct grower *g = l->g;
	size_t units = g->drawn->n_blocks * (HIST_WIDTH / UNIT);

	if (!g->own || (l->large && !l->subtract)) {
		par_for(g->threads, g->drawn->n_blocks, whole_block, l);
		best_of(l, g->drawn->n_blocks);
		return;
	}
	build_shares(l, l->small);
	par_for(g->threads, units, finish_unit, l);
	best_of(l, units);
}

double look_steps(const struct grower *g, size_t rows)
{
	return (double)rows * (double)(g->drawn->live + 4) / 2 +
	       2 * (double)g->drawn->cells;
}
