/* Votes are weighed in double and divided once at the end. Weighing by 1 / d is
 * Dudani's idea (1976, "The distance-weighted k-nearest-neighbor rule") in the
 * form that scikit-learn has, limit at d = 0 included.
 */
#include "learners/kernel/vote.h"

#include <math.h>

/* Without a distance that tells neighbours apart, each counts one. */
static double weight_of(const struct vote *v, const struct neighbour *n,
			bool exact)
{
	double w = v->train.weight ? (double)v->train.weight[n->row] : 1;

	return v->by_distance && !exact ? w / sqrt((double)n->d2) : w;
}

void vote_row(const struct vote *v, const struct neighbour *near,
	      size_t outputs, float *scores)
{
	const struct part *t = &v->train;
	bool exact = v->by_distance && near[0].d2 <= 0.0f;
	double total = 0;

	for (size_t c = 0; c < outputs; c++)
		scores[c] = 0.0f;
	for (size_t j = 0; j < v->k && !(exact && near[j].d2 > 0.0f); j++) {
		double w = weight_of(v, &near[j], exact);

		total += w;
		if (t->label)
			scores[t->label[near[j].row]] += (float)w;
		else
			scores[0] += (float)w * t->target[near[j].row];
	}
	for (size_t c = 0; c < outputs; c++)
		scores[c] = total > 0 ? (float)((double)scores[c] / total) :
					1.0f / (float)outputs;
}
