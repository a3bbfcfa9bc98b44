/* What a forest is to predict, as integers: sums over rows are then exact, and
 * no order of adding can change a bit.
 *
 * A regression target is its distance from the mean in fixed point; two classes
 * are the numbers 0 and 1, since Gini's impurity of two classes is twice their
 * variance; more classes keep their labels. A weight is a whole number, 1 each
 * where all weigh the same. */
#ifndef TRIARCH_FOREST_TRUTH_H
#define TRIARCH_FOREST_TRUTH_H

#include "datasets/dataset.h"

struct truth {
	size_t rows;
	size_t classes; /* 0: regression */
	size_t outputs; /* values a leaf: classes, but 1 for two of them */
	const int32_t *label; /* (rows) classification */
	int64_t *value;	      /* (rows) fixed point; NULL with many outputs */
	uint32_t *weight;     /* (rows); 0: not to be looked at */
	uint64_t total;	      /* sum of weights */
	/* target = centre + unit * value; weight = weight_unit * weight */
	double centre, unit, weight_unit;
};

/* Sums of the weights of a sample drawn with replacement stay below 2^31, and
 * those of weight * |value| below 2^62, as long as no row comes sixteen times
 * as often as it should. */
#define TRUTH_WEIGHTS (1 << 27)
#define TRUTH_VALUES 0x1p56

/* The truth of `part`; `balanced`: the weights of each class are scaled to the
 * same sum (King & Zeng 2001, "Logistic regression in rare events data"). The
 * arrays live in the arena. ERR_DATA for a target that is not finite and where
 * no row has a weight; ERR_MEMORY. */
int truth_make(struct truth *t, const struct dataset *data,
	       const struct part *part, bool balanced, struct arena *a,
	       struct error *err);

#endif
