/* What a layer is: a row of functions over one shard of a minibatch.
 *
 * A net is a chain of layers. All of its weights lie in one vector (theta),
 * all running statistics in another (state), so that optimizers, checkpoints
 * and the sum over shards see plain arrays. A shard runs forward and backward
 * through the whole chain on one thread, with buffers of its worker's own and
 * a gradient of its own: nothing is shared, nothing is locked.
 *
 * To add a layer: one file that defines `const struct nn_layer_type nn_<name>`
 * and a line below; tests/nn_check.h checks its gradient.
 */
#ifndef TRIARCH_NN_LAYER_H
#define TRIARCH_NN_LAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/rng.h"

/* One row's values, channels last; a flat row has height and width 1. */
struct nn_shape {
	size_t height, width, channels;
};

static inline size_t nn_shape_size(struct nn_shape s)
{
	return s.height * s.width * s.channels;
}

struct nn_layer_type;
struct nn_touched; /* nn_table.h */

/* A run of a layer's weights that is updated in its own way. */
#define NN_RANGES_MAX 6
struct nn_range {
	size_t n;
	float lr, decay;   /* factors: 1 is what was asked for, 0 none */
	size_t rows, cols; /* of a hidden layer's matrix, which Muon may take;
			    * 0: it is none */
	bool table; /* of rows that are looked up: nn_table.h; the first range */
};

struct nn_layer {
	const struct nn_layer_type *type;
	/* options: each type reads its own */
	size_t units;		/* linear, conv2d: outputs */
	size_t window, stride;	/* conv2d, pools */
	size_t pad;		/* conv2d: zeros on each side */
	size_t groups;		/* conv2d, conv1d: channels and units fall in so
				 * many groups, each a convolution of its own;
				 * 0: one. As many as channels: depthwise */
	double rate;		/* dropout: share of values dropped */
	double gain;		/* linear, conv2d: variance of a weight times
				 * its inputs; 2 before a ReLU (He 2015) */
	const struct nn_layer_type *base; /* parametric: the activation */
	bool uniform; /* linear: first weights and biases are uniform, of one
		       * variance; else normal weights, and biases of 0 */
	bool each;  /* linear: each position by itself */
	bool ntk;   /* linear: NTK parametrisation; weights and biases N(0, 1),
		     * or with a gain 0 */
	bool from_data; /* linear, ntk: starts where the data is */
	size_t group, grouped; /* members: so many channels of the first ones
				* share a draw */
	const struct nn_features *features; /* nn_features.h */
	size_t heads;	/* attention: divides the channels */
	size_t vocab;	/* embedding: ids are below it */
	bool sines;	/* embedding: positions by sines, not by weights */
	bool unplaced;	/* embedding: positions have no vectors */
	size_t window_to; /* token_windows: the largest window */
	bool both;	/* lstm, gru: forth and back, `units` each */
	size_t numeric; /* feature_tokens: so many columns are numbers, */
	const size_t *levels; /* each of the others a code below its level */
	/* filled by nn_net_fork, next and join */
	size_t fork;  /* next, join: the entry of their fork */
	size_t depth; /* of forks around: 1 .. NN_DEPTH_MAX */
	/* filled by type->plan from `in` */
	struct nn_shape in, out;
	size_t params;	/* floats of theta */
	size_t decayed; /* the first so many of them feel weight decay */
	struct nn_range range[NN_RANGES_MAX]; /* (ranges) of theta, in order */
	size_t ranges; /* 0: two, by `decayed` */
	size_t state;	/* floats of running statistics */
	size_t save;	/* floats kept from forward to backward, a shard */
	size_t scratch; /* floats used inside one call */
	/* filled by nn_net_add */
	size_t theta_at, state_at; /* where its part of the vectors begins */
};

/* One call of a layer on one shard. In-place layers have out == in and
 * d_in == d_out. */
struct nn_pass {
	size_t rows;
	bool train;
	const float *theta;   /* (params) */
	float *grad;	      /* (params): set, not added to */
	const float *state;   /* (state) running statistics */
	float *batch_state;   /* (state): the shard's own, set when training */
	const float *in;      /* (rows, in) */
	float *out;	      /* (rows, out) */
	float *d_out;	      /* (rows, out): d loss / d out; may be spoilt */
	float *d_in;	      /* (rows, in): set; NULL when nobody needs it */
	float *save;	      /* (save) */
	float *scratch;	      /* (scratch) */
	struct rng rng;	      /* the stream of this layer at this step */
	size_t first_row;     /* where the shard begins in its minibatch */
	struct nn_touched *touched; /* of a table: rows of grad are had by
				     * nn_touch; NULL: it is set as a whole */
	float fade;	      /* of dropout: a factor on its rate */
	/* (rows + 1) a packed sequence: row i has the positions [start[i],
	 * start[i + 1]) of in and out, at most `height` and without gaps, so
	 * that short documents cost little. NULL: all rows are of full height. */
	const uint32_t *start;
};

/* The first position of row i of a buffer of that shape; of row `rows`, how many
 * there are. A position has `channels` values. */
static inline size_t nn_pass_start(const struct nn_pass *p, struct nn_shape s,
				   size_t i)
{
	return p->start ? p->start[i] : i * s.height * s.width;
}

/* The values in use of a buffer of that shape. */
static inline size_t nn_pass_values(const struct nn_pass *p, struct nn_shape s)
{
	return p->start && s.height > 1 ? p->start[p->rows] * s.channels :
					  p->rows * nn_shape_size(s);
}

struct nn_layer_type {
	const char *name;
	/* Overwrites its input; its backward may use its own output. So no
	 * two such layers stand in a row, and a layer that is not in place
	 * never uses its output in backward. */
	bool in_place;
	/* From `in` and the options: out and the sizes, for shards of at most
	 * `rows` rows. */
	void (*plan)(struct nn_layer *l, size_t rows);
	/* The first weights and statistics; NULL for a layer without. */
	void (*init)(const struct nn_layer *l, struct rng r, float *theta,
		     float *state);
	/* After init, better weights from some training rows, which p->in has
	 * as the layers below make them; may be NULL. p->theta is theta. */
	void (*start)(const struct nn_layer *l, const struct nn_pass *p,
		      float *theta);
	void (*forward)(const struct nn_layer *l, const struct nn_pass *p);
	void (*backward)(const struct nn_layer *l, const struct nn_pass *p);
};

extern const struct nn_layer_type nn_linear, nn_conv2d, nn_conv1d,
	nn_batch_norm,
	nn_max_pool, nn_average_pool, nn_global_pool, nn_relu, nn_tanh,
	nn_gelu, nn_silu, nn_selu, nn_mish, nn_parametric, nn_dropout, nn_scale,
	nn_members_in, nn_heads, nn_features, nn_layer_norm, nn_attention,
	nn_local_norm, nn_embedding, nn_token_mean, nn_token_first, nn_token_max,
	nn_token_windows, nn_feature_tokens, nn_reglu, nn_lstm, nn_gru;

/* Normal weights of variance gain / fan_in, then zero biases to the end of
 * the layer's parameters. For init of linear and convolution. */
void nn_init_weights(const struct nn_layer *l, size_t fan_in, struct rng r,
		     float *theta);

#endif
