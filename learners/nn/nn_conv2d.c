/* Convolution of a channels-last image: each output pixel is its window, read
 * as one row, times W (window * window * channels, units), plus the bias. conv1d
 * is the same over positions (positions, 1, channels), which are laid on their
 * side: an image of one row, so that a window is one run of floats.
 *
 * Windows of 3 x 3 on whole panels of channels take Winograd's way
 * (nn_winograd.h), which halves the time. Else:
 *
 * Images go one by one, each with a rim of zeros, through nn_conv_kernels. The
 * gradient of the input is a convolution too, of d_out with W turned around and
 * transposed (Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep
 * learning", section 4), so that forward and backward share one fast loop. With
 * a stride s they would spread d_out out with zeros, s * s times as much work;
 * here the input's pixels fall in s * s phases instead, each of which is met by
 * its own taps of W alone, and so is a convolution one apart.
 */
#include <assert.h>
#include <string.h>

#include "learners/nn/nn_conv_kernels.h"
#include "learners/nn/nn_grouped.h"
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

static size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* An image with a rim, and the windows on it. */
struct canvas {
	struct nn_windows windows;
	size_t channels, height, width; /* with the rim */
	size_t top, left;		/* where the image begins */
};

/* Floats of the whole canvas. */
static size_t canvas_size(const struct canvas *c)
{
	return c->channels * c->height * c->width;
}

/* The input with its rim of zeros; windows `stride` apart. */
static struct canvas canvas_in(const struct nn_layer *l)
{
	struct nn_shape in = lay(l, l->in), out = lay(l, l->out);
	size_t c = in.channels, width = in.width + 2 * l->pad;

	return (struct canvas){
		.channels = c, .width = width,
		.height = in.height + 2 * pad_tall(l),
		.top = pad_tall(l), .left = l->pad,
		.windows = { .window = tall(l),
			     .run = l->window * c,
			     .pitch = width * c,
			     .across = l->stride * c,
			     .down = stride_tall(l) * width * c,
			     .height = out.height, .width = out.width } };
}

/* d_out with rims for the windows of all phases. */
static struct canvas canvas_back(const struct nn_layer *l)
{
	struct nn_shape in = lay(l, l->in), out = lay(l, l->out);
	size_t top = (tall(l) - 1) / stride_tall(l);
	size_t left = (l->window - 1) / l->stride;

	return (struct canvas){
		.channels = l->units, .top = top, .left = left,
		.height = top + most(out.height,
				     (in.height - 1 + pad_tall(l)) /
						     stride_tall(l) + 1),
		.width = left + most(out.width,
				     (in.width - 1 + l->pad) / l->stride + 1) };
}

/* In one direction: the pixels whose place in windows is `at` modulo the stride. */
struct phase {
	size_t taps;  /* of the window that meet them: at, at + stride ... */
	size_t first; /* pixel of the input; the next is a stride on */
	size_t count;
	size_t begin; /* the first one's window, on canvas_back */
};

static struct phase phase_of(size_t at, size_t stride, size_t window, size_t pad,
			     size_t size)
{
	struct phase p = { .taps = (window - at + stride - 1) / stride,
			   .first = (at + stride - pad % stride) % stride };

	if (at >= window)
		p.taps = 0;
	if (size > p.first)
		p.count = (size - p.first + stride - 1) / stride;
	p.begin = (window - 1) / stride + (p.first + pad - at) / stride + 1 - p.taps;
	return p;
}

static struct phase phase_down(const struct nn_layer *l, size_t at)
{
	return phase_of(at, stride_tall(l), tall(l), pad_tall(l),
			lay(l, l->in).height);
}

static struct phase phase_across(const struct nn_layer *l, size_t at)
{
	return phase_of(at, l->stride, l->window, l->pad, lay(l, l->in).width);
}

/* Floats of a matrix in panels. */
static size_t packed(size_t rows, size_t cols)
{
	size_t panel = nn_conv_kernels_pick()->panel;

	return rows * ((cols + panel - 1) / panel * panel);
}

/* The convolution of forward as Winograd's; false: not one for it. */
static bool quick_in(const struct nn_layer *l, struct nn_winograd *w)
{
	*w = (struct nn_winograd){ .in = l->in, .out = l->out, .rim = l->pad };
	return l->type == &nn_conv2d && l->window == 3 && l->stride == 1 &&
	       nn_winograd_fits(w);
}

/* That of d_out. */
static bool quick_back(const struct nn_layer *l, struct nn_winograd *w)
{
	*w = (struct nn_winograd){ .in = l->out, .out = l->in,
				   .rim = 2 - l->pad };
	return l->type == &nn_conv2d && l->window == 3 && l->stride == 1 &&
	       nn_winograd_fits(w);
}

/* What the ways that are taken want beside the turned weights. */
static size_t scratch_of(const struct nn_layer *l)
{
	struct canvas in = canvas_in(l), back = canvas_back(l);
	struct nn_winograd w;
	size_t forth = canvas_size(&in) +
		       most(packed(taps_of(l) * l->in.channels + 1, l->units),
			    packed(l->out.height * l->out.width, l->units));
	size_t n = most(forth, canvas_size(&back) + nn_shape_size(l->in) +
				       packed(taps_of(l) * l->units,
					      l->in.channels));

	if (quick_in(l, &w))
		n = most(n, nn_winograd_scratch(&w));
	if (quick_back(l, &w))
		n = most(n, nn_winograd_scratch(&w));
	return n;
}

/* Parts of the scratch: W turned around, then a canvas, then packed weights (or
 * their gradient's d_out) and a phase of d_in; or what Winograd's way wants. */
static void plan(struct nn_layer *l, size_t rows)
{
	struct nn_shape in = lay(l, l->in);

	if (nn_grouped(l)) {
		nn_grouped_plan(l, rows);
		return;
	}
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

/* A unit reads window * window values of each of its group's channels: that is
 * its fan-in. */
static void init(const struct nn_layer *l, struct rng r, float *theta,
		 float *state)
{
	(void)state;
	nn_init_weights(l, l->decayed / l->units, r, theta);
}

/* All else of the canvas stays as it is: zero since the pass began. */
static void paint(const struct canvas *c, struct nn_shape image, const float *x,
		  float *canvas)
{
	size_t run = image.width * c->channels;

	canvas += (c->top * c->width + c->left) * c->channels;
	for (size_t y = 0; y < image.height; y++, x += run)
		memcpy(canvas + y * c->width * c->channels, x, run * sizeof(*x));
}

/* Weights are packed once a shard: a few thousand floats beside millions of
 * multiplications. The bias is where the sums begin, so adding it is free. */
static void forward_whole(const struct nn_layer *l, const struct nn_pass *p)
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
		paint(&c, lay(l, l->in), p->in + i * nn_shape_size(l->in), canvas);
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
		paint(&c, lay(l, l->in), p->in + i * nn_shape_size(l->in), canvas);
		kernels->pack(p->d_out + i * pixels * l->units, pixels,
			      l->units, d);
		kernels->weigh(&c.windows, canvas, d, l->units, p->grad);
	}
}

/* One tap of W (channels, units) -> (units, channels). */
static void transpose(const struct nn_layer *l, const float *w, float *to)
{
	for (size_t j = 0; j < l->in.channels; j++)
		for (size_t u = 0; u < l->units; u++)
			to[u * l->in.channels + j] = *w++;
}

/* W (taps, channels, units) -> phase by phase (its taps backwards, units,
 * channels). */
static void turn(const struct nn_layer *l, const float *w, float *turned)
{
	size_t size = l->in.channels * l->units, s = stride_tall(l);

	for (size_t k = 0; k < s * l->stride; k++) {
		size_t a = k / l->stride, b = k % l->stride;
		size_t down = phase_down(l, a).taps, across = phase_across(l, b).taps;

		for (size_t t = down * across; t-- > 0; turned += size) {
			size_t y = a + t / across * s;
			size_t x = b + t % across * l->stride;

			transpose(l, w + (y * l->window + x) * size, turned);
		}
	}
}

/* The pixels of one phase, (phase, channels) -> their places in d_in. */
static void spread(const struct nn_layer *l, const struct phase *down,
		   const struct phase *across, const float *x, float *d_in)
{
	size_t c = l->in.channels, width = lay(l, l->in).width;

	for (size_t i = 0; i < down->count; i++) {
		float *to = d_in + ((down->first + i * stride_tall(l)) * width +
				    across->first) * c;

		for (size_t j = 0; j < across->count; j++, x += c)
			memcpy(to + j * l->stride * c, x, c * sizeof(*x));
	}
}

/* Phase k of one image: d_out on its canvas -> d_in, by way of `pixels` where
 * there are other phases between. Pixels that no window meets get zeros. Returns
 * how far it went through the packed weights. */
static size_t phase_back(const struct nn_layer *l, const struct canvas *c, size_t k,
			 const float *canvas, const float *w, float *pixels,
			 float *d_in)
{
	struct phase down = phase_down(l, k / l->stride);
	struct phase across = phase_across(l, k % l->stride);
	bool alone = l->stride * stride_tall(l) == 1;
	struct nn_windows s = { .window = down.taps,
				.run = across.taps * c->channels,
				.pitch = c->width * c->channels,
				.across = c->channels,
				.down = c->width * c->channels,
				.height = down.count, .width = across.count };
	size_t fan_in = s.window * s.run, n = s.height * s.width * l->in.channels;

	if (!n)
		return packed(fan_in, l->in.channels);
	if (fan_in)
		nn_conv_kernels_pick()->apply(
			&s, canvas + (down.begin * c->width + across.begin) *
					     c->channels,
			w, NULL, l->in.channels, alone ? d_in : pixels);
	else
		memset(pixels, 0, n * sizeof(*pixels));
	if (!alone)
		spread(l, &down, &across, pixels, d_in);
	return packed(fan_in, l->in.channels);
}

/* Turned weights -> panels, phase by phase. */
static void pack_phases(const struct nn_layer *l, const float *turned, float *w)
{
	for (size_t k = 0; k < stride_tall(l) * l->stride; k++) {
		size_t fan_in = phase_down(l, k / l->stride).taps *
				phase_across(l, k % l->stride).taps * l->units;

		nn_conv_kernels_pick()->pack(turned, fan_in, l->in.channels, w);
		turned += fan_in * l->in.channels;
		w += packed(fan_in, l->in.channels);
	}
}

/* d_in = d_out, rimmed by zeros, convolved with the turned weights: each input
 * pixel collects from all the windows it was in. */
static void backward_input(const struct nn_layer *l, const struct nn_pass *p)
{
	struct canvas c = canvas_back(l);
	float *turned = p->scratch, *canvas = turned + l->decayed;
	float *pixels = canvas + canvas_size(&c);
	float *packs = pixels + nn_shape_size(l->in);
	struct nn_winograd quick;

	turn(l, p->theta, turned);
	if (quick_back(l, &quick)) {
		nn_winograd_apply(&quick, p->rows, p->d_out, turned, NULL,
				  p->d_in, canvas);
		return;
	}
	memset(canvas, 0, canvas_size(&c) * sizeof(*canvas));
	pack_phases(l, turned, packs);
	for (size_t i = 0; i < p->rows; i++) {
		const float *w = packs;

		paint(&c, lay(l, l->out), p->d_out + i * nn_shape_size(l->out), canvas);
		for (size_t k = 0; k < stride_tall(l) * l->stride; k++)
			w += phase_back(l, &c, k, canvas, w, pixels,
					p->d_in + i * nn_shape_size(l->in));
	}
}

static void forward(const struct nn_layer *l, const struct nn_pass *p)
{
	if (nn_grouped(l))
		nn_grouped_forward(l, p);
	else
		forward_whole(l, p);
}

static void backward(const struct nn_layer *l, const struct nn_pass *p)
{
	if (nn_grouped(l)) {
		nn_grouped_backward(l, p);
		return;
	}
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
