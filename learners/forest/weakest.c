/* A heap of the nodes that are left, in which each knows its place: a collapse
 * changes the links of its ancestors alone, so the whole sequence costs
 * O(nodes * depth) and not a search of all nodes each time.
 */
#include "learners/forest/weakest.h"

#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------- the heap */

/* Of equal links the node nearer to the root: it takes the other with it. */
static bool is_weaker(const struct weakest *w, uint32_t a, uint32_t b)
{
	return w->link[a] < w->link[b] || (w->link[a] == w->link[b] && a < b);
}

static void put(struct weakest *w, size_t at, uint32_t node)
{
	w->heap[at] = node;
	w->place[node] = (uint32_t)at;
}

static void sift_up(struct weakest *w, size_t at)
{
	uint32_t node = w->heap[at];

	for (; at && is_weaker(w, node, w->heap[(at - 1) / 2]); at = (at - 1) / 2)
		put(w, at, w->heap[(at - 1) / 2]);
	put(w, at, node);
}

static void sift_down(struct weakest *w, size_t at)
{
	uint32_t node = w->heap[at];

	for (size_t k; (k = 2 * at + 1) < w->size; at = k) {
		k += k + 1 < w->size &&
		     is_weaker(w, w->heap[k + 1], w->heap[k]);
		if (!is_weaker(w, w->heap[k], node))
			break;
		put(w, at, w->heap[k]);
	}
	put(w, at, node);
}

static void take_out(struct weakest *w, uint32_t node)
{
	size_t at = w->place[node];
	uint32_t last = w->heap[--w->size];

	w->gone[node] = true;
	if (last == node)
		return;
	put(w, at, last);
	sift_up(w, at);
	sift_down(w, w->place[last]);
}

/* ---------------------------------------------------------------- links */

static void set_link(struct weakest *w, size_t k)
{
	/* Rounding must not make a useless cut look useful. */
	w->link[k] = fmax(w->node[k].train - w->below[k].train, 0) /
		     (w->leaves[k] - 1);
}

/* Sums of subtrees, the last node first: its children are leaves. */
void weakest_restart(struct weakest *w)
{
	const struct tree *t = w->tree;
	size_t nodes = t->leaves - 1;

	for (size_t k = nodes; k-- > 0;) {
		w->below[k] = (struct weakest_cost){ 0 };
		w->leaves[k] = 0;
		w->gone[k] = false;
		for (int side = 0; side < 2; side++) {
			int32_t c = t->node[k].child[side];
			const struct weakest_cost *cost =
				c < 0 ? &w->leaf[~c] : &w->below[c];

			w->below[k].train += cost->train;
			w->below[k].valid += cost->valid;
			w->leaves[k] += c < 0 ? 1 : w->leaves[c];
			if (c >= 0)
				w->parent[c] = (int32_t)k;
		}
		set_link(w, k);
	}
	w->size = nodes;
	for (size_t k = 0; k < nodes; k++)
		put(w, k, (uint32_t)k);
	for (size_t k = nodes / 2; k-- > 0;)
		sift_down(w, k);
	w->alpha = 0;
	w->total = nodes ? w->below[0] : w->leaf[0];
	if (nodes)
		w->parent[0] = -1;
}

bool weakest_init(struct weakest *w, const struct tree *t,
		  const struct weakest_cost *node, const struct weakest_cost *leaf,
		  struct arena *a)
{
	size_t n = t->leaves - 1;

	*w = (struct weakest){
		.tree = t, .node = node, .leaf = leaf,
		.below = ARENA_RAW(a, struct weakest_cost, n),
		.leaves = ARENA_RAW(a, uint32_t, n),
		.parent = ARENA_RAW(a, int32_t, n),
		.link = ARENA_RAW(a, double, n),
		.heap = ARENA_RAW(a, uint32_t, n),
		.place = ARENA_RAW(a, uint32_t, n),
		.gone = ARENA_RAW(a, bool, n),
	};
	if (!w->below || !w->leaves || !w->parent || !w->link || !w->heap ||
	    !w->place || !w->gone)
		return false;
	weakest_restart(w);
	return true;
}

double weakest_next(const struct weakest *w)
{
	return w->size ? w->link[w->heap[0]] : INFINITY;
}

/* All nodes of the subtree that are not gone yet. `leaves` is no longer needed
 * there: its memory strings the nodes that are still to be visited together. */
static void take_subtree(struct weakest *w, uint32_t node)
{
	uint32_t next = node;
	bool more = true;

	for (uint32_t last = node; more; next = w->leaves[next]) {
		more = false;
		for (int side = 0; side < 2; side++) {
			int32_t c = w->tree->node[next].child[side];

			if (c < 0 || w->gone[c])
				continue;
			w->leaves[last] = (uint32_t)c;
			last = (uint32_t)c;
		}
		take_out(w, next);
		more = next != last;
	}
}

void weakest_collapse(struct weakest *w)
{
	uint32_t node = w->heap[0], saved = w->leaves[node] - 1;
	double train = w->node[node].train - w->below[node].train;
	double valid = w->node[node].valid - w->below[node].valid;

	w->alpha = fmax(w->alpha, w->link[node]);
	w->total.train += train;
	w->total.valid += valid;
	take_subtree(w, node);
	for (int32_t k = w->parent[node]; k >= 0; k = w->parent[k]) {
		w->below[k].train += train;
		w->below[k].valid += valid;
		w->leaves[k] -= saved;
		set_link(w, (size_t)k);
		sift_up(w, w->place[k]);
		sift_down(w, w->place[k]);
	}
}
