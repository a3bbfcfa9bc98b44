/* Losses of a shard and their slopes. Sums are in double, in row order; the
 * slopes are scaled by the caller's 1 / rows, so that the gradients of shards
 * add up to that of the minibatch's mean loss. */
#include "learners/nn/nn_loss.h"

#include <math.h>

#include "harness/base/simd.h"

#define CLASSES_AT_ONCE 64

/* log of the sum of exp(z - top), in double, a block of classes at a time:
 * with the largest taken off nothing overflows, and one term is 1. */
static double log_sum(const float *z, size_t n, float top)
{
	const struct vec_kernels *vec = simd_vec();
	float e[CLASSES_AT_ONCE];
	double sum = 0.0;

	for (size_t c = 0; c < n; c += CLASSES_AT_ONCE) {
		size_t k = n - c < CLASSES_AT_ONCE ? n - c : CLASSES_AT_ONCE;

		for (size_t j = 0; j < k; j++)
			e[j] = z[c + j] - top;
		vec->exp(e, e, k);
		for (size_t j = 0; j < k; j++)
			sum += (double)e[j];
	}
	return log(sum);
}

/* d = scale (softmax(z) - target), where `norm` is top + log sum exp. */
static void softmax_slope(const struct nn_loss *l, const float *z, float norm,
			  int32_t label, float scale, float *d)
{
	size_t n = l->outputs;
	float spread = (float)(l->smoothing / (double)n);

	for (size_t c = 0; c < n; c++)
		d[c] = z[c] - norm;
	simd_vec()->exp(d, d, n);
	for (size_t c = 0; c < n; c++)
		d[c] = scale * (d[c] - spread);
	d[label] -= scale * (float)(1.0 - l->smoothing);
}

/* One row, with the target (1 - smoothing) on the label and smoothing / classes
 * on each class (Szegedy et al. 2016, section 7):
 * - sum of target * log softmax = log sum exp - sum of target * z. */
static double softmax_row(const struct nn_loss *l, size_t i, int32_t label,
			  double w)
{
	const float *z = l->scores + i * l->outputs;
	double mean = 0.0;
	float top = simd_vec()->max(z, l->outputs);
	double norm = (double)top + log_sum(z, l->outputs, top);

	if (l->d_scores)
		softmax_slope(l, z, (float)norm, label, l->scale * (float)w,
			      l->d_scores + i * l->outputs);
	for (size_t c = 0; c < l->outputs && l->smoothing > 0.0; c++)
		mean += (double)z[c] / (double)l->outputs;
	return w * (norm - (1.0 - l->smoothing) * (double)z[label] -
		    l->smoothing * mean);
}

static size_t members_of(const struct nn_loss *l)
{
	return l->members ? l->members : 1;
}

/* A member of a row counts for its share of the row's weight. */
static double weight_of(const struct nn_loss *l, size_t row)
{
	return (l->weight ? (double)l->weight[row] : 1.0) /
	       (double)members_of(l);
}

double nn_loss_softmax(const struct nn_loss *l)
{
	size_t members = members_of(l);
	double sum = 0.0;

	for (size_t i = 0; i < l->rows * members; i++)
		sum += softmax_row(l, i, l->label[i / members],
				   weight_of(l, i / members));
	return sum;
}

/* Half the squared miss, so that its slope is the miss; beyond delta the slope
 * stays there. */
static double miss_loss(const struct nn_loss *l, double delta)
{
	size_t members = members_of(l);
	double sum = 0.0;

	for (size_t i = 0; i < l->rows * members; i++) {
		double w = weight_of(l, i / members);
		double miss = (double)l->scores[i] - (double)l->target[i / members];
		double slope = fmax(-delta, fmin(delta, miss));

		if (l->d_scores)
			l->d_scores[i] = l->scale * (float)(w * slope);
		sum += w * slope * (miss - 0.5 * slope);
	}
	return sum;
}

double nn_loss_squared(const struct nn_loss *l)
{
	return miss_loss(l, INFINITY);
}

double nn_loss_huber(const struct nn_loss *l)
{
	return miss_loss(l, l->delta);
}
