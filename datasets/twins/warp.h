/* A strictly increasing map of floats that bends between given values.
 *
 * Knots are the distinct finite values of a sample. The map takes each to a
 * float of its own, two steps apart at least, and is affine between
 * neighbours; a value strictly between two knots comes out strictly between
 * their images, always, because rounding is undone by a step. So whatever
 * compares any value with a value of the sample (a decision tree does nothing
 * else) cannot tell the map from the identity, bit for bit. Two values between
 * the same knots keep their order but may become equal by rounding. Midpoints
 * of neighbours stay midpoints, but for rounding.
 */
#ifndef TRIARCH_WARP_H
#define TRIARCH_WARP_H

#include <stdbool.h>

#include "harness/base/arena.h"

enum warp_shape { WARP_CUBE, WARP_ROOT, WARP_EXP, WARP_LOGISTIC, WARP_SHAPES };

struct warp {
	size_t n;	  /* knots; 0: the identity */
	float *from, *to; /* (n) both strictly ascending */
};

/* Room for `count` values. ERR_MEMORY. */
int warp_init(struct warp *w, size_t count, struct arena *a, struct error *err);

/* Fit on finite values[0..count), which are sorted in place: s |s|^2, the cube
 * root, exp or the logistic function of the standardised value s. Allocates
 * nothing. */
void warp_fit(struct warp *w, float *values, size_t count, enum warp_shape shape);

/* The image of a value; NaN and infinities are their own. */
float warp_apply(const struct warp *w, float x);

/* The way back: exact at the knots, within rounding between them. */
float warp_invert(const struct warp *w, float y);

#endif
