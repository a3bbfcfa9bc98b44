/* Activations that work in place: y overwrites x, and d loss / dy becomes
 * d loss / dx where it lies. That needs a slope that follows from y alone: 1 or
 * 0 by the sign of relu's output, 1 - y^2 for tanh. It saves a buffer of the
 * layer's width a thread, and a pass over memory each way.
 *
 * ReLU is Nair & Hinton 2010; why tanh rather than the logistic function, see
 * LeCun, Bottou, Orr & Mueller 1998, "Efficient backprop", section 4.4.
 */
#include <math.h>

#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

static void plan(struct nn_layer *l, size_t rows)
{
	(void)rows;
	l->out = l->in;
}

static void relu_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	nn_kernels_pick()->relu(p->out, nn_pass_values(p, l->in));
}

/* At 0 itself the slope is taken to be 0. */
static void relu_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	nn_kernels_pick()->relu_back(p->out, p->d_in,
				     nn_pass_values(p, l->in));
}

const struct nn_layer_type nn_relu = {
	.name = "relu",
	.in_place = true,
	.plan = plan,
	.forward = relu_forward,
	.backward = relu_backward,
};

/* libm's, one at a time: a fit spends far longer in its matrix products. */
static void tanh_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	for (size_t i = 0, n = nn_pass_values(p, l->in); i < n; i++)
		p->out[i] = tanhf(p->out[i]);
}

static void tanh_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	for (size_t i = 0, n = nn_pass_values(p, l->in); i < n; i++)
		p->d_in[i] *= 1.0f - p->out[i] * p->out[i];
}

const struct nn_layer_type nn_tanh = {
	.name = "tanh",
	.in_place = true,
	.plan = plan,
	.forward = tanh_forward,
	.backward = tanh_backward,
};
