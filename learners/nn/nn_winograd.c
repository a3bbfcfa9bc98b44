/* Images are laid on a canvas of whole tiles one by one, their tiles' values go
 * to 36 planes (tiles, channels), and each plane is one product on
 * nn_conv_kernels' loops, for which a tile is a window of one pixel. */
#include "learners/nn/nn_winograd.h"

#include <string.h>

#include "learners/nn/nn_conv_kernels.h"
#include "learners/nn/nn_winograd_kernels.h"

/* Tiles in a block: whole tiles of registers of the products, and few enough
 * that 36 planes of 64 channels stay in the second-level cache. */
#define BLOCK_TILES 24
/* Floats between planes: a tile's 36 values must not all fall in one set of the
 * first-level cache, as multiples of 4 KiB do. */
#define GAP 16

static size_t tiles_down(const struct nn_winograd *w)
{
	return (w->out.height + WINOGRAD_TILE - 1) / WINOGRAD_TILE;
}

static size_t tiles_across(const struct nn_winograd *w)
{
	return (w->out.width + WINOGRAD_TILE - 1) / WINOGRAD_TILE;
}

static size_t tiles_of(const struct nn_winograd *w)
{
	return tiles_down(w) * tiles_across(w);
}

/* Tiles that are less than half full save nothing beside their maps. */
bool nn_winograd_fits(const struct nn_winograd *w)
{
	size_t panel = nn_conv_kernels_pick()->panel, tiles = tiles_of(w);

	if (!tiles || w->in.channels % panel || w->out.channels % panel ||
	    2 * w->out.height * w->out.width <
		    tiles * WINOGRAD_TILE * WINOGRAD_TILE)
		return false;
	return true;
}

/* Floats of the canvas of whole tiles, `rim` pixels wider than they are. */
static size_t canvas_size(const struct nn_winograd *w, size_t rim,
			  size_t channels)
{
	return (tiles_down(w) * WINOGRAD_TILE + rim) *
	       (tiles_across(w) * WINOGRAD_TILE + rim) * channels;
}

/* Floats from a plane of `tiles` rows to the next, and of the weights'. */
static size_t plane_of(size_t tiles, size_t channels)
{
	return tiles * channels + GAP;
}

size_t nn_winograd_scratch(const struct nn_winograd *w)
{
	size_t in = w->in.channels, out = w->out.channels;

	return canvas_size(w, 2, in) + canvas_size(w, 0, out) +
	       WINOGRAD_PLANES * (plane_of(BLOCK_TILES, in) +
				  plane_of(BLOCK_TILES, out) +
				  plane_of(in, out));
}

/* The scratch in parts, and the tiles at hand, counted over all images. */
struct room {
	float *in, *out;    /* the canvases */
	float *from, *to;   /* planes of in.channels and of out.channels */
	float *weights;	    /* planes (in.channels, out.channels) */
	size_t first, tiles;
};

/* Both canvases become zero, and stay so where no image is painted. */
static struct room room_of(const struct nn_winograd *w, float *scratch)
{
	size_t in = canvas_size(w, 2, w->in.channels);
	size_t out = canvas_size(w, 0, w->out.channels);
	struct room r = { .in = scratch, .out = scratch + in };

	memset(scratch, 0, (in + out) * sizeof(*scratch));
	r.from = r.out + out;
	r.to = r.from + WINOGRAD_PLANES * plane_of(BLOCK_TILES, w->in.channels);
	r.weights = r.to +
		    WINOGRAD_PLANES * plane_of(BLOCK_TILES, w->out.channels);
	return r;
}

/* An image's pixels, `stride` apart from (rim, rim) on, `pitch` floats a row. */
static void paint(struct nn_shape image, size_t rim, size_t stride, size_t pitch,
		  const float *x, float *canvas)
{
	size_t c = image.channels, run = image.width * c;

	for (size_t y = 0; y < image.height; y++, x += run) {
		float *to = canvas + (rim + y * stride) * pitch + rim * c;

		if (stride == 1)
			memcpy(to, x, run * sizeof(*x));
		else
			for (size_t j = 0; j < image.width; j++)
				memcpy(to + j * stride * c, x + j * c,
				       c * sizeof(*x));
	}
}

/* Where tile `t` lies. */
struct spot {
	size_t image, row, col; /* of its first pixel */
	bool fresh; /* the first one at hand of its image */
};

static struct spot spot_of(const struct nn_winograd *w, const struct room *r,
			   size_t t)
{
	size_t k = (r->first + t) % tiles_of(w), across = tiles_across(w);

	return (struct spot){ .image = (r->first + t) / tiles_of(w),
			      .row = k / across * WINOGRAD_TILE,
			      .col = k % across * WINOGRAD_TILE,
			      .fresh = !k || !t };
}

/* Inputs of the tiles at hand -> planes (tiles, in.channels). */
static void read_images(const struct nn_winograd *w, const struct room *r,
			const float *x)
{
	const struct nn_winograd_kernels *maps = nn_winograd_kernels_pick();
	size_t c = w->in.channels;
	size_t pitch = (tiles_across(w) * WINOGRAD_TILE + 2) * c;
	struct nn_planes to = { plane_of(r->tiles, c),
				nn_conv_kernels_pick()->panel };

	for (size_t t = 0; t < r->tiles; t++) {
		struct spot at = spot_of(w, r, t);

		if (at.fresh)
			paint(w->in, w->rim, w->stride, pitch,
			      x + at.image * nn_shape_size(w->in), r->in);
		maps->input(r->in + at.row * pitch + at.col * c, pitch, c, &to,
			    r->from + t * c);
	}
}

/* Slopes of the tiles at hand -> planes in panels (panels, tiles, panel). */
static void read_slopes(const struct nn_winograd *w, const struct room *r,
			const float *d)
{
	const struct nn_winograd_kernels *maps = nn_winograd_kernels_pick();
	size_t c = w->out.channels, panel = nn_conv_kernels_pick()->panel;
	size_t pitch = tiles_across(w) * WINOGRAD_TILE * c;
	struct nn_planes to = { plane_of(r->tiles, c), r->tiles * panel };

	for (size_t t = 0; t < r->tiles; t++) {
		struct spot at = spot_of(w, r, t);

		if (at.fresh)
			paint(w->out, 0, 1, pitch,
			      d + at.image * nn_shape_size(w->out), r->out);
		maps->slope(r->out + at.row * pitch + at.col * c, pitch, c, &to,
			    r->to + t * panel);
	}
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* planes (tiles, out.channels) -> images, cut to their size. */
static void write_images(const struct nn_winograd *w, const struct room *r,
			 const float *bias, float *y)
{
	const struct nn_winograd_kernels *maps = nn_winograd_kernels_pick();
	size_t c = w->out.channels, pitch = w->out.width * c;

	for (size_t t = 0; t < r->tiles; t++) {
		struct spot at = spot_of(w, r, t);

		maps->output(r->to + t * c, plane_of(r->tiles, c), bias, c,
			     least(WINOGRAD_TILE, w->out.height - at.row),
			     least(WINOGRAD_TILE, w->out.width - at.col), pitch,
			     y + at.image * nn_shape_size(w->out) +
				     at.row * pitch + at.col * c);
	}
}

/* Tiles as windows of one pixel: a plane's product is a convolution 1 x 1. */
static struct nn_windows rows_of(size_t tiles, size_t channels)
{
	return (struct nn_windows){ .window = 1, .run = channels,
				    .across = channels, .height = 1,
				    .width = tiles };
}

/* The next tiles of all; false: that was the last. */
static bool next_block(struct room *r, size_t all)
{
	r->first += r->tiles;
	r->tiles = least(BLOCK_TILES, all - r->first);
	return r->tiles;
}

void nn_winograd_apply(const struct nn_winograd *w, size_t rows, const float *x,
		       const float *weights, const float *bias, float *y,
		       float *scratch)
{
	const struct nn_conv_kernels *kernels = nn_conv_kernels_pick();
	struct room r = room_of(w, scratch);
	size_t in = w->in.channels, out = w->out.channels;

	nn_winograd_kernels_pick()->weights(weights, in, out, plane_of(in, out),
					    r.weights);
	while (next_block(&r, rows * tiles_of(w))) {
		struct nn_windows s = rows_of(r.tiles, in);

		read_images(w, &r, x);
		for (size_t k = 0; k < WINOGRAD_PLANES; k++)
			kernels->apply(&s, r.from + k * plane_of(r.tiles, in),
				       r.weights + k * plane_of(in, out), NULL,
				       out, r.to + k * plane_of(r.tiles, out));
		write_images(w, &r, bias, y);
	}
}

void nn_winograd_weigh(const struct nn_winograd *w, size_t rows, const float *x,
		       const float *d, float *grad, float *scratch)
{
	const struct nn_conv_kernels *kernels = nn_conv_kernels_pick();
	struct room r = room_of(w, scratch);
	size_t in = w->in.channels, out = w->out.channels;
	size_t plane = plane_of(in, out);

	memset(r.weights, 0, WINOGRAD_PLANES * plane * sizeof(*r.weights));
	while (next_block(&r, rows * tiles_of(w))) {
		struct nn_windows s = rows_of(r.tiles, in);

		read_images(w, &r, x);
		read_slopes(w, &r, d);
		for (size_t k = 0; k < WINOGRAD_PLANES; k++)
			kernels->weigh(&s, r.from + k * plane_of(r.tiles, in),
				       r.to + k * plane_of(r.tiles, out), out,
				       r.weights + k * plane);
	}
	nn_winograd_kernels_pick()->grad(r.weights, plane, in * out, grad);
}
