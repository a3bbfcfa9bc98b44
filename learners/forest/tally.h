/* Class weights on both sides of a cut that moves row by row, and what the cut
 * is worth. Each step costs the same whatever the number of classes.
 *
 * The worth of a side with class weights w_c and sum W is, for Gini's impurity,
 * sum w_c^2 / W, for entropy sum w_c log w_c - W log W. Both are W times the
 * impurity with the other sign, up to a constant (Breiman et al. 1984, 4.3). */
#ifndef TRIARCH_FOREST_TALLY_H
#define TRIARCH_FOREST_TALLY_H

#include <math.h>

#include "learners/forest/node_cut.h"

struct tally {
	bool entropy;
	const uint32_t *total; /* (classes) of the node */
	uint32_t *left;	       /* (classes), all 0 at the start */
	uint64_t left_mass;
	double left_sum, right_sum; /* sums over classes */
};

static inline double tally_log(double w)
{
	return w > 0 ? w * log2(w) : 0;
}

/* A row from the right to the left. With w moved, l^2 grows by w (2 l + w). */
static inline void tally_move(struct tally *t, size_t class, uint32_t weight)
{
	double w = weight, l = t->left[class], r = t->total[class] - l;

	t->left[class] += weight;
	if (t->entropy) {
		t->left_sum += tally_log(l + w) - tally_log(l);
		t->right_sum += tally_log(r - w) - tally_log(r);
	} else {
		t->left_sum += w * (2 * l + w);
		t->right_sum -= w * (2 * r - w);
	}
}

/* Sum over classes -> worth of a side of weight w. */
static inline double tally_side(bool entropy, double sum, double w)
{
	return entropy ? sum - tally_log(w) : w > 0 ? sum / w : 0;
}

static inline double tally_worth(const struct tally *t, uint64_t node_mass)
{
	return tally_side(t->entropy, t->left_sum,
			  forest_weight(t->left_mass)) +
	       tally_side(t->entropy, t->right_sum,
			  forest_weight(node_mass - t->left_mass));
}

/* The same of two classes, of which an item sums the second's weight. */
static inline double tally_binary(struct forest_item side)
{
	double w = forest_weight(side.mass), one = (double)side.sum;

	return tally_log(one) + tally_log(w - one) - tally_log(w);
}

/* One class's term of a side's sum. */
static inline double tally_term(bool entropy, double w)
{
	return entropy ? tally_log(w) : w * w;
}

#endif
