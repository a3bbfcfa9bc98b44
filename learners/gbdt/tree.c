/* Trees once grown: walking down, and copying into the model.
 *
 * A row alone waits for two loads at each node (the node, then its column) and
 * for a wrong guess of the processor at its end. So rows walk side by side, in
 * steps that have no branch: the kernel. Cuts by subsets of levels need the
 * bins of the column and are walked one row at a time.
 */
#include "learners/gbdt/tree.h"

#include "learners/gbdt/gbdt_kernels.h"
#include "learners/gbdt/turner.h"

enum { ROWS = 256 }; /* walked before their values are added */

bool tree_allocate(struct tree *t, size_t leaves, struct arena *a)
{
	*t = (struct tree){
		.leaves = 1,
		.node = ARENA_RAW(a, struct tree_node, leaves - 1),
		.set = ARENA_RAW(a, struct tree_set, leaves - 1),
		.value = ARENA_NEW(a, float, leaves),
		.cover = ARENA_NEW(a, float, leaves),
		.step = ARENA_RAW(a, struct tree_step, 2 * leaves - 1),
	};
	return t->node && t->set && t->value && t->cover && t->step &&
	       sieve_allocate(&t->sieve, leaves, a);
}

/* What the leaves hold, a value or a vector each. */
static bool copy_leaves(struct tree *to, const struct tree *from, struct arena *a)
{
	size_t n = from->leaves;

	if (from->cover) {
		to->cover = arena_copy(a, from->cover, n * sizeof(*from->cover));
		if (!to->cover)
			return false;
	}
	if (!from->start) {
		to->value = arena_copy(a, from->value, n * sizeof(*from->value));
		return to->value;
	}
	to->start = arena_copy(a, from->start, (n + 1) * sizeof(*from->start));
	to->share = arena_copy(a, from->share,
			       from->start[n] * sizeof(*from->share));
	return to->start && to->share;
}

bool tree_copy(struct tree *to, const struct tree *from, struct arena *a)
{
	size_t nodes = from->leaves - 1, steps = from->leaves + nodes;

	*to = (struct tree){
		.leaves = from->leaves,
		.n_sets = from->n_sets,
		.node = arena_copy(a, from->node, nodes * sizeof(*from->node)),
		.set = from->by_rank ? from->set :
			arena_copy(a, from->set, from->n_sets * sizeof(*from->set)),
		.by_rank = from->by_rank,
		.depth = from->depth,
		.step = from->step ?
			arena_copy(a, from->step, steps * sizeof(*from->step)) :
			ARENA_RAW(a, struct tree_step, steps),
	};
	if (!to->node || (!to->set && !from->by_rank) || !to->step ||
	    !copy_leaves(to, from, a) ||
	    !sieve_copy(&to->sieve, &from->sieve, from->leaves, a))
		return false;
	if (!from->step)
		tree_flatten(to);
	return true;
}

/* The step of a child: leaves come behind all nodes. */
static uint32_t step_of(const struct tree *t, int32_t child)
{
	return child >= 0 ? (uint32_t)child :
			    (uint32_t)(t->leaves - 1) + (uint32_t)~child;
}

/* A node comes before its children (the grower numbers them in the order of
 * the cuts), so one pass from the first hands every depth down; it is kept in
 * the leaves' thresholds, which nobody else reads. */
static size_t find_depth(const struct tree *t)
{
	size_t deepest = 0;

	t->step[0].threshold = 0;
	for (size_t k = 0; k + 1 < t->leaves; k++) {
		float below = t->step[k].threshold + 1;

		t->step[step_of(t, t->node[k].child[0])].threshold = below;
		t->step[step_of(t, t->node[k].child[1])].threshold = below;
		deepest = (size_t)below > deepest ? (size_t)below : deepest;
	}
	return deepest;
}

void tree_flatten(struct tree *t)
{
	size_t nodes = t->leaves - 1;

	t->depth = t->n_sets && !t->by_rank ? 0 : find_depth(t);
	for (size_t k = 0; k < nodes; k++) {
		const struct tree_node *n = &t->node[k];

		t->step[k] = (struct tree_step){
			.threshold = n->threshold,
			.column = n->column | (uint32_t)n->missing_left
						      << TREE_MISSING_LEFT,
			.child = { step_of(t, n->child[0]),
				   step_of(t, n->child[1]) },
		};
	}
	for (uint32_t k = (uint32_t)nodes; k < nodes + t->leaves; k++)
		t->step[k] = (struct tree_step){ .child = { k, k } };
	if (t->sieve.cut)
		sieve_make(&t->sieve, t);
}

size_t tree_leaf(const struct tree *t, const struct bins_column *column,
		 const float *x)
{
	int32_t at = t->leaves > 1 ? 0 : ~0;

	while (at >= 0) {
		const struct tree_node *n = &t->node[at];

		at = n->child[!tree_goes_left(t, n, column, x[n->column])];
	}
	return (size_t)~at;
}

void tree_add(const struct tree *t, const struct bins_column *column,
	      const float *x, size_t cols, size_t n, float *out, size_t stride)
{
	size_t nodes = t->leaves - 1;
	uint32_t at[ROWS];

	for (size_t i = 0; t->n_sets && i < n; i++)
		tree_add_leaf(t, tree_leaf(t, column, x + i * cols), out + i * stride);
	for (size_t i = 0; !t->n_sets && i < n; i += ROWS) {
		size_t some = n - i < ROWS ? n - i : ROWS;

		SIMD_PICK(gbdt_kernels)
			->walk(t->step, t->depth, x + i * cols, cols, some, at);
		for (size_t k = 0; k < some; k++)
			tree_add_leaf(t, at[k] - nodes, out + (i + k) * stride);
	}
}

void tree_add_turned(const struct tree *t, const struct bins_column *column,
		     const struct turned *rows, const float *x, size_t cols,
		     float *out, size_t stride)
{
	if (t->sieve.words && rows->x)
		sieve_add(&t->sieve, t, rows, out, stride);
	else
		tree_add(t, column, x, cols, rows->n, out, stride);
}
