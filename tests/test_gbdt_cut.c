/* The best cut of a leaf, against trying everything. */
#include "learners/gbdt/cut.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { MAX_BINS = 40 };

/* One leaf of one column, with a histogram of whole numbers that fixed-point
 * sums hold exactly: gradients in 1/2^10, hessians 2^-10 a row. */
struct one {
	struct gbdt_config config;
	struct bins_column column;
	struct bins_store store;
	struct drawn_block block;
	struct bins bins;
	struct fixed fixed;
	struct cut_rules rules;
	struct cut_leaf leaf;
	int64_t hist[MAX_BINS + 1];
	double g[MAX_BINS + 1], h[MAX_BINS + 1]; /* the same as numbers */
};

static void make(struct one *o, size_t bins, bool is_cat, bool missing,
		 uint64_t seed)
{
	static uint32_t column = 0;
	struct rng r = rng_make(seed, "cut");

	*o = (struct one){
		.config = { .min_child_hessian = 0.5, .l2 = 1, .leaves = 2 },
		.column = { .is_cat = is_cat, .bins = (uint32_t)bins },
		.block = { .width = 4, .live = 1, .stride = bins + 1,
			   .column = &column, .first = { 0, 1 } },
		.fixed = { .gradient = 1 << 20, .hessian = 1 << 20 },
	};
	o->store = (struct bins_store){ .members = 1, .cells = (uint32_t)bins + 1,
					.column = &column };
	o->bins = (struct bins){ .cols = 1, .column = &o->column, .stores = 1,
				 .store = &o->store };
	o->rules = (struct cut_rules){ .config = &o->config, .bins = &o->bins,
				       .fixed = &o->fixed };
	for (size_t b = 0; b < bins + missing; b++) {
		int32_t rows = (int32_t)rng_below(r, b, 12);
		int32_t g = rows ? (int32_t)rng_below(r, 99 + b, 20000) - 10000 : 0;

		o->hist[b] = gh_pack(g, rows << 10);
		o->g[b] = g / 1024.0;
		o->h[b] = rows;
		o->leaf.total += o->hist[b];
		o->leaf.rows += (size_t)rows;
	}
}

static struct cut search(const struct one *o)
{
	return cut_search(&o->rules, &o->block, 0, 1, o->hist, &o->leaf);
}

static double gain_of(const struct one *o, double gl, double hl, double l2)
{
	double g = fixed_gradient(&o->fixed, o->leaf.total);
	double h = fixed_hessian(&o->fixed, o->leaf.total);
	double gr = g - gl, hr = h - hl;
	double least = fmax(o->config.min_child_hessian,
			    (double)o->config.min_child_rows);

	if (hl < fmax(least, 1e-9) || hr < fmax(least, 1e-9))
		return -1;
	return gl * gl / (hl + l2) + gr * gr / (hr + l2) -
	       g * g / (h + o->config.l2);
}

/* Every edge, missing rows on either side. */
static double slow_numeric(const struct one *o)
{
	double best = 0;

	for (int side = 0; side < 2; side++) {
		size_t bins = o->column.bins;
		double g = side ? o->g[bins] : 0, h = side ? o->h[bins] : 0;

		for (size_t b = 0; b < bins; b++) {
			g += o->g[b];
			h += o->h[b];
			best = fmax(best, gain_of(o, g, h, o->config.l2));
		}
	}
	return best;
}

static void test_numeric(void)
{
	double worst = 0;
	size_t found = 0;
	bool sums = true;

	for (uint64_t seed = 0; seed < 200; seed++) {
		struct one o;
		struct cut c;
		double want;
		int64_t left = 0;

		make(&o, 2 + seed % 38, false, seed % 2, seed);
		o.config.min_child_rows = (int64_t)(seed % 9);
		want = slow_numeric(&o);
		c = search(&o);
		worst = fmax(worst, fabs(fmax(c.gain, 0) - want) / (1 + want));
		for (size_t b = 0; b <= c.bin && c.gain > 0; b++)
			left += o.hist[b];
		if (o.hist[o.column.bins] && c.missing_left)
			left += o.hist[o.column.bins];
		sums &= !(c.gain > 0) || left == c.left;
		found += c.gain > 0;
	}
	ok(found > 100, "cut: found in %zu of 200 leaves", found);
	/* the winner is picked in float: near-ties may swap */
	ok(worst < 1e-5, "cut: as good as trying every edge (off by %.1e)", worst);
	ok(sums, "cut: says what goes left");
}

static void test_missing(void)
{
	struct one o;
	struct cut c;

	make(&o, 2, false, true, 1);
	o.hist[0] = gh_pack(-5000, 10 << 10);
	o.hist[1] = gh_pack(5000, 10 << 10);
	o.hist[2] = gh_pack(-2500, 5 << 10);
	o.leaf = (struct cut_leaf){ .total = o.hist[0] + o.hist[1] + o.hist[2],
				    .rows = 25 };
	c = search(&o);
	ok(c.gain > 0 && c.bin == 0 && c.missing_left,
	   "cut: missing rows go with those that are like them");
	o.hist[2] = gh_pack(2500, 5 << 10);
	o.leaf.total = o.hist[0] + o.hist[1] + o.hist[2];
	c = search(&o);
	ok(c.gain > 0 && c.bin == 0 && !c.missing_left, "cut: on either side");
	o.hist[1] = gh_pack(-5000, 10 << 10);
	o.hist[2] = gh_pack(10000, 5 << 10);
	o.leaf.total = o.hist[0] + o.hist[1] + o.hist[2];
	c = search(&o);
	ok(c.gain > 0 && c.bin == 1 && !c.missing_left,
	   "cut: being missing can be what matters");
	o.hist[0] = gh_pack(5000, 15 << 10);
	o.hist[2] = 0;
	o.leaf.total = o.hist[0] + o.hist[1];
	c = search(&o);
	ok(c.gain > 0 && c.missing_left,
	   "cut: none missing here: later ones go to the heavier side");
}

/* All 2^(n-1) ways to part the levels. */
static double slow_subset(const struct one *o, size_t n)
{
	double best = 0;

	for (unsigned set = 1; set < 1u << (n - 1); set++) {
		double g = 0, h = 0;

		for (size_t b = 0; b < n; b++) {
			g += set >> b & 1 ? o->g[b] : 0;
			h += set >> b & 1 ? o->h[b] : 0;
		}
		best = fmax(best, gain_of(o, g, h, 0));
	}
	return best;
}

/* Fisher's order holds the best subset when nothing is penalised. */
static void test_subsets(void)
{
	double worst = 0;
	bool sums = true;

	for (uint64_t seed = 0; seed < 100; seed++) {
		size_t n = 3 + seed % 8, bins = n - seed % 2;
		struct one o;
		struct cut c;
		int64_t left = 0;
		double want;

		make(&o, bins, true, seed % 2, 1000 + seed);
		o.config.l2 = 0;
		want = slow_subset(&o, n);
		c = search(&o);
		worst = fmax(worst, fabs(fmax(c.gain, 0) - want) / (1 + want));
		for (uint32_t b = 0; b <= bins; b++)
			if (tree_set_has(&c.set, b))
				left += o.hist[b];
		sums &= !(c.gain > 0) || left == c.left;
	}
	ok(worst < 1e-6, "cut: the best of all subsets (off by %.1e)", worst);
	ok(sums, "cut: the subset is what goes left");
}

static void test_subset_rules(void)
{
	struct one o;
	struct cut c;
	size_t in = 0;

	make(&o, 6, true, false, 7);
	o.config.max_onehot = 6;
	c = search(&o);
	for (uint32_t b = 0; b < 6; b++)
		in += o.hist[b] && tree_set_has(&c.set, b);
	ok(c.gain > 0 && in == 1, "cut: few levels: one against the rest");
	make(&o, 30, true, false, 8);
	o.config.min_group_rows = 40;
	c = search(&o);
	ok(c.gain > 0 && fixed_hessian(&o.fixed, c.left) >= 40 * (1 - 1e-4),
	   "cut: a subset has the least group size");
	o.config.min_group_rows = 1000;
	c = search(&o);
	ok(!(c.gain > 0), "cut: or there is none");
	make(&o, 5, true, false, 9);
	o.hist[2] = 0;
	o.leaf.total = o.hist[0] + o.hist[1] + o.hist[3] + o.hist[4];
	c = search(&o);
	ok(tree_set_has(&c.set, 2) == tree_set_has(&c.set, 5) &&
		   tree_set_has(&c.set, 2) == (2 * gh_hessian(c.left) >
					       gh_hessian(o.leaf.total)),
	   "cut: levels without rows here go with the heavier side");
}

static void test_limits(void)
{
	struct one o;
	struct cut c;
	double gain;
	const uint8_t none[1] = { 0 };

	make(&o, 20, false, false, 3);
	gain = search(&o).gain;
	o.config.min_gain = gain / 2;
	ok_near(search(&o).gain, gain / 2,
		gain * 1e-9, "cut: min_gain is taken off");
	o.config.min_gain = 2 * gain;
	ok(!(search(&o).gain > 0),
	   "cut: none below min_gain");
	o.config.min_gain = 0;
	o.leaf.use = none;
	ok(!(search(&o).gain > 0),
	   "cut: none in a column that was not drawn");
	o.leaf.use = NULL;
	o.config.l1 = 1e6;
	c = search(&o);
	ok(!(c.gain > 0) && cut_leaf_value(&o.rules, o.leaf.total) == 0,
	   "cut: a large l1 leaves nothing");
	o.config.l1 = 0;
	ok_near(cut_leaf_value(&o.rules, gh_pack(3 << 10, 5 << 10)), -3.0 / 6,
		1e-9, "cut: a leaf's value is -G / (H + l2)");
	o.config.l1 = 1;
	ok_near(cut_leaf_value(&o.rules, gh_pack(-3 * 1024, 5 << 10)), 2.0 / 6,
		1e-9, "cut: with l1, -(|G| - l1) sign(G) / (H + l2)");
}

static void empty(struct one *o, size_t b)
{
	o->leaf.total -= o->hist[b];
	o->leaf.rows -= (size_t)o->h[b];
	o->hist[b] = 0;
	o->g[b] = o->h[b] = 0;
}

/* The root's order holds for a leaf: its best prefix, whatever its own order. */
static void test_order(void)
{
	double worst = 0;
	size_t found = 0;
	bool roots = true;

	for (uint64_t seed = 0; seed < 50; seed++) {
		uint8_t bin[MAX_BINS + 1];
		uint16_t n = 0;
		struct cut_order order = { bin, &n };
		struct one root, o;
		double best = 0, g = 0, h = 0;

		make(&root, 20, true, seed % 2, 2000 + seed);
		make(&o, 20, true, seed % 2, 3000 + seed);
		for (size_t b = 0; b <= 20; b++)
			if (!root.hist[b]) /* nor has its leaf any rows */
				empty(&o, b);
		o.config.l2 = root.config.l2 = 0;
		root.rules.order = o.rules.order = &order;
		root.leaf.is_root = true;
		search(&root);
		for (size_t k = 0; k < n; k++) {
			double mean = root.g[bin[k]] / (root.h[bin[k]] + 1e-6);
			size_t b = bin[k ? k - 1 : 0];

			roots &= root.h[bin[k]] > 0 &&
				 mean >= root.g[b] / (root.h[b] + 1e-6) - 1e-3;
			g += o.g[bin[k]];
			h += o.h[bin[k]];
			best = fmax(best, gain_of(&o, g, h, 0));
		}
		worst = fmax(worst, fabs(fmax(search(&o).gain, 0) - best) /
					    (1 + best));
		found += best > 0;
	}
	ok(roots, "cut: the root's levels are noted by their mean gradient");
	ok(found > 40 && worst < 1e-5, "cut: a leaf's subsets follow the root (%zu "
	   "cuts, off by %.1e)", found, worst);
}

/* Under bounds and a sign, every edge by hand. */
static void test_bounds(void)
{
	static const int8_t signs[] = { 1, -1, 0 };
	double worst = 0;
	size_t found = 0;

	for (uint64_t seed = 0; seed < 90; seed++) {
		struct one o;
		double best = 0, gl = 0, hl = 0, g, h, parent;
		double low = -0.3 - (double)(seed % 7) / 4, high = low + 1.5;
		int sign = signs[seed % 3];

		make(&o, 30, false, false, 4000 + seed);
		o.rules.monotone = &signs[seed % 3];
		o.rules.signs = 1;
		o.leaf.bounds = (struct cut_bounds){ low, high, true };
		g = fixed_gradient(&o.fixed, o.leaf.total);
		h = fixed_hessian(&o.fixed, o.leaf.total);
		parent = fmin(fmax(-g / (h + 1), low), high);
		for (size_t b = 0; b < 29; b++) {
			double vl, vr, gain;

			gl += o.g[b];
			hl += o.h[b];
			vl = fmin(fmax(-gl / (hl + 1), low), high);
			vr = fmin(fmax(-(g - gl) / (h - hl + 1), low), high);
			if (hl < 0.5 || h - hl < 0.5 || sign * (vr - vl) < 0)
				continue;
			gain = -2 * gl * vl - (hl + 1) * vl * vl -
			       2 * (g - gl) * vr - (h - hl + 1) * vr * vr +
			       2 * g * parent + (h + 1) * parent * parent;
			best = fmax(best, gain);
		}
		found += best > 0;
		worst = fmax(worst, fabs(fmax(search(&o).gain, 0) - best) /
					    (1 + best));
	}
	ok(found > 40 && worst < 1e-5, "cut: within bounds and by sign as by hand "
	   "(%zu cuts, off by %.1e)", found, worst);
}

int main(void)
{
	test_order();
	test_bounds();
	test_numeric();
	test_missing();
	test_subsets();
	test_subset_rules();
	test_limits();
	return tap_done();
}
