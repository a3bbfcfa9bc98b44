/* The slow twin of the grower: raw values, doubles, every cut of every leaf
 * tried row by row, whatever the policy of growth and the bounds. Numeric
 * columns alone. */
#ifndef TRIARCH_GBDT_TWIN_H
#define TRIARCH_GBDT_TWIN_H

#include <math.h>

#include "learners/gbdt/grower.h"

enum { TWIN_ROWS = 160, TWIN_COLS = 5, TWIN_LEAVES = 32 };

struct twin_cut {
	double gain;
	size_t column;
	float threshold;
	bool missing_left;
};

struct twin_leaf {
	double low, high, value;
	size_t depth, place; /* twice the number of the node above, and side */
	bool is_light;	     /* oblivious: keeps the value above */
	struct twin_cut cut;
};

struct twin {
	const float *x; /* (TWIN_ROWS, TWIN_COLS) */
	const float *g, *h;
	const struct gbdt_config *config;
	const int8_t *sign; /* (TWIN_COLS) or NULL */
	size_t at[TWIN_ROWS], leaves, nodes;
	struct twin_leaf leaf[TWIN_LEAVES];
	const struct tree *grown; /* oblivious: to follow */
	double missed;		  /* oblivious: gain that it left */
};

struct twin_side {
	double g, h;
	size_t n;
};

static inline double twin_value(const struct twin *t, const struct twin_leaf *l,
				struct twin_side s)
{
	double g = s.g > 0 ? fmax(s.g - t->config->l1, 0) :
			     fmin(s.g + t->config->l1, 0);
	double d = s.h + t->config->l2;

	return fmin(fmax(d > 0 ? -g / d : 0, l->low), l->high);
}

/* Twice what a value takes off the loss. */
static inline double twin_worth(const struct twin *t, struct twin_side s, double w)
{
	return -(2 * s.g * w + (s.h + t->config->l2) * w * w +
		 2 * t->config->l1 * fabs(w));
}

static inline bool twin_left(const struct twin *t, size_t i,
			     const struct twin_cut *c)
{
	float x = t->x[i * TWIN_COLS + c->column];

	return isnan(x) ? c->missing_left : x <= c->threshold;
}

static inline void twin_sides(const struct twin *t, size_t leaf,
			      const struct twin_cut *c, struct twin_side s[2])
{
	s[0] = s[1] = (struct twin_side){ 0 };
	for (size_t i = 0; i < TWIN_ROWS; i++) {
		struct twin_side *side = &s[!twin_left(t, i, c)];

		if (t->at[i] != leaf)
			continue;
		side->g += (double)t->g[i];
		side->h += (double)t->h[i];
		side->n++;
	}
}

/* Is a side too small by rows or hessian? */
static inline bool twin_light(const struct twin *t, struct twin_side s)
{
	return !s.n || s.n < (size_t)t->config->min_child_rows ||
	       s.h < t->config->min_child_hessian * (1 - 1e-5);
}

/* -INFINITY where signs forbid it, 0 where a side is too small. */
static inline double twin_gain(const struct twin *t, size_t leaf,
			       const struct twin_cut *c)
{
	const struct twin_leaf *l = &t->leaf[leaf];
	struct twin_side s[2], both;
	double v[2];

	twin_sides(t, leaf, c, s);
	if (twin_light(t, s[0]) || twin_light(t, s[1]))
		return 0;
	both = (struct twin_side){ s[0].g + s[1].g, s[0].h + s[1].h, 0 };
	v[0] = twin_value(t, l, s[0]);
	v[1] = twin_value(t, l, s[1]);
	if (t->sign && t->sign[c->column] * (v[1] - v[0]) < 0)
		return -INFINITY;
	return twin_worth(t, s[0], v[0]) + twin_worth(t, s[1], v[1]) -
	       twin_worth(t, both, twin_value(t, l, both));
}

/* The sum over all leaves. */
static inline double twin_level_gain(const struct twin *t, const struct twin_cut *c)
{
	double gain = -t->config->min_gain;

	for (size_t l = 0; l < t->leaves; l++)
		gain += twin_gain(t, l, c);
	return gain;
}

/* Of one leaf, or, with leaf = SIZE_MAX, the sum over all. */
static inline struct twin_cut twin_search(const struct twin *t, size_t leaf)
{
	struct twin_cut best = { 0 };

	for (size_t k = 0; k < 2 * TWIN_COLS * TWIN_ROWS; k++) {
		struct twin_cut c = {
			.column = k / 2 / TWIN_ROWS, .missing_left = k % 2,
			.threshold = t->x[k / 2 % TWIN_ROWS * TWIN_COLS +
					  k / 2 / TWIN_ROWS],
		};

		if (isnan(c.threshold))
			continue;
		c.gain = leaf == SIZE_MAX ? twin_level_gain(t, &c) :
					    twin_gain(t, leaf, &c) -
						    t->config->min_gain;
		if (c.gain > best.gain * (1 + 1e-9))
			best = c;
	}
	return best;
}

/* The bounds and values of both sides of a leaf that is cut. */
static inline void twin_cut(struct twin *t, size_t l, const struct twin_cut *c)
{
	struct twin_leaf above = t->leaf[l];
	struct twin_side s[2];
	double v[2], middle;
	size_t r = t->leaves++;
	int sign = t->sign ? t->sign[c->column] : 0;

	twin_sides(t, l, c, s);
	for (int k = 0; k < 2; k++)
		v[k] = twin_light(t, s[k]) ? above.value :
					     twin_value(t, &above, s[k]);
	middle = twin_light(t, s[0]) || twin_light(t, s[1]) ?
			 above.value : (v[0] + v[1]) / 2;
	for (int k = 0; k < 2; k++) {
		struct twin_leaf *to = &t->leaf[k ? r : l];

		*to = above;
		to->depth++;
		to->place = 2 * t->nodes + (size_t)k;
		if (sign && (k == 0) == (sign > 0))
			to->high = middle;
		else if (sign)
			to->low = middle;
		to->value = fmin(fmax(v[k], to->low), to->high);
	}
	for (size_t i = 0; i < TWIN_ROWS; i++)
		if (t->at[i] == l && !twin_left(t, i, c))
			t->at[i] = r;
	t->nodes++;
}

static inline void twin_find(struct twin *t, size_t l)
{
	const struct gbdt_config *c = t->config;

	t->leaf[l].cut.gain = 0;
	if (!c->depth || t->leaf[l].depth < (size_t)c->depth)
		t->leaf[l].cut = twin_search(t, l);
}

static inline size_t twin_next(const struct twin *t)
{
	size_t best = 0;

	for (size_t l = 0; l < t->leaves; l++) {
		const struct twin_leaf *a = &t->leaf[l], *b = &t->leaf[best];

		if (a->cut.gain <= 0)
			continue;
		if (t->config->growth == GBDT_DEPTH && b->cut.gain > 0 ?
			    a->place < b->place : a->cut.gain > b->cut.gain)
			best = l;
	}
	return best;
}

/* Where bounds hold, whole ranges of cuts are worth the same to the last bit,
 * and what is chosen among them decides later levels. So the twin follows the
 * tree that was grown, and notes by how much of its gain another cut would have
 * been better. */
static inline void twin_follow(struct twin *t, const struct tree *grown)
{
	for (int64_t d = 0; d < t->config->depth; d++) {
		struct twin_cut best = twin_search(t, SIZE_MAX), c = { 0 };
		const struct tree_node *n = &grown->node[((size_t)1 << d) - 1];
		size_t leaves = t->leaves;

		if (grown->leaves <= leaves) {
			t->missed = fmax(t->missed, best.gain);
			return;
		}
		c = (struct twin_cut){ .column = n->column,
				       .threshold = n->threshold,
				       .missing_left = n->missing_left };
		t->missed = fmax(t->missed, best.gain - twin_level_gain(t, &c));
		for (size_t l = 0; l < leaves; l++)
			twin_cut(t, l, &c);
	}
}

static inline void twin_grow(struct twin *t)
{
	double most = t->config->max_delta_step > 0 ? t->config->max_delta_step :
						      INFINITY;
	struct twin_cut all = { .threshold = INFINITY, .missing_left = true };
	struct twin_side s[2];

	t->leaves = 1;
	t->nodes = 0;
	t->leaf[0] = (struct twin_leaf){ .low = -most, .high = most };
	twin_sides(t, 0, &all, s);
	t->leaf[0].value = twin_value(t, &t->leaf[0], s[0]);
	if (t->config->growth == GBDT_OBLIVIOUS) {
		twin_follow(t, t->grown);
		return;
	}
	twin_find(t, 0);
	while (t->leaves < (size_t)t->config->leaves) {
		size_t l = twin_next(t);
		struct twin_cut c = t->leaf[l].cut;

		if (c.gain <= 0)
			return;
		twin_cut(t, l, &c);
		twin_find(t, l);
		twin_find(t, t->leaves - 1);
	}
}

#endif
