/* Growing an oblivious tree.
 *
 * The grower looks at leaves as ever, two at a time and block by block; but
 * instead of each leaf's best cut the gain of every cut is added up, in floats
 * beside the cells of a histogram. When a level's leaves have all been looked
 * at the largest sum is its cut. So a level costs what it costs leaf-wise, and
 * two floats a cell. Columns that share a store (bins.h) keep their sums beside
 * their own bytes, of which they have one for each edge.
 */
#include "learners/gbdt/oblivious.h"

#include <math.h>
#include <string.h>

#include "learners/gbdt/cut_kernels.h"
#include "learners/gbdt/cut_search.h"

bool oblivious_allocate(struct grower *g, struct arena *a)
{
	struct oblivious *o = &g->oblivious;
	size_t cells = drawn_most_cells(g->drawn);

	*o = (struct oblivious){
		.kernels = SIMD_PICK(cut_kernels),
		.gain = { ARENA_NEW(a, float, cells), ARENA_NEW(a, float, cells) },
		.root = ARENA_RAW(a, int64_t, cells),
		.group = ARENA_RAW(a, uint8_t, cells),
		.groups = ARENA_RAW(a, uint16_t, g->bins->cols),
	};
	return o->gain[0] && o->gain[1] && o->root && o->group && o->groups;
}

void oblivious_begin_level(struct grower *g)
{
	size_t bytes = g->drawn->cells * sizeof(float);

	memset(g->oblivious.gain[0], 0, bytes);
	memset(g->oblivious.gain[1], 0, bytes);
}

/* One column of a block, with its place among all cells. */
struct place {
	uint32_t column;
	const struct bins_column *of;
	size_t bins; /* without the missing one */
	size_t cell; /* the first of its store */
	size_t sums; /* the first of its own */
	bool is_cat, is_onehot;
};

static struct place place_of(const struct grower *g,
			     const struct drawn_block *block, size_t k,
			     uint32_t column)
{
	const struct bins_column *c = &g->bins->column[column];
	size_t cell = block->offset + k * block->stride;

	return (struct place){
		.column = column, .of = c, .bins = c->bins, .cell = cell,
		.sums = cell + (c->is_bundled ? c->first : 0),
		.is_cat = c->is_cat,
		.is_onehot = c->is_cat &&
			     c->bins <= (size_t)g->config->max_onehot,
	};
}

/* ---------------------------------------------------------------- sums */

/* The root's cells and its order of levels hold for the tree. */
static void note_root(struct grower *g, const struct cut_search *s,
		      const struct place *p, const int64_t *cells)
{
	struct oblivious *o = &g->oblivious;
	struct cut_levels l;

	memcpy(o->root + p->cell, cells,
	       g->bins->store[p->of->store].cells * sizeof(*cells));
	if (!p->is_cat || p->is_onehot)
		return;
	cut_order_levels(s, p->column, cells, p->cell, &l);
	memcpy(o->group + p->cell, l.group, l.n);
	o->groups[p->column] = (uint16_t)l.groups;
}

/* One way to scan the column, added to one of the two sums. */
static void add_scan(struct grower *g, const struct cut_search *s,
		     const struct cut_scan *scan, const int64_t *cells,
		     float *gain)
{
	float score[CUT_EDGES] __attribute__((aligned(64)));

	cut_scan(s, scan, cells, score);
	g->oblivious.kernels->add_gains(gain, score, (float)(s->parent - s->shift),
					scan->edges);
}

/* The column's cells at the root. */
static const int64_t *root_of(const struct grower *g, const struct place *p,
			      int64_t own[256])
{
	return bins_cells(p->of, g->oblivious.root + p->cell, g->fixed.total, own);
}

/* The last edge, all values against missing, is none without any. */
static size_t edges_of(const struct grower *g, const struct place *p)
{
	int64_t own[256];

	if (p->is_cat)
		return p->bins + 1;
	return root_of(g, p, own)[p->bins] ? p->bins : p->bins - 1;
}

/* Missing rows on the right, then on the left, as in cut.c. */
static void add_numeric(struct grower *g, const struct cut_search *s,
			const struct place *p, const int64_t *cells)
{
	struct oblivious *o = &g->oblivious;
	size_t edges = edges_of(g, p);
	bool missing = edges == p->bins;
	struct cut_scan scan = { .column = p->column, .l2 = s->l2, .edges = edges };
	int64_t own[256];

	cells = bins_cells(p->of, cells, s->leaf->total, own);
	add_scan(g, s, &scan, cells, o->gain[0] + p->sums);
	if (!missing)
		return;
	scan.to_left = cells[p->bins];
	scan.edges = p->bins - 1;
	add_scan(g, s, &scan, cells, o->gain[1] + p->sums);
}

/* Ordered groups of levels are cut like numbers. */
static void add_subsets(struct grower *g, const struct cut_search *s,
			const struct place *p, const int64_t *cells)
{
	const struct oblivious *o = &g->oblivious;
	const uint8_t *order = g->order.bin + p->cell;
	const uint8_t *group = o->group + p->cell;
	int64_t sum[CUT_EDGES] = { 0 };
	struct cut_scan scan = {
		.column = p->column, .l2 = s->cat_l2,
		.edges = o->groups[p->column] ? o->groups[p->column] - 1u : 0,
	};

	for (size_t k = 0; k < g->order.n[p->column]; k++)
		sum[group[k]] += cells[order[k]];
	add_scan(g, s, &scan, sum, o->gain[0] + p->cell);
}

/* Each level against the rest: one edge, everything else behind it. */
static void add_onehot(struct grower *g, const struct cut_search *s,
		       const struct place *p, const int64_t *cells)
{
	struct cut_scan scan = { .column = p->column, .edges = 1, .l2 = s->l2 };

	for (size_t b = 0; b <= p->bins; b++)
		add_scan(g, s, &scan, cells + b, g->oblivious.gain[0] + p->cell + b);
}

/* One column's part in the sums. */
static void add_column(struct grower *g, const struct cut_search *s,
		       const struct place *p, const int64_t *cells)
{
	if (s->leaf->is_root)
		note_root(g, s, p, cells);
	if (s->leaf->use && !s->leaf->use[p->column])
		return;
	if (p->is_onehot)
		add_onehot(g, s, p, cells);
	else if (p->is_cat)
		add_subsets(g, s, p, cells);
	else
		add_numeric(g, s, p, cells);
}

struct cut oblivious_add(struct grower *g, const struct drawn_block *block,
			 size_t first, size_t n, const int64_t *hist,
			 const struct cut_leaf *leaf)
{
	struct cut_rules rules = grower_rules(g);
	struct cut_search s;

	if (!(g->fixed.gradient > 0) || !(g->fixed.hessian > 0))
		return (struct cut){ 0 };
	s = cut_begin(&rules, leaf);
	for (size_t k = first; k < first + n; k++)
		for (uint32_t m = block->first[k]; m < block->first[k + 1]; m++) {
			struct place p = place_of(g, block, k, block->column[m]);

			add_column(g, &s, &p, hist + k * block->stride);
		}
	return (struct cut){ .gain = 1 };
}

/* ---------------------------------------------------------------- the cut */

/* The largest sum so far, and where it is. */
struct best {
	float gain;
	struct place place;
	uint32_t edge;
	bool missing_left;
};

static void look_at_column(const struct grower *g, const struct place *p,
			   struct best *best)
{
	size_t edges = edges_of(g, p);

	for (int side = 0; side < 2; side++) {
		const float *gain = g->oblivious.gain[side] + p->sums;

		for (size_t b = 0; b < edges; b++)
			if (gain[b] > best->gain)
				*best = (struct best){ gain[b], *p, (uint32_t)b,
						       side == 1 };
	}
}

static void look_at_block(const struct grower *g, const struct drawn_block *block,
			  struct best *best)
{
	for (size_t k = 0; k < block->live; k++)
		for (uint32_t m = block->first[k]; m < block->first[k + 1]; m++) {
			struct place p = place_of(g, block, k, block->column[m]);

			look_at_column(g, &p, best);
		}
}

/* Sums are floats: what a million of them may be off by is no gain. */
static float noise_of(const struct grower *g)
{
	struct cut_rules rules = grower_rules(g);
	double sum = 0;

	for (size_t l = 0; l < g->leaves; l++) {
		struct cut_leaf about = { .total = g->leaf[l].total, .rows = 1 };
		struct cut_search s = cut_begin(&rules, &about);

		sum += s.parent;
	}
	return (float)(sum * 0x1p-21);
}

/* The levels left of the cut; what the root has not seen goes to its heavier
 * side. */
static struct tree_set subset_of(const struct grower *g, const struct best *b)
{
	const struct oblivious *o = &g->oblivious;
	const int64_t *root = o->root + b->place.cell;
	size_t n = b->place.is_onehot ? 0 : g->order.n[b->place.column];
	struct tree_set set = { { 0 } };
	int64_t left = 0;

	if (b->place.is_onehot)
		tree_set_put(&set, b->edge);
	for (size_t k = 0; k < n; k++)
		if (o->group[b->place.cell + k] <= b->edge)
			tree_set_put(&set, g->order.bin[b->place.cell + k]);
	for (uint32_t k = 0; k <= b->place.bins; k++)
		left += tree_set_has(&set, k) ? root[k] : 0;
	for (uint32_t k = 0; k < 256; k++)
		if (2.0 * gh_hessian(left) > gh_hessian(g->fixed.total) &&
		    (k > b->place.bins || !root[k]))
			tree_set_put(&set, k);
	return set;
}

/* Where nothing is missing, later missing values go to the heavier side. */
static bool sends_missing_left(const struct grower *g, const struct best *b)
{
	int64_t own[256], left = 0;
	const int64_t *root = root_of(g, &b->place, own);

	if (root[b->place.bins])
		return b->missing_left;
	for (size_t k = 0; k <= b->edge; k++)
		left += root[k];
	return 2.0 * gh_hessian(left) > gh_hessian(g->fixed.total);
}

/* The cut of this level; its gain is not positive when there is none. */
static struct cut best_cut(const struct grower *g, struct place *place)
{
	struct best best = { .gain = noise_of(g) };
	float noise = best.gain;
	double unit = g->fixed.gradient * g->fixed.gradient / g->fixed.hessian;
	struct cut cut = { 0 };

	for (size_t b = 0; b < g->drawn->n_blocks; b++)
		look_at_block(g, &g->drawn->block[b], &best);
	if (!(best.gain > noise))
		return cut;
	*place = best.place;
	cut.gain = (double)best.gain * unit - g->config->min_gain;
	cut.column = best.place.column;
	if (best.place.is_cat) {
		cut.set = subset_of(g, &best);
		return cut;
	}
	cut.bin = best.edge;
	cut.missing_left = sends_missing_left(g, &best);
	return cut;
}

/* ---------------------------------------------------------------- leaves */

static struct cut_leaf about(const struct grower_leaf *leaf)
{
	return (struct cut_leaf){ .total = leaf->total,
				  .rows = leaf->end - leaf->begin,
				  .bounds = leaf->bounds };
}

bool oblivious_is_light(const struct grower *g, const struct grower_leaf *leaf,
			int64_t half)
{
	struct cut_rules rules = grower_rules(g);
	struct cut_leaf whole = about(leaf);

	return cut_hessian(half) < cut_begin(&rules, &whole).least;
}

static bool goes_left(const struct cut *cut, const struct place *p, uint32_t bin)
{
	if (p->is_cat)
		return tree_set_has(&cut->set, bin);
	return bin == p->bins ? cut->missing_left : bin <= cut->bin;
}

/* The sum that a cut sends left: from the leaf's histogram, or, where it has
 * none (it is small, or there are many), from its rows. */
static int64_t left_of(const struct grower *g, const struct grower_leaf *leaf,
		       const struct place *p)
{
	const struct partition_rows *rows = &g->partition.rows;
	const uint8_t *bin = g->bins->bin + p->of->store * g->bins->pitch;
	uint8_t left[256] = { 0 };
	int64_t own[256], sum = 0;
	const int64_t *cells = leaf->hist ? bins_cells(p->of, leaf->hist + p->cell,
						       leaf->total, own) : NULL;

	for (uint32_t b = 0; b <= p->bins; b++) {
		left[b] = goes_left(&leaf->cut, p, b);
		sum += cells && left[b] ? cells[b] : 0;
	}
	bins_spread(p->of, left);
	for (size_t k = leaf->begin; !cells && k < leaf->end; k++)
		if (left[bin[rows->row[k]]])
			sum += g->narrow ? gh_pack(narrow_gradient(rows->gh[k]),
						   narrow_hessian(rows->gh[k])) :
					   g->gh[rows->row[k]];
	return sum;
}

/* Give a leaf the level's cut: with what goes left here, and its gain here. */
static void take_cut(const struct grower *g, struct grower_leaf *leaf,
		     const struct cut *cut, const struct place *p)
{
	struct cut_rules rules = grower_rules(g);
	struct cut_leaf whole = about(leaf);
	struct cut_search s = cut_begin(&rules, &whole);
	int64_t left, right;

	leaf->cut = *cut;
	left = leaf->cut.left = left_of(g, leaf, p);
	right = leaf->total - left;
	leaf->cut.gain = 0;
	if (cut_hessian(left) >= s.least && cut_hessian(right) >= s.least)
		leaf->cut.gain = s.gain_unit * (cut_score(&s, left, s.l2) +
						cut_score(&s, right, s.l2) -
						s.parent);
}

/* Leaves are cut in order, so that the right half of leaf l gets the number
 * l + 2^level. */
void oblivious_grow(struct grower *g)
{
	size_t most = (size_t)g->config->leaves;

	while (g->leaves < most && g->fixed.gradient > 0 && g->fixed.hessian > 0) {
		size_t n = g->leaves;
		struct place place;
		struct cut cut = best_cut(g, &place);

		if (!(cut.gain > 0))
			return;
		oblivious_begin_level(g);
		for (size_t l = 0; l < n; l++) {
			take_cut(g, &g->leaf[l], &cut, &place);
			grower_cut_leaf(g, l);
		}
	}
}
