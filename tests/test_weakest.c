/* The sequence of weakest links against a search of all nodes at each step. */
#include "learners/forest/weakest.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { LEAVES = 60 };

static struct weakest_cost node[LEAVES], leaf[LEAVES];

/* A random shape: each new node takes the place of a leaf. Costs of a subtree
 * are below its root's, as impurities are. */
static struct tree make_tree(struct arena *a, uint64_t seed)
{
	struct rng r = rng_make(seed, "weakest");
	struct tree t;

	tree_allocate(&t, LEAVES, a);
	for (size_t k = 0; k + 1 < LEAVES; k++) {
		t.node[k] = (struct tree_node){ .set = -1, .child = {
			k + 2 < LEAVES ? (int32_t)k + 1 : ~(int32_t)(LEAVES - 2),
			~(int32_t)(k + 2 < LEAVES ? k : LEAVES - 1) } };
		node[k].train = 2 + rng_uniform(r, 2 * k) * 10 + 60 - (double)k;
		node[k].valid = rng_uniform(r, 2 * k + 1);
		/* some hang to the right of their parent */
		if (rng_u32(r, 999 + k) & 1) {
			int32_t c = t.node[k].child[0];

			t.node[k].child[0] = t.node[k].child[1];
			t.node[k].child[1] = c;
		}
	}
	for (size_t k = 0; k < LEAVES; k++)
		leaf[k] = (struct weakest_cost){ rng_uniform(r, 5000 + k), 1 };
	t.leaves = LEAVES;
	return t;
}

/* The slow twin: costs of what is left below a node, by recursion. */
struct slow {
	const struct tree *t;
	bool cut[LEAVES];
};

static double slow_cost(const struct slow *s, int32_t at, size_t *leaves)
{
	if (at < 0 || s->cut[at]) {
		++*leaves;
		return at < 0 ? leaf[~at].train : node[at].train;
	}
	return slow_cost(s, s->t->node[at].child[0], leaves) +
	       slow_cost(s, s->t->node[at].child[1], leaves);
}

/* Nodes that are still inside the tree. */
static void slow_inside(const struct slow *s, int32_t at, bool *inside)
{
	if (at < 0 || s->cut[at])
		return;
	inside[at] = true;
	slow_inside(s, s->t->node[at].child[0], inside);
	slow_inside(s, s->t->node[at].child[1], inside);
}

/* Collapse the weakest; its link. */
static double slow_step(struct slow *s)
{
	bool inside[LEAVES] = { false };
	double least = INFINITY;
	size_t weakest = 0;

	slow_inside(s, 0, inside);
	for (size_t k = 0; k + 1 < LEAVES; k++) {
		size_t n = 0;
		double link;

		if (!inside[k])
			continue;
		link = node[k].train - slow_cost(s, (int32_t)k, &n);
		link = fmax(link, 0) / (double)(n - 1);
		if (link < least) {
			least = link;
			weakest = k;
		}
	}
	s->cut[weakest] = true;
	return least;
}

static void test_twin(void)
{
	double worst = 0;
	bool same = true;

	for (uint64_t seed = 0; seed < 20; seed++) {
		struct arena a;
		struct tree t;
		struct weakest w;
		struct slow s = { 0 };
		size_t n;

		arena_init(&a, 0);
		t = make_tree(&a, seed);
		s.t = &t;
		weakest_init(&w, &t, node, leaf, &a);
		while (isfinite(weakest_next(&w))) {
			double link = weakest_next(&w), want = slow_step(&s);

			worst = fmax(worst, fabs(link - want));
			weakest_collapse(&w);
			n = 0;
			worst = fmax(worst, fabs(w.total.train -
						 slow_cost(&s, 0, &n)));
			for (size_t k = 0; k + 1 < LEAVES; k++)
				same &= !s.cut[k] || w.gone[k];
		}
		same &= w.size == 0 && s.cut[0];
		arena_clear(&a);
	}
	ok(worst < 1e-9, "weakest: links and costs of the slow twin (off by %.1e)",
	   worst);
	ok(same, "weakest: the same nodes go, to the last");
}

static void test_restart(void)
{
	struct arena a;
	struct tree t;
	struct weakest w;
	double first[10];
	bool same = true;

	arena_init(&a, 0);
	t = make_tree(&a, 3);
	weakest_init(&w, &t, node, leaf, &a);
	for (int k = 0; k < 10; k++) {
		first[k] = weakest_next(&w);
		weakest_collapse(&w);
	}
	weakest_restart(&w);
	for (int k = 0; k < 10; k++) {
		same &= first[k] == weakest_next(&w);
		weakest_collapse(&w);
	}
	ok(same, "weakest: started anew it goes the same way");
	arena_clear(&a);
}

static void test_stump(void)
{
	struct arena a;
	struct tree t;
	struct weakest w;

	arena_init(&a, 0);
	tree_allocate(&t, 1, &a);
	ok(weakest_init(&w, &t, node, leaf, &a) && isinf(weakest_next(&w)) &&
		   w.total.train == leaf[0].train,
	   "weakest: a leaf alone has no links");
	t = make_tree(&a, 1);
	for (size_t k = 1; k <= 7; k++) {
		struct arena b;

		arena_init(&b, 0);
		b.fail_at = k;
		ok(!weakest_init(&w, &t, node, leaf, &b),
		   "weakest: allocation %zu may fail", k);
		arena_clear(&b);
	}
	arena_clear(&a);
}

int main(void)
{
	test_twin();
	test_restart();
	test_stump();
	return tap_done();
}
