/* Convolution of a channels-last image: each output pixel is its window, read
 * as one row, times W (window * window * channels, units), plus the bias. conv1d
 * is the same over positions (positions, 1, channels), which are laid on their
 * side: an image of one row, so that a window is one run of floats.
 *
 * Windows of 3 x 3 on whole panels of channels take Winograd's way
 * (nn_winograd.h), which halves the time. Else:
 *
 * Images go one by one, each with a rim of zeros, through nn_conv_kernels. The
 * gradient of the input is a convolution too, of d_out spread out by the
 * stride with W turned around and transposed (Dumoulin & Visin 2016, "A guide
 * to convolution arithmetic for deep learning", section 4), so that forward
 * and backward share one fast loop.
 */
#include <assert.h>
#include <string.h>

#include "learners/nn/nn_conv_kernels.h"
#include "learners/nn/nn_layer.h"
#include "learners/nn/nn_winograd.h"

/* Down, conv1d has windows of one row, one apart, and no rim. */
static size_t tall(const struct nn_layer *l)
{
	return l->type == &nn_conv1d ? 1 : l->window;
}

static size_t pad_tall(const struct nn_layer *l)
{
	return l->type == &nn_conv1d ? 0 : l->pad;
}

static size_t stride_tall(const struct nn_layer *l)
{
	return l->type == &nn_conv1d ? 1 : l->stride;
}

static struct nn_shape lay(const struct nn_layer *l, struct nn_shape s)
{
	return l->type == &nn_conv1d ?
		       (struct nn_shape){ s.width, s.height, s.channels } : s;
}

static size_t taps_of(const struct nn_layer *l)
{
	return l->window * tall(l);
}

/* An image with a rim, and the windows on it. */
struct canvas {
	struct nn_windows windows;
	size_t channels, height, width; /* with the rim */
};

/* Floats of the whole canvas. */
static size_t canvas_size(const struct canvas *c)
{
	return c->channels * c->height * c->width;
}

/* `image` with rims down and across, windows `down` and `across` apart. */
static struct canvas canvas_make(const struct nn_layer *l, struct nn_shape image,
				 size_t rim_down, size_t rim_across, bool apart,
				 struct nn_shape out)
{
	size_t across = apart ? l->stride : 1;
	size_t down = apart ? stride_tall(l) : 1;
	size_t width = image.width + rim_across, c = image.channels;

	return (struct canvas){
		.channels = c, .height = image.height + rim_down, .width = width,
		.windows = { .window = tall(l),
			     .run = l->window * c,
			     .pitch = width * c,
			     .across = across * c,
			     .down = down * width * c,
			     .height = out.height, .width = out.width } };
}

/* The input with its rim of zeros; windows `stride` apart. */
static struct canvas canvas_in(const struct nn_layer *l)
{
	return canvas_make(l, lay(l, l->in), 2 * pad_tall(l), 2 * l->pad, true,
			   lay(l, l->out));
}

/* d_out with a rim so wide that a window of it belongs to each input pixel. */
static struct canvas canvas_back(const struct nn_layer *l)
{
	struct nn_shape in = lay(l, l->in);

	return canvas_make(l, (struct nn_shape){ in.height, in.width, l->units },
			   tall(l) - 1, l->window - 1, false, in);
}

/* Floats of a matrix in panels. */
static size_t packed(size_t rows, size_t cols)
{
	size_t panel = nn_conv_kernels_pick()->panel;

	return rows * ((cols + panel - 1) / panel * panel);
}

static size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* The convolution of forward as Winograd's; false: not one for it. */
static bool quick_in(const struct nn_layer *l, struct nn_winograd *w)
{
	*w = (struct nn_winograd){ .in = l->in, .out = l->out, .rim = l->pad,
				   .stride = 1 };
	return l->type == &nn_conv2d && l->window == 3 && l->stride == 1 &&
	       nn_winograd_fits(w);
}

/* That of d_out, whatever the stride: its zeros cost a quarter each. */
static bool quick_back(const struct nn_layer *l, struct nn_winograd *w)
{
	*w = (struct nn_winograd){ .in = l->out, .out = l->in,
				   .rim = 2 - l->pad, .stride = l->stride };
	return l->type == &nn_conv2d && l->window == 3 && nn_winograd_fits(w);
}

/* What the ways that are taken want beside the turned weights. */
static size_t scratch_of(const struct nn_layer *l)
{
	struct canvas in = canvas_in(l), back = canvas_back(l);
	struct nn_winograd w;
	size_t n = most(canvas_size(&in), canvas_size(&back)) +
		   most(packed(taps_of(l) * l->in.channels + 1, l->units),
			packed(l->out.height * l->out.width, l->units)) +
		   packed(taps_of(l) * l->units, l->in.channels);

	if (quick_in(l, &w))
		n = most(n, nn_winograd_scratch(&w));
	if (quick_back(l, &w))
		n = most(n, nn_winograd_scratch(&w));
	return n;
}

/* Parts of the scratch: W turned around, then a canvas, then packed weights (or
 * their gradient's d_out); or what Winograd's way wants. */
static void plan(struct nn_layer *l, size_t rows)
{
	struct nn_shape in = lay(l, l->in);

	(void)rows;
	assert(l->pad < l->window);
	assert(l->type != &nn_conv1d || l->in.width == 1);
	l->stride = l->stride ? l->stride : 1;
	assert(in.height + 2 * pad_tall(l) >= tall(l));
	assert(in.width + 2 * l->pad >= l->window);
	l->out = lay(l, (struct nn_shape){
		(in.height + 2 * pad_tall(l) - tall(l)) / stride_tall(l) + 1,
		(in.width + 2 * l->pad - l->window) / l->stride + 1,
		l->units });
	l->decayed = taps_of(l) * l->in.channels * l->units;
	l->params = l->decayed + l->units;
	l->scratch = l->decayed + scratch_of(l);
}

/* A unit reads window * window * channels values: that is its fan-in. */
static void init(const struct nn_layer *l, struct rng r, float *theta,
		 float *state)
{
	(void)state;
	nn_init_weights(l, taps_of(l) * l->in.channels, r, theta);
}

/* Where an image lies on a canvas: its first pixel, and how far apart. */
struct easel {
	size_t top, left, down, across;
};

static struct easel easel_in(const struct nn_layer *l)
{
	return (struct easel){ pad_tall(l), l->pad, 1, 1 };
}

static struct easel easel_back(const struct nn_layer *l)
{
	return (struct easel){ tall(l) - 1 - pad_tall(l), l->window - 1 - l->pad,
			       stride_tall(l), l->stride };
}

/* All else of the canvas stays as it is: zero since the pass began. */
static void paint(const struct canvas *c, struct nn_shape image, struct easel e,
		  const float *x, float *canvas)
{
	size_t k = c->channels, run = image.width * k;

	for (size_t y = 0; y < image.height; y++, x += run) {
		float *to = canvas + ((e.top + y * e.down) * c->width + e.left) * k;

		if (e.across == 1) {
			memcpy(to, x, run * sizeof(*x));
			continue;
		}
		for (size_t j = 0; j < image.width; j++)
			memcpy(to + j * e.across * k, x + j * k,
			       k * sizeof(*x));
	}
}

/* Weights are packed once a shard: a few thousand floats beside millions of
 * multiplications. The bias is where the sums begin, so adding it is free. */
static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct nn_conv_kernels *kernels = nn_conv_kernels_pick();
	struct canvas c = canvas_in(l);
	size_t fan_in = c.windows.window * c.windows.run;
	float *canvas = p->scratch, *w = canvas + canvas_size(&c);
	float *bias = w + packed(fan_in, l->units);
	struct nn_winograd quick;

	if (quick_in(l, &quick)) {
		nn_winograd_apply(&quick, p->rows, p->in, p->theta,
				  p->theta + l->decayed, p->out, p->scratch);
		return;
	}
	memset(canvas, 0, canvas_size(&c) * sizeof(*canvas));
	kernels->pack(p->theta, fan_in, l->units, w);
	kernels->pack(p->theta + l->decayed, 1, l->units, bias);
	for (size_t i = 0; i < p->rows; i++) {
		paint(&c, lay(l, l->in), easel_in(l), p->in + i * nn_shape_size(l->in),
		      canvas);
		kernels->apply(&c.windows, canvas, w, bias, l->units,
			       p->out + i * nn_shape_size(l->out));
	}
}

/* dW (window * window * channels, units) = the sum over images and pixels of
 * window' * d_out; db = the sum of d_out's rows. The canvas is painted again:
 * keeping that of forward for each image would take more memory than the
 * layer's output. */
static void backward_weights(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct nn_conv_kernels *kernels = nn_conv_kernels_pick();
	struct canvas c = canvas_in(l);
	size_t pixels = l->out.height * l->out.width;
	float *canvas = p->scratch, *d = canvas + canvas_size(&c);
	struct nn_winograd quick;

	nn_kernels_pick()->col_sum(p->d_out, p->rows * pixels, l->units,
				   p->grad + l->decayed);
	if (quick_in(l, &quick)) {
		nn_winograd_weigh(&quick, p->rows, p->in, p->d_out, p->grad,
				  p->scratch);
		return;
	}
	memset(canvas, 0, canvas_size(&c) * sizeof(*canvas));
	memset(p->grad, 0, l->decayed * sizeof(*p->grad));
	for (size_t i = 0; i < p->rows; i++) {
		paint(&c, lay(l, l->in), easel_in(l), p->in + i * nn_shape_size(l->in),
		      canvas);
		kernels->pack(p->d_out + i * pixels * l->units, pixels,
			      l->units, d);
		kernels->weigh(&c.windows, canvas, d, l->units, p->grad);
	}
}

/* W (taps, channels, units) -> (taps backwards, units, channels). */
static void turn(const struct nn_layer *l, const float *w, float *turned)
{
	size_t taps = taps_of(l), size = l->in.channels * l->units;

	for (size_t k = 0; k < taps; k++)
		for (size_t j = 0; j < l->in.channels; j++)
			for (size_t u = 0; u < l->units; u++)
				turned[(taps - 1 - k) * size +
				       u * l->in.channels + j] = *w++;
}

/* d_in = d_out, spread by the stride and rimmed by window - 1 - pad zeros,
 * convolved with the turned weights: each input pixel collects from all the
 * windows it was in. */
static void backward_input(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct nn_conv_kernels *kernels = nn_conv_kernels_pick();
	struct canvas c = canvas_back(l);
	size_t fan_in = c.windows.window * c.windows.run;
	float *turned = p->scratch, *canvas = turned + l->decayed;
	float *w = canvas + canvas_size(&c);
	struct nn_winograd quick;

	turn(l, p->theta, turned);
	if (quick_back(l, &quick)) {
		nn_winograd_apply(&quick, p->rows, p->d_out, turned, NULL,
				  p->d_in, canvas);
		return;
	}
	memset(canvas, 0, canvas_size(&c) * sizeof(*canvas));
	kernels->pack(turned, fan_in, l->in.channels, w);
	for (size_t i = 0; i < p->rows; i++) {
		paint(&c, lay(l, l->out), easel_back(l),
		      p->d_out + i * nn_shape_size(l->out), canvas);
		kernels->apply(&c.windows, canvas, w, NULL, l->in.channels,
			       p->d_in + i * nn_shape_size(l->in));
	}
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	backward_weights(l, p);
	if (p->d_in)
		backward_input(l, p);
}

const struct nn_layer_type nn_conv2d = {
	.name = "conv2d",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};

/* (positions, 1, channels): sequences and waves. */
const struct nn_layer_type nn_conv1d = {
	.name = "conv1d",
	.plan = plan,
	.init = init,
	.forward = forward,
	.backward = backward,
};
