/* Convolution of a channels-last image: patches laid out as rows of a matrix
 * (im2col), then one product with W (window * window * channels, units).
 *
 * The patches of a whole shard would be tens of megabytes, so a few images at
 * a time are laid out, as many as stay in the second-level cache; backward
 * lays them out again, which costs less than keeping them.
 */
#include <string.h>

#include "harness/base/blas.h"
#include "learners/nn/nn_kernels.h"
#include "learners/nn/nn_layer.h"

#define PATCH_FLOATS 65536 /* 256 KiB: half of a common second-level cache */

struct sizes {
	size_t pixels; /* of one output image */
	size_t fan_in; /* floats of a patch */
	size_t padded; /* floats of one padded image */
	size_t block;  /* images laid out at once */
	struct nn_patches patches;
};

static struct sizes sizes_of(const struct nn_layer *l)
{
	struct sizes s = {
		.pixels = l->out.height * l->out.width,
		.fan_in = l->window * l->window * l->in.channels,
		.patches = { .height = l->in.height + 2 * l->pad,
			     .width = l->in.width + 2 * l->pad,
			     .channels = l->in.channels,
			     .window = l->window,
			     .stride = l->stride,
			     .out_height = l->out.height,
			     .out_width = l->out.width },
	};

	s.padded = s.patches.height * s.patches.width * l->in.channels;
	s.block = PATCH_FLOATS / (s.pixels * s.fan_in);
	s.block = s.block ? s.block : 1;
	return s;
}

static void plan(struct nn_layer *l, size_t rows)
{
	struct sizes s;

	(void)rows;
	l->stride = l->stride ? l->stride : 1;
	l->out = (struct nn_shape){
		(l->in.height + 2 * l->pad - l->window) / l->stride + 1,
		(l->in.width + 2 * l->pad - l->window) / l->stride + 1,
		l->units };
	s = sizes_of(l);
	l->decayed = s.fan_in * l->units;
	l->params = l->decayed + l->units;
	l->scratch = s.padded + s.block * s.pixels * s.fan_in;
}

static void init(const struct nn_layer *l, struct rng r, float *theta,
		 float *state)
{
	(void)state;
	nn_init_weights(l, l->window * l->window * l->in.channels, r, theta);
}

/* Copy an image into the middle of the padded one, whose rim is zero, or back
 * out of it. */
static void pad_image(const struct nn_layer *l, const float *image,
		      float *padded)
{
	size_t run = l->in.width * l->in.channels;
	size_t pitch = (l->in.width + 2 * l->pad) * l->in.channels;

	padded += l->pad * pitch + l->pad * l->in.channels;
	for (size_t y = 0; y < l->in.height; y++)
		memcpy(padded + y * pitch, image + y * run,
		       run * sizeof(*image));
}

static void crop_image(const struct nn_layer *l, const float *padded,
		       float *image)
{
	size_t run = l->in.width * l->in.channels;
	size_t pitch = (l->in.width + 2 * l->pad) * l->in.channels;

	padded += l->pad * pitch + l->pad * l->in.channels;
	for (size_t y = 0; y < l->in.height; y++)
		memcpy(image + y * run, padded + y * pitch,
		       run * sizeof(*image));
}

/* The patches of images [first, first + n) -> cols. */
static void lay_out(const struct nn_layer *l, const struct sizes *s,
		    const struct nn_pass *p, size_t first, size_t n,
		    float *cols)
{
	size_t size = nn_shape_size(l->in);
	float *padded = p->scratch;

	for (size_t i = 0; i < n; i++) {
		const float *image = p->in + (first + i) * size;

		if (l->pad) {
			pad_image(l, image, padded);
			image = padded;
		}
		nn_kernels_pick()->im2col(&s->patches, image,
					  cols + i * s->pixels * s->fan_in);
	}
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct sizes s = sizes_of(l);
	float *cols = p->scratch + s.padded;

	memset(p->scratch, 0, s.padded * sizeof(float));
	for (size_t i = 0; i < p->rows; i += s.block) {
		size_t n = p->rows - i < s.block ? p->rows - i : s.block;

		lay_out(l, &s, p, i, n, cols);
		blas_sgemm(&(struct blas_gemm){
			.m = n * s.pixels, .n = l->units, .k = s.fan_in,
			.alpha = 1.0f, .a = cols, .lda = s.fan_in,
			.b = p->theta, .ldb = l->units,
			.c = p->out + i * s.pixels * l->units,
			.ldc = l->units });
	}
	nn_kernels_pick()->add_bias(p->out, p->theta + l->decayed,
				    p->rows * s.pixels, l->units);
}

/* d_in of images [first, first + n), whose d_out is `d`; spoils cols. */
static void backward_input(const struct nn_layer *l, const struct sizes *s,
			   const struct nn_pass *p, size_t first, size_t n,
			   const float *d, float *cols)
{
	size_t size = nn_shape_size(l->in);
	float *padded = p->scratch;

	blas_sgemm(&(struct blas_gemm){
		.trans_b = true, .m = n * s->pixels, .n = s->fan_in,
		.k = l->units, .alpha = 1.0f, .a = d, .lda = l->units,
		.b = p->theta, .ldb = l->units, .c = cols,
		.ldc = s->fan_in });
	for (size_t i = 0; i < n; i++) {
		memset(padded, 0, s->padded * sizeof(*padded));
		nn_kernels_pick()->col2im(&s->patches,
					  cols + i * s->pixels * s->fan_in,
					  padded);
		crop_image(l, padded, p->d_in + (first + i) * size);
	}
	memset(padded, 0, s->padded * sizeof(*padded));
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct sizes s = sizes_of(l);
	float *cols = p->scratch + s.padded;

	memset(p->scratch, 0, s.padded * sizeof(float));
	for (size_t i = 0; i < p->rows; i += s.block) {
		size_t n = p->rows - i < s.block ? p->rows - i : s.block;
		const float *d = p->d_out + i * s.pixels * l->units;

		lay_out(l, &s, p, i, n, cols);
		blas_sgemm(&(struct blas_gemm){
			.trans_a = true, .m = s.fan_in, .n = l->units,
			.k = n * s.pixels, .alpha = 1.0f,
			.beta = i ? 1.0f : 0.0f, .a = cols, .lda = s.fan_in,
			.b = d, .ldb = l->units, .c = p->grad,
			.ldc = l->units });
		if (p->d_in)
			backward_input(l, &s, p, i, n, d, cols);
	}
	nn_kernels_pick()->col_sum(p->d_out, p->rows * s.pixels, l->units,
				   p->grad + l->decayed);
}

const struct nn_layer_type nn_conv2d = {
	.name = "conv2d",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
