/* The best cut of a node against a slow twin that tries every cut with doubles,
 * and the kernels of every level against each other. */
#include "learners/forest/node_cut.h"
#include "learners/forest/tally.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { ROWS = 300, COLS = 4 };

struct setting {
	size_t classes;
	bool entropy, weighted;
	double missing;
	uint32_t least;
	size_t rows; /* in the node */
};

struct bench {
	struct arena arena;
	struct dataset data;
	struct truth truth;
	struct colbins bins;
	struct node_cut_rules rules;
	struct node_cut_scratch scratch;
	uint32_t rows[ROWS];
	struct forest_item item[ROWS];
	uint32_t class_weight[200], seen[200];
	float class_total[FOREST_CLASSES];
	struct node_rows node;
	struct error err;
};

/* A column of few values, one of many, one of levels, one with almost none. */
static void make_data(struct bench *b, const struct setting *s, uint64_t seed)
{
	static struct column columns[COLS] = { [2] = { .is_cat = true, .levels = 9 } };
	float *x = ARENA_NEW(&b->arena, float, ROWS * COLS);
	float *target = ARENA_NEW(&b->arena, float, ROWS);
	float *weight = ARENA_NEW(&b->arena, float, ROWS);
	int32_t *label = ARENA_NEW(&b->arena, int32_t, ROWS);
	struct rng r = rng_make(seed, "node_cut");

	for (size_t i = 0; i < ROWS; i++) {
		float *v = x + i * COLS;

		for (size_t j = 0; j < COLS; j++) {
			double u = rng_uniform(r, 10 * i + j);

			v[j] = j == 1 ? (float)u : j == 2 ? (float)(int)(9 * u) :
			       j == 0 ? (float)(int)(6 * u) : u > 0.9;
			if (rng_uniform(r, 10 * i + j + 5000000) < s->missing)
				v[j] = NAN;
		}
		target[i] = (float)rng_normal(r, 10 * i + 7) +
			    (v[1] > 0.4f ? 2.0f : 0.0f);
		label[i] = (int32_t)((double)s->classes *
				     rng_uniform(r, 10 * i + 8));
		weight[i] = (float)rng_uniform_open(r, 10 * i + 9);
	}
	b->data = (struct dataset){
		.view = VIEW_TABLE, .cols = COLS, .columns = columns,
		.classes = s->classes,
		.task = s->classes ? TASK_CLASSIFICATION : TASK_REGRESSION,
		.train = { .rows = ROWS, .x = x, .target = target,
			   .label = label, .weight = s->weighted ? weight : NULL },
	};
}

/* Every second or so of the rows. */
static void make_node(struct bench *b, const struct setting *s)
{
	struct truth *t = &b->truth;
	size_t n = 0;

	for (size_t i = 0; i < ROWS && n < s->rows; i += s->rows < 200 ? 2 : 1) {
		int64_t w = t->weight[i];

		b->rows[n] = (uint32_t)i;
		b->item[n] = (struct forest_item){
			t->value ? w * t->value[i] : t->label[i],
			(uint64_t)w << 32 | 1 };
		b->node.total.sum += b->item[n].sum;
		b->node.total.mass += b->item[n].mass;
		if (t->outputs > 1)
			b->class_weight[t->label[i]] += (uint32_t)w;
		n++;
	}
	b->node.rows = b->rows;
	b->node.item = b->item;
	b->node.n = n;
	b->node.class_weight = b->class_weight;
	b->node.class_total = b->class_total;
	if (t->outputs == 1)
		return;
	b->node.seen = b->seen;
	for (uint32_t c = 0; c < t->outputs; c++)
		if (b->class_weight[c])
			b->seen[b->node.n_seen++] = c;
	for (size_t c = 0; c < t->outputs; c++)
		b->node.own += tally_term(s->entropy, b->class_weight[c]);
	b->node.own = tally_side(s->entropy, b->node.own,
				 forest_weight(b->node.total.mass));
	for (size_t c = 0; c < t->outputs && c < FOREST_CLASSES; c++)
		b->class_total[c] = (float)b->class_weight[c];
}

static void prepare(struct bench *b, const struct setting *s, uint64_t seed)
{
	*b = (struct bench){ 0 };
	arena_init(&b->arena, 0);
	make_data(b, s, seed);
	truth_make(&b->truth, &b->data, &b->data.train, false, &b->arena, &b->err);
	colbins_make(&b->bins, &b->data, &b->truth, 255, 1, &b->arena, &b->err);
	b->rules = (struct node_cut_rules){
		.bins = &b->bins, .truth = &b->truth, .entropy = s->entropy,
		.kernels = SIMD_PICK(forest_kernels), .least = s->least,
	};
	node_cut_scratch_init(&b->scratch, &b->rules, ROWS, &b->arena, &b->err);
	make_node(b, s);
}

/* Impurity times weight of the rows on one side. */
static double slow_impurity(const struct bench *b, const bool *left, bool side)
{
	const struct truth *t = &b->truth;
	double w = 0, s = 0, ss = 0, count[200] = { 0 }, sum = 0;

	for (size_t k = 0; k < b->node.n; k++) {
		size_t i = b->rows[k];
		double x = t->weight[i], y;

		if (left[k] != side)
			continue;
		y = t->classes ? t->label[i] : (double)t->value[i];
		w += x;
		s += x * y;
		ss += x * y * y;
		if (t->classes)
			count[t->label[i]] += x;
	}
	if (!t->classes || (t->classes == 2 && !b->rules.entropy))
		return w > 0 ? ss - s * s / w : 0;
	for (size_t c = 0; c < t->classes; c++)
		sum += b->rules.entropy ? tally_log(count[c]) : count[c] * count[c];
	return b->rules.entropy ? tally_log(w) - sum : w > 0 ? w - sum / w : 0;
}

/* What a cut takes away, or -1 where it is not allowed. */
static double slow_gain(const struct bench *b, uint32_t column, uint32_t bin,
			bool missing_left)
{
	static const bool all[ROWS];
	bool left[ROWS];
	size_t n = 0;

	for (size_t k = 0; k < b->node.n; k++) {
		uint32_t at = colbins_at(&b->bins, column, b->rows[k]);

		left[k] = at == b->bins.column[column].bins ? missing_left :
							      at <= bin;
		n += left[k];
	}
	if (n < b->rules.least || b->node.n - n < b->rules.least)
		return -1;
	return slow_impurity(b, all, false) - slow_impurity(b, left, true) -
	       slow_impurity(b, left, false);
}

static double slow_best(const struct bench *b, uint32_t column)
{
	double best = -1;

	for (uint32_t bin = 0; bin < b->bins.column[column].bins; bin++)
		for (int m = 0; m < 2; m++)
			best = fmax(best, slow_gain(b, column, bin, m));
	return best;
}

/* The gain is the best there is, and it is that of the cut given with it. */
static double worst_error(struct bench *b)
{
	double worst = 0;

	for (uint32_t j = 0; j < b->bins.cols; j++) {
		struct node_cut got = { .gain = -1 };
		double best = slow_best(b, j), own;
		static const bool all[ROWS];

		node_cut_try(&b->rules, &b->node, j, 0, &b->scratch, &got);
		if (best < 0 || got.gain < 0) {
			worst = fmax(worst, (best < 0) != (got.gain < 0));
			continue;
		}
		own = slow_impurity(b, all, false);
		worst = fmax(worst, fabs(got.gain - best) / own);
		worst = fmax(worst, fabs(slow_gain(b, j, got.bin,
						   got.missing_left) - best) / own);
	}
	return worst;
}

static bool is_clean(const struct bench *b)
{
	size_t width = node_cut_width(&b->truth), dirt = 0;
	bool many = b->truth.outputs > 1;
	bool few = many && b->truth.outputs <= FOREST_CLASSES && !b->rules.entropy;

	for (size_t k = 0; k < 256; k++)
		dirt += b->scratch.mass[k] != 0 ||
			(!many && b->scratch.cell[k].mass);
	for (size_t k = 0; few && k < 256 * width; k++)
		dirt += b->scratch.count[k] != 0;
	for (size_t c = 0; many && c < b->truth.outputs; c++)
		dirt += b->scratch.left[c] != 0;
	return !dirt;
}

static void test_twin(void)
{
	static const size_t classes[] = { 0, 2, 3, 9, 26, 60, 200 };
	static const size_t rows[] = { 2, 5, 40, 300 };
	static struct bench b;

	for (size_t c = 0; c < 7; c++) {
		double worst = 0;
		bool clean = true;

		for (size_t k = 0; k < 4 * 4 * 2; k++) {
			struct setting s = {
				.classes = classes[c], .rows = rows[k % 4],
				.missing = k / 4 % 2 ? 0.2 : 0,
				.weighted = k / 8 % 2, .least = k % 3 ? 1 : 3,
				.entropy = classes[c] && k / 16,
			};

			prepare(&b, &s, k);
			worst = fmax(worst, worst_error(&b));
			clean &= is_clean(&b);
			arena_clear(&b.arena);
		}
		/* scans of classes are in float */
		ok(worst < 2e-6, "node_cut: %zu classes: the slow twin's cuts "
		   "(off by %.1e)", classes[c], worst);
		ok(clean, "node_cut: %zu classes: cells are left at zero",
		   classes[c]);
	}
}

static void test_levels_of_kernels(void)
{
	static const size_t classes[] = { 0, 3, 26 };

	for (int l = 0; l <= (int)simd_level(); l++) {
		static struct bench b;
		double worst = 0;

		for (size_t c = 0; c < 3; c++) {
			struct setting s = { .classes = classes[c], .rows = 300,
					     .missing = 0.1, .least = 2 };

			prepare(&b, &s, 77);
			b.rules.kernels = SIMD_AT(forest_kernels,
						  (enum simd_level)l);
			worst = fmax(worst, worst_error(&b));
			arena_clear(&b.arena);
		}
		ok(worst < 2e-6, "node_cut: the slow twin's cuts on %s",
		   simd_level_name((enum simd_level)l));
	}
}

/* Sorted by their mean, the best of all 2^8 subsets of nine levels. */
static void test_subsets(void)
{
	static struct bench b;
	struct setting s = { .rows = 300, .missing = 0.1, .least = 1 };
	struct node_cut got = { .gain = -1 };
	static const bool all[ROWS];
	double best = 0;

	prepare(&b, &s, 5);
	b.rules.each_node = true;
	node_cut_try(&b.rules, &b.node, 2, 0, &b.scratch, &got);
	for (uint32_t set = 1; set < 1 << 10; set++) {
		bool left[ROWS];

		for (size_t k = 0; k < b.node.n; k++)
			left[k] = set >> colbins_at(&b.bins, 2, b.rows[k]) & 1;
		best = fmax(best, slow_impurity(&b, all, false) -
				  slow_impurity(&b, left, true) -
				  slow_impurity(&b, left, false));
	}
	ok(got.has_set && fabs(got.gain / best - 1) < 1e-9,
	   "node_cut: of all subsets of levels the best (ratio - 1: %.1e)",
	   got.gain / best - 1);
	arena_clear(&b.arena);
}

/* A random cut is one of the possible ones and its gain is its own. */
static void test_random(void)
{
	static const size_t classes[] = { 0, 2, 5, 60 };
	static struct bench b;

	for (size_t c = 0; c < 4; c++) {
		struct setting s = { .classes = classes[c], .rows = 120,
				     .missing = 0.1, .least = 2 };
		uint32_t seen = 0;
		double worst = 0;

		prepare(&b, &s, 9);
		b.rules.random = true;
		for (uint32_t k = 0; k < 64; k++) {
			struct node_cut got = { .gain = -1 };
			static const bool all[ROWS];

			node_cut_try(&b.rules, &b.node, 0, k << 26, &b.scratch,
				     &got);
			if (got.gain < 0)
				continue;
			seen |= 1u << got.bin;
			worst = fmax(worst, fabs(got.gain -
				slow_gain(&b, 0, got.bin, got.missing_left)) /
				slow_impurity(&b, all, false));
		}
		ok(worst < 1e-9 && __builtin_popcount(seen) >= 5,
		   "node_cut: %zu classes: random cuts are what they say, and of "
		   "all kinds", classes[c]);
		arena_clear(&b.arena);
	}
}

static void test_constant(void)
{
	static struct bench b;
	struct setting s = { .rows = 40, .least = 1 };
	struct node_cut got = { .gain = -1 };

	prepare(&b, &s, 3);
	for (size_t random = 0; random < 2; random++) {
		b.rules.random = random;
		ok(node_cut_try(&b.rules, &b.node, 1, 7, &b.scratch, &got),
		   "node_cut: a column with two values can be cut");
		memset((uint8_t *)colbins_of(&b.bins, 1), 3, ROWS);
		ok(!node_cut_try(&b.rules, &b.node, 1, 7, &b.scratch, &got),
		   "node_cut: a column with one value is said to be constant");
		memset((uint8_t *)colbins_of(&b.bins, 1),
		       (int)b.bins.column[1].bins, ROWS);
		ok(!node_cut_try(&b.rules, &b.node, 1, 7, &b.scratch, &got),
		   "node_cut: one with nothing but holes too");
		memset((uint8_t *)colbins_of(&b.bins, 1), 0, 20);
	}
	arena_clear(&b.arena);
}

int main(void)
{
	test_twin();
	test_levels_of_kernels();
	test_subsets();
	test_random();
	test_constant();
	return tap_done();
}
