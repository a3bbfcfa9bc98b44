/* Layer norm (Ba, Kiros & Hinton 2016): each position's channels get mean 0 and
 * variance 1, then a gain and a shift a channel. theta: gain, shift (channels
 * each), neither of which decays. A position knows nothing of its neighbours, so
 * training and prediction are one. */
#include "learners/nn/nn_layer.h"
#include "learners/nn/nn_sequence_kernels.h"

static void plan(struct nn_layer *l, size_t rows)
{
	l->out = l->in;
	l->params = 2 * l->in.channels;
	l->save = 2 * rows * l->in.height * l->in.width; /* mean, 1 / sd */
}

static void init(const struct nn_layer *l, struct rng r, float *theta, float *state)
{
	(void)r;
	(void)state;
	for (size_t j = 0; j < l->in.channels; j++)
		theta[j] = 1.0f;
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t cols = l->in.channels;

	SIMD_PICK(nn_sequence_kernels)
		->norm(p->in, p->theta, p->theta + cols,
		       nn_pass_values(p, l->in) / cols, cols, p->out, p->save);
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t cols = l->in.channels;

	SIMD_PICK(nn_sequence_kernels)
		->norm_back(p->d_out, p->in, p->theta, p->save,
			    nn_pass_values(p, l->in) / cols, cols, p->d_in,
			    p->grad, p->grad + cols);
}

const struct nn_layer_type nn_layer_norm = {
	.name = "layer_norm",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
