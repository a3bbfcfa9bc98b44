/* Depthwise convolutions have loops of their own, which go over channels. Other
 * groups are copied out one by one and run as a convolution of the group's own
 * channels and units, by whichever way is fast for it; the copies are little
 * beside the products of some channels.
 */
#include "learners/nn/nn_grouped.h"

#include <assert.h>
#include <string.h>

#include "learners/nn/nn_conv_kernels.h"

/* One group as a layer. */
static struct nn_layer part_of(const struct nn_layer *l)
{
	struct nn_layer part = *l;

	part.groups = 1;
	part.in.channels /= l->groups;
	part.units /= l->groups;
	part.type->plan(&part, 0);
	return part;
}

static bool depthwise(const struct nn_layer *l)
{
	return l->type == &nn_conv2d && l->groups == l->in.channels &&
	       l->groups == l->units;
}

/* Floats of the image with its rim. */
static size_t canvas_size(const struct nn_layer *l)
{
	return (l->in.height + 2 * l->pad) * (l->in.width + 2 * l->pad) *
	       l->in.channels;
}

void nn_grouped_plan(struct nn_layer *l, size_t rows)
{
	struct nn_layer part;

	assert(l->in.channels % l->groups == 0 && l->units % l->groups == 0);
	part = part_of(l);
	l->stride = part.stride;
	l->out = part.out;
	l->out.channels = l->units;
	l->decayed = part.decayed * l->groups;
	l->params = l->decayed + l->units;
	l->scratch = depthwise(l) ?
			     2 * canvas_size(l) :
			     part.scratch + 2 * part.params +
				     rows * (2 * nn_shape_size(part.in) +
					     nn_shape_size(part.out));
}

/* ------------------------------------------------------- group by group */

/* Columns of a matrix -> columns of another; pitches are floats a row. */
static void copy_columns(const float *from, size_t from_pitch, size_t rows,
			 size_t cols, float *to, size_t to_pitch)
{
	for (size_t i = 0; i < rows; i++)
		memcpy(to + i * to_pitch, from + i * from_pitch,
		       cols * sizeof(*to));
}

/* A group's own arrays. */
struct piece {
	struct nn_layer l;
	struct nn_pass p;
	float *in, *theta;
};

static struct piece piece_of(const struct nn_layer *l, const struct nn_pass *p)
{
	struct piece q = { .l = part_of(l), .p = *p, .in = p->scratch };
	size_t in = p->rows * nn_shape_size(q.l.in);

	q.p.in = q.in;
	q.p.d_in = p->d_in ? q.in + in : NULL;
	q.p.out = q.p.d_out = q.in + 2 * in;
	q.theta = q.p.out + p->rows * nn_shape_size(q.l.out);
	q.p.theta = q.theta;
	q.p.grad = q.theta + q.l.params;
	q.p.scratch = q.p.grad + q.l.params;
	return q;
}

static size_t pixels_in(const struct nn_layer *l, const struct nn_pass *p)
{
	return p->rows * l->in.height * l->in.width;
}

static size_t pixels_out(const struct nn_layer *l, const struct nn_pass *p)
{
	return p->rows * l->out.height * l->out.width;
}

/* Group g's channels and weights -> its own arrays. */
static void take(const struct nn_layer *l, const struct nn_pass *p, size_t g,
		 const struct piece *q)
{
	size_t c = q->l.in.channels, u = q->l.units;

	copy_columns(p->in + g * c, l->in.channels, pixels_in(l, p), c, q->in, c);
	copy_columns(p->theta + g * u, l->units, q->l.decayed / u, u, q->theta, u);
	memcpy(q->theta + q->l.decayed, p->theta + l->decayed + g * u,
	       u * sizeof(float));
}

static void part_forward(const struct nn_layer *l, const struct nn_pass *p, size_t g,
			 const struct piece *q)
{
	size_t u = q->l.units;

	take(l, p, g, q);
	q->l.type->forward(&q->l, &q->p);
	copy_columns(q->p.out, u, pixels_out(l, p), u, p->out + g * u, l->units);
}

static void part_backward(const struct nn_layer *l, const struct nn_pass *p,
			  size_t g, const struct piece *q)
{
	size_t c = q->l.in.channels, u = q->l.units;

	take(l, p, g, q);
	copy_columns(p->d_out + g * u, l->units, pixels_out(l, p), u, q->p.d_out, u);
	q->l.type->backward(&q->l, &q->p);
	copy_columns(q->p.grad, u, q->l.decayed / u, u, p->grad + g * u, l->units);
	memcpy(p->grad + l->decayed + g * u, q->p.grad + q->l.decayed,
	       u * sizeof(float));
	if (p->d_in)
		copy_columns(q->p.d_in, c, pixels_in(l, p), c, p->d_in + g * c,
			     l->in.channels);
}

/* ------------------------------------------------------------- depthwise */

static struct nn_windows windows_of(const struct nn_layer *l)
{
	size_t c = l->in.channels, pitch = (l->in.width + 2 * l->pad) * c;

	return (struct nn_windows){ .window = l->window, .run = l->window * c,
				    .pitch = pitch, .across = l->stride * c,
				    .down = l->stride * pitch,
				    .height = l->out.height,
				    .width = l->out.width };
}

/* Where the image begins on its canvas. */
static float *inside(const struct nn_layer *l, const struct nn_windows *s,
		     float *canvas)
{
	return canvas + l->pad * s->pitch + l->pad * l->in.channels;
}

/* Row i onto a canvas whose rim is zero. */
static void paint(const struct nn_layer *l, const struct nn_windows *s,
		  const struct nn_pass *p, size_t i, float *canvas)
{
	size_t run = l->in.width * l->in.channels;

	copy_columns(p->in + i * nn_shape_size(l->in), run, l->in.height, run,
		     inside(l, s, canvas), s->pitch);
}

static void depth_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct nn_windows s = windows_of(l);

	memset(p->scratch, 0, canvas_size(l) * sizeof(float));
	for (size_t i = 0; i < p->rows; i++) {
		paint(l, &s, p, i, p->scratch);
		nn_conv_kernels_pick()->depth(&s, p->scratch, p->theta,
					      p->theta + l->decayed, l->units,
					      p->out + i * nn_shape_size(l->out));
	}
}

static void depth_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	const struct nn_conv_kernels *kernels = nn_conv_kernels_pick();
	struct nn_windows s = windows_of(l);
	size_t size = canvas_size(l), run = l->in.width * l->in.channels;
	float *canvas = p->scratch, *slope = canvas + size;

	nn_kernels_pick()->col_sum(p->d_out, pixels_out(l, p), l->units,
				   p->grad + l->decayed);
	memset(p->grad, 0, l->decayed * sizeof(float));
	memset(canvas, 0, size * sizeof(float));
	for (size_t i = 0; i < p->rows; i++) {
		const float *d = p->d_out + i * nn_shape_size(l->out);

		paint(l, &s, p, i, canvas);
		kernels->depth_weigh(&s, canvas, d, l->units, p->grad);
		if (!p->d_in)
			continue;
		memset(slope, 0, size * sizeof(float));
		kernels->depth_back(&s, p->theta, d, l->units, slope);
		copy_columns(inside(l, &s, slope), s.pitch, l->in.height, run,
			     p->d_in + i * nn_shape_size(l->in), run);
	}
}

void nn_grouped_forward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct piece q;

	if (depthwise(l)) {
		depth_forward(l, p);
		return;
	}
	q = piece_of(l, p);
	for (size_t g = 0; g < l->groups; g++)
		part_forward(l, p, g, &q);
}

void nn_grouped_backward(const struct nn_layer *l, const struct nn_pass *p)
{
	struct piece q;

	if (depthwise(l)) {
		depth_backward(l, p);
		return;
	}
	q = piece_of(l, p);
	for (size_t g = 0; g < l->groups; g++)
		part_backward(l, p, g, &q);
}
