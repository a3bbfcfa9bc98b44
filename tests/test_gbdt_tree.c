/* Trees on raw rows: what a walk by steps does, beside a walk node by node. */
#include "learners/gbdt/gbdt_kernels.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

#define COLS 5
#define ROWS 601 /* no multiple of the rows that walk abreast */

static struct arena arena;
static float x[ROWS * COLS];

/* Numbers on a coarse grid, so that many equal a threshold; a few are missing
 * or infinite. */
static void make_rows(void)
{
	struct rng r = rng_make(1, "tree rows");

	for (size_t i = 0; i < ROWS * COLS; i++) {
		size_t u = rng_below(r, i, 100);

		x[i] = u < 8 ? NAN : u < 10 ? INFINITY : u < 12 ? -INFINITY :
					      (float)(u % 20) / 20;
	}
}

/* A tree of random shape: each node takes the place of a random leaf. */
static struct tree make_tree(size_t leaves, uint64_t seed, bool chain)
{
	struct rng r = rng_make(seed, "tree");
	struct tree t;
	int32_t *slot[64];

	tree_allocate(&t, leaves, &arena);
	for (t.leaves = 1; t.leaves < leaves; t.leaves++) {
		size_t k = t.leaves - 1;
		size_t leaf = chain ? k : rng_below(r, 4 * k, k + 1);
		struct tree_node *n = &t.node[k];

		*n = (struct tree_node){
			.threshold = (float)rng_below(r, 4 * k + 1, 20) / 20,
			.column = (uint32_t)rng_below(r, 4 * k + 2, COLS),
			.child = { ~(int32_t)leaf, ~(int32_t)(k + 1) },
			.set = -1,
			.missing_left = rng_below(r, 4 * k + 3, 2),
		};
		if (k)
			*slot[leaf] = (int32_t)k;
		slot[leaf] = &n->child[0];
		slot[k + 1] = &n->child[1];
	}
	for (size_t l = 0; l < leaves; l++)
		t.value[l] = (float)l + 0.25f;
	tree_flatten(&t);
	return t;
}

/* The slow twin: the rule of a node as its fields are described. */
static size_t slow_leaf(const struct tree *t, const float *row)
{
	int32_t at = t->leaves > 1 ? 0 : ~0;

	while (at >= 0) {
		const struct tree_node *n = &t->node[at];
		float v = row[n->column];
		bool left = isnan(v) ? n->missing_left : v <= n->threshold;

		at = n->child[left ? 0 : 1];
	}
	return (size_t)~at;
}

static bool same_leaves(const struct tree *t, const struct gbdt_kernels *k)
{
	static uint32_t at[ROWS];

	k->walk(t->step, t->depth, x, COLS, ROWS, at);
	for (size_t i = 0; i < ROWS; i++)
		if (at[i] - (t->leaves - 1) != slow_leaf(t, x + i * COLS))
			return false;
	return true;
}

static void test_walk(void)
{
	for (int l = 0; l <= (int)simd_level(); l++) {
		const struct gbdt_kernels *k =
			SIMD_AT(gbdt_kernels, (enum simd_level)l);
		const char *level = simd_level_name((enum simd_level)l);
		bool same = true;

		for (uint64_t seed = 0; seed < 20; seed++) {
			struct tree t = make_tree(2 + 3 * seed, seed, false);

			same &= same_leaves(&t, k);
		}
		ok(same, "tree: rows abreast end where rows alone do (%s)",
		   level);
		same = true;
		for (uint64_t seed = 0; seed < 4; seed++) {
			struct tree t = make_tree(60, seed, true);

			same &= t.depth == 59 && same_leaves(&t, k);
		}
		ok(same, "tree: a chain as deep as its leaves allow (%s)", level);
	}
}

static void test_add(void)
{
	struct tree t = make_tree(31, 7, false);
	static float one[ROWS], wide[ROWS * 3];
	bool same = true, apart = true, alone = true;

	tree_add(&t, NULL, x, COLS, ROWS, one, 1);
	tree_add(&t, NULL, x, COLS, ROWS, wide + 1, 3);
	for (size_t i = 0; i < ROWS; i++) {
		float want = t.value[slow_leaf(&t, x + i * COLS)], got = 0;

		same &= one[i] == want && wide[3 * i + 1] == want;
		apart &= wide[3 * i] == 0 && wide[3 * i + 2] == 0;
		tree_add(&t, NULL, x + i * COLS, COLS, 1, &got, 1);
		alone &= got == want;
		alone &= tree_leaf(&t, NULL, x + i * COLS) ==
			 slow_leaf(&t, x + i * COLS);
	}
	ok(same, "tree: each row gets the value of its leaf, at any stride");
	ok(apart, "tree: what lies between is left alone");
	ok(alone, "tree: a row gets the same alone as among others");
	tree_add(&t, NULL, x, COLS, 0, NULL, 1);
	ok(true, "tree: no rows are nothing to do");
}

static void test_stump(void)
{
	struct tree t = make_tree(1, 0, false);
	float out[3] = { 1, 1, 1 };

	tree_add(&t, NULL, x, COLS, 3, out, 1);
	ok(t.depth == 0 && (double)out[2] == 1.25,
	   "tree: without a node every row is in the one leaf");
}

/* Bins {0, 2} of a column with 4 levels and the missing bin go left. */
static void test_sets(void)
{
	static const uint8_t bins[] = { 0, 1, 2, 3 };
	static const float code[] = { 0, 1, 2, 3, NAN, 9, -1 };
	static const float want[] = { 5, 7, 5, 7, 5, 5, 5 };
	struct bins_column c = { .is_cat = true, .bins = 4, .levels = 4,
				 .level_bin = bins };
	struct tree t;
	float out[7] = { 0 };

	tree_allocate(&t, 2, &arena);
	t.leaves = 2;
	t.n_sets = 1;
	t.node[0] = (struct tree_node){ .child = { ~0, ~1 }, .set = 0 };
	t.set[0] = (struct tree_set){ { 0 } };
	tree_set_put(&t.set[0], 0);
	tree_set_put(&t.set[0], 2);
	tree_set_put(&t.set[0], 4);
	t.value[0] = 5;
	t.value[1] = 7;
	tree_flatten(&t);
	tree_add(&t, &c, code, 1, 7, out, 1);
	ok(!memcmp(out, want, sizeof(want)),
	   "tree: levels by their set, unseen ones with the missing");
}

static void test_copy(void)
{
	struct tree t = make_tree(20, 3, false), copy;
	static float a[ROWS], b[ROWS];

	ok(tree_copy(&copy, &t, &arena), "tree: a copy");
	tree_add(&t, NULL, x, COLS, ROWS, a, 1);
	memset(t.step, 0, sizeof(*t.step));
	memset(t.value, 0, 20 * sizeof(*t.value));
	tree_add(&copy, NULL, x, COLS, ROWS, b, 1);
	ok(!memcmp(a, b, sizeof(a)), "tree: a copy lives without the original");
}

static void test_memory(void)
{
	struct tree t = make_tree(9, 3, false), copy;
	size_t failed = 0;

	for (size_t k = 1;; k++, failed++) {
		struct arena a;
		bool good;

		arena_init(&a, 0);
		a.fail_at = k;
		good = tree_allocate(&copy, 9, &a) && tree_copy(&copy, &t, &a);
		arena_clear(&a);
		if (good)
			break;
	}
	ok(failed >= 8, "tree: each of %zu allocations may fail", failed);
}

int main(void)
{
	arena_init(&arena, 0);
	make_rows();
	test_walk();
	test_add();
	test_stump();
	test_sets();
	test_copy();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
