/* How a tree grows.
 *
 *	plant, make gradients integers, search the root
 *	while there are leaves to spare: take the best leaf
 *		expand it: part its rows, search both halves
 *		commit it: a node with two leaves
 *
 * The order of cuts is by gain (leaf-wise), so with few leaves the tree spends
 * them where the loss is; or by depth, all leaves of a level before the next;
 * oblivious.c cuts all of a level alike.
 */
#include "learners/gbdt/grower.h"

#include <assert.h>
#include <string.h>

#include "harness/base/par.h"
#include "learners/gbdt/ahead.h"
#include "learners/gbdt/growth.h"
#include "learners/gbdt/look.h"
#include "learners/gbdt/oblivious.h"
#include "learners/gbdt/worth.h"

/* ---------------------------------------------------------------- memory */

/* As many histograms as may be kept; two more for leaves that get none. With
 * many columns (100,000 of them take 200 MB) keeping one a leaf is no option,
 * and building the larger half anew costs time but never correctness. */
static bool allocate_histograms(struct grower *g, size_t bytes, struct arena *a)
{
	size_t leaves = (size_t)g->config->leaves + GROWER_AHEAD;
	size_t cells = drawn_most_cells(g->drawn);
	size_t each = cells * sizeof(int64_t) + 1;

	g->slots = bytes / each < leaves ? bytes / each : leaves;
	g->slot = ARENA_NEW(a, int64_t *, g->slots);
	g->idle = ARENA_NEW(a, int64_t *, g->slots);
	g->scratch[0] = ARENA_RAW(a, int64_t, cells);
	g->scratch[1] = ARENA_RAW(a, int64_t, cells);
	if (!g->slot || !g->idle || !g->scratch[0] || !g->scratch[1])
		return false;
	for (size_t k = 0; k < g->slots; k++) {
		g->slot[k] = ARENA_RAW(a, int64_t, cells);
		if (!g->slot[k])
			return false;
	}
	return true;
}

/* What each thread needs for itself. With few lines threads share rows. */
static bool allocate_threads(struct grower *g, struct arena *a)
{
	size_t threads = (size_t)g->threads, cells = drawn_most_cells(g->drawn);
	bool share = threads > 1 &&
		     g->drawn->most < 4 * threads * DRAWN_LINE;

	g->fast = ARENA_NEW(a, int32_t *, threads);
	g->own = share ? ARENA_NEW(a, int64_t *, threads) : NULL;
	if (!g->fast || (share && !g->own))
		return false;
	for (size_t t = 0; t < threads; t++) {
		g->fast[t] = ARENA_NEW(a, int32_t, HIST_CELLS);
		if (share)
			g->own[t] = ARENA_RAW(a, int64_t, cells);
		if (!g->fast[t] || (share && !g->own[t]))
			return false;
	}
	return true;
}

/* The order of levels, in trees that have one. */
static bool allocate_order(struct grower *g, struct arena *a)
{
	bool levels = false;

	for (size_t j = 0; j < g->bins->cols; j++)
		levels |= g->bins->column[j].is_cat;
	if (!levels || (g->config->cat_order == GBDT_ORDER_LEAF &&
			g->config->growth != GBDT_OBLIVIOUS))
		return true;
	g->order.bin = ARENA_RAW(a, uint8_t, drawn_most_cells(g->drawn));
	g->order.n = ARENA_NEW(a, uint16_t, g->bins->cols);
	return g->order.bin && g->order.n;
}

/* What policies of growth need. */
static bool allocate_growth(struct grower *g, struct arena *a)
{
	if (!allocate_order(g, a))
		return false;
	g->draw = column_draw_init(g->config, g->bins->cols);
	for (size_t k = 0; column_draw_on(&g->draw) && k < 2 * GROWER_AHEAD; k++) {
		uint8_t *use = ARENA_RAW(a, uint8_t, g->bins->cols);

		if (!use)
			return false;
		g->pair[k / 2].use[k % 2] = use;
	}
	return g->config->growth != GBDT_OBLIVIOUS || oblivious_allocate(g, a);
}

static bool is_narrow(const struct gbdt_config *config, size_t rows)
{
	if (config->quantize == QUANTIZE_OFF || rows > FIXED_NARROW_ROWS)
		return false;
	return config->quantize == QUANTIZE_ON || rows > FIXED_WIDE_ROWS;
}

int grower_init(struct grower *g, const struct gbdt_config *config,
		const struct drawn *drawn, size_t bytes, int threads,
		struct arena *a, struct error *err)
{
	const struct bins *bins = drawn->bins;
	size_t units = par_chunks(drawn->most, HIST_WIDTH) * (HIST_WIDTH / 4);

	*g = (struct grower){
		.config = config,
		.bins = bins,
		.drawn = drawn,
		.kernels = SIMD_PICK(hist_kernels),
		.threads = threads,
		.narrow = is_narrow(config, bins->rows),
		.leaf = ARENA_NEW(a, struct grower_leaf, (size_t)config->leaves),
		.node_cut = ARENA_RAW(a, struct cut, (size_t)config->leaves),
		.others = ARENA_RAW(a, struct par_range,
				    (size_t)config->leaves),
		.cuts = ARENA_NEW(a, struct cut, 2 * units),
		.partial = ARENA_RAW(a, double,
				     FIXED_PARTIAL *
					     par_chunks(bins->rows, FIXED_ROWS)),
	};
	g->gh = g->narrow ? NULL : ARENA_RAW(a, int64_t, bins->rows);
	if (!g->leaf || !g->node_cut || !g->others || !g->cuts ||
	    !g->partial || (!g->narrow && !g->gh) ||
	    !partition_allocate(&g->partition, bins->rows, g->narrow, threads,
				a) ||
	    !allocate_histograms(g, bytes, a) || !allocate_threads(g, a) ||
	    !allocate_growth(g, a))
		return arena_error(a, err);
	return 0;
}

struct cut_rules grower_rules(const struct grower *g)
{
	return (struct cut_rules){
		.config = g->config, .bins = g->bins, .fixed = &g->fixed,
		.monotone = g->monotone, .signs = g->signs,
		.order = g->order.bin ? &g->order : NULL,
	};
}

static int64_t *take_histogram(struct grower *g)
{
	return g->n_idle ? g->idle[--g->n_idle] : NULL;
}

static void drop_histogram(struct grower *g, int64_t **hist)
{
	if (*hist)
		g->idle[g->n_idle++] = *hist;
	*hist = NULL;
}

/* ---------------------------------------------------------------- expand */

/* A leaf that is too small or too deep needs neither histogram nor search. */
static bool may_be_cut(const struct grower *g, const struct grower_leaf *leaf)
{
	const struct gbdt_config *c = g->config;
	size_t rows = leaf->end - leaf->begin;

	return rows >= 2 && rows >= 2 * (size_t)c->min_child_rows &&
	       (!c->depth || leaf->depth < (size_t)c->depth);
}

void grower_list_left(const struct grower *g, const struct cut *cut,
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
	bins_spread(c, left);
}

/* Sort the rows of a leaf into those that its cut sends left and right. */
static size_t part_rows(struct grower *g, const struct grower_leaf *leaf,
			int threads)
{
	const struct bins_column *c = &g->bins->column[leaf->cut.column];
	uint8_t left[256];

	grower_list_left(g, &leaf->cut, left);
	return partition_split(&g->partition, leaf->begin, leaf->end,
			       g->bins->bin + c->store * g->bins->pitch, left,
			       threads);
}

/* The halves of a leaf, without cuts yet. */
static void halve(struct grower *g, const struct grower_leaf *leaf, int threads,
		  struct grower_leaf half[2])
{
	size_t middle = leaf->begin + part_rows(g, leaf, threads);

	half[0] = (struct grower_leaf){
		.depth = leaf->depth + 1, .begin = leaf->begin,
		.end = middle, .total = leaf->cut.left,
	};
	half[1] = (struct grower_leaf){
		.depth = leaf->depth + 1, .begin = middle, .end = leaf->end,
		.total = leaf->total - leaf->cut.left, .side = 1,
	};
	growth_hand_down(g, leaf, half);
}

/* Which histograms a search needs and where they lie. The larger half takes
 * over its parent's; what has none works in scratch memory, where only one
 * expansion at a time has room. */
static struct look plan_look(struct grower *g, struct grower_pair *pair)
{
	size_t left = pair->half[0].end - pair->half[0].begin;
	size_t right = pair->half[1].end - pair->half[1].begin;
	struct grower_leaf *small = &pair->half[left > right];
	struct grower_leaf *large = &pair->half[left <= right];
	struct look look = {
		.g = g, .small = small, .large = large,
		.subtract = pair->of.hist != NULL,
		.search_small = may_be_cut(g, small),
		.search_large = may_be_cut(g, large),
	};

	small->hist = pair->hist;
	large->hist = pair->of.hist;
	pair->hist = pair->of.hist = NULL;
	look.small_hist = small->hist ? small->hist : g->scratch[0];
	look.large_hist = large->hist ? large->hist : g->scratch[1];
	return look;
}

void grower_expand(struct grower *g, struct grower_pair *pair, bool together,
		   size_t worker)
{
	struct look look;

	halve(g, &pair->of, together ? g->threads : 1, pair->half);
	if (pair->is_last)
		return;
	look = plan_look(g, pair);
	if (!look.search_small && !look.search_large)
		return;
	for (size_t k = 0; k < 2; k++) {
		struct grower_leaf *half = &pair->half[k];

		half->use = column_draw_make(&g->draw, half->depth, half->place,
					     pair->use[k]);
		half->worker = together ? SIZE_MAX : worker;
	}
	if (together)
		look_together(&look);
	else
		look_alone(&look, worker);
}

void grower_engage(struct grower *g, struct grower_leaf *leaf)
{
	struct grower_pair *pair = g->pair;

	while (pair->is_taken)
		pair++;
	g->engaged++;
	leaf->pair = pair;
	pair->is_taken = true;
	pair->is_done = false;
	pair->is_last = g->leaves + 1 == (size_t)g->config->leaves;
	pair->hist = take_histogram(g);
	pair->of = *leaf;
	leaf->hist = NULL;
}

/* Histograms of halves that will not be cut are free again. */
void grower_settle(struct grower *g, struct grower_pair *pair)
{
	drop_histogram(g, &pair->hist);
	drop_histogram(g, &pair->of.hist);
	for (size_t k = 0; k < 2; k++)
		if (!(pair->half[k].cut.gain > 0))
			drop_histogram(g, &pair->half[k].hist);
	pair->is_done = true;
}

/* ---------------------------------------------------------------- growth */

/* Turn a leaf into a node with two leaves below it; whoever pointed at the leaf
 * (its parent) is made to point at the node. */
static size_t add_node(struct grower *g, const struct grower_leaf *leaf,
		       size_t left, size_t right)
{
	struct tree *t = g->tree;
	size_t number = t->leaves - 1;
	const struct cut *cut = &leaf->cut;
	const struct bins_column *c = &g->bins->column[cut->column];

	t->node[number] = (struct tree_node){
		.threshold = c->is_cat ? 0 : bins_threshold(c, cut->bin),
		.column = c->source,
		.child = { ~(int32_t)left, ~(int32_t)right },
		.set = c->is_cat ? (int32_t)t->n_sets : -1,
		.kept = cut->column,
		.gain = (float)cut->gain,
		.missing_left = cut->missing_left,
	};
	g->node_cut[number] = *cut;
	if (c->is_cat)
		t->set[t->n_sets++] = cut->set;
	if (leaf->depth)
		t->node[leaf->parent].child[leaf->side] = (int32_t)number;
	t->leaves++;
	return number;
}

/* It becomes its own left half, a new leaf is the right one. */
void grower_commit(struct grower *g, size_t l)
{
	struct grower_pair *pair = g->leaf[l].pair;
	size_t r = g->leaves++;
	size_t node = add_node(g, &g->leaf[l], l, r);

	pair->half[0].parent = pair->half[1].parent = node;
	g->leaf[l] = pair->half[0];
	g->leaf[r] = pair->half[1];
	pair->is_taken = false;
	g->engaged--;
}

void grower_cut_leaf(struct grower *g, size_t l)
{
	struct grower_leaf *leaf = &g->leaf[l];
	double steps = look_steps(g, leaf->end - leaf->begin);

	grower_engage(g, leaf);
	grower_expand(g, leaf->pair, worth_threads(g->threads, steps) > 1, 0);
	grower_settle(g, leaf->pair);
	grower_commit(g, l);
}

/* Few enough to look at all. */
size_t grower_next(const struct grower *g)
{
	size_t best = 0;

	for (size_t l = 1; l < g->leaves; l++)
		if (growth_before(g, &g->leaf[l], &g->leaf[best]))
			best = l;
	return best;
}

/* The root holds all rows, in order: the first pass then reads memory in order,
 * and as parting is stable every later one does. */
static bool plant(struct grower *g, const struct grower_target *t)
{
	uint32_t *row = g->partition.rows.row;
	struct fixed_rows f = {
		.g = t->gradient, .h = t->hessian, .rows = row, .n = t->n,
		.partial = g->partial,
		.threads = worth_threads(g->threads, 4 * (double)t->n),
	};
	bool finite;

	for (size_t k = 0; k < t->n; k++)
		row[k] = t->rows ? t->rows[k] : (uint32_t)k;
	finite = g->narrow ? fixed_quantize(&g->fixed, &f, t->key,
					    g->partition.rows.gh) :
			     fixed_pack(&g->fixed, &f, g->gh);
	memcpy(g->idle, g->slot, g->slots * sizeof(*g->slot));
	g->n_idle = g->slots;
	g->leaves = g->tree->leaves = 1;
	g->engaged = 0;
	g->tree->n_sets = 0;
	g->leaf[0] = (struct grower_leaf){ .end = t->n, .total = g->fixed.total,
					   .bounds = growth_bounds(g->config),
					   .place = 1 };
	return finite;
}

/* The root's histogram and cut. */
static void look_at_root(struct grower *g)
{
	struct grower_leaf *root = &g->leaf[0];
	struct look look = { .g = g, .small = root, .search_small = true };

	if (!may_be_cut(g, root) || !g->drawn->n_blocks)
		return;
	root->hist = take_histogram(g);
	root->use = column_draw_make(&g->draw, 0, root->place, g->pair[0].use[0]);
	look.small_hist = root->hist ? root->hist : g->scratch[0];
	if (worth_threads(g->threads, look_steps(g, root->end)) > 1)
		look_together(&look);
	else
		look_alone(&look, 0);
}

/* Newton steps of all leaves, times the learning rate. */
static void set_values(struct grower *g)
{
	struct cut_rules rules = grower_rules(g);

	for (size_t l = 0; l < g->leaves; l++) {
		g->tree->value[l] =
			(float)(g->config->shrinkage *
				growth_value(&rules, &g->leaf[l]));
		g->tree->cover[l] = (float)(g->leaf[l].end - g->leaf[l].begin);
	}
}

/* From the root on, until there is no cut or no leaf to spare. */
static void cut_leaves(struct grower *g)
{
	if (g->config->leaves < 2)
		return;
	if (g->config->growth == GBDT_OBLIVIOUS) {
		oblivious_begin_level(g);
		look_at_root(g);
		oblivious_grow(g);
		return;
	}
	look_at_root(g);
	while (g->leaves < (size_t)g->config->leaves) {
		size_t l = grower_next(g);

		if (!(g->leaf[l].cut.gain > 0))
			break;
		if (ahead_pays(g))
			ahead_grow(g);
		else
			grower_cut_leaf(g, l);
	}
	ahead_undo(g);
}

bool grower_grow(struct grower *g, const struct grower_target *t,
		 struct tree *out)
{
	g->tree = out;
	if (!plant(g, t))
		return false;
	cut_leaves(g);
	set_values(g);
	tree_flatten(g->tree);
	return true;
}
