/* From every leaf up to the root. Nodes stand before their children, so covers are
 * summed from the last node to the first. */
#include "learners/gbdt/shap_paths.h"

#include <math.h>
#include <string.h>

#define NOWHERE UINT32_MAX

/* Nodes first, then leaves, as in tree_step. */
static size_t number_of(const struct tree *t, int32_t child)
{
	return child >= 0 ? (size_t)child : t->leaves - 1 + (size_t)~child;
}

static void link_up(struct shap_paths *p, const struct tree *t)
{
	size_t nodes = t->leaves - 1;

	p->above[0] = NOWHERE;
	for (size_t k = 0; k < nodes; k++)
		for (uint32_t side = 0; side < 2; side++)
			p->above[number_of(t, t->node[k].child[side])] =
				2 * (uint32_t)k + side;
	for (size_t l = 0; l < t->leaves; l++)
		p->cover[nodes + l] = (double)t->cover[l];
	for (size_t k = nodes; k-- > 0;)
		p->cover[k] = p->cover[number_of(t, t->node[k].child[0])] +
			      p->cover[number_of(t, t->node[k].child[1])];
}

/* A node that no row reached says nothing; half each keeps the sum of shares 1. */
static double share_of(const struct shap_paths *p, size_t node, size_t child)
{
	return p->cover[node] > 0 ? p->cover[child] / p->cover[node] : 0.5;
}

static struct shap_cut no_cut(const struct tree_node *n, uint32_t element)
{
	struct shap_cut c = { .column = n->column, .kept = n->kept, .element = element,
			      .is_cat = n->set >= 0, .missing = true,
			      .low = NAN, .high = NAN };

	memset(&c.set, 0xff, sizeof(c.set));
	return c;
}

/* fminf and fmaxf pass over NaN, which stands for no limit. */
static void narrow(struct shap_cut *c, const struct tree *t, const struct tree_node *n,
		   int side)
{
	for (size_t b = 0; c->is_cat && b < 4; b++)
		c->set.bits[b] &= side ? ~t->set[n->set].bits[b] : t->set[n->set].bits[b];
	if (c->is_cat)
		return;
	if (side)
		c->low = fmaxf(c->low, n->threshold);
	else
		c->high = fminf(c->high, n->threshold);
	c->missing &= n->missing_left == !side;
}

/* A player's first part in the leaf, or the one that it has. */
static uint32_t take_element(struct shap_paths *p, size_t first, uint32_t player,
			     size_t *n)
{
	uint32_t *part = &p->part[player];

	if (*part == NOWHERE) {
		*part = (uint32_t)(*n)++;
		if (p->element)
			p->element[first + *part] = (struct shap_element){ player, 1 };
	}
	return *part;
}

static uint32_t player_of(const struct shap_paths *p, uint32_t column)
{
	return p->player ? p->player[column] : column;
}

/* The path is left as it was found: no column has a place. */
static void forget(struct shap_paths *p, const struct tree *t, size_t at)
{
	for (; p->above[at] != NOWHERE; at = p->above[at] / 2) {
		uint32_t column = t->node[p->above[at] / 2].column;

		p->place[column] = NOWHERE;
		p->part[player_of(p, column)] = NOWHERE;
	}
}

/* The cuts of one leaf behind p->start[l]. Without p->cut they are only counted. */
static void climb(struct shap_paths *p, const struct tree *t, size_t l)
{
	size_t n = 0, m = 0, leaf = t->leaves - 1 + l, at = leaf, first = p->start[l];

	while (p->above[at] != NOWHERE) {
		size_t k = p->above[at] / 2;
		const struct tree_node *node = &t->node[k];
		uint32_t *place = &p->place[node->column];
		uint32_t e = take_element(p, first, player_of(p, node->column), &m);

		if (*place == NOWHERE) {
			*place = (uint32_t)n++;
			if (p->cut)
				p->cut[first + *place] = no_cut(node, e);
		}
		if (p->cut) {
			narrow(&p->cut[first + *place], t, node, p->above[at] & 1);
			p->element[first + e].share *= share_of(p, k, at);
		}
		at = k;
	}
	forget(p, t, leaf);
	p->start[l + 1] = first + n;
	p->elements[l] = m;
	p->longest = n > p->longest ? n : p->longest;
}

static void climb_all(struct shap_paths *p, const struct tree *t)
{
	link_up(p, t);
	p->leaves = t->leaves;
	p->start[0] = 0;
	for (size_t l = 0; l < t->leaves; l++)
		climb(p, t, l);
}

bool shap_paths_allocate(struct shap_paths *p, const struct tree *const *tree, size_t n,
			 size_t width, const uint32_t *player, struct arena *a)
{
	size_t leaves = 1, cuts = 0;

	for (size_t k = 0; k < n; k++)
		leaves = tree[k]->leaves > leaves ? tree[k]->leaves : leaves;
	*p = (struct shap_paths){
		.player = player,
		.start = ARENA_NEW(a, size_t, leaves + 1),
		.elements = ARENA_NEW(a, size_t, leaves),
		.weight = ARENA_NEW(a, double, leaves),
		.above = ARENA_NEW(a, uint32_t, 2 * leaves - 1),
		.cover = ARENA_NEW(a, double, 2 * leaves - 1),
		.place = ARENA_RAW(a, uint32_t, width),
		.part = ARENA_RAW(a, uint32_t, width),
	};
	if (!p->start || !p->elements || !p->weight || !p->above || !p->cover ||
	    !p->place || !p->part)
		return false;
	memset(p->place, 0xff, width * sizeof(*p->place));
	memset(p->part, 0xff, width * sizeof(*p->part));
	for (size_t k = 0; k < n; k++) {
		climb_all(p, tree[k]);
		cuts = p->start[p->leaves] > cuts ? p->start[p->leaves] : cuts;
	}
	p->element = ARENA_NEW(a, struct shap_element, cuts);
	p->cut = p->element ? ARENA_NEW(a, struct shap_cut, cuts) : NULL;
	return p->cut;
}

void shap_paths_make(struct shap_paths *p, const struct tree *t)
{
	climb_all(p, t);
	for (size_t l = 0; l < t->leaves; l++) {
		p->weight[l] = 1;
		for (size_t e = 0; e < p->elements[l]; e++)
			p->weight[l] *= p->element[p->start[l] + e].share;
	}
}

bool shap_paths_meets(const struct shap_cut *c, const struct bins_column *column,
		      const float *x)
{
	float v = x[c->column];

	if (c->is_cat)
		return tree_set_has(&c->set, bins_find(&column[c->kept], v));
	return isnan(v) ? c->missing : !(v <= c->low) && !(v > c->high);
}
