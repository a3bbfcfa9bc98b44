/* Tables that are looked up by row, as embeddings of words are: a step touches few
 * of their rows, and only these are cleared, added up and updated. So a step costs
 * by the words that it reads, not by the vocabulary.
 *
 * A layer says so by `table` of its first range, and takes rows of its gradient
 * through nn_touch where its pass has `touched`. The first such layer of a net is its
 * table; others are updated whole. A row's moments rest while it is not touched, as
 * in PyTorch's SparseAdam. */
#ifndef TRIARCH_NN_TABLE_H
#define TRIARCH_NN_TABLE_H

#include <stdint.h>
#include <string.h>

#include "learners/nn/nn_net.h"

/* What one shard touched. */
struct nn_touched {
	uint32_t *row; /* (n), room for all */
	size_t n;
	uint8_t *seen; /* (rows) 1: among them */
};

struct nn_table {
	size_t at, rows, cols; /* in theta; no rows: the net has no table */
	float lr, decay;       /* of its range */
	struct nn_touched *shard; /* (shards) */
	struct nn_touched all;	  /* of a step's shards, once nn_table_meet ran */
};

/* Row `row` of the gradient (rows, cols), to be added to; 0 at first. */
static inline float *nn_touch(struct nn_touched *t, float *grad, size_t row, size_t cols)
{
	float *to = grad + row * cols;

	if (!t->seen[row]) {
		t->seen[row] = 1;
		t->row[t->n++] = (uint32_t)row;
		memset(to, 0, cols * sizeof(*to));
	}
	return to;
}

/* For steps of at most `shards` shards. ERR_MEMORY. */
int nn_table_init(struct nn_table *t, const struct nn_net *net, size_t shards,
		  struct arena *a, struct error *err);

/* All rows that the first `shards` shards touched, in order of their first touch. */
void nn_table_meet(struct nn_table *t, size_t shards);

/* Rows [begin, end) of t->all: the shards' gradients (shards, stride), in shard order,
 * become the first one's. Returns the sum of their squares. */
double nn_table_add(const struct nn_table *t, float *grad, size_t stride, size_t shards,
		    size_t begin, size_t end);

/* Nothing is touched any more. */
void nn_table_clear(struct nn_table *t, size_t shards);

#endif
