/* Alone, a line of blocks is built, subtracted and searched while it is in the
 * cache. Together, either each thread takes whole lines, where there are enough
 * of them, or a share of the rows into a histogram of its own, which are added up
 * by columns: integers, so it matters not who had which rows.
 */
#include "learners/gbdt/look.h"

#include <string.h>

#include "harness/base/par.h"
#include "learners/gbdt/oblivious.h"

enum {
	UNIT = 8,	/* columns that are searched as one piece of work */
	SHARE = 16384,	/* rows of a share */
};

/* Blocks [first, last), which lie in one line, of one histogram. */
struct line {
	const struct drawn_block *first, *last;
	int64_t *hist;
	bool add; /* to the sums that are there */
};

static void build_wide(const struct grower *g, const struct line *l,
		       size_t begin, size_t end)
{
	for (const struct drawn_block *b = l->first; b < l->last; b++) {
		wide_fn *build = g->kernels->wide[hist_width_index(b->width)]
						 [hist_stride_index(b->stride)];

		if (!l->add)
			memset(l->hist + b->offset, 0,
			       b->cells * sizeof(*l->hist));
		build(l->hist + b->offset, b->bin, b->pitch,
		      g->partition.rows.row + begin, g->gh, end - begin);
	}
}

/* Some thousand rows at a time: as many as narrow cells can take, and as the L2
 * cache keeps for the line's next block. */
static void build_narrow(const struct grower *g, const struct line *l,
			 size_t begin, size_t n, bool add, size_t worker)
{
	const struct partition_rows *p = &g->partition.rows;

	for (const struct drawn_block *b = l->first; b < l->last; b++) {
		narrow_fn *build = g->kernels->narrow[hist_width_index(b->width)]
						     [hist_stride_index(b->stride)];

		build(g->fast[worker], b->bin, b->pitch, p->row + begin,
		      p->gh + begin, n);
		g->kernels->empty(l->hist + b->offset, g->fast[worker], b->cells,
				  add);
	}
}

/* The histogram of rows [begin, end) of the partition. */
static void build(const struct grower *g, const struct line *l, size_t begin,
		  size_t end, size_t worker)
{
	bool add = l->add;

	if (!g->narrow || begin == end) {
		build_wide(g, l, begin, end);
		return;
	}
	while (begin < end) {
		size_t n = g->kernels->span(g->partition.rows.gh + begin,
					    end - begin);

		build_narrow(g, l, begin, n, add, worker);
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
	struct grower *g = l->g;
	struct cut_rules rules = grower_rules(g);
	struct cut_leaf about = {
		.total = leaf->total, .rows = leaf->end - leaf->begin,
		.bounds = leaf->bounds, .use = leaf->use,
		.is_root = !leaf->depth,
	};
	size_t n = b->live - first < UNIT ? b->live - first : UNIT;
	struct cut cut;

	if (g->config->growth == GBDT_OBLIVIOUS)
		cut = oblivious_add(g, b, first, n, hist + b->offset, &about);
	else
		cut = cut_search(&rules, b, first, n, hist + b->offset, &about);
	take_better(best, &cut);
}

/* The cuts of both halves among UNIT columns from `first`. */
static void finish(const struct look *l, const struct drawn_block *b,
		   size_t first, struct cut best[2])
{
	if (l->search_small)
		search(l, l->small, b, first, l->small_hist, &best[0]);
	if (l->search_large)
		search(l, l->large, b, first, l->large_hist, &best[1]);
}

static struct line line_of(const struct grower *g, size_t k, int64_t *hist)
{
	const struct drawn *d = g->drawn;
	size_t first = k * d->per_line, rest = d->n_blocks - first;

	return (struct line){
		.first = d->block + first,
		.last = d->block + first +
			(rest < d->per_line ? rest : d->per_line),
		.hist = hist,
	};
}

static void build_halves(const struct look *l, size_t k, size_t worker)
{
	const struct grower *g = l->g;
	struct line small = line_of(g, k, l->small_hist);
	struct line large = line_of(g, k, l->large_hist);

	build(g, &small, l->small->begin, l->small->end, worker);
	if (l->large && !l->subtract)
		build(g, &large, l->large->begin, l->large->end, worker);
	if (!l->large || !l->subtract)
		return;
	for (const struct drawn_block *b = small.first; b < small.last; b++)
		g->kernels->subtract(l->large_hist + b->offset,
				     l->small_hist + b->offset, b->cells);
}

static void look_at_line(const struct look *l, size_t k, struct cut best[2],
			 size_t worker)
{
	struct line line = line_of(l->g, k, NULL);

	build_halves(l, k, worker);
	for (const struct drawn_block *b = line.first; b < line.last; b++)
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

	for (size_t k = 0; k < l->g->drawn->n_lines; k++)
		look_at_line(l, k, best, worker);
	set_cuts(l, best);
}

/* ---------------------------------------------------------------- together */

static void whole_line(void *ctx, size_t k, size_t worker)
{
	const struct look *l = ctx;
	struct cut *best = l->g->cuts + 2 * k;

	best[0] = best[1] = (struct cut){ 0 };
	look_at_line(l, k, best, worker);
}

/* A leaf's rows, cut into shares for each line. */
struct shares {
	const struct look *l;
	const struct grower_leaf *leaf;
	size_t each; /* line */
};

static void add_share(void *ctx, size_t chunk, size_t worker)
{
	const struct shares *s = ctx;
	const struct grower *g = s->l->g;
	struct par_range r = par_range(s->leaf->end - s->leaf->begin, SHARE,
				       chunk % s->each);
	struct line line = line_of(g, chunk / s->each, g->own[worker]);

	line.add = true;
	build(g, &line, s->leaf->begin + r.begin, s->leaf->begin + r.end, worker);
}

static void build_shares(const struct look *l, const struct grower_leaf *leaf)
{
	const struct grower *g = l->g;
	struct shares s = { .l = l, .leaf = leaf,
			    .each = par_chunks(leaf->end - leaf->begin, SHARE) };

	for (int t = 0; t < g->threads; t++)
		memset(g->own[t], 0, g->drawn->cells * sizeof(**g->own));
	par_for(g->threads, g->drawn->n_lines * s.each, add_share, &s);
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

/* Shares of rows need the parent's histogram; without one, lines are shared. */
void look_together(struct look *l)
{
	struct grower *g = l->g;
	size_t units = g->drawn->n_blocks * (HIST_WIDTH / UNIT);

	if (!g->own || (l->large && !l->subtract)) {
		par_for(g->threads, g->drawn->n_lines, whole_line, l);
		best_of(l, g->drawn->n_lines);
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
