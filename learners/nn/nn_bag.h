/* A bag of embeddings: the mean of the vectors of a document's words and
 * hashed word pairs, then a linear layer (fastText: Joulin, Grave, Bojanowski
 * & Mikolov 2017, "Bag of tricks for efficient text classification").
 *
 * Only the rows of the table that a document touches change in a step, so a
 * step costs (features + outputs) * dim, whatever the size of the table. */
#ifndef TRIARCH_NN_BAG_H
#define TRIARCH_NN_BAG_H

#include "learners/learner.h"

struct nn_bag {
	size_t vocab;	/* words: rows 0 .. vocab-1; row 0 is never used */
	size_t buckets; /* then pairs by their hash; 0: words alone */
	size_t dim, outputs;
	float *table;	/* (vocab + buckets, dim) */
	float *head;	/* (outputs, dim) */
	float *bias;	/* (outputs) */
	double target_mean, target_sd;
	double factor; /* on scores before the softmax: 1 / temperature */
};

/* Sizes and first weights: words U(-1/dim, 1/dim), all else 0, so that a pair
 * that training never met adds nothing. ERR_MEMORY. */
int nn_bag_init(struct nn_bag *b, uint64_t seed, struct arena *a,
		struct error *err);

/* Rows of the table for the words word[0..n): at most 2 n of them. Unknown
 * words (id 0) and pairs with one are left out. Returns how many. */
size_t nn_bag_features(const struct nn_bag *b, const uint32_t *word, size_t n,
		       uint32_t *feature);

/* hidden (dim) <- mean of the rows, 0 for none; scores (outputs). */
void nn_bag_forward(const struct nn_bag *b, const uint32_t *feature, size_t n,
		    float *hidden, float *scores);

/* One step of gradient descent from d loss / d scores; d_hidden (dim) is
 * scratch. */
void nn_bag_update(struct nn_bag *b, const uint32_t *feature, size_t n,
		   const float *hidden, const float *d_scores, float lr,
		   float *d_hidden);

/* `epochs` passes over data->train, a document a step, each in a fresh order;
 * lr falls linearly to 0. Runs on one thread: steps are too small to share.
 * Then data->valid sets the temperature of a classifier, if it has rows. Ticks
 * count documents. ERR_DIVERGED, ERR_MEMORY. */
int nn_bag_train(struct nn_bag *b, const struct dataset *data, size_t epochs,
		 double lr, struct run *run, struct error *err);

/* Probabilities or values for many documents, on run->threads. ERR_MEMORY. */
int nn_bag_predict(const struct nn_bag *b, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err);

#endif
