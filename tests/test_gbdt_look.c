/* Histograms and cuts of a leaf's halves, alone and together, and whole trees
 * so large that threads share them. */
#include "learners/gbdt/look.h"
#include "tests/gbdt_grown.h"
#include "tests/tap.h"

enum { ROWS = 60000, COLS = 130, PITCH = ROWS + 64 };

/* A table of bins as random as hashes, of all kinds of columns. */
static uint8_t cells[COLS * PITCH];
static struct bins_column column[COLS];
static struct bins_store store[COLS];
static uint32_t member[COLS];
static float edges[256], gradient[ROWS], hessian[ROWS];

static uint32_t hash(uint32_t x)
{
	x = (x ^ x >> 16) * 0x7feb352du;
	x = (x ^ x >> 15) * 0x846ca68bu;
	return x ^ x >> 16;
}

/* The bins of column j: some narrow, some categorical. */
static struct bins_column describe(uint32_t j)
{
	static const uint32_t bins[] = { 255, 60, 16, 3, 100 };
	uint32_t kind = j / 20 % 5; /* so that blocks differ in stride */

	return (struct bins_column){ .is_cat = j % 11 == 5, .source = j,
				     .store = j,
				     .has_missing = j % 3 == 0, .edge = edges,
				     .bins = bins[j % 7 ? kind : 4 - kind] };
}

static void make_table(void)
{
	for (size_t b = 0; b < 256; b++)
		edges[b] = (float)b;
	for (uint32_t j = 0; j < COLS; j++) {
		const struct bins_column *c = &column[j];
		uint32_t n;

		column[j] = describe(j);
		member[j] = j;
		store[j] = (struct bins_store){ .members = 1,
						.cells = c->bins + 1,
						.column = &member[j] };
		n = c->bins + c->has_missing;
		for (uint32_t i = 0; i < ROWS; i++)
			cells[j * PITCH + i] = (uint8_t)(hash(i * COLS + j) % n);
	}
	for (uint32_t i = 0; i < ROWS; i++) {
		double y = sin(cells[i] / 40.0) + (cells[PITCH + i] > 30) +
			   (cells[5 * PITCH + i] % 3 == 1) +
			   cells[2 * PITCH + i] * cells[6 * PITCH + i] * 1e-5;

		gradient[i] = (float)(1.5 - y + hash(~i) * 0x1p-32);
		hessian[i] = 0.05f + (float)(hash(i ^ 0x5555) >> 8) * 0x1p-24f;
	}
}

static bool make(struct grown *g, const struct grown_shape *s, size_t rows,
		 size_t cols)
{
	*g = (struct grown){
		.bins = { .rows = rows, .cols = cols, .column = column,
			  .stores = cols, .store = store,
			  .pitch = PITCH, .bin = cells },
		.gradient = gradient, .hessian = hessian,
	};
	arena_init(&g->sample.arena, 0);
	return ok(grown_start(g, s), "look: %zu rows, %zu columns, %d threads, %s",
		  rows, cols, s->threads,
		  s->config.quantize == QUANTIZE_ON ? "narrow" : "wide");
}

/* ------------------------------------------------------------- halves */

static int64_t word_at(const struct grower *g, size_t place)
{
	int32_t word = g->narrow ? g->partition.rows.gh[place] : 0;

	return g->narrow ? gh_pack(narrow_gradient(word), narrow_hessian(word)) :
			   g->gh[g->partition.rows.row[place]];
}

/* Is it the leaf's, column by column? */
static bool right_histogram(const struct grower *g, const struct grower_leaf *leaf,
			    const int64_t *hist)
{
	bool same = true;

	for (size_t k = 0; k < g->drawn->n_blocks; k++) {
		const struct drawn_block *b = &g->drawn->block[k];

		for (size_t j = 0; j < b->live; j++) {
			const uint8_t *bin = cells + b->store[j] * PITCH;
			int64_t want[257] = { 0 };

			for (size_t i = leaf->begin; i < leaf->end; i++)
				want[bin[g->partition.rows.row[i]]] +=
					word_at(g, i);
			same &= !memcmp(want, hist + b->offset + j * b->stride,
					(column[b->store[j]].bins + 1) *
						sizeof(*want));
		}
	}
	return same;
}

/* The best cut of all columns, one search at a time. */
static bool right_cut(const struct grower *g, const struct grower_leaf *leaf,
		      const int64_t *hist)
{
	struct cut_rules rules = grower_rules(g);
	struct cut_leaf about = { .total = leaf->total,
				  .rows = leaf->end - leaf->begin };
	double best = 0;

	for (size_t k = 0; k < g->drawn->n_blocks; k++) {
		const struct drawn_block *b = &g->drawn->block[k];

		for (size_t j = 0; j < b->live; j++) {
			struct cut c = cut_search(&rules, b, j, 1,
						  hist + b->offset, &about);

			best = fmax(best, c.gain);
		}
	}
	/* columns of a search are compared in float */
	return leaf->cut.gain <= best && leaf->cut.gain >= best * (1 - 1e-5);
}

static void split(struct grown *x, struct grower_leaf *root,
		  struct grower_leaf half[2])
{
	struct grower *g = &x->grower;
	uint8_t left[256];
	size_t middle;

	for (size_t b = 0; b < 256; b++)
		left[b] = b % 5 < 2;
	*root = (struct grower_leaf){ .end = x->bins.rows,
				      .total = g->fixed.total };
	middle = partition_split(&g->partition, 0, root->end, cells + 3 * PITCH,
				 left, g->threads);
	half[0] = (struct grower_leaf){ .depth = 1, .end = middle };
	half[1] = (struct grower_leaf){ .depth = 1, .begin = middle,
					.end = root->end };
	for (size_t k = 0; k < middle; k++)
		half[0].total += word_at(g, k);
	half[1].total = root->total - half[0].total;
}

/* The root, then its halves with and without its histogram. */
static void test_halves(const struct grown_shape *shape, size_t rows, size_t cols)
{
	struct grown x;
	struct grower *g = &x.grower;
	struct grower_leaf root, half[2];
	int64_t *hist[2];
	bool sums = true, cuts = true;

	if (!make(&x, shape, rows, cols) || !grown_grow(&x))
		return;
	for (size_t k = 0; k < 2; k++)
		hist[k] = ARENA_NEW(&x.sample.arena, int64_t, x.drawn.cells);
	for (size_t way = 0; way < 4; way++) {
		struct look look = { .g = g, .small = &root, .search_small = true,
				     .small_hist = hist[0] };
		bool with_parent = way / 2;

		split(&x, &root, half);
		(way % 2 ? look_together(&look) : look_alone(&look, 0));
		sums &= right_histogram(g, &root, hist[0]);
		cuts &= right_cut(g, &root, hist[0]);
		look = (struct look){ .g = g, .small = &half[0],
				      .large = &half[1], .small_hist = hist[1],
				      .large_hist = hist[0],
				      .subtract = with_parent,
				      .search_small = true,
				      .search_large = true };
		(way % 2 ? look_together(&look) : look_alone(&look, 0));
		sums &= right_histogram(g, &half[0], hist[1]) &&
			right_histogram(g, &half[1], hist[0]);
		cuts &= right_cut(g, &half[0], hist[1]) &&
			right_cut(g, &half[1], hist[0]);
	}
	ok(sums, "look: histograms of root and halves are plain sums");
	ok(cuts, "look: and the cuts are the best");
	grown_clear(&x);
}

/* The half that is not to be searched gets no cut. */
static void test_one_half(void)
{
	struct grown_shape shape = { .config = { .leaves = 1, .l2 = 1 },
				     .bytes = 1 << 20, .threads = 1 };
	struct grown x;
	struct grower_leaf root, half[2];
	int64_t *hist[2];

	if (!make(&x, &shape, 500, 20) || !grown_grow(&x))
		return;
	for (size_t k = 0; k < 2; k++)
		hist[k] = ARENA_NEW(&x.sample.arena, int64_t, x.drawn.cells);
	split(&x, &root, half);
	for (size_t k = 0; k < 2; k++) {
		struct look look = { .g = &x.grower, .small = &half[0],
				     .large = &half[1], .small_hist = hist[0],
				     .large_hist = hist[1],
				     .search_small = !k, .search_large = k };

		half[0].cut.gain = half[1].cut.gain = -1;
		look_alone(&look, 0);
		ok(half[k].cut.gain > 0 && half[1 - k].cut.gain == -1,
		   "look: searches what it is told to");
	}
	grown_clear(&x);
}

/* ------------------------------------------------------------- trees */

static uint32_t some[ROWS];

/* Every row, or two of three. */
static void target_rows(struct grown *g, bool all)
{
	size_t n = 0;

	for (uint32_t i = 0; i < g->bins.rows; i++)
		if (i % 3)
			some[n++] = i;
	if (all)
		return;
	g->target.rows = some;
	g->target.n = n;
}

static void test_threads(struct grown_shape shape, size_t rows, size_t cols,
			 bool all)
{
	struct grown one, many;
	bool grown;

	shape.threads = 1;
	if (!make(&one, &shape, rows, cols))
		return;
	target_rows(&one, all);
	grown = grown_grow(&one);
	ok(grown && grown_ascending(&one) && one.tree.leaves > 5,
	   "look: a tree of %zu leaves", one.tree.leaves);
	for (int t = 2; t <= 4; t += 2) {
		bool same = true;

		shape.threads = t;
		if (!make(&many, &shape, rows, cols))
			return;
		target_rows(&many, all);
		for (int again = 0; again < 2; again++)
			same &= grown_grow(&many) && grown_same(&one, &many);
		ok(same, "look: same cuts, same rows in the same order, %d threads",
		   t);
		grown_clear(&many);
	}
	grown_clear(&one);
}

/* ------------------------------------------------------------- rounding */

/* What a tree takes off the loss, from the gradients themselves. */
static double exact_gain(const struct grown *x)
{
	const struct grower *g = &x->grower;
	double sum = 0;

	for (size_t l = 0; l < g->leaves; l++) {
		double a = 0, b = 0;

		for (size_t k = g->leaf[l].begin; k < g->leaf[l].end; k++) {
			a += (double)gradient[g->partition.rows.row[k]];
			b += (double)hessian[g->partition.rows.row[k]];
		}
		sum += a * a / (b + x->config.l2);
	}
	return sum;
}

/* Rounded gradients find cuts that are worth as much. */
static void test_narrow_is_as_good(int64_t leaves, double share)
{
	struct grown_shape shape = {
		.config = { .leaves = leaves, .shrinkage = 1, .l2 = 1,
			    .min_child_rows = 20, .cat_l2 = 1, .cat_smooth = 1 },
		.bytes = 16 << 20, .threads = 2,
	};
	struct grown exact, round;
	double want, got;

	shape.config.quantize = QUANTIZE_OFF;
	if (!make(&exact, &shape, ROWS, 30) || !grown_grow(&exact))
		return;
	shape.config.quantize = QUANTIZE_AUTO;
	if (!make(&round, &shape, ROWS, 30) || !grown_grow(&round))
		return;
	ok(round.grower.narrow && !exact.grower.narrow,
	   "look: 60,000 rows are quantized, unless told otherwise");
	want = exact_gain(&exact);
	got = exact_gain(&round);
	ok(got > want * share,
	   "look: %d leaves of quantized gradients gain %.5f of exact ones",
	   (int)leaves, got / want);
	if (leaves > 2)
		goto out;
	ok(round.tree.node[0].column == exact.tree.node[0].column,
	   "look: the first cut is in the same column");
	/* a step of rounding is .05 of the gradient; 10,000 rows a leaf */
	for (size_t l = 0; l < 2; l++)
		ok_near(round.tree.value[l], exact.tree.value[l], 2e-2,
			"look: and its leaves have about the same value");
out:
	grown_clear(&exact);
	grown_clear(&round);
}

int main(void)
{
	static const struct {
		size_t rows, cols;
		int64_t leaves, depth;
		bool all;
	} trees[] = {
		{ 60000, 36, 40, 0, true },   /* shares of rows */
		{ 25000, 130, 8, 0, true },   /* blocks, on 2 and 4 threads */
		{ 30000, 70, 60, 0, false },  /* blocks on 2 */
		{ 3000, 20, 300, 0, true },   /* many expansions ahead */
		{ 3000, 5, 40, 4, false },
	};

	make_table();
	test_one_half();
	for (int narrow = 0; narrow < 2; narrow++) {
		struct grown_shape shape = {
			.config = { .leaves = 1, .l2 = 1, .shrinkage = 1,
				    .min_child_rows = 5, .min_group_rows = 5,
				    .quantize = narrow ? QUANTIZE_ON : QUANTIZE_OFF },
			.bytes = 1 << 20,
		};

		for (shape.threads = 1; shape.threads <= 4; shape.threads *= 2) {
			test_halves(&shape, 20000, 21);
			test_halves(&shape, 100, 1);
			test_halves(&shape, 1000, COLS);
		}
		shape.bytes = 32 << 20;
		for (size_t k = 0; k < sizeof(trees) / sizeof(*trees); k++) {
			shape.config.leaves = trees[k].leaves;
			shape.config.depth = trees[k].depth;
			test_threads(shape, trees[k].rows, trees[k].cols,
				     trees[k].all);
			shape.bytes = k == 3 ? 200000 : 32 << 20;
		}
	}
	test_narrow_is_as_good(2, 0.999);
	test_narrow_is_as_good(63, 0.99);
	return tap_done();
}
