/* Tiles of all images are taken in blocks: their values go to 36 planes (tiles,
 * channels), and each plane is one product on nn_conv_kernels' loops, for which
 * a tile is a window of one pixel. Tiles inside an image are read where they
 * lie; those across its rim from a patch with zeros around. */
#include "learners/nn/nn_winograd.h"

#include <string.h>

#include "learners/nn/nn_conv_kernels.h"
#include "learners/nn/nn_winograd_kernels.h"

/* Tiles in a block, at least: whole tiles of registers of the products, and few
 * enough that 36 planes of 64 channels stay in the second-level cache. */
#define BLOCK_TILES 24
/* Its tiles come in sixes, as the products' rows do. */
#define BLOCK_STEP 6
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

/* The planes of the weights go by once a block: where they are many, they must
 * not be more than those of the tiles. */
static size_t block_of(const struct nn_winograd *w)
{
	size_t a = w->in.channels, b = w->out.channels;
	size_t even = a * b / (a + b) / BLOCK_STEP * BLOCK_STEP;

	return even > BLOCK_TILES ? even : BLOCK_TILES;
}

static size_t most(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t patch_size(const struct nn_winograd *w)
{
	return WINOGRAD_READ * WINOGRAD_READ *
	       most(w->in.channels, w->out.channels);
}

/* Floats from a plane of `tiles` rows to the next, and of the weights'. */
static size_t plane_of(size_t tiles, size_t channels)
{
	return tiles * channels + GAP;
}

size_t nn_winograd_scratch(const struct nn_winograd *w)
{
	size_t in = w->in.channels, out = w->out.channels;

	return patch_size(w) + WINOGRAD_PLANES * (plane_of(block_of(w), in) +
						  plane_of(block_of(w), out) +
						  plane_of(in, out));
}

/* The scratch in parts, and the tiles at hand, counted over all images. */
struct room {
	float *patch;	  /* a tile with its zeros */
	float *from, *to; /* planes of in.channels and of out.channels */
	float *weights;	  /* planes (in.channels, out.channels) */
	size_t block, first, tiles;
};

static struct room room_of(const struct nn_winograd *w, float *scratch)
{
	struct room r = { .block = block_of(w), .patch = scratch };

	r.from = r.patch + patch_size(w);
	r.to = r.from + WINOGRAD_PLANES * plane_of(r.block, w->in.channels);
	r.weights = r.to + WINOGRAD_PLANES * plane_of(r.block, w->out.channels);
	return r;
}

/* Where tile `t` lies. */
struct spot {
	size_t image, row, col; /* of its first pixel */
};

static struct spot spot_of(const struct nn_winograd *w, const struct room *r,
			   size_t t)
{
	size_t k = (r->first + t) % tiles_of(w), across = tiles_across(w);

	return (struct spot){ .image = (r->first + t) / tiles_of(w),
			      .row = k / across * WINOGRAD_TILE,
			      .col = k % across * WINOGRAD_TILE };
}

/* Pixels, and the floats from one row of them to the next. */
struct square {
	const float *at;
	size_t pitch;
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The n x n pixels of x from `rim` above and left of (row, col) on: where they
 * lie, or, where some are outside, copied to `patch` with zeros for those. */
static struct square square_at(struct nn_shape s, const float *x, size_t row,
			       size_t col, size_t rim, size_t n, float *patch)
{
	size_t c = s.channels, top = row < rim ? rim - row : 0;
	size_t left = col < rim ? rim - col : 0;
	size_t bottom = least(n, s.height + rim - row);
	size_t right = least(n, s.width + rim - col);

	if (!top && !left && bottom == n && right == n)
		return (struct square){ x + ((row - rim) * s.width + col - rim) * c,
					s.width * c };
	memset(patch, 0, n * n * c * sizeof(*patch));
	for (size_t i = top; i < bottom; i++)
		memcpy(patch + (i * n + left) * c,
		       x + ((row + i - rim) * s.width + col + left - rim) * c,
		       (right - left) * c * sizeof(*patch));
	return (struct square){ patch, n * c };
}

/* Inputs of the tiles at hand -> planes (tiles, in.channels). */
static void read_images(const struct nn_winograd *w, const struct room *r,
			const float *x)
{
	const struct nn_winograd_kernels *maps = nn_winograd_kernels_pick();
	size_t c = w->in.channels;
	struct nn_planes to = { plane_of(r->tiles, c),
				nn_conv_kernels_pick()->panel };

	for (size_t t = 0; t < r->tiles; t++) {
		struct spot at = spot_of(w, r, t);
		struct square s = square_at(w->in,
					    x + at.image * nn_shape_size(w->in),
					    at.row, at.col, w->rim,
					    WINOGRAD_READ, r->patch);

		maps->input(s.at, s.pitch, c, &to, r->from + t * c);
	}
}

/* Slopes of the tiles at hand -> planes in panels (panels, tiles, panel). */
static void read_slopes(const struct nn_winograd *w, const struct room *r,
			const float *d)
{
	const struct nn_winograd_kernels *maps = nn_winograd_kernels_pick();
	size_t c = w->out.channels, panel = nn_conv_kernels_pick()->panel;
	struct nn_planes to = { plane_of(r->tiles, c), r->tiles * panel };

	for (size_t t = 0; t < r->tiles; t++) {
		struct spot at = spot_of(w, r, t);
		struct square s = square_at(w->out,
					    d + at.image * nn_shape_size(w->out),
					    at.row, at.col, 0, WINOGRAD_TILE,
					    r->patch);

		maps->slope(s.at, s.pitch, c, &to, r->to + t * panel);
	}
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
	r->tiles = least(r->block, all - r->first);
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
