/* What stood for pictures before nets did, and the fair front end for learners
 * that have no convolution of their own. */
#include "datasets/views/hog.h"

#include <math.h>
#include <string.h>

#define PIXELS_A_CELL 4.0
#define CELLS_MOST    7.0
#define CELLS_LONG    28 /* bounds the features of a panorama */
#define BLOCK	      2
#define CUT	      0.2f
/* A block whose edges are weaker than a hundredth of black to white is mostly
 * noise; it is not blown up to length 1. */
#define LEAST 0.01f

/* Cells along one side, of about `size` pixels. */
static size_t count_cells(size_t side, double size)
{
	size_t n = (size_t)lround((double)side / size);

	return n < 1 ? 1 : n > CELLS_LONG ? CELLS_LONG : n;
}

/* Cells along a block, and how many blocks there are along n cells. */
static size_t block_cells(size_t n)
{
	return n < BLOCK ? n : BLOCK;
}

/* Blocks overlap: they step by one cell, as in Dalal & Triggs 2005. */
static size_t block_places(size_t n)
{
	return n - block_cells(n) + 1;
}

/* Cells, not pixels, decide how long a row is: pictures of any size give some
 * thousand features, and a thumbnail has as many as its original. */
void hog_init(struct hog *h, size_t channels, size_t height, size_t width,
	      size_t bins)
{
	double shorter = (double)(height < width ? height : width);
	double size = fmax(PIXELS_A_CELL, shorter / CELLS_MOST);

	*h = (struct hog){ .channels = channels, .height = height,
			   .width = width, .bins = bins };
	h->rows = count_cells(height, size);
	h->cols = count_cells(width, size);
	h->features = block_places(h->rows) * block_places(h->cols) *
		      block_cells(h->rows) * block_cells(h->cols) * bins;
}

/* One histogram a cell. */
size_t hog_scratch(const struct hog *h)
{
	return h->rows * h->cols * h->bins;
}

/* A vote's share: `first` (of n) gets 1 - second's, `second` the rest. */
struct share {
	size_t first, second;
	float rest;
};

/* Between the centres k + 1/2 of n bins; `at` in [0, n]. Outside the outermost
 * centres the border cell gets all: light from beyond the picture there is
 * none. */
static struct share share_cells(double at, size_t n)
{
	double x = at - 0.5;
	size_t k;

	if (x <= 0)
		return (struct share){ 0, 0, 0 };
	k = (size_t)x;
	if (k >= n - 1)
		return (struct share){ n - 1, n - 1, 0 };
	return (struct share){ k, k + 1, (float)(x - (double)k) };
}

/* The same on a circle: the last direction is beside the first. */
static struct share share_bins(double at, size_t n)
{
	double x = at < 0.5 ? at - 0.5 + (double)n : at - 0.5;
	size_t k = (size_t)x;

	return (struct share){ k % n, (k + 1) % n, (float)(x - (double)k) };
}

/* One number a pixel: the steps of the strongest channel, 0 to 1 each. */
struct gradient {
	float dx, dy, square;
};

/* No smoothing before: Dalal & Triggs found the plain [-1, 0, 1] best. A blank
 * border would be an edge, hence its pixels are repeated outwards. */
static struct gradient gradient_at(const struct hog *h, const uint8_t *pixels,
				   size_t y, size_t x)
{
	size_t up = y ? y - 1 : 0, left = x ? x - 1 : 0;
	size_t down = y + 1 < h->height ? y + 1 : y;
	size_t right = x + 1 < h->width ? x + 1 : x;
	struct gradient best = { 0, 0, 0 };

	for (size_t c = 0; c < h->channels; c++) {
		const uint8_t *p = pixels + c * h->height * h->width;
		struct gradient g = {
			.dx = (float)(p[y * h->width + right] -
				      p[y * h->width + left]) / 255,
			.dy = (float)(p[down * h->width + x] -
				      p[up * h->width + x]) / 255,
		};

		g.square = g.dx * g.dx + g.dy * g.dy;
		if (g.square > best.square)
			best = g;
	}
	return best;
}

/* v split between two directions of one cell. */
static void vote(float *cell, const struct share *bin, float v)
{
	cell[bin->first] += v * (1 - bin->rest);
	cell[bin->second] += v * bin->rest;
}

/* The vote of one pixel, to the four cells around it. */
static void vote_pixel(const struct hog *h, const struct gradient *g,
		       const struct share *row, const struct share *col,
		       float *votes)
{
	double turn = atan2((double)g->dy, (double)g->dx) / M_PI; /* -1 .. 1 */
	struct share bin;
	float v = sqrtf(g->square), low = v * (1 - row->rest);
	float *first = votes + row->first * h->cols * h->bins;
	float *second = votes + row->second * h->cols * h->bins;

	/* -1 .. 1 becomes 0 .. 1: a direction and its opposite are one, so that
	 * dark on light is the same as light on dark */
	turn = turn < 0 ? turn + 1 : turn >= 1 ? 0 : turn;
	bin = share_bins(turn * (double)h->bins, h->bins);
	vote(first + col->first * h->bins, &bin, low * (1 - col->rest));
	vote(first + col->second * h->bins, &bin, low * col->rest);
	low = v * row->rest;
	vote(second + col->first * h->bins, &bin, low * (1 - col->rest));
	vote(second + col->second * h->bins, &bin, low * col->rest);
}

/* The middle of pixel `at` of `side`, counted in cells of which there are n. */
static struct share place(size_t at, size_t side, size_t n)
{
	return share_cells(((double)at + 0.5) * (double)n / (double)side, n);
}

/* To length 1, or less where there is hardly anything. */
static void scale_block(float *v, size_t n)
{
	float square = LEAST * LEAST, scale;

	for (size_t k = 0; k < n; k++)
		square += v[k] * v[k];
	scale = 1 / sqrtf(square);
	for (size_t k = 0; k < n; k++)
		v[k] *= scale;
}

/* L2-Hys: one strong edge must not silence all others of its block. */
static void normalise(float *v, size_t n)
{
	scale_block(v, n);
	for (size_t k = 0; k < n; k++)
		v[k] = v[k] > CUT ? CUT : v[k];
	scale_block(v, n);
}

/* Blocks in reading order, each a copy of its cells. */
static void write_blocks(const struct hog *h, const float *votes, float *out)
{
	size_t high = block_cells(h->rows), wide = block_cells(h->cols);
	size_t run = wide * h->bins;

	for (size_t y = 0; y < block_places(h->rows); y++) {
		for (size_t x = 0; x < block_places(h->cols); x++) {
			for (size_t k = 0; k < high; k++)
				memcpy(out + k * run,
				       votes + ((y + k) * h->cols + x) * h->bins,
				       run * sizeof(*out));
			normalise(out, high * run);
			out += high * run;
		}
	}
}

/* Shares along a row or column of pixels are the same for all of it; those of
 * rows are found once a row. Flat pixels, most of many pictures, vote nothing.
 */
void hog_fill(const struct hog *h, const uint8_t *pixels, float *scratch,
	      float *out)
{
	memset(scratch, 0, hog_scratch(h) * sizeof(*scratch));
	for (size_t y = 0; y < h->height; y++) {
		struct share row = place(y, h->height, h->rows);

		for (size_t x = 0; x < h->width; x++) {
			struct gradient g = gradient_at(h, pixels, y, x);
			struct share col = place(x, h->width, h->cols);

			if (g.square > 0)
				vote_pixel(h, &g, &row, &col, scratch);
		}
	}
	write_blocks(h, scratch, out);
}
