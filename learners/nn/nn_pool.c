/* Pools over windows without padding. A window larger than the image shrinks
 * to it, so that any image, even of one pixel, can be pooled. */
#include <string.h>

#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

struct window {
	size_t height, width; /* of the window itself */
	size_t run;	      /* floats of an image row */
};

static struct window window_of(const struct nn_layer *l)
{
	size_t h = l->in.height, w = l->in.width;

	return (struct window){ .height = l->window < h ? l->window : h,
				.width = l->window < w ? l->window : w,
				.run = w * l->in.channels };
}

static void plan(struct nn_layer *l, size_t rows)
{
	struct window w = window_of(l);

	(void)rows;
	l->stride = l->stride ? l->stride : l->window;
	l->out = (struct nn_shape){ (l->in.height - w.height) / l->stride + 1,
				    (l->in.width - w.width) / l->stride + 1,
				    l->in.channels };
	l->scratch = 2 * l->in.channels;
}

/* Where the window of output pixel k of row i begins in the input. */
static size_t corner(const struct nn_layer *l, size_t i, size_t k)
{
	size_t y = k / l->out.width * l->stride;
	size_t x = k % l->out.width * l->stride;

	return i * nn_shape_size(l->in) +
	       (y * l->in.width + x) * l->in.channels;
}

/* top (channels) <- the largest of a window. */
static void largest(const struct window *w, const float *x, size_t c,
		    float *top)
{
	memcpy(top, x, c * sizeof(*top));
	for (size_t y = 0; y < w->height; y++)
		for (size_t k = 0; k < w->width; k++)
			nn_kernels_pick()->raise_to(top, x + y * w->run + k * c,
						    c);
}

static void max_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct window w = window_of(l);
	size_t c = l->in.channels, pixels = l->out.height * l->out.width;

	for (size_t i = 0; i < p->rows; i++)
		for (size_t k = 0; k < pixels; k++)
			largest(&w, p->in + corner(l, i, k), c,
				p->out + (i * pixels + k) * c);
}

/* The first value of a window that equals its maximum takes the gradient. */
static void max_give(const struct nn_layer *l, const struct nn_pass *p,
		     size_t at, const float *d_out)
{
	struct window w = window_of(l);
	size_t c = l->in.channels;
	float *top = p->scratch, *left = top + c;

	largest(&w, p->in + at, c, top);
	memcpy(left, d_out, c * sizeof(*left));
	for (size_t y = 0; y < w.height; y++) {
		for (size_t x = 0; x < w.width; x++) {
			size_t here = at + y * w.run + x * c;

			nn_kernels_pick()->give(p->in + here, top, left,
						p->d_in + here, c);
		}
	}
}

static void max_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels, pixels = l->out.height * l->out.width;

	if (!p->d_in)
		return;
	memset(p->d_in, 0, p->rows * nn_shape_size(l->in) * sizeof(float));
	for (size_t i = 0; i < p->rows; i++)
		for (size_t k = 0; k < pixels; k++)
			max_give(l, p, corner(l, i, k),
				 p->d_out + (i * pixels + k) * c);
}

const struct nn_layer_type nn_max_pool = {
	.name = "max_pool",
	.plan = plan,
	.forward = max_forward,
	.backward = max_backward,
};

static void average_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct window w = window_of(l);
	const struct vec_kernels *vec = simd_vec();
	size_t c = l->in.channels, pixels = l->out.height * l->out.width;
	float share = 1.0f / (float)(w.height * w.width);

	memset(p->out, 0, p->rows * nn_shape_size(l->out) * sizeof(float));
	for (size_t k = 0; k < p->rows * pixels; k++) {
		const float *x = p->in + corner(l, k / pixels, k % pixels);

		for (size_t y = 0; y < w.height; y++)
			for (size_t j = 0; j < w.width; j++)
				vec->axpy(share, x + y * w.run + j * c,
					  p->out + k * c, c);
	}
}

static void average_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct window w = window_of(l);
	const struct vec_kernels *vec = simd_vec();
	size_t c = l->in.channels, pixels = l->out.height * l->out.width;
	float share = 1.0f / (float)(w.height * w.width);

	if (!p->d_in)
		return;
	memset(p->d_in, 0, p->rows * nn_shape_size(l->in) * sizeof(float));
	for (size_t k = 0; k < p->rows * pixels; k++) {
		float *d = p->d_in + corner(l, k / pixels, k % pixels);

		for (size_t y = 0; y < w.height; y++)
			for (size_t j = 0; j < w.width; j++)
				vec->axpy(share, p->d_out + k * c,
					  d + y * w.run + j * c, c);
	}
}

const struct nn_layer_type nn_average_pool = {
	.name = "average_pool",
	.plan = plan,
	.forward = average_forward,
	.backward = average_backward,
};

static void global_plan(struct nn_layer *l, size_t rows)
{
	(void)rows;
	l->out = (struct nn_shape){ 1, 1, l->in.channels };
	l->scratch = 0;
}

static void global_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels, pixels = l->in.height * l->in.width;

	for (size_t i = 0; i < p->rows; i++)
		nn_kernels_pick()->col_sum(p->in + i * pixels * c, pixels, c,
					   p->out + i * c);
	for (size_t k = 0; k < p->rows * c; k++)
		p->out[k] /= (float)pixels;
}

static void global_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	size_t c = l->in.channels, pixels = l->in.height * l->in.width;

	if (!p->d_in)
		return;
	for (size_t k = 0; k < p->rows * c; k++)
		p->d_out[k] /= (float)pixels;
	for (size_t k = 0; k < p->rows * pixels; k++)
		memcpy(p->d_in + k * c, p->d_out + k / pixels * c,
		       c * sizeof(float));
}

const struct nn_layer_type nn_global_pool = {
	.name = "global_pool",
	.plan = global_plan,
	.forward = global_forward,
	.backward = global_backward,
};
