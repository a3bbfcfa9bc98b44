/* fork and next lend the buffer below the fork, so only a join costs: an addition
 * forward, and two copies and an addition or two backward. */
#include "learners/nn/nn_branch.h"

#include <assert.h>
#include <string.h>

#include "harness/base/simd.h"

const struct nn_layer_type nn_fork = { .name = "fork" };
const struct nn_layer_type nn_next = { .name = "next" };
const struct nn_layer_type nn_join = { .name = "join" };

/* An entry of the chain, without weights. */
static struct nn_layer *put(struct nn_net *net, const struct nn_layer_type *type,
			    struct nn_shape out)
{
	struct nn_layer *l = &net->layers[net->n++];

	assert(net->n <= NN_LAYERS_MAX && net->depth);
	*l = (struct nn_layer){
		.type = type, .in = net->out, .out = out, .depth = net->depth,
		.fork = net->fork[net->depth - 1],
		.theta_at = net->params, .state_at = net->state,
	};
	net->out = out;
	return l;
}

void nn_net_fork(struct nn_net *net)
{
	assert(net->depth < NN_DEPTH_MAX);
	net->fork[net->depth++] = net->n;
	if (net->depth > net->depth_max)
		net->depth_max = net->depth;
	put(net, &nn_fork, net->out);
}

void nn_net_next(struct nn_net *net)
{
	put(net, &nn_next, net->layers[net->fork[net->depth - 1]].out);
}

/* The entry that ends the first branch is the one before the second begins. */
static size_t second_of(const struct nn_net *net, size_t join)
{
	const struct nn_layer *l = &net->layers[join];
	size_t i = join;

	while (net->layers[i].type != &nn_next || net->layers[i].depth != l->depth)
		i--;
	assert(i > l->fork);
	return i;
}

void nn_net_join(struct nn_net *net)
{
	size_t join = net->n;
	struct nn_shape one;

	put(net, &nn_join, net->out);
	one = net->layers[second_of(net, join) - 1].out;
	assert(nn_shape_size(one) == nn_shape_size(net->out));
	(void)one;
	net->depth--;
}

/* ---------------------------------------------------------------- passes */

bool nn_branch_allocate(const struct nn_net *net, struct nn_worker *w,
			size_t floats, struct arena *a)
{
	for (size_t k = 0; k < net->depth_max; k++) {
		w->joined[k] = ARENA_NEW(a, float, floats);
		w->forked[k] = ARENA_NEW(a, float, floats);
		if (!w->joined[k] || !w->forked[k])
			return false;
	}
	return true;
}

/* Of a packed net only the positions in use, as nn_pass_values has it. */
static size_t values(const struct nn_net *net, const struct nn_worker *w,
		     struct nn_shape shape, size_t rows)
{
	return nn_pass_values(&(struct nn_pass){ .rows = rows,
						 .start = net->packed ? w->start :
									NULL },
			      shape);
}

void nn_branch_forward(const struct nn_net *net, struct nn_worker *w, size_t i,
		       size_t rows)
{
	const struct nn_layer *l = &net->layers[i];
	size_t n = values(net, w, l->out, rows);
	const float *one;

	if (l->type != &nn_join)
		return; /* lent */
	one = w->out[second_of(net, i) - 1];
	memcpy(w->out[i], w->out[i - 1], n * sizeof(float));
	simd_vec()->axpy(1.0f, one, w->out[i], n);
}

void nn_branch_backward(const struct nn_net *net, struct nn_worker *w, size_t i,
			size_t rows, float *d)
{
	const struct nn_layer *l = &net->layers[i];
	float *joined = w->joined[l->depth - 1], *forked = w->forked[l->depth - 1];
	size_t n = values(net, w, l->out, rows);

	if (l->type == &nn_join) {
		memcpy(joined, d, n * sizeof(float));
		return;
	}
	if (l->type == &nn_fork) {
		simd_vec()->axpy(1.0f, forked, d, n);
		return;
	}
	memcpy(forked, d, n * sizeof(float));
	n = values(net, w, net->layers[i - 1].out, rows);
	memcpy(d, joined, n * sizeof(float));
}
