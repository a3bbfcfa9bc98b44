/* Losses: a sum over rows, and its gradient for the scores. */
#ifndef TRIARCH_NN_LOSS_H
#define TRIARCH_NN_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* The rows of one call. */
struct nn_loss {
	size_t rows, outputs;
	const float *scores; /* (rows, outputs) */
	const int32_t *label; /* (rows), cross entropy */
	const float *target;  /* (rows), squared error */
	const float *weight;  /* (rows), or NULL: all 1 */
	double smoothing;     /* share of a label spread over all classes */
	float scale;	      /* the gradient is multiplied by this */
	float *d_scores;      /* (rows, outputs), or NULL: value only */
	size_t members; /* of an ensemble: scores are (rows, members, outputs)
			 * and the loss is the mean of theirs; 0 or 1: none */
	double delta; /* huber */
};

/* Softmax cross entropy against (1 - smoothing) one-hot + smoothing / classes
 * (Szegedy et al. 2016, section 7), in nats. */
double nn_loss_softmax(const struct nn_loss *l);

/* Half the squared error; its gradient is the residual. One output. */
double nn_loss_squared(const struct nn_loss *l);

/* Half the square within delta of the target, beyond it a straight line (Huber
 * 1964). One output. */
double nn_loss_huber(const struct nn_loss *l);

#endif
