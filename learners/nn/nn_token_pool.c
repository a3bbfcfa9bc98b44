/* From a sequence to one flat row: the mean of its positions, or the first of
 * them, which is the class token's (nn_tokens.h, nn_feature_tokens.c). An empty
 * row gives zeros. */
#include <string.h>

#include "harness/base/simd.h"
#include "learners/nn/nn_layer.h"

static void plan(struct nn_layer *l, size_t rows)
{
	(void)rows;
	l->out = (struct nn_shape){ 1, 1, l->in.channels };
}

static void mean_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels;

	memset(p->out, 0, p->rows * c * sizeof(*p->out));
	for (size_t i = 0; i < p->rows; i++) {
		size_t begin = nn_pass_start(p, l->in, i);
		size_t end = nn_pass_start(p, l->in, i + 1);

		for (size_t t = begin; t < end; t++)
			simd_vec()->axpy(1.0f / (float)(end - begin),
					 p->in + t * c, p->out + i * c, c);
	}
}

static void mean_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels;

	for (size_t i = 0; p->d_in && i < p->rows; i++) {
		size_t begin = nn_pass_start(p, l->in, i);
		size_t end = nn_pass_start(p, l->in, i + 1);
		float share = 1.0f / (float)(end - begin);

		for (size_t t = begin; t < end; t++)
			for (size_t j = 0; j < c; j++)
				p->d_in[t * c + j] = share * p->d_out[i * c + j];
	}
}

const struct nn_layer_type nn_token_mean = {
	.name = "token_mean",
	.plan = plan,
	.forward = mean_forward,
	.backward = mean_backward,
};

static void first_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels;

	memset(p->out, 0, p->rows * c * sizeof(*p->out));
	for (size_t i = 0; i < p->rows; i++) {
		size_t begin = nn_pass_start(p, l->in, i);

		if (begin < nn_pass_start(p, l->in, i + 1))
			memcpy(p->out + i * c, p->in + begin * c,
			       c * sizeof(*p->out));
	}
}

static void first_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels;

	if (!p->d_in)
		return;
	memset(p->d_in, 0, nn_pass_values(p, l->in) * sizeof(*p->d_in));
	for (size_t i = 0; i < p->rows; i++) {
		size_t begin = nn_pass_start(p, l->in, i);

		if (begin < nn_pass_start(p, l->in, i + 1))
			memcpy(p->d_in + begin * c, p->d_out + i * c,
			       c * sizeof(*p->d_in));
	}
}

const struct nn_layer_type nn_token_first = {
	.name = "token_first",
	.plan = plan,
	.forward = first_forward,
	.backward = first_backward,
};
