/* ReGLU (Shazeer 2020, "GLU variants improve transformer"): half of the channels
 * times the ReLU of the other half. FT-Transformer's activation. */
#include "learners/nn/nn_layer.h"
#include "learners/nn/nn_sequence_kernels.h"

/* An even number of channels is the caller's promise. */
static void plan(struct nn_layer *l, size_t rows)
{
	(void)rows;
	l->out = l->in;
	l->out.channels = l->in.channels / 2;
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t cols = l->out.channels;

	SIMD_PICK(nn_sequence_kernels)
		->reglu(p->in, nn_pass_values(p, l->out) / cols, cols, p->out);
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t cols = l->out.channels;

	if (p->d_in)
		SIMD_PICK(nn_sequence_kernels)
			->reglu_back(p->in, p->d_out,
				     nn_pass_values(p, l->out) / cols, cols,
				     p->d_in);
}

const struct nn_layer_type nn_reglu = {
	.name = "reglu",
	.plan = plan,
	.forward = forward,
	.backward = backward,
};
