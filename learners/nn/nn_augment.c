/* A change is drawn first and then applied pixel by pixel: which pixel (or point
 * between pixels) of the old row each one of the new row shows. */
#include "learners/nn/nn_augment.h"

#include <math.h>

/* Where each draw of a row lies in its stream. */
enum draw { SHIFT_DOWN, SHIFT_ACROSS, FLIP, CROP, CROP_DOWN, CROP_ACROSS,
	    TIME_WIDTH, TIME_PLACE, BINS_WIDTH, BINS_PLACE };

/* One axis: pixel k shows point from + scale * k, but for the masked ones. */
struct axis {
	size_t n;
	double from, scale;
	size_t mask_begin, mask_end;
};

bool nn_augment_on(const struct nn_augment *a)
{
	return a->shift > 0 || a->flip || a->crop > 0 || a->mask_time > 0 ||
	       a->mask_bins > 0;
}

/* A shift that would leave nothing of a short axis is cut to half of it. */
static double shift_of(const struct nn_augment *a, size_t n, struct rng r,
		       enum draw which)
{
	uint64_t most = a->shift > 0 ? (uint64_t)a->shift : 0;

	most = most < n / 2 ? most : n / 2;
	return (double)rng_below(r, which, 2 * most + 1) - (double)most;
}

static void mask(struct axis *x, double widest, struct rng r, enum draw which)
{
	size_t most = (size_t)(widest * (double)x->n);
	size_t width = (size_t)rng_below(r, which, most + 1);

	x->mask_begin = (size_t)rng_below(r, (uint64_t)which + 1,
					  x->n - width + 1);
	x->mask_end = x->mask_begin + width;
}

/* The window keeps both ends inside: a crop of side s starts in [0, 1 - s]. */
static struct axis axis_of(const struct nn_augment *a, size_t n, double side,
			   struct rng r, enum draw shift, enum draw crop)
{
	double room = (double)(n - 1) * (1.0 - side);

	return (struct axis){ .n = n, .scale = side,
			      .from = shift_of(a, n, r, shift) +
				      rng_uniform(r, crop) * room };
}

/* The point's two neighbours and the later one's share; beyond the rim it is
 * the rim's pixel. */
static void point(const struct axis *x, size_t k, size_t at[2], float *share)
{
	double p = x->from + x->scale * (double)k;

	p = fmin(fmax(p, 0.0), (double)(x->n - 1));
	at[0] = (size_t)p;
	at[1] = at[0] + 1 < x->n ? at[0] + 1 : at[0];
	*share = (float)(p - (double)at[0]);
}

static bool masked(const struct axis *x, size_t k)
{
	return k >= x->mask_begin && k < x->mask_end;
}

/* One pixel (i, j), all channels. */
static void show(const struct axis *down, const struct axis *across,
		 struct nn_shape s, const float *x, size_t i, size_t j,
		 float *to)
{
	size_t row[2], col[2];
	float low, right;

	point(down, i, row, &low);
	point(across, j, col, &right);
	for (size_t c = 0; c < s.channels; c++, x += s.height * s.width) {
		float top = x[row[0] * s.width + col[0]];
		float bottom = x[row[1] * s.width + col[0]];

		/* whole pixels are copied: 0 * an infinite neighbour is NaN */
		if (right > 0) {
			top += right * (x[row[0] * s.width + col[1]] - top);
			bottom += right * (x[row[1] * s.width + col[1]] - bottom);
		}
		to[c] = low > 0 ? top + low * (bottom - top) : top;
	}
}

static void scale(const float *gain, const float *shift, size_t channels,
		  bool hidden, float *to)
{
	for (size_t c = 0; c < channels; c++) {
		if (hidden)
			to[c] = 0.0f;
		else if (gain)
			to[c] = gain[c] * to[c] + shift[c];
	}
}

void nn_augment_row(const struct nn_augment *a, struct nn_shape s,
		    const float *gain, const float *shift, struct rng r,
		    const float *x, float *to)
{
	double side = 1.0 - a->crop * rng_uniform(r, CROP);
	bool flip = a->flip && rng_u32(r, FLIP) & 1;
	struct axis down = axis_of(a, s.height, side, r, SHIFT_DOWN, CROP_DOWN);
	struct axis across = axis_of(a, s.width, side, r, SHIFT_ACROSS,
				     CROP_ACROSS);

	mask(&down, a->mask_bins, r, BINS_WIDTH);
	mask(&across, a->mask_time, r, TIME_WIDTH);
	for (size_t i = 0; i < s.height; i++)
		for (size_t j = 0; j < s.width; j++, to += s.channels) {
			show(&down, &across, s, x, i,
			     flip ? s.width - 1 - j : j, to);
			scale(gain, shift, s.channels,
			      masked(&down, i) || masked(&across, j), to);
		}
}
