/* Trees once grown: walking down, and copying into the model. A walk costs a
 * wrong guess of the processor at its end, hardly one a node, as the child is
 * picked by index and not by a branch.
 */
#include "learners/gbdt/tree.h"

bool tree_allocate(struct tree *t, size_t leaves, struct arena *a)
{
	*t = (struct tree){
		.leaves = 1,
		.node = ARENA_RAW(a, struct tree_node, leaves - 1),
		.set = ARENA_RAW(a, struct tree_set, leaves - 1),
		.value = ARENA_NEW(a, float, leaves),
	};
	return t->node && t->set && t->value;
}

bool tree_copy(struct tree *to, const struct tree *from, struct arena *a)
{
	size_t nodes = from->leaves - 1;

	*to = (struct tree){
		.leaves = from->leaves,
		.n_sets = from->n_sets,
		.node = arena_copy(a, from->node, nodes * sizeof(*from->node)),
		.set = arena_copy(a, from->set,
				  from->n_sets * sizeof(*from->set)),
		.value = arena_copy(a, from->value,
				    from->leaves * sizeof(*from->value)),
	};
	return to->node && to->set && to->value;
}

/* A missing value compares false, so it goes right unless told otherwise; the
 * bins' own numbering sends levels that were never seen with the missing. */
static inline bool goes_left(const struct tree *t, const struct tree_node *n,
			     const struct bins_column *column, float x)
{
	if (n->set >= 0)
		return tree_set_has(&t->set[n->set],
				    bins_find(&column[n->kept], x));
	return (x <= n->threshold) | (n->missing_left & (x != x));
}

size_t tree_leaf(const struct tree *t, const struct bins_column *column,
		 const float *x)
{
	int32_t at = t->leaves > 1 ? 0 : ~0;

	while (at >= 0) {
		const struct tree_node *n = &t->node[at];

		at = n->child[!goes_left(t, n, column, x[n->column])];
	}
	return (size_t)~at;
}

void tree_add(const struct tree *t, const struct bins_column *column,
	      const float *x, size_t cols, size_t n, float *out, size_t stride)
{
	for (size_t i = 0; i < n; i++)
		out[i * stride] += t->value[tree_leaf(t, column, x + i * cols)];
}
