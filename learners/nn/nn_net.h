/* A chain of layers with its weights, and the buffers a thread runs it in. */
#ifndef TRIARCH_NN_NET_H
#define TRIARCH_NN_NET_H

#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"
#include "learners/nn/nn_layer.h"

#define NN_LAYERS_MAX 128
#define NN_DEPTH_MAX 4 /* forks within forks */

struct nn_net {
	struct nn_layer layers[NN_LAYERS_MAX];
	size_t n;
	struct nn_shape in, out;
	size_t fork[NN_DEPTH_MAX], depth; /* the open ones */
	size_t depth_max;
	size_t shard_rows;    /* the most rows of one pass */
	bool packed;	      /* rows are sequences of nn_worker.start */
	size_t params, state; /* floats */
	float *theta;	      /* (params) */
	float *running;	      /* (state) */
};

/* An ensemble within one net: its last layer's positions, each with scores of its
 * own. */
static inline size_t nn_members(const struct nn_net *net)
{
	return net->out.height * net->out.width;
}

/* Build: init, add ..., start. A layer is a literal of its type and options:
 *	nn_net_add(&net, (struct nn_layer){ .type = &nn_linear, .units = 10 });
 * More than NN_LAYERS_MAX layers is a bug of the caller's. */
void nn_net_init(struct nn_net *net, struct nn_shape in, size_t shard_rows);
void nn_net_add(struct nn_net *net, struct nn_layer layer);

/* Branches, as structural entries of the chain: fork, A ..., next, B ..., join.
 * Both read what lies below the fork; an empty one hands it on as it is, so that
 * fork, A ..., next, join is a residual block (He et al. 2016). Joining adds
 * shapes that are equal. The layer behind fork or next must not be in place. */
void nn_net_fork(struct nn_net *net);
void nn_net_next(struct nn_net *net);
void nn_net_join(struct nn_net *net);

/* Allocate theta and running, and fill them for training. ERR_MEMORY. */
int nn_net_start(struct nn_net *net, uint64_t seed, struct arena *a,
		 struct error *err);

/* What one thread needs; made once, before any step. */
struct nn_worker {
	float *input;		    /* (shard_rows, in) */
	uint32_t *start;	    /* (shard_rows + 1), of a packed net */
	float *out[NN_LAYERS_MAX];  /* (shard_rows, out) of each layer */
	float *save[NN_LAYERS_MAX]; /* from forward to backward */
	float *delta[2];	    /* (shard_rows, the widest layer) */
	/* within so many forks: d loss / d join and, summed, d loss / d fork */
	float *joined[NN_DEPTH_MAX], *forked[NN_DEPTH_MAX];
	float *scratch;
	int32_t *label; /* (shard_rows) the rows' targets, one of the two */
	float *target;	/* (shard_rows) */
	float *weight;	/* (shard_rows) */
};

/* `n` workers in the arena; `train` says whether backward will be called.
 * NULL when out of memory. */
struct nn_worker *nn_workers_new(const struct nn_net *net, size_t n, bool train,
				 struct arena *a);

/* One shard of a minibatch. */
struct nn_shard {
	size_t rows, first_row; /* its place in the minibatch */
	bool train;
	struct rng rng;	    /* of this step */
	float fade;	    /* of dropout */
	float *batch_state; /* (state) when training */
};

/* From w->input to the scores (rows, outputs), which stay the worker's. */
const float *nn_net_forward(const struct nn_net *net, struct nn_worker *w,
			    const struct nn_shard *s);

/* Better first weights by the rows in w->input, layer by layer: see nn_layer_type's
 * start. Nothing happens in a net that has no layer of the kind. */
void nn_net_start_on(struct nn_net *net, struct nn_worker *w, size_t rows,
		     uint64_t seed);

/* After forward, from d loss / d scores in w->delta[0] (rows, outputs) to grad
 * (params), which is set. */
void nn_net_backward(const struct nn_net *net, struct nn_worker *w,
		     const struct nn_shard *s, float *grad);

#endif
