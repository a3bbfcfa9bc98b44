/* Structural entries of a chain: private to nn_net.c. They have no weights and no
 * functions; what they do is a matter of buffers. */
#ifndef TRIARCH_NN_BRANCH_H
#define TRIARCH_NN_BRANCH_H

#include "learners/nn/nn_net.h"

extern const struct nn_layer_type nn_fork, nn_next, nn_join;

static inline bool nn_is_branch(const struct nn_layer *l)
{
	return l->type == &nn_fork || l->type == &nn_next || l->type == &nn_join;
}

/* Room for the gradients of branches; false when out of memory. */
bool nn_branch_allocate(const struct nn_net *net, struct nn_worker *w,
			size_t floats, struct arena *a);

/* Entry i's output, from the buffers before it. */
void nn_branch_forward(const struct nn_net *net, struct nn_worker *w, size_t i,
		       size_t rows);

/* From d loss / d output in `d` to what the entry below starts from, in place.
 * Branches come last to first: at join `d` is kept and goes to the last one, at
 * next a branch's is added up and `d` is the join's again, at fork `d` becomes
 * the sum. */
void nn_branch_backward(const struct nn_net *net, struct nn_worker *w, size_t i,
			size_t rows, float *d);

#endif
