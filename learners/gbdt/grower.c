/* How a tree grows.
 *
 *	plant, pack gradients, search the root
 *	while there are leaves to spare: cut the best leaf
 *		part its rows, add a node,
 *		histogram of the smaller half, parent less that for the other,
 *		search both
 *
 * The order of cuts is by gain (leaf-wise), so with few leaves the tree spends
 * them where the loss is; `depth` bounds it for those who want it level.
 */
#include "learners/gbdt/grower.h"

#include <assert.h>
#include <string.h>

#include "harness/base/par.h"
#include "learners/gbdt/worth.h"

/* ---------------------------------------------------------------- memory */

/* As many histograms as may be kept; two more for leaves that get none. With
 * many columns (100,000 of them take 200 MB) keeping one a leaf is no option,
 * and building the larger half anew costs time but never correctness. */
static bool allocate_histograms(struct grower *g, size_t bytes, struct arena *a)
{
	size_t leaves = (size_t)g->config->leaves;
	size_t each = g->bins->cells * sizeof(int64_t) + 1;
	size_t slots = bytes / each < leaves ? bytes / each : leaves;

	g->idle = ARENA_NEW(a, int64_t *, slots);
	g->scratch[0] = ARENA_RAW(a, int64_t, g->bins->cells);
	g->scratch[1] = ARENA_RAW(a, int64_t, g->bins->cells);
	if (!g->idle || !g->scratch[0] || !g->scratch[1])
		return false;
	for (; g->n_idle < slots; g->n_idle++) {
		int64_t *hist = ARENA_RAW(a, int64_t, g->bins->cells);

		if (!hist)
			return false;
		g->idle[g->n_idle] = hist;
	}
	return true;
}

int grower_init(struct grower *g, const struct gbdt_config *config,
		const struct bins *bins, size_t bytes, int threads,
		struct arena *a, struct error *err)
{
	size_t leaves = (size_t)config->leaves;

	*g = (struct grower){
		.config = config,
		.bins = bins,
		.kernels = SIMD_PICK(gbdt_kernels),
		.threads = threads,
		.leaf = ARENA_NEW(a, struct grower_leaf, leaves),
		.block = ARENA_NEW(a, struct bins_block, bins->n_blocks),
		.cuts = ARENA_NEW(a, struct cut, 2 * bins->n_blocks),
		.partial = ARENA_RAW(a, double,
				     3 * par_chunks(bins->rows, FIXED_ROWS)),
	};
	if (!g->leaf || !g->block || !g->cuts || !g->partial ||
	    !partition_allocate(&g->partition, bins->rows, a) ||
	    !allocate_histograms(g, bytes, a))
		return arena_error(a, err);
	return 0;
}

static int64_t *take_histogram(struct grower *g)
{
	return g->n_idle ? g->idle[--g->n_idle] : NULL;
}

static void drop_histogram(struct grower *g, struct grower_leaf *leaf)
{
	if (leaf->hist)
		g->idle[g->n_idle++] = leaf->hist;
	leaf->hist = NULL;
}

/* ---------------------------------------------------------------- search */

/* One or two leaves on their way to their cuts. */
struct look {
	struct grower *g;
	struct grower_leaf *small, *large; /* large: NULL for the root */
	int64_t *small_hist, *large_hist;
	bool subtract; /* large_hist holds the parent's */
	bool search_small, search_large;
};

/* One block of a leaf's histogram from its rows. */
static void build_block(struct grower *g, const struct grower_leaf *leaf,
			const struct bins_block *block, int64_t *hist)
{
	hist += block->offset;
	memset(hist, 0, block->cells * sizeof(*hist));
	g->kernels->build(hist, block, g->partition.rows + leaf->begin,
			  g->partition.gh + leaf->begin,
			  leaf->end - leaf->begin);
}

/* The best cut among the columns of one block. */
static struct cut search_block(const struct grower *g,
			       const struct grower_leaf *leaf, size_t block,
			       const int64_t *hist)
{
	struct cut_rules rules = {
		.config = g->config, .bins = g->bins, .fixed = &g->fixed,
	};
	struct cut_leaf about = {
		.total = leaf->total, .rows = leaf->end - leaf->begin,
	};

	return cut_search(&rules, &g->block[block],
			  hist + g->block[block].offset, &about);
}

/* All that is to be done with one block while it is in the cache: build the
 * smaller leaf, subtract it from the parent, search both. Blocks share nothing,
 * so they are the chunks of the parallel loop. */
static void look_at_block(void *ctx, size_t b, size_t worker)
{
	struct look *look = ctx;
	struct grower *g = look->g;
	const struct bins_block *block = &g->block[b];

	(void)worker;
	build_block(g, look->small, block, look->small_hist);
	if (look->large && look->subtract)
		g->kernels->subtract(look->large_hist + block->offset,
				     look->small_hist + block->offset,
				     block->cells);
	else if (look->large)
		build_block(g, look->large, block, look->large_hist);
	if (look->search_small)
		g->cuts[2 * b] = search_block(g, look->small, b,
					      look->small_hist);
	if (look->search_large)
		g->cuts[2 * b + 1] = search_block(g, look->large, b,
						  look->large_hist);
}

/* The first of the best of all blocks. */
static struct cut best_cut(const struct grower *g, size_t which)
{
	struct cut best = g->cuts[which];

	for (size_t b = 1; b < g->bins->n_blocks; b++)
		if (g->cuts[2 * b + which].gain > best.gain)
			best = g->cuts[2 * b + which];
	return best;
}

/* A leaf that is too small or too deep needs neither histogram nor search. */
static bool may_be_cut(const struct grower *g, const struct grower_leaf *leaf)
{
	const struct gbdt_config *c = g->config;
	size_t rows = leaf->end - leaf->begin;

	return rows >= 2 && rows >= 2 * (size_t)c->min_child_rows &&
	       (!c->depth || leaf->depth < (size_t)c->depth);
}

/* One for each row and column to be added and each cell to be searched. */
static double look_steps(const struct look *look)
{
	size_t rows = look->small->end - look->small->begin;
	size_t columns = 0, cells = 0;

	for (size_t b = 0; b < look->g->bins->n_blocks; b++) {
		columns += look->g->block[b].live;
		cells += look->g->block[b].cells;
	}
	if (look->large && !look->subtract)
		rows += look->large->end - look->large->begin;
	return (double)rows * (double)columns + 2 * (double)cells;
}

/* Find the cuts of two new leaves (or of the root), and keep the histograms
 * that may be needed again. `parent` is theirs to take over, or NULL. */
static void look_for_cuts(struct grower *g, struct grower_leaf *small,
			  struct grower_leaf *large, int64_t *parent)
{
	struct look look = {
		.g = g, .small = small, .large = large,
		.subtract = parent != NULL,
		.search_small = may_be_cut(g, small),
		.search_large = large && may_be_cut(g, large),
	};

	if (large)
		large->hist = parent;
	if (!look.search_small && !look.search_large) {
		if (large)
			drop_histogram(g, large);
		return;
	}
	small->hist = take_histogram(g);
	if (large && !large->hist)
		large->hist = take_histogram(g);
	look.small_hist = small->hist ? small->hist : g->scratch[0];
	if (large)
		look.large_hist = large->hist ? large->hist : g->scratch[1];
	par_for(worth_threads(g->threads, look_steps(&look)),
		g->bins->n_blocks, look_at_block, &look);
	if (look.search_small)
		small->cut = best_cut(g, 0);
	if (look.search_large)
		large->cut = best_cut(g, 1);
	if (!(small->cut.gain > 0))
		drop_histogram(g, small);
	if (large && !(large->cut.gain > 0))
		drop_histogram(g, large);
}

/* ---------------------------------------------------------------- growth */

/* left[bin] = 1 for the bins that a cut sends left. */
static void list_left(const struct grower *g, const struct cut *cut,
		      uint8_t left[256])
{
	const struct bins_column *c = &g->bins->column[cut->column];

	memset(left, 0, 256);
	if (c->is_cat) {
		for (uint32_t b = 0; b <= c->bins; b++)
			left[b] = tree_set_has(&cut->set, b);
		return;
	}
	memset(left, 1, cut->bin + 1);
	/* The last cell may be the cut itself: all values against missing. */
	left[c->bins] = cut->missing_left;
}

/* Turn a leaf into a node with two leaves below it; whoever pointed at the leaf
 * (its parent) is made to point at the node. */
static int32_t add_node(struct grower *g, const struct grower_leaf *leaf,
			size_t left, size_t right)
{
	struct tree *t = g->tree;
	size_t number = t->leaves - 1;
	const struct cut *cut = &leaf->cut;
	const struct bins_column *c = &g->bins->column[cut->column];

	t->node[number] = (struct tree_node){
		.threshold = c->is_cat ? 0 : c->edge[cut->bin],
		.column = c->source,
		.child = { ~(int32_t)left, ~(int32_t)right },
		.set = c->is_cat ? (int32_t)t->n_sets : -1,
		.kept = cut->column,
		.gain = (float)cut->gain,
		.missing_left = cut->missing_left,
	};
	if (c->is_cat)
		t->set[t->n_sets++] = cut->set;
	if (leaf->depth)
		t->node[leaf->parent].child[leaf->side] = (int32_t)number;
	t->leaves++;
	return (int32_t)number;
}

/* Sort the rows of a leaf into those that its cut sends left and right. */
static size_t part_rows(struct grower *g, const struct grower_leaf *leaf)
{
	size_t k = 0;
	uint32_t column = leaf->cut.column;
	const struct bins_block *b;
	uint8_t left[256];

	while (g->bins->block[k].first + g->bins->block[k].width <= column)
		k++;
	b = &g->bins->block[k];
	list_left(g, &leaf->cut, left);
	return partition_split(&g->partition, leaf->begin, leaf->end,
			       b->bin + (column - b->first), b->width, left,
			       g->threads);
}

/* Cut leaf l: it becomes its own left half, a new leaf is the right one. */
static void cut_leaf(struct grower *g, size_t l)
{
	size_t r = g->leaves++;
	struct grower_leaf *left = &g->leaf[l], *right = &g->leaf[r];
	size_t middle = left->begin + part_rows(g, left);
	int64_t *parent = left->hist, total = left->total;
	size_t node = (size_t)add_node(g, left, l, r);
	struct grower_leaf half = {
		.parent = node, .depth = left->depth + 1,
		.begin = left->begin, .end = middle, .total = left->cut.left,
	};

	*right = half;
	right->side = 1;
	right->begin = middle;
	right->end = left->end;
	right->total = total - half.total;
	*left = half;
	if (g->leaves == (size_t)g->config->leaves) {
		left->hist = parent; /* nobody will ask for their cuts */
		drop_histogram(g, left);
		return;
	}
	if (left->end - left->begin <= right->end - right->begin)
		look_for_cuts(g, left, right, parent);
	else
		look_for_cuts(g, right, left, parent);
}

/* The leaf to cut next; of equal ones the oldest. Few enough to look at all. */
static size_t best_leaf(const struct grower *g)
{
	size_t best = 0;

	for (size_t l = 1; l < g->leaves; l++)
		if (g->leaf[l].cut.gain > g->leaf[best].cut.gain)
			best = l;
	return best;
}

/* The root holds all rows, in order: the first pass then reads memory in order,
 * and as parting is stable every later one does. */
static void plant(struct grower *g, const uint32_t *rows, size_t n)
{
	for (size_t k = 0; k < n; k++)
		g->partition.rows[k] = rows ? rows[k] : (uint32_t)k;
}

/* Newton steps of all leaves, times the learning rate. */
static void set_values(struct grower *g)
{
	struct cut_rules rules = { .config = g->config, .fixed = &g->fixed };

	for (size_t l = 0; l < g->leaves; l++) {
		g->tree->value[l] =
			(float)(g->config->shrinkage *
				cut_leaf_value(&rules, g->leaf[l].total));
		g->tree->cover[l] = (float)(g->leaf[l].end - g->leaf[l].begin);
	}
}

bool grower_grow(struct grower *g, const float *gradient, const float *hessian,
		 const uint32_t *rows, size_t n, const uint8_t *use,
		 struct tree *out)
{
	plant(g, rows, n);
	if (!fixed_pack(&g->fixed, gradient, hessian, g->partition.rows, n,
			g->partition.gh, g->partial, g->threads))
		return false;
	for (size_t l = 0; l < g->leaves; l++) /* of the tree before */
		drop_histogram(g, &g->leaf[l]);
	for (size_t b = 0; b < g->bins->n_blocks; b++)
		bins_draw(g->bins, &g->bins->block[b], use, &g->block[b]);
	g->tree = out;
	g->leaves = g->tree->leaves = 1;
	g->tree->n_sets = 0;
	g->leaf[0] = (struct grower_leaf){ .end = n, .total = g->fixed.total };
	if (g->config->leaves > 1 && g->bins->cols)
		look_for_cuts(g, &g->leaf[0], NULL, NULL);
	while (g->leaves < (size_t)g->config->leaves) {
		size_t l = best_leaf(g);

		if (!(g->leaf[l].cut.gain > 0))
			break;
		cut_leaf(g, l);
	}
	set_values(g);
	tree_flatten(g->tree);
	return true;
}

struct apply {
	const struct grower *g;
	float *score;
};

static void apply_leaf(void *ctx, size_t l, size_t worker)
{
	const struct apply *job = ctx;
	const struct grower_leaf *leaf = &job->g->leaf[l];
	float value = job->g->tree->value[l];

	(void)worker;
	for (size_t k = leaf->begin; k < leaf->end; k++)
		job->score[job->g->partition.rows[k]] += value;
}

void grower_apply(const struct grower *g, float *score)
{
	struct apply job = { .g = g, .score = score };

	par_for(worth_threads(g->threads, (double)g->bins->rows), g->leaves,
		apply_leaf, &job);
}
