/* Pools over windows without padding: the largest, the mean, the mean of all.
 *
 * A window larger than the image shrinks to it, so that any image, even of one
 * pixel, can be pooled; pixels at the far rim that fill no window are left out
 * (and get no gradient). Stride defaults to the window: no overlap.
 */
#include <string.h>

#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

/* Windows of an image, cut to its size; the options are filled by plan. */
static struct nn_windows windows_of(const struct nn_layer *l)
{
	size_t c = l->in.channels, pitch = l->in.width * c;
	size_t wide = l->window < l->in.width ? l->window : l->in.width;

	return (struct nn_windows){
		.window = l->window < l->in.height ? l->window : l->in.height,
		.run = wide * c,
		.pitch = pitch,
		.across = l->stride * c,
		.down = l->stride * pitch,
		.height = l->out.height,
		.width = l->out.width };
}

static void plan(struct nn_layer *l, size_t rows)
{
	struct nn_windows w;

	(void)rows;
	l->stride = l->stride ? l->stride : l->window;
	w = windows_of(l);
	l->out = (struct nn_shape){
		(l->in.height - w.window) / l->stride + 1,
		(l->in.width - w.run / l->in.channels) / l->stride + 1,
		l->in.channels };
}

/* One call an image: a kernel's own loops are cheaper than calls a window. */
static void max_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct nn_kernels *kernels = nn_kernels_pick();
	struct nn_windows w = windows_of(l);

	for (size_t i = 0; i < p->rows; i++)
		kernels->max_pool(&w, p->in + i * nn_shape_size(l->in),
				  l->in.channels,
				  p->out + i * nn_shape_size(l->out));
}

/* The largest are looked for again, which costs less than to keep where they
 * were. */
static void max_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct nn_kernels *kernels = nn_kernels_pick();
	struct nn_windows w = windows_of(l);
	size_t in = nn_shape_size(l->in), out = nn_shape_size(l->out);

	if (!p->d_in)
		return;
	memset(p->d_in, 0, p->rows * in * sizeof(float));
	for (size_t i = 0; i < p->rows; i++)
		kernels->max_back(&w, p->in + i * in, p->d_out + i * out,
				  l->in.channels, p->d_in + i * in);
}

const struct nn_layer_type nn_max_pool = {
	.name = "max_pool",
	.plan = plan,
	.forward = max_forward,
	.backward = max_backward,
};

/* Where the window of pixel k, counted over all rows, begins in the input. */
static size_t corner(const struct nn_layer *l, const struct nn_windows *w,
		     size_t k)
{
	size_t pixels = w->height * w->width, at = k % pixels;

	return k / pixels * nn_shape_size(l->in) + at / w->width * w->down +
	       at % w->width * w->across;
}

/* 1 / pixels of a window. */
static float share_of(const struct nn_layer *l, const struct nn_windows *w)
{
	return 1.0f / (float)(w->window * w->run / l->in.channels);
}

static void average_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct nn_windows w = windows_of(l);
	const struct vec_kernels *vec = simd_vec();
	size_t c = l->in.channels, n = p->rows * w.height * w.width;

	memset(p->out, 0, n * c * sizeof(float));
	for (size_t k = 0; k < n; k++) {
		const float *at = p->in + corner(l, &w, k);

		for (size_t y = 0; y < w.window; y++)
			for (size_t j = 0; j < w.run; j += c)
				vec->axpy(share_of(l, &w), at + y * w.pitch + j,
					  p->out + k * c, c);
	}
}

/* Each pixel of a window gets an equal share; windows that overlap add up. */
static void average_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct nn_windows w = windows_of(l);
	const struct vec_kernels *vec = simd_vec();
	size_t c = l->in.channels, n = p->rows * w.height * w.width;

	if (!p->d_in)
		return;
	memset(p->d_in, 0, p->rows * nn_shape_size(l->in) * sizeof(float));
	for (size_t k = 0; k < n; k++) {
		float *d = p->d_in + corner(l, &w, k);

		for (size_t y = 0; y < w.window; y++)
			for (size_t j = 0; j < w.run; j += c)
				vec->axpy(share_of(l, &w), p->d_out + k * c,
					  d + y * w.pitch + j, c);
	}
}

const struct nn_layer_type nn_average_pool = {
	.name = "average_pool",
	.plan = plan,
	.forward = average_forward,
	.backward = average_backward,
};

/* Global average pooling: Lin, Chen & Yan 2014, "Network in network", 3.2. */
static void global_plan(struct nn_layer *l, size_t rows)
{
	(void)rows;
	l->out = (struct nn_shape){ 1, 1, l->in.channels };
}

/* out (rows, channels): one mean a row and channel, whatever the image's size. */
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
