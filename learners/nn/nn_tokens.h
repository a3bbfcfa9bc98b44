/* Documents as packed sequences of token ids: see nn_pass.start.
 *
 * Every row begins with a token of its own, id `vocab`, one beyond the words: as
 * BERT's [CLS] (Devlin et al. 2019) it is a place to gather what a document says,
 * and it makes an empty document a sequence of one, so that nothing downstream
 * divides by no positions. */
#ifndef TRIARCH_NN_TOKENS_H
#define TRIARCH_NN_TOKENS_H

#include "learners/nn/nn_source.h"

/* shape, limit and vocab of `s`: rows are cut to `limit` (>= 1) positions, or to
 * the longest training row when all are shorter. */
void nn_tokens_measure(struct nn_scaling *s, const struct dataset *data,
		       size_t limit);

/* Row `row` of the part behind the i rows that the worker's input has; w->start
 * says where. An id beyond the vocabulary becomes 0, the unknown word. */
void nn_tokens_put(const struct nn_scaling *s, const struct part *rows, size_t row,
		   struct nn_worker *w, size_t i);

#endif
