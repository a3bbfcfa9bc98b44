/* Scores of many rows, in blocks over threads. */
#ifndef TRIARCH_NN_SCORE_H
#define TRIARCH_NN_SCORE_H

#include "learners/nn/nn_source.h"

/* scores (rows->rows, outputs): the last layer's values, before any softmax.
 * `workers` (threads) are reused. */
void nn_score(const struct nn_net *net, const struct nn_scaling *scaling,
	      const struct part *rows, struct nn_worker *workers, int threads,
	      float *scores);

/* How good scores are on rows with targets: the share of weight on wrong
 * classes (0 for regression) and the mean loss a row. */
struct nn_quality {
	double error, loss;
};
struct nn_quality nn_score_quality(const struct nn_scaling *scaling,
				   const struct part *rows, size_t outputs,
				   const float *scores);

#endif
