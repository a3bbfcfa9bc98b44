/* Batch normalisation (Ioffe & Szegedy 2015) over rows and pixels, a channel
 * each; parameters are gain and shift, both (channels).
 *
 * Statistics are those of the shard, not of the whole minibatch: the "ghost"
 * batches of Hoffer, Hubara & Soudry 2017 (section 4), which generalise a
 * little better and need no barrier between threads. The running mean and
 * variance that prediction uses are averaged over shards and steps.
 */
#include <math.h>

#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

#define NORM_EPS 1e-5

static void plan(struct nn_layer *l, size_t rows)
{
	size_t c = l->in.channels;

	(void)rows;
	l->out = l->in;
	l->params = 2 * c;
	l->state = 2 * c;   /* running mean and variance */
	l->save = 2 * c;    /* the shard's mean and 1 / sd */
	l->scratch = 3 * c; /* coefficients */
}

static void init(const struct nn_layer *l, struct rng r, float *theta,
		 float *state)
{
	size_t c = l->in.channels;

	(void)r;
	for (size_t j = 0; j < c; j++) {
		theta[j] = 1.0f;
		theta[c + j] = 0.0f;
		state[j] = 0.0f;
		state[c + j] = 1.0f;
	}
}

static float inverse_sd(float variance)
{
	return (float)(1.0 / sqrt((double)variance + NORM_EPS));
}

/* The shard's mean and 1 / sd -> save; mean and variance -> batch_state. */
static void measure(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels;
	size_t n = p->rows * l->in.height * l->in.width;
	float *mean = p->save, *inverse = p->save + c;

	nn_kernels_pick()->col_sum(p->in, n, c, mean);
	for (size_t j = 0; j < c; j++)
		mean[j] /= (float)n;
	nn_kernels_pick()->col_spread(p->in, mean, n, c, inverse);
	for (size_t j = 0; j < c; j++) {
		float variance = inverse[j] / (float)n;

		p->batch_state[j] = mean[j];
		p->batch_state[c + j] = variance;
		inverse[j] = inverse_sd(variance);
	}
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels;
	size_t n = p->rows * l->in.height * l->in.width;
	float *a = p->scratch, *b = a + c;

	if (p->train)
		measure(l, p);
	for (size_t j = 0; j < c; j++) {
		float mean = p->train ? p->save[j] : p->state[j];

		a[j] = p->theta[j] * (p->train ? p->save[c + j] :
						 inverse_sd(p->state[c + j]));
		b[j] = p->theta[c + j] - mean * a[j];
	}
	nn_kernels_pick()->affine(p->in, a, b, n, c, p->out);
}

/* With xh = (x - mean) / sd over n values: d shift = sum d, d gain = sum d xh,
 * dx = gain / sd * (d - d shift / n - xh * d gain / n), which is linear in d
 * and x, a channel each: dx = a d + b x + k. */
static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels;
	size_t n = p->rows * l->in.height * l->in.width;
	const float *mean = p->save, *inverse = p->save + c;
	float *a = p->scratch, *b = a + c, *k = b + c;
	float *d_gain = p->grad, *d_shift = p->grad + c;

	nn_kernels_pick()->col_sum(p->d_out, n, c, d_shift);
	nn_kernels_pick()->col_cross(p->d_out, p->in, mean, n, c, d_gain);
	for (size_t j = 0; j < c; j++) {
		d_gain[j] *= inverse[j];
		a[j] = p->theta[j] * inverse[j];
		b[j] = -a[j] * inverse[j] * d_gain[j] / (float)n;
		k[j] = -a[j] * d_shift[j] / (float)n - b[j] * mean[j];
	}
	if (p->d_in)
		nn_kernels_pick()->affine2(p->d_out, p->in, a, b, k, n, c,
					   p->d_in);
}

const struct nn_layer_type nn_batch_norm = {
	.name = "batch_norm",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
