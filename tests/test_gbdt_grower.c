/* A grown tree against a slow twin: raw values, doubles, every cut tried. */
#include "learners/gbdt/grower.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { ROWS = 220, COLS = 6, LEAVES = 9 };

static float gradient[ROWS], hessian[ROWS];

/* ------------------------------------------------------------- slow twin */

struct slow_cut {
	double gain;
	size_t column;
	float threshold;
	bool missing_left;
};

struct slow {
	const float *x; /* (ROWS, COLS) */
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
		g[right] += (double)gradient[i];
		h[right] += (double)hessian[i];
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
		g += s->leaf[i] == s->leaf[row] ? (double)gradient[i] : 0;
		h += s->leaf[i] == s->leaf[row] ? (double)hessian[i] : 0;
	}
	return -g / (h + s->l2);
}

/* ------------------------------------------------------------- the tests */

struct grown {
	struct sample sample;
	struct bins bins;
	struct gbdt_config config;
	struct grower grower;
	struct tree tree;
	struct error err;
};

static void prepare(struct grown *g, uint64_t seed, double missing, size_t bytes,
		    int threads)
{
	struct sample_shape shape = { .train = ROWS, .numeric = COLS,
				      .missing = missing, .noise = .3,
				      .seed = seed };
	struct rng r = rng_make(seed, "hessian");

	*g = (struct grown){ .config = { .leaves = LEAVES, .shrinkage = 1,
					 .l2 = 0.7 } };
	sample_make(&g->sample, &shape);
	bins_make(&g->bins, &g->sample.data, 255, 1, &g->sample.arena, &g->err);
	grower_init(&g->grower, &g->config, &g->bins, bytes, threads,
		    &g->sample.arena, &g->err);
	tree_allocate(&g->tree, LEAVES, &g->sample.arena);
	for (size_t i = 0; i < ROWS; i++) {
		gradient[i] = -g->sample.data.train.target[i];
		hessian[i] = 0.2f + (float)rng_uniform(r, i);
	}
}

static void test_twin(void)
{
	double worst = 0;
	size_t same = 0;

	for (uint64_t seed = 0; seed < 12; seed++) {
		struct grown g;
		static struct slow s;
		float score[ROWS] = { 0 };

		prepare(&g, seed, seed % 2 ? 0.15 : 0, 1 << 20, 1);
		grower_grow(&g.grower, gradient, hessian, NULL, ROWS, NULL,
			    &g.tree);
		grower_apply(&g.grower, score);
		s = (struct slow){ .x = g.sample.data.train.x, .l2 = 0.7 };
		slow_grow(&s);
		same += s.leaves == g.tree.leaves;
		for (size_t i = 0; i < ROWS; i++)
			worst = fmax(worst, fabs((double)score[i] -
						 slow_value(&s, i)));
		arena_clear(&g.sample.arena);
	}
	ok(same == 12, "grower: as many leaves as the slow twin");
	/* fixed point keeps 7 digits of 220 rows */
	ok(worst < 1e-5, "grower: the slow twin's values (off by %.1e)", worst);
}

static void test_rows_and_tree(void)
{
	struct grown g;
	float score[ROWS] = { 0 }, walked[ROWS] = { 0 };
	bool inside = true;

	prepare(&g, 3, 0.1, 1 << 20, 1);
	grower_grow(&g.grower, gradient, hessian, NULL, ROWS, NULL, &g.tree);
	grower_apply(&g.grower, score);
	tree_add(&g.tree, g.bins.column, g.sample.data.train.x, COLS, ROWS,
		 walked, 1);
	ok(!memcmp(score, walked, sizeof(score)),
	   "grower: raw rows walk to the leaves they were grown into");
	for (size_t k = 0; k < g.grower.leaves; k++)
		inside &= tree_leaf(&g.tree, g.bins.column,
				    g.sample.data.train.x +
					    COLS * g.grower.partition.rows
						    [g.grower.leaf[k].begin]) == k;
	ok(inside, "grower: leaves are numbered alike in tree and partition");
	arena_clear(&g.sample.arena);
}

/* Kept or built anew, on one thread or four: the same tree. */
static void test_same_tree(void)
{
	struct grown a, b;
	static const size_t bytes[] = { 0, 20000, 1 << 20 };

	prepare(&a, 5, 0.1, 1 << 20, 1);
	grower_grow(&a.grower, gradient, hessian, NULL, ROWS, NULL, &a.tree);
	for (size_t k = 0; k < 3; k++) {
		prepare(&b, 5, 0.1, bytes[k], k ? 4 : 1);
		for (int again = 0; again < 2; again++)
			grower_grow(&b.grower, gradient, hessian, NULL, ROWS,
				    NULL, &b.tree);
		ok(b.tree.leaves == a.tree.leaves &&
			   !memcmp(a.tree.value, b.tree.value,
				   a.tree.leaves * sizeof(float)),
		   "grower: the same tree with %zu bytes for histograms",
		   bytes[k]);
		arena_clear(&b.sample.arena);
	}
	arena_clear(&a.sample.arena);
}

static void test_limits(void)
{
	struct grown g;
	uint32_t some[40];
	uint8_t use[COLS] = { 0, 0, 1, 0, 0, 0 };
	bool drawn = true;

	prepare(&g, 6, 0, 1 << 20, 1);
	g.config.depth = 1;
	grower_grow(&g.grower, gradient, hessian, NULL, ROWS, NULL, &g.tree);
	ok(g.tree.leaves == 2, "grower: depth 1 is one cut");
	g.config.depth = 0;
	g.config.min_child_rows = 60;
	grower_grow(&g.grower, hessian, hessian, NULL, ROWS, NULL, &g.tree);
	ok(g.tree.leaves <= 3, "grower: min_child_rows bounds the leaves");
	g.config.min_child_rows = 0;
	grower_grow(&g.grower, gradient, hessian, NULL, ROWS, use, &g.tree);
	for (size_t k = 0; k + 1 < g.tree.leaves; k++)
		drawn &= g.tree.node[k].column == 2;
	ok(drawn && g.tree.leaves > 1, "grower: only drawn columns are cut");
	for (size_t k = 0; k < 40; k++)
		some[k] = (uint32_t)(5 * k);
	grower_grow(&g.grower, gradient, hessian, some, 40, NULL, &g.tree);
	drawn = true;
	for (size_t k = 0; k < 40; k++)
		drawn &= g.grower.partition.rows[k] % 5 == 0;
	ok(drawn, "grower: only given rows are looked at");
	memset(gradient, 0, sizeof(gradient));
	grower_grow(&g.grower, gradient, hessian, NULL, ROWS, NULL, &g.tree);
	ok(g.tree.leaves == 1 && g.tree.value[0] == 0,
	   "grower: nothing to learn is one leaf of value 0");
	gradient[1] = NAN;
	ok(!grower_grow(&g.grower, gradient, hessian, NULL, ROWS, NULL, &g.tree),
	   "grower: a gradient that is no number is refused");
	arena_clear(&g.sample.arena);
}

static void test_memory(void)
{
	struct grown g;
	size_t calls = 0, wrong = 0;
	int rc = -1;

	prepare(&g, 7, 0, 1 << 20, 1);
	for (; rc; calls++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = calls + 1;
		rc = grower_init(&g.grower, &g.config, &g.bins, 1 << 20, 2, &a,
				 &g.err);
		wrong += rc && rc != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(!wrong && calls > 5, "grower: each of %zu failing allocations is told",
	   calls - 1);
	arena_clear(&g.sample.arena);
}

int main(void)
{
	test_twin();
	test_rows_and_tree();
	test_same_tree();
	test_limits();
	test_memory();
	return tap_done();
}
