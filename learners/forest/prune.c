/* Costs of all nodes, the sequence of collapses, and the tree that is left.
 *
 * Both parts go down the grown tree together. A node's training rows say what
 * it would predict as a leaf, its validation rows what that would cost.
 */
#include "learners/forest/prune.h"

#include <math.h>

#include "learners/forest/tally.h"
#include "learners/forest/tour.h"
#include "learners/forest/weakest.h"

struct pruning {
	const struct builder_spec *spec;
	const struct dataset *data;
	struct tree *tree;
	double *weight; /* (outputs) by class, of the node at hand */
	struct weakest_cost *node, *leaf;
	size_t shares; /* written so far */
};

/* ---------------------------------------------------------------- costs */

static double valid_weight(const struct part *p, size_t row)
{
	return p->weight ? (double)p->weight[row] : 1;
}

/* What a number costs: squared error around the training rows' mean. Two
 * classes are numbers too. */
static struct weakest_cost cost_of_sums(const struct pruning *p,
					const struct tour_rows *rows)
{
	const struct truth *t = p->spec->rules.truth;
	const struct part *valid = &p->data->valid;
	struct weakest_cost cost = { 0 };
	double w = 0, sum = 0, square = 0, mean;

	for (size_t k = 0; k < rows->n[0]; k++) {
		double x = t->weight[rows->row[0][k]];
		double y = (double)t->value[rows->row[0][k]] * t->unit;

		w += x;
		sum += x * y;
		square += x * y * y;
	}
	mean = w > 0 ? sum / w : 0;
	cost.train = square - sum * mean;
	if (p->spec->rules.entropy)
		cost.train = tally_log(w) - tally_log(sum) - tally_log(w - sum);
	for (size_t k = 0; k < rows->n[1]; k++) {
		size_t i = rows->row[1][k];
		double y = t->classes ? valid->label[i] :
					(double)valid->target[i] - t->centre;

		cost.valid += valid_weight(valid, i) * (y - mean) * (y - mean);
	}
	return cost;
}

/* The Brier score of a row of class y is 1 - 2 p_y + sum p^2. */
static struct weakest_cost cost_of_classes(const struct pruning *p,
					   const struct tour_rows *rows)
{
	const struct truth *t = p->spec->rules.truth;
	const struct part *valid = &p->data->valid;
	struct weakest_cost cost = { 0 };
	double w = 0, terms = 0, squares = 0;

	for (size_t k = 0; k < rows->n[0]; k++) {
		double x = t->weight[rows->row[0][k]];
		double *c = &p->weight[t->label[rows->row[0][k]]];
		bool entropy = p->spec->rules.entropy;

		terms += tally_term(entropy, *c + x) - tally_term(entropy, *c);
		squares += x * (2 * *c + x);
		*c += x;
		w += x;
	}
	cost.train = p->spec->rules.entropy ? tally_log(w) - terms :
		     w > 0		    ? w - terms / w : 0;
	for (size_t k = 0; k < rows->n[1]; k++) {
		size_t i = rows->row[1][k];

		cost.valid += valid_weight(valid, i) *
			      (1 - 2 * p->weight[valid->label[i]] / w +
			       squares / w / w);
	}
	for (size_t k = 0; k < rows->n[0]; k++)
		p->weight[t->label[rows->row[0][k]]] = 0;
	return cost;
}

static void measure(void *ctx, int32_t at, const struct tour_rows *rows)
{
	struct pruning *p = ctx;
	struct weakest_cost cost = p->spec->rules.truth->outputs == 1 ?
					   cost_of_sums(p, rows) :
					   cost_of_classes(p, rows);
	/* a row: gini of two classes is twice their variance */
	double unit = (p->spec->rules.truth->classes == 2 &&
		       !p->spec->rules.entropy ? 2 : 1) /
		      (double)p->spec->rules.truth->total;

	cost.train *= unit;
	*(at < 0 ? &p->leaf[~at] : &p->node[at]) = cost;
}

/* ---------------------------------------------------------------- the choice */

/* Collapse all links up to alpha: rounding must not part equal ones. */
static void collapse_up_to(struct weakest *w, double alpha)
{
	while (weakest_next(w) <= alpha * (1 + 1e-12))
		weakest_collapse(w);
}

/* The alpha whose tree costs least on the validation rows. */
static double choose_alpha(struct weakest *w)
{
	double least = w->total.valid, alpha = -1;

	while (isfinite(weakest_next(w))) {
		collapse_up_to(w, weakest_next(w));
		if (w->total.valid <= least * (1 + 1e-12)) {
			least = w->total.valid;
			alpha = w->alpha;
		}
	}
	weakest_restart(w);
	return alpha;
}

/* ---------------------------------------------------------------- the rest */

/* Leaves in the order in which a tour meets them; `slot` is a stack of places
 * that a child is in. */
static void number_leaves(struct tree *t, int32_t *slot)
{
	int32_t leaves = 0;
	size_t n = 0;

	if (t->leaves == 1)
		return;
	slot[n++] = 1;
	slot[n++] = 0;
	while (n) {
		int32_t s = slot[--n], *child = &t->node[s / 2].child[s % 2];

		if (*child < 0) {
			*child = ~leaves++;
			continue;
		}
		slot[n++] = 2 * *child + 1;
		slot[n++] = 2 * *child;
	}
}

/* Number nodes and leaves anew; a collapsed node is a leaf. */
static void renumber(struct tree *t, const bool *gone, int32_t *to)
{
	size_t nodes = 0, all = t->leaves - 1;

	for (size_t k = 0; k < all; k++)
		to[k] = gone[k] ? ~0 : (int32_t)nodes++;
	for (size_t k = 0; k < all; k++) {
		struct tree_node n = t->node[k];

		if (gone[k])
			continue;
		for (int side = 0; side < 2; side++)
			n.child[side] = n.child[side] < 0 ? ~0 : to[n.child[side]];
		t->node[to[k]] = n;
	}
	t->leaves = nodes + 1;
	number_leaves(t, to);
}

static void refill_classes(struct pruning *p, size_t leaf,
			   const struct tour_rows *rows)
{
	const struct truth *t = p->spec->rules.truth;
	uint32_t first = (uint32_t)p->shares;
	double all = 0;

	for (size_t k = 0; k < rows->n[0]; k++) {
		double w = t->weight[rows->row[0][k]];
		double *c = &p->weight[t->label[rows->row[0][k]]];

		if (w > 0 && *c == 0)
			p->tree->share[p->shares++].output =
				(uint32_t)t->label[rows->row[0][k]];
		*c += w;
		all += w;
	}
	p->tree->start[leaf + 1] = (uint32_t)p->shares;
	p->tree->cover[leaf] = (float)all;
	for (size_t k = first; k < p->shares; k++) {
		struct tree_share *s = &p->tree->share[k];

		s->value = (float)(p->weight[s->output] / all);
		p->weight[s->output] = 0;
	}
}

/* A leaf holds what its training rows say. */
static void refill(void *ctx, int32_t at, const struct tour_rows *rows)
{
	struct pruning *p = ctx;
	const struct truth *t = p->spec->rules.truth;
	double w = 0, sum = 0;

	if (at >= 0)
		return;
	if (t->outputs > 1) {
		refill_classes(p, (size_t)~at, rows);
		return;
	}
	for (size_t k = 0; k < rows->n[0]; k++) {
		double x = t->weight[rows->row[0][k]];

		w += x;
		sum += x * (double)t->value[rows->row[0][k]];
	}
	p->tree->cover[~at] = (float)w;
	p->tree->value[~at] = (float)(t->centre + t->unit * (sum / w));
}

static int go_round(struct pruning *p, tour_fn *fn, bool with_valid, struct arena *a,
		    struct error *err)
{
	static const struct part none;
	const struct part *part[2] = { &p->data->train,
				       with_valid ? &p->data->valid : &none };

	return tour_tree(p->tree, p->spec->rules.bins->column, p->data->cols, part,
			 fn, p, a, err);
}

static int prune(struct pruning *p, double alpha, struct arena *a, struct error *err)
{
	size_t leaves = p->tree->leaves;
	int32_t *to = ARENA_RAW(a, int32_t, leaves);
	struct weakest w;

	p->weight = ARENA_NEW(a, double, p->spec->rules.truth->outputs);
	p->node = ARENA_RAW(a, struct weakest_cost, leaves);
	p->leaf = ARENA_RAW(a, struct weakest_cost, leaves);
	if (!to || !p->weight || !p->node || !p->leaf)
		return arena_error(a, err);
	if (go_round(p, measure, alpha < 0, a, err))
		return err->code;
	if (!weakest_init(&w, p->tree, p->node, p->leaf, a))
		return arena_error(a, err);
	if (alpha < 0)
		alpha = choose_alpha(&w);
	collapse_up_to(&w, alpha);
	renumber(p->tree, w.gone, to);
	return go_round(p, refill, false, a, err);
}

int prune_tree(const struct builder_spec *s, struct tree *t, double alpha,
	       const struct dataset *data, struct run *run, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	struct pruning p = { .spec = s, .data = data, .tree = t };
	int rc;

	if (t->leaves < 2 || (alpha < 0 && !data->valid.rows))
		return 0;
	rc = prune(&p, alpha, run->arena, err);
	arena_rewind(run->arena, mark);
	return rc;
}
