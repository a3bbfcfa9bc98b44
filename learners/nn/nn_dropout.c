/* Dropout (Srivastava et al. 2014), scaled while training, so that prediction
 * does nothing. A byte decides on a value, hence rates are whole 256ths; the
 * scale uses the rate that was really applied. The bytes are a function of
 * (stream, row of the minibatch, value): shards and threads do not matter. */
#include <math.h>
#include <string.h>

#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

static void plan(struct nn_layer *l, size_t rows)
{
	size_t words = (nn_shape_size(l->in) + 7) / 8;

	l->out = l->in;
	/* one byte a value, in whole 64-bit words a row */
	l->save = rows * words * (sizeof(uint64_t) / sizeof(float));
}

static unsigned below(const struct nn_layer *l)
{
	return (unsigned)fmin(255.0, round(l->rate * 256.0));
}

/* to = from, with zeros where the bytes say. */
static void apply(const struct nn_layer *l, const struct nn_pass *p,
		  const float *from, float *to)
{
	size_t size = nn_shape_size(l->in), words = (size + 7) / 8;
	const uint8_t *byte = (const uint8_t *)p->save;
	float scale = 256.0f / (256.0f - (float)below(l));

	for (size_t i = 0; i < p->rows; i++)
		nn_kernels_pick()->drop(from + i * size, byte + i * words * 8,
					below(l), scale, size, to + i * size);
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t size = nn_shape_size(l->in), words = (size + 7) / 8;

	if (!p->train) {
		memcpy(p->out, p->in, p->rows * size * sizeof(*p->out));
		return;
	}
	for (size_t k = 0; k < p->rows * words; k++) {
		uint64_t bits = rng_u64(p->rng, p->first_row * words + k);

		memcpy((char *)p->save + 8 * k, &bits, 8);
	}
	apply(l, p, p->in, p->out);
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	if (p->d_in)
		apply(l, p, p->d_out, p->d_in);
}

const struct nn_layer_type nn_dropout = {
	.name = "dropout",
	.plan = plan,
	.forward = forward,
	.backward = backward,
};
