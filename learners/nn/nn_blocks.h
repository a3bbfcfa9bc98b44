/* A transformer's blocks, from the layers of the engine. */
#ifndef TRIARCH_NN_BLOCKS_H
#define TRIARCH_NN_BLOCKS_H

#include "harness/base/error.h"
#include "learners/nn/nn_net.h"

/* What stands for a row of positions. */
enum nn_pool { NN_POOL_MEAN, NN_POOL_FIRST };
extern const char *const nn_pool_names[]; /* for a PARAM_CHOICE */

/* x + drop(attention(norm x)), then x + drop(W2 drop(f(W1 norm x))) */
struct nn_block {
	size_t heads, hidden;
	double rate;	       /* of dropout behind both parts */
	double hidden_rate;    /* and of hidden units */
	double attention_rate; /* and of attention weights */
	bool reglu;	       /* f; else GELU. It has 2 hidden units for each */
	bool raw;	       /* no norm before the attention */
	bool pool;	       /* of the attention's outcome only the first position
				* is kept: where the last block feeds nothing else, its
				* hidden units then cost next to nothing */
};
void nn_blocks_add(struct nn_net *net, const struct nn_block *b);

/* Dropout, where the rate is above 0. */
void nn_blocks_drop(struct nn_net *net, double rate);

/* ERR_CONFIG where heads do not divide the width, or there are more blocks than a
 * net has room for. */
int nn_blocks_check(int64_t width, int64_t heads, int64_t blocks, struct error *err);

#endif
