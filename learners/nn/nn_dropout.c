/* Dropout (Srivastava et al. 2014), scaled while training, so that prediction
 * does nothing. A byte decides on a value, hence rates are whole 256ths; the
 * scale uses the rate that was really applied. The bytes are a function of
 * (stream, row of the minibatch, value): shards and threads do not matter. */
#include <math.h>
#include <string.h>

#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

#define BLOCK 16 /* bytes that one block of random numbers decides */

static size_t blocks_of(const struct nn_layer *l)
{
	return (nn_shape_size(l->in) + BLOCK - 1) / BLOCK;
}

static void plan(struct nn_layer *l, size_t rows)
{
	l->out = l->in;
	/* one byte a value, in whole blocks a row */
	l->save = rows * blocks_of(l) * (BLOCK / sizeof(float));
}

/* The rate may fade over a fit. */
static unsigned below(const struct nn_layer *l, const struct nn_pass *p)
{
	return (unsigned)fmin(255.0, round(l->rate * (double)p->fade * 256.0));
}

/* Where row i begins: rows of packed sequences are of different lengths, but each
 * has its own bytes, as all rows have. */
static size_t begin_of(const struct nn_layer *l, const struct nn_pass *p, size_t i)
{
	bool packed = p->start && l->in.height > 1;

	return packed ? p->start[i] * l->in.channels : i * nn_shape_size(l->in);
}

/* to = from, with zeros where the bytes say. */
static void apply(const struct nn_layer *l, const struct nn_pass *p,
		  const float *from, float *to)
{
	const struct nn_kernels *kernels = nn_kernels_pick();
	size_t bytes = blocks_of(l) * BLOCK;
	const uint8_t *byte = (const uint8_t *)p->save;
	float scale = 256.0f / (256.0f - (float)below(l, p));

	for (size_t i = 0; i < p->rows; i++) {
		size_t at = begin_of(l, p, i);

		kernels->drop(from + at, byte + i * bytes, below(l, p), scale,
			      begin_of(l, p, i + 1) - at, to + at);
	}
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t blocks = blocks_of(l);

	if (!p->train) {
		memcpy(p->out, p->in,
		       nn_pass_values(p, l->in) * sizeof(*p->out));
		return;
	}
	nn_kernels_pick()->philox(p->rng, p->first_row * blocks,
				  p->rows * blocks, (uint32_t *)p->save);
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
