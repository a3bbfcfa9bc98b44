/* The training loop of every net here.
 *
 * An epoch is cut in ceil(n / batch) nearly equal minibatches of a fresh
 * permutation, a minibatch in nearly equal shards of at most net->shard_rows
 * rows. Edges depend on the data alone, so threads do not change bits. All
 * memory is taken before the first step.
 */
#ifndef TRIARCH_NN_TRAIN_H
#define TRIARCH_NN_TRAIN_H

#include "learners/learner.h"
#include "learners/nn/nn_optimizer.h"
#include "learners/nn/nn_schedule.h"
#include "learners/nn/nn_source.h"

struct nn_train {
	size_t batch, epochs;
	size_t patience; /* epochs without a better validation before a stop;
			  * 0: all run, and the last weights are kept */
	double lr, weight_decay, smoothing;
	double warmup; /* share of all steps */
	double beta1, beta2, eps; /* of the rule; 0: 0.9, 0.999, 1e-8 */
	double clip;		  /* the gradient's largest norm; 0: none */
	double average; /* share of the past in the mean of weights, which then
			 * takes their place at the end; 0: none */
	bool fade; /* dropout and decay: constant for half of the fit, then to 0
		    * by a cosine */
	bool last_best; /* classes: of epochs of equal error the last is kept,
			 * whatever their losses */
	double huber;	/* regression: delta of Huber's loss, in standard
			 * deviations of the target; 0: squared error */
	struct nn_augment augment; /* of grids and waves */
	enum nn_rule rule;
	enum nn_schedule schedule;
};

/* Train `net`, which was started. With validation rows (and patience) the best
 * epoch's weights are kept (lowest error, then lowest loss; of equals the later),
 * else the last. run->tick is asked after every step; run->steps says how many
 * steps are in the weights that were kept. ERR_DIVERGED names the step,
 * ERR_MEMORY. */
int nn_train(struct nn_net *net, const struct nn_train *how,
	     const struct dataset *data, const struct nn_scaling *scaling,
	     struct run *run, struct error *err);

#endif
