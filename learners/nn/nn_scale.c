/* A weight for each input, 1 at first and learning at six times the rate: a soft
 * choice of features (Holzmueller et al. 2024, "Better by default", section 3). Its
 * decay has the factor too: their code multiplies by the rate's factor twice. */
#include <string.h>

#include "learners/nn/nn_layer.h"

static void plan(struct nn_layer *l, size_t rows)
{
	(void)rows;
	l->out = l->in;
	l->params = nn_shape_size(l->in);
	l->range[0] = (struct nn_range){ .n = l->params, .lr = 6, .decay = 6 };
	l->ranges = 1;
}

static void init(const struct nn_layer *l, struct rng r, float *theta, float *state)
{
	(void)r;
	(void)state;
	for (size_t j = 0; j < l->params; j++)
		theta[j] = 1.0f;
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->params;

	for (size_t i = 0; i < p->rows; i++)
		for (size_t j = 0; j < c; j++)
			p->out[i * c + j] = p->in[i * c + j] * p->theta[j];
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->params;

	memset(p->grad, 0, c * sizeof(float));
	for (size_t i = 0; i < p->rows; i++)
		for (size_t j = 0; j < c; j++) {
			p->grad[j] += p->d_out[i * c + j] * p->in[i * c + j];
			if (p->d_in)
				p->d_in[i * c + j] = p->d_out[i * c + j] * p->theta[j];
		}
}

const struct nn_layer_type nn_scale = {
	.name = "scale",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
