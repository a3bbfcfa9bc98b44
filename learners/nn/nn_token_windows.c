/* Convolution over words, then the maximum over time (Kim 2014, "Convolutional
 * neural networks for sentence classification", section 2), as one layer: input
 * (positions, channels), out (1, 1, sizes * units), for windows of `window`,
 * window + 1 ... window_to words. theta: for each size W (units, size * channels),
 * then all biases.
 *
 * A document is read between zeros, as Kim's code has it, so that each word stands
 * at each place of a window and short documents have windows too. Its windows
 * overlap in memory, so nothing is copied for them; the product is that of the
 * convolutions of images (nn_conv_kernels.h).
 *
 * Of all windows of a document a unit's maximum is one: backward has a single
 * window a unit, and costs less than the forward pass.
 */
#include <string.h>

#include "harness/base/simd.h"
#include "learners/nn/nn_conv_kernels.h"
#include "learners/nn/nn_layer.h"
#include "learners/nn/nn_token_kernels.h"

/* Words of all window sizes below `size`. */
static size_t words_below(const struct nn_layer *l, size_t size)
{
	size_t words = 0;

	for (size_t h = l->window; h < size; h++)
		words += h;
	return words;
}

/* Units in whole panels of the kernels. */
static size_t packed_units(const struct nn_layer *l)
{
	size_t panel = nn_conv_kernels_pick()->panel;

	return (l->units + panel - 1) / panel * panel;
}

/* Zeros on each side of a document, in words. */
static size_t margin(const struct nn_layer *l)
{
	return l->window_to - 1;
}

static void plan(struct nn_layer *l, size_t rows)
{
	size_t c = l->in.channels, words = words_below(l, l->window_to + 1);
	size_t units = (l->window_to - l->window + 1) * l->units;

	l->out = (struct nn_shape){ 1, 1, units };
	l->decayed = words * c * l->units;
	l->params = l->decayed + units;
	l->save = rows * units; /* the window of each maximum */
	/* packed weights, a document between zeros, scores of one size */
	l->scratch = words * c * packed_units(l) +
		     (l->in.height + 2 * margin(l)) * c +
		     (l->in.height + margin(l)) * l->units;
}

static void init(const struct nn_layer *l, struct rng r, float *theta, float *state)
{
	size_t c = l->in.channels;

	(void)state;
	for (size_t h = l->window; h <= l->window_to; h++) {
		struct nn_layer one = { .gain = l->gain };

		one.decayed = one.params = h * c * l->units;
		nn_init_weights(&one, h * c, rng_sub(r, h),
				theta + words_below(l, h) * c * l->units);
	}
	memset(theta + l->decayed, 0, (l->params - l->decayed) * sizeof(*theta));
}

/* What one document needs; parts of the scratch. */
struct desk {
	float *packed; /* (words of all sizes, channels, packed units) */
	float *page;   /* (height + 2 margin, channels) */
	float *scores; /* (height + margin, units) */
};

static struct desk desk_of(const struct nn_layer *l, float *scratch)
{
	size_t c = l->in.channels;
	struct desk d = { .packed = scratch };

	d.page = d.packed + words_below(l, l->window_to + 1) * c * packed_units(l);
	d.scores = d.page + (l->in.height + 2 * margin(l)) * c;
	return d;
}

static void pack(const struct nn_layer *l, const float *theta, float *packed)
{
	size_t c = l->in.channels;

	for (size_t h = l->window; h <= l->window_to; h++)
		nn_token_kernels_pick()->pack_rows(
			theta + words_below(l, h) * c * l->units, l->units, h * c,
			nn_conv_kernels_pick()->panel,
			packed + words_below(l, h) * c * packed_units(l));
}

/* The n words x between zeros. */
static void lay(const struct nn_layer *l, const float *x, size_t n, float *page)
{
	size_t c = l->in.channels, edge = margin(l) * c;

	memset(page, 0, edge * sizeof(*page));
	memcpy(page + edge, x, n * c * sizeof(*page));
	memset(page + edge + n * c, 0, edge * sizeof(*page));
}

/* The maxima of one size on a page of n words. Window t ends at word t. */
static void read_size(const struct nn_layer *l, const struct desk *d, size_t n,
		      size_t size, float *top, uint32_t *at)
{
	size_t c = l->in.channels;
	struct nn_windows s = { .window = 1, .run = size * c, .across = c,
				.height = 1, .width = n + size - 1 };

	nn_conv_kernels_pick()->apply(
		&s, d->page + (l->window_to - size) * c,
		d->packed + words_below(l, size) * c * packed_units(l), NULL,
		l->units, d->scores);
	nn_token_kernels_pick()->col_top(d->scores, s.width, l->units, top, at);
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct desk d = desk_of(l, p->scratch);
	size_t c = l->in.channels, units = l->out.channels;
	const float *bias = p->theta + l->decayed;
	uint32_t *at = (uint32_t *)p->save;

	pack(l, p->theta, d.packed);
	for (size_t i = 0; i < p->rows; i++) {
		size_t begin = nn_pass_start(p, l->in, i), done = i * units;
		size_t n = nn_pass_start(p, l->in, i + 1) - begin;

		lay(l, p->in + begin * c, n, d.page);
		for (size_t h = l->window; h <= l->window_to; h++) {
			read_size(l, &d, n, h, p->out + done, at + done);
			done += l->units;
		}
		simd_vec()->axpy(1.0f, bias, p->out + i * units, units);
	}
}

/* The window that won, without the zeros around the document: `size` words, the last
 * of which is word t. */
static void credit(const struct nn_layer *l, const struct nn_pass *p, size_t begin,
		   size_t n, size_t size, size_t t, float d, size_t weights)
{
	size_t c = l->in.channels;
	size_t first = t + 1 > size ? t + 1 - size : 0; /* word */
	size_t end = t + 1 < n ? t + 1 : n;
	size_t skipped = first + size - t - 1; /* words of W before it */
	size_t at = (begin + first) * c, len;

	if (first >= end)
		return;
	len = (end - first) * c;
	weights += skipped * c;
	simd_vec()->axpy(d, p->in + at, p->grad + weights, len);
	if (p->d_in)
		simd_vec()->axpy(d, p->theta + weights, p->d_in + at, len);
}

static void backward_row(const struct nn_layer *l, const struct nn_pass *p, size_t i)
{
	size_t begin = nn_pass_start(p, l->in, i), c = l->in.channels;
	size_t n = nn_pass_start(p, l->in, i + 1) - begin, k = 0;
	const float *d = p->d_out + i * l->out.channels;
	const uint32_t *at = (const uint32_t *)p->save + i * l->out.channels;

	for (size_t h = l->window; h <= l->window_to; h++)
		for (size_t u = 0; u < l->units; u++, k++)
			if (d[k] != 0.0f) /* many are, behind ReLU and dropout */
				credit(l, p, begin, n, h, at[k], d[k],
				       (words_below(l, h) * l->units + u * h) * c);
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	float *bias = p->grad + l->decayed;

	memset(p->grad, 0, l->params * sizeof(*p->grad));
	if (p->d_in)
		memset(p->d_in, 0, nn_pass_values(p, l->in) * sizeof(*p->d_in));
	for (size_t i = 0; i < p->rows; i++) {
		backward_row(l, p, i);
		simd_vec()->axpy(1.0f, p->d_out + i * l->out.channels, bias,
				 l->out.channels);
	}
}

const struct nn_layer_type nn_token_windows = {
	.name = "token_windows",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
