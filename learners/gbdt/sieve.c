/* Making a sieve: leaves are counted from the last node to the first, as a node
 * comes before its children, and placed from the first to the last. */
#include "learners/gbdt/sieve.h"

#include <string.h>

#include "harness/base/arena.h"
#include "learners/gbdt/tree.h"
#include "learners/gbdt/turner.h"

/* A node's leaves: [begin, middle) are its left subtree's. */
struct span {
	uint32_t begin, middle, count;
};

/* At most one cut a word that the left subtrees touch. */
static size_t most_cuts(size_t leaves)
{
	return (leaves - 1) * ((leaves + 31) / 32);
}

bool sieve_allocate(struct sieve *s, size_t leaves, struct arena *a)
{
	size_t most = leaves < SIEVE_LEAVES ? leaves : SIEVE_LEAVES;

	*s = (struct sieve){
		.cut = ARENA_RAW(a, struct sieve_cut, most_cuts(most)),
		.leaf = ARENA_RAW(a, uint8_t, most),
	};
	return s->cut && s->leaf;
}

bool sieve_copy(struct sieve *to, const struct sieve *from, size_t leaves,
		struct arena *a)
{
	*to = *from;
	if (!from->words)
		return true;
	to->cut = arena_copy(a, from->cut,
			     from->first[3 * from->words] * sizeof(*to->cut));
	to->leaf = arena_copy(a, from->leaf, leaves * sizeof(*to->leaf));
	return to->cut && to->leaf;
}

/* How many leaves hang below a child. */
static uint32_t below(const struct span *node, int32_t child)
{
	return child < 0 ? 1 : node[child].count;
}

static void place_child(struct sieve *s, struct span *node, int32_t child,
			uint32_t begin)
{
	if (child < 0)
		s->leaf[begin] = (uint8_t)~child;
	else
		node[child].begin = begin;
}

/* Number the leaves from the left. */
static void place_leaves(struct sieve *s, const struct tree *t, struct span *node)
{
	size_t nodes = t->leaves - 1;

	for (size_t k = nodes; k-- > 0;)
		node[k].count = below(node, t->node[k].child[0]) +
				below(node, t->node[k].child[1]);
	if (!nodes)
		s->leaf[0] = 0;
	else
		node[0].begin = 0;
	for (size_t k = 0; k < nodes; k++) {
		const int32_t *child = t->node[k].child;

		node[k].middle = node[k].begin + below(node, child[0]);
		place_child(s, node, child[0], node[k].begin);
		place_child(s, node, child[1], node[k].middle);
	}
}

/* The bits of leaves [begin, end) that word w has. */
static uint32_t bits_in(uint32_t w, uint32_t begin, uint32_t end)
{
	uint32_t low = begin > 32 * w ? begin - 32 * w : 0;
	uint32_t high = end < 32 * w + 32 ? end - 32 * w : 32;

	if (end <= 32 * w || begin >= 32 * w + 32)
		return 0;
	return (0xffffffffu >> (32 - (high - low))) << low;
}

static int kind_of(const struct tree_node *n)
{
	return n->set >= 0 ? 2 : n->missing_left;
}

static uint32_t list_cuts(struct sieve *s, const struct tree *t,
			  const struct span *node, uint32_t w, int kind,
			  uint32_t at)
{
	for (size_t k = 0; k + 1 < t->leaves; k++) {
		const struct tree_node *n = &t->node[k];
		uint32_t bits = bits_in(w, node[k].begin, node[k].middle);

		if (bits && kind_of(n) == kind)
			s->cut[at++] = (struct sieve_cut){
				.threshold = n->threshold, .column = n->column,
				.keep = ~bits, .set = n->set,
			};
	}
	return at;
}

bool sieve_make(struct sieve *s, const struct tree *t)
{
	struct span node[SIEVE_LEAVES];
	uint32_t at = 0;

	s->words = 0;
	if (t->leaves > SIEVE_LEAVES)
		return false;
	place_leaves(s, t, node);
	s->words = (t->leaves + 31) / 32;
	for (uint32_t k = 0; k < 3 * s->words; k++) {
		s->first[k] = at;
		at = list_cuts(s, t, node, k / 3, (int)(k % 3), at);
	}
	s->first[3 * s->words] = at;
	return true;
}

void sieve_add(const struct sieve *s, const struct tree *t,
	       const struct turned *rows, float *out, size_t stride)
{
	int32_t at[SIEVE_ROWS];
	float value[SIEVE_LEAVES];

	for (size_t l = 0; l < t->leaves; l++)
		value[l] = t->value[s->leaf[l]];
	SIMD_PICK(sieve_kernels)->sift(s, t->set, rows->x, rows->n, at);
	for (size_t i = 0; i < rows->n; i++)
		out[i * stride] += value[at[i]];
}
