/* Leaves expanded ahead by several threads: the tree, its values and the order of
 * rows are those of one thread, whatever the policy, and little room is enough. */
#include "tests/gbdt_grown.h"
#include "tests/tap.h"

#include "learners/gbdt/ahead.h"

enum { LEAVES = 120 };

static struct grown_shape shape_of(enum gbdt_growth growth, int64_t leaves)
{
	return (struct grown_shape){
		.table = { .train = 3000, .numeric = 8, .categories = 2,
			   .levels = 12, .missing = 0.1, .noise = 0.2,
			   .seed = 11 },
		.config = { .growth = growth, .leaves = leaves, .l2 = 1,
			    .min_child_hessian = 1e-3, .shrinkage = 0.1,
			    .col_sample_level = 1, .col_sample_node = 1,
			    .max_onehot = 4, .cat_smooth = 10,
			    .min_group_rows = 1 },
		.bytes = 64 << 20,
		.threads = 1,
	};
}

/* Grown `times` times each: who takes which leaf differs from time to time. */
static bool same_as_one(struct grown_shape shape, int threads, size_t times)
{
	struct grown one, many;
	bool same;

	same = ok(grown_make(&one, &shape) && grown_grow(&one) &&
		  one.tree.leaves > 1, "ahead: one thread grows a tree");
	shape.threads = threads;
	same &= grown_make(&many, &shape);
	for (size_t k = 0; same && k < times; k++)
		same = grown_grow(&many) && grown_same(&one, &many) &&
		       grown_ascending(&many) && !many.grower.engaged;
	grown_clear(&one);
	grown_clear(&many);
	return same;
}

static void test_policies(void)
{
	static const enum gbdt_growth growth[] = { GBDT_LEAF, GBDT_DEPTH };

	for (size_t k = 0; k < 2; k++) {
		struct grown_shape shape = shape_of(growth[k], LEAVES);

		for (int threads = 2; threads <= 4; threads++)
			ok(same_as_one(shape, threads, 20),
			   "ahead: %s growth on %d threads is that of one",
			   k ? "depth-wise" : "leaf-wise", threads);
		shape.config.quantize = QUANTIZE_ON;
		ok(same_as_one(shape, 3, 10), "ahead: also of rounded gradients");
		shape.config.col_sample_node = 0.5;
		ok(same_as_one(shape, 3, 10), "ahead: also of columns drawn a leaf");
		shape.config.min_child_rows = 40;
		ok(same_as_one(shape, 3, 10),
		   "ahead: also where leaves end before their number does");
		shape.config.depth = 4;
		ok(same_as_one(shape, 2, 10), "ahead: also in a shallow tree");
	}
}

/* Histograms for all, some, one and none of the leaves. */
static void test_little_room(void)
{
	static const size_t bytes[] = { 1 << 20, 200000, 60000, 0 };
	struct grown_shape shape = shape_of(GBDT_LEAF, LEAVES);

	for (size_t k = 0; k < 4; k++) {
		shape.bytes = bytes[k];
		ok(same_as_one(shape, 4, 10),
		   "ahead: with %zu bytes for histograms", bytes[k]);
	}
}

static void test_few_leaves(void)
{
	for (int64_t leaves = 2; leaves < 6; leaves++)
		ok(same_as_one(shape_of(GBDT_LEAF, leaves), 4, 5),
		   "ahead: %d leaves", (int)leaves);
}

static void test_when_it_pays(void)
{
	struct grown_shape shape = shape_of(GBDT_LEAF, LEAVES);
	struct grown g;

	ok(grown_make(&g, &shape) && grown_grow(&g), "ahead: a tree to ask about");
	ok(!ahead_pays(&g.grower), "ahead: one thread has nobody to share with");
	grown_clear(&g);
	shape.threads = 2;
	ok(grown_make(&g, &shape) && grown_grow(&g), "ahead: on two threads");
	g.grower.leaves = 2;
	ok(ahead_pays(&g.grower), "ahead: 118 leaves to come are worth a region");
	g.config.leaves = 3;
	ok(!ahead_pays(&g.grower), "ahead: one small leaf is not");
	g.grower.leaves = g.tree.leaves;
	grown_clear(&g);
}

/* A region within a region runs its chunks one after another, on one thread. */
static void grow_inside(void *ctx, size_t chunk, size_t worker)
{
	struct grown *g = ctx;

	(void)worker;
	grown_grow(&g[chunk]);
}

static void test_inside(void)
{
	struct grown_shape shape = shape_of(GBDT_LEAF, LEAVES);
	struct grown one, two[2];

	ok(grown_make(&one, &shape) && grown_grow(&one), "ahead: one to compare");
	shape.threads = 2;
	ok(grown_make(&two[0], &shape) && grown_make(&two[1], &shape),
	   "ahead: two growers of two threads");
	par_for(2, 2, grow_inside, two);
	ok(grown_same(&one, &two[0]) && grown_same(&one, &two[1]),
	   "ahead: inside another parallel loop each comes to its end");
	grown_clear(&one);
	grown_clear(&two[0]);
	grown_clear(&two[1]);
}

int main(void)
{
	test_policies();
	test_little_room();
	test_few_leaves();
	test_when_it_pays();
	test_inside();
	return tap_done();
}
