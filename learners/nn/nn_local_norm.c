/* Local response normalisation across channels (Krizhevsky, Sutskever & Hinton
 * 2012, section 3.3): y_i = x_i / s_i^b, s_i = k + alpha * the sum of x_j^2 over
 * the `window` channels around i, with their k = 2 and b = 3/4. `rate` is alpha.
 */
#include <math.h>
#include <string.h>

#include "learners/nn/nn_layer.h"

#define NORM_K 2.0f

static void plan(struct nn_layer *l, size_t rows)
{
	l->out = l->in;
	l->save = rows * nn_shape_size(l->in); /* s */
	l->scratch = l->in.channels;
}

/* The channels around i: half of the window each way, as far as there are. */
static size_t first_of(const struct nn_layer *l, size_t i)
{
	return i > l->window / 2 ? i - l->window / 2 : 0;
}

static size_t end_of(const struct nn_layer *l, size_t i)
{
	size_t end = i + l->window / 2 + 1;

	return end < l->in.channels ? end : l->in.channels;
}

/* s^-3/4 without pow, which would cost more than the convolution. */
static float factor(float s)
{
	float root = sqrtf(s);

	return 1.0f / (root * sqrtf(root));
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels, n = p->rows * nn_shape_size(l->in);

	for (size_t at = 0; at < n; at += c)
		for (size_t i = 0; i < c; i++) {
			const float *x = p->in + at;
			float sum = 0.0f;

			for (size_t j = first_of(l, i); j < end_of(l, i); j++)
				sum += x[j] * x[j];
			p->save[at + i] = NORM_K + (float)l->rate * sum;
			p->out[at + i] = x[i] * factor(p->save[at + i]);
		}
}

/* dx_i = d_i s_i^-b - 2 alpha b x_i * the sum of d_j x_j s_j^(-b-1) over the j
 * whose windows hold i, which are those in i's. */
static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels, n = p->rows * nn_shape_size(l->in);
	float *pull = p->scratch;

	for (size_t at = 0; p->d_in && at < n; at += c) {
		const float *x = p->in + at, *d = p->d_out + at;
		const float *s = p->save + at;

		for (size_t j = 0; j < c; j++)
			pull[j] = d[j] * x[j] * factor(s[j]) / s[j];
		for (size_t i = 0; i < c; i++) {
			float sum = 0.0f;

			for (size_t j = first_of(l, i); j < end_of(l, i); j++)
				sum += pull[j];
			p->d_in[at + i] = d[i] * factor(s[i]) -
					  1.5f * (float)l->rate * x[i] * sum;
		}
	}
}

const struct nn_layer_type nn_local_norm = {
	.name = "local_norm",
	.plan = plan,
	.forward = forward,
	.backward = backward,
};
