/* A grown tree against a slow twin: raw values, doubles, every cut tried. */
#include "tests/gbdt_grown.h"
#include "tests/tap.h"

enum { ROWS = 220, COLS = 6, LEAVES = 9 };


/* ------------------------------------------------------------- slow twin */

struct slow_cut {
	double gain;
	size_t column;
	float threshold;
	bool missing_left;
};

struct slow {
	const float *x; /* (ROWS, COLS) */
	const float *gradient, *hessian;
	double l2;
	size_t leaf[ROWS], leaves;
	struct slow_cut cut[LEAVES];
};

static bool slow_left(const struct slow *s, size_t i, const struct slow_cut *c)
{
	float x = s->x[i * COLS + c->column];

	return isnan(x) ? c->missing_left : x <= c->threshold;
}

static double slow_gain(const struct slow *s, size_t leaf, const struct slow_cut *c)
{
	double g[2] = { 0 }, h[2] = { 0 };
	size_t n[2] = { 0 };

	for (size_t i = 0; i < ROWS; i++) {
		bool right;

		if (s->leaf[i] != leaf)
			continue;
		right = !slow_left(s, i, c);
		g[right] += (double)s->gradient[i];
		h[right] += (double)s->hessian[i];
		n[right]++;
	}
	if (!n[0] || !n[1])
		return 0;
	return g[0] * g[0] / (h[0] + s->l2) + g[1] * g[1] / (h[1] + s->l2) -
	       (g[0] + g[1]) * (g[0] + g[1]) / (h[0] + h[1] + s->l2);
}

static void slow_search(struct slow *s, size_t leaf)
{
	s->cut[leaf].gain = 0;
	for (size_t k = 0; k < 2 * COLS * ROWS; k++) {
		struct slow_cut c = {
			.column = k / 2 / ROWS, .missing_left = k % 2,
			.threshold = s->x[k / 2 % ROWS * COLS + k / 2 / ROWS],
		};

		if (isnan(c.threshold))
			continue;
		c.gain = slow_gain(s, leaf, &c);
		if (c.gain > s->cut[leaf].gain * (1 + 1e-9))
			s->cut[leaf] = c;
	}
}

static void slow_grow(struct slow *s)
{
	s->leaves = 1;
	slow_search(s, 0);
	while (s->leaves < LEAVES) {
		size_t best = 0;

		for (size_t l = 1; l < s->leaves; l++)
			best = s->cut[l].gain > s->cut[best].gain ? l : best;
		if (s->cut[best].gain <= 0)
			return;
		for (size_t i = 0; i < ROWS; i++)
			if (s->leaf[i] == best &&
			    !slow_left(s, i, &s->cut[best]))
				s->leaf[i] = s->leaves;
		slow_search(s, best);
		slow_search(s, s->leaves++);
	}
}

static double slow_value(const struct slow *s, size_t row)
{
	double g = 0, h = 0;

	for (size_t i = 0; i < ROWS; i++) {
		g += s->leaf[i] == s->leaf[row] ? (double)s->gradient[i] : 0;
		h += s->leaf[i] == s->leaf[row] ? (double)s->hessian[i] : 0;
	}
	return -g / (h + s->l2);
}

/* ------------------------------------------------------------- the tests */

static struct grown_shape shape_of(uint64_t seed, double missing, size_t bytes,
				   int threads)
{
	return (struct grown_shape){
		.table = { .train = ROWS, .numeric = COLS, .missing = missing,
			   .noise = .3, .seed = seed },
		.config = { .leaves = LEAVES, .shrinkage = 1, .l2 = 0.7 },
		.bytes = bytes, .threads = threads,
	};
}

static void make(struct grown *g, const struct grown_shape *s)
{
	if (!grown_make(g, s))
		ok(false, "grower: %s", g->err.text);
}

static void test_twin(void)
{
	double worst = 0;
	size_t same = 0;

	for (uint64_t seed = 0; seed < 12; seed++) {
		struct grown_shape shape =
			shape_of(seed, seed % 2 ? 0.15 : 0, 1 << 20, 1);
		struct grown g;
		static struct slow s;
		float score[ROWS] = { 0 };

		make(&g, &shape);
		grown_grow(&g);
		grower_apply(&g.grower, score);
		s = (struct slow){ .x = g.sample.data.train.x, .l2 = 0.7,
				   .gradient = g.gradient, .hessian = g.hessian };
		slow_grow(&s);
		same += s.leaves == g.tree.leaves;
		for (size_t i = 0; i < ROWS; i++)
			worst = fmax(worst, fabs((double)score[i] -
						 slow_value(&s, i)));
		grown_clear(&g);
	}
	ok(same == 12, "grower: as many leaves as the slow twin");
	/* fixed point keeps 7 digits of 220 rows */
	ok(worst < 1e-5, "grower: the slow twin's values (off by %.1e)", worst);
}

static void test_rows_and_tree(void)
{
	struct grown_shape shape = shape_of(3, 0.1, 1 << 20, 1);
	struct grown g;
	float score[ROWS] = { 0 }, walked[ROWS] = { 0 };
	bool inside = true;

	make(&g, &shape);
	grown_grow(&g);
	grower_apply(&g.grower, score);
	tree_add(&g.tree, g.bins.column, g.sample.data.train.x, COLS, ROWS,
		 walked, 1);
	ok(!memcmp(score, walked, sizeof(score)),
	   "grower: raw rows walk to the leaves they were grown into");
	for (size_t k = 0; k < g.grower.leaves; k++) {
		uint32_t row = g.grower.partition.rows.row
				       [g.grower.leaf[k].begin];

		inside &= tree_leaf(&g.tree, g.bins.column,
				    g.sample.data.train.x + COLS * row) == k;
	}
	ok(inside, "grower: leaves are numbered alike in tree and partition");
	ok(grown_ascending(&g), "grower: rows of a leaf stay in order");
	grown_clear(&g);
}

/* Kept or built anew, on one thread or four, exact or rounded: the same tree. */
static void test_same_tree(void)
{
	/* 6 columns take two blocks' worth of 8: 8 x 257 x 8 bytes each */
	static const size_t bytes[] = { 0, 17000, 34000, 68000, 1 << 20 };

	for (int narrow = 0; narrow < 2; narrow++) {
		struct grown_shape shape = shape_of(5, 0.1, 1 << 20, 1);
		struct grown a, b;

		shape.config.quantize = narrow ? QUANTIZE_ON : QUANTIZE_OFF;
		make(&a, &shape);
		grown_grow(&a);
		for (size_t k = 0; k < 10; k++) {
			bool same = true;

			shape.bytes = bytes[k % 5];
			shape.threads = k / 5 ? 4 : 1;
			make(&b, &shape);
			for (int again = 0; again < 2; again++)
				same &= grown_grow(&b) && grown_same(&a, &b);
			ok(same, "grower: %s, the same tree with %zu histograms, "
			   "%d threads", narrow ? "narrow" : "wide",
			   b.grower.slots, shape.threads);
			grown_clear(&b);
		}
		grown_clear(&a);
	}
}

static void test_limits(void)
{
	struct grown_shape shape = shape_of(6, 0, 1 << 20, 1);
	struct grown g;

	make(&g, &shape);
	g.config.depth = 1;
	grown_grow(&g);
	ok(g.tree.leaves == 2, "grower: depth 1 is one cut");
	g.config.depth = 0;
	g.config.min_child_rows = 60;
	g.target.gradient = g.hessian;
	grown_grow(&g);
	ok(g.tree.leaves <= 3, "grower: min_child_rows bounds the leaves");
	g.config.min_child_rows = 0;
	g.target.gradient = g.gradient;
	grown_grow(&g);
	ok(g.tree.leaves == LEAVES, "grower: without it, all leaves are used");
	memset(g.gradient, 0, ROWS * sizeof(float));
	grown_grow(&g);
	ok(g.tree.leaves == 1 && g.tree.value[0] == 0,
	   "grower: nothing to learn is one leaf of value 0");
	g.gradient[1] = NAN;
	ok(!grown_grow(&g), "grower: a gradient that is no number is refused");
	g.grower.leaves = 0;
	grown_derive(&g, 6);
	ok(grown_grow(&g) && g.tree.leaves == LEAVES,
	   "grower: and does no harm to the next tree");
	grown_clear(&g);
}

static void test_drawn(void)
{
	static const uint8_t use[COLS] = { 0, 0, 1, 0, 0, 0 };
	struct grown_shape shape = shape_of(6, 0, 1 << 20, 1);
	struct grown g;
	uint32_t some[40];
	bool drawn = true;

	shape.use = use;
	make(&g, &shape);
	grown_grow(&g);
	for (size_t k = 0; k + 1 < g.tree.leaves; k++)
		drawn &= g.tree.node[k].column == 2;
	ok(drawn && g.tree.leaves > 1, "grower: only drawn columns are cut");
	for (size_t k = 0; k < 40; k++)
		some[k] = (uint32_t)(5 * k);
	g.target.rows = some;
	g.target.n = 40;
	grown_grow(&g);
	drawn = true;
	for (size_t k = 0; k < 40; k++)
		drawn &= g.grower.partition.rows.row[k] % 5 == 0;
	ok(drawn, "grower: only given rows are looked at");
	g.target.n = 1;
	grown_grow(&g);
	ok(g.tree.leaves == 1, "grower: one row is one leaf");
	grown_clear(&g);
}

static void test_no_columns(void)
{
	struct grown_shape shape = shape_of(6, 0, 1 << 20, 4);
	static const uint8_t none[COLS] = { 0 };
	struct grown g;

	shape.use = none;
	make(&g, &shape);
	ok(grown_grow(&g) && g.tree.leaves == 1 && isfinite(g.tree.value[0]),
	   "grower: without columns a tree is one leaf");
	grown_clear(&g);
}

/* auto: by the number of rows. */
static void test_choice(void)
{
	bool right = true;

	for (int k = 0; k < 6; k++) {
		struct gbdt_config config = { .leaves = 2, .quantize = k % 3 };
		struct bins bins = { .rows = k / 3 ? FIXED_WIDE_ROWS + 1 :
						     FIXED_WIDE_ROWS };
		struct drawn drawn = { .bins = &bins };
		struct grower g;
		struct error err;
		struct arena a;

		arena_init(&a, 0);
		right &= !grower_init(&g, &config, &drawn, 0, 1, &a, &err) &&
			 g.narrow == (config.quantize == QUANTIZE_AUTO ?
					      k / 3 == 1 :
					      config.quantize == QUANTIZE_ON) &&
			 !g.gh == g.narrow;
		arena_clear(&a);
	}
	ok(right, "grower: gradients are quantized above 32,768 rows, or as told");
}

static void test_memory(void)
{
	struct grown_shape shape = shape_of(7, 0, 1 << 20, 1);
	struct grown g;

	make(&g, &shape);
	for (int narrow = 0; narrow < 2; narrow++) {
		size_t calls = 0, wrong = 0;
		int rc = -1;

		g.config.quantize = narrow ? QUANTIZE_ON : QUANTIZE_OFF;
		for (; rc; calls++) {
			struct arena a;

			arena_init(&a, 0);
			a.fail_at = calls + 1;
			rc = grower_init(&g.grower, &g.config, &g.drawn, 1 << 20,
					 2, &a, &g.err);
			wrong += rc && rc != ERR_MEMORY;
			arena_clear(&a);
		}
		ok(!wrong && calls > 5,
		   "grower: each of %zu failing allocations is told", calls - 1);
	}
	grown_clear(&g);
}

int main(void)
{
	test_twin();
	test_rows_and_tree();
	test_same_tree();
	test_limits();
	test_drawn();
	test_no_columns();
	test_choice();
	test_memory();
	return tap_done();
}
