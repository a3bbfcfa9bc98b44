/* With a number to predict, the best of all subsets of levels is among the
 * first k in the order of their means (Fisher 1958; Breiman et al. 1984, section
 * 4.2.2, for two classes). With more classes no order is sure to hold it; the
 * first principal component of the levels' class shares, each level weighing
 * what its rows do, comes closest (Coppersmith, Hong & Hosking 1999, section
 * 3.2), and is the order of ranger (Wright & Koenig 2019).
 */
#include "learners/forest/level_order.h"

#include <math.h>
#include <string.h>

enum { LEVELS = 255, STEPS = 60 };

int level_order_init(struct level_order *o, const struct truth *t,
		     struct arena *a, struct error *err)
{
	o->truth = t;
	o->share = ARENA_RAW(a, double, LEVELS * t->outputs);
	o->direction = ARENA_RAW(a, double, t->outputs);
	return o->share && o->direction ? 0 : arena_error(a, err);
}

/* share (bins, outputs) <- sums over each level's rows. */
static void sum_rows(struct level_order *o, const uint8_t *bin, size_t bins,
		     double *weight)
{
	const struct truth *t = o->truth;
	size_t k = t->outputs;

	memset(o->share, 0, bins * k * sizeof(*o->share));
	for (size_t i = 0; i < t->rows; i++) {
		double w = t->weight[i];

		if (bin[i] >= bins)
			continue;
		weight[bin[i]] += w;
		if (k == 1)
			o->share[bin[i]] += w * (double)t->value[i];
		else
			o->share[bin[i] * k + (size_t)t->label[i]] += w;
	}
}

/* share <- means, less the mean over all levels. */
static void centre_shares(struct level_order *o, size_t bins, const double *weight)
{
	size_t k = o->truth->outputs;
	double total = 0;

	for (size_t b = 0; b < bins; b++)
		total += weight[b];
	for (size_t c = 0; c < k; c++) {
		double sum = 0;

		for (size_t b = 0; b < bins; b++)
			sum += o->share[b * k + c];
		for (size_t b = 0; b < bins; b++)
			o->share[b * k + c] = (weight[b] > 0 ?
				o->share[b * k + c] / weight[b] : 0) -
				(total > 0 ? sum / total : 0);
	}
}

/* score (bins) <- shares along the direction. */
static void project(const struct level_order *o, size_t bins, double *score)
{
	size_t k = o->truth->outputs;

	for (size_t b = 0; b < bins; b++) {
		score[b] = 0;
		for (size_t c = 0; c < k; c++)
			score[b] += o->share[b * k + c] * o->direction[c];
	}
}

/* direction <- the sum of shares, by weight * score, at length 1. */
static void turn(struct level_order *o, size_t bins, const double *weight,
		 const double *score)
{
	size_t k = o->truth->outputs;
	double length = 0;

	memset(o->direction, 0, k * sizeof(*o->direction));
	for (size_t b = 0; b < bins; b++)
		for (size_t c = 0; c < k; c++)
			o->direction[c] += weight[b] * score[b] *
					   o->share[b * k + c];
	for (size_t c = 0; c < k; c++)
		length += o->direction[c] * o->direction[c];
	for (size_t c = 0; c < k && length > 0; c++)
		o->direction[c] /= sqrt(length);
}

/* The power method, from the level that is farthest from the mean; an order
 * needs no more digits than these steps give. */
static void find_component(struct level_order *o, size_t bins,
			   const double *weight, double *score)
{
	size_t k = o->truth->outputs, far = 0;
	double most = -1;

	for (size_t b = 0; b < bins; b++) {
		double length = 0;

		for (size_t c = 0; c < k; c++)
			length += o->share[b * k + c] * o->share[b * k + c];
		if (weight[b] * length > most) {
			most = weight[b] * length;
			far = b;
		}
	}
	memcpy(o->direction, o->share + far * k, k * sizeof(*o->direction));
	for (int s = 0; s < STEPS; s++) {
		project(o, bins, score);
		turn(o, bins, weight, score);
	}
	project(o, bins, score);
}

void level_order_rank(struct level_order *o, const uint8_t *bin, size_t bins,
		      uint8_t *rank)
{
	double weight[LEVELS] = { 0 }, score[LEVELS];

	sum_rows(o, bin, bins, weight);
	centre_shares(o, bins, weight);
	if (o->truth->outputs == 1)
		memcpy(score, o->share, bins * sizeof(*score));
	else
		find_component(o, bins, weight, score);
	for (size_t b = 0; b < bins; b++) {
		size_t before = 0;

		for (size_t d = 0; d < bins; d++)
			before += score[d] < score[b] ||
				  (score[d] == score[b] && d < b);
		rank[b] = (uint8_t)before;
	}
}
