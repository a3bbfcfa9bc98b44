/* Smooth activations: what they do is in nn_smooth_kernels.c. Their slopes need
 * the input, so they do not work in place. */
#include <string.h>

#include "learners/nn/nn_layer.h"
#include "learners/nn/nn_smooth_kernels.h"

static void plan(struct nn_layer *l, size_t rows)
{
	(void)rows;
	l->out = l->in;
}

#define SMOOTH(name_, kind)                                                    \
	static void name_##_forward(const struct nn_layer *l,                  \
				    const struct nn_pass *p)                   \
	{                                                                      \
		SIMD_PICK(nn_smooth_kernels)                                   \
			->value[kind](p->in, p->out,                           \
				      nn_pass_values(p, l->in));               \
	}                                                                      \
	static void name_##_backward(const struct nn_layer *l,                 \
				     const struct nn_pass *p)                  \
	{                                                                      \
		if (p->d_in)                                                   \
			SIMD_PICK(nn_smooth_kernels)                           \
				->slope[kind](p->in, p->d_out, p->d_in,        \
					      nn_pass_values(p, l->in));       \
	}                                                                      \
	const struct nn_layer_type nn_##name_ = {                              \
		.name = #name_,                                                \
		.plan = plan,                                                  \
		.forward = name_##_forward,                                    \
		.backward = name_##_backward,                                  \
	};
SMOOTH(gelu, NN_GELU)
SMOOTH(silu, NN_SILU)
SMOOTH(selu, NN_SELU)
SMOOTH(mish, NN_MISH)

/* ---------------------------------------------------------------- parametric */

/* y = x + a (f(x) - x) with a weight a for each channel, which begins at 1
 * (Holzmueller et al. 2024, "Better by default", section 3): a net may undo what
 * an activation does to a unit. `base` is f; weights learn at a tenth of the rate
 * and do not decay. */
static void parametric_plan(struct nn_layer *l, size_t rows)
{
	plan(l, rows);
	l->params = l->in.channels;
	l->range[0] = (struct nn_range){ .n = l->params, .lr = 0.1f };
	l->ranges = 1;
	l->scratch = 2 * rows * nn_shape_size(l->in);
}

static void parametric_init(const struct nn_layer *l, struct rng r, float *theta,
			    float *state)
{
	(void)r;
	(void)state;
	for (size_t c = 0; c < l->params; c++)
		theta[c] = 1.0f;
}

static void parametric_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t n = p->rows * nn_shape_size(l->in), c = l->in.channels;

	l->base->forward(l, p);
	for (size_t i = 0; i < n; i += c)
		for (size_t j = 0; j < c; j++)
			p->out[i + j] = p->in[i + j] +
					p->theta[j] * (p->out[i + j] - p->in[i + j]);
}

/* dx = d + a (d f'(x) - d), da = sum of d (f(x) - x). */
static void parametric_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t n = p->rows * nn_shape_size(l->in), c = l->in.channels;
	float *value = p->scratch, *slope = p->scratch + n;
	struct nn_pass base = *p;

	base.out = value;
	base.d_in = slope;
	l->base->forward(l, &base);
	l->base->backward(l, &base);
	memset(p->grad, 0, c * sizeof(float));
	for (size_t i = 0; i < n; i += c)
		for (size_t j = 0; j < c; j++) {
			float d = p->d_out[i + j];

			p->grad[j] += d * (value[i + j] - p->in[i + j]);
			if (p->d_in)
				p->d_in[i + j] = d + p->theta[j] *
							     (slope[i + j] - d);
		}
}

const struct nn_layer_type nn_parametric = {
	.name = "parametric",
	.plan = parametric_plan,
	.init = parametric_init,
	.forward = parametric_forward,
	.backward = parametric_backward,
};
