/* The shape says where a knot should go; the steps of floats decide where it
 * may. A shape that is flat somewhere (exp far left, logistic at both ends)
 * would take many knots to one float: they are pushed apart, upwards. */
#include "datasets/twins/warp.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Room for `count` different values, filled by warp_fit: the arena has one user, the
 * fits may run on threads. */
int warp_init(struct warp *w, size_t count, struct arena *a, struct error *err)
{
	w->n = 0;
	w->from = ARENA_RAW(a, float, count);
	w->to = ARENA_RAW(a, float, count);
	return w->from && w->to ? 0 : arena_error(a, err);
}

/* The caller has left out NaN, which has no place in an order. */
static int by_value(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

/* s is in standard deviations from the mean. Every shape rises everywhere in exact
 * arithmetic; where floats make it flat, place_knots sees to it. */
static double bend(double s, enum warp_shape shape)
{
	switch (shape) {
	case WARP_CUBE:
		return s * fabs(s) * fabs(s);
	case WARP_ROOT:
		return cbrt(s);
	case WARP_EXP:
		return exp(fmin(s, 20)); /* beyond, knots are only pushed apart */
	default:
		return 1 / (1 + exp(-s));
	}
}

/* The next float: the least difference there is at that size. */
static float step_up(float x)
{
	return nextafterf(x, INFINITY);
}

/* Its counterpart; both leave infinities where they are at the far end. */
static float step_down(float x)
{
	return nextafterf(x, -INFINITY);
}

/* A place between neighbours must be left for what falls between the knots. Two steps
 * apart: with one, a value between the knots would have to become equal to one of
 * them, and a comparison with a training value would change. */
static void place_knots(struct warp *w, double mean, double scale, enum warp_shape shape)
{
	for (size_t k = 0; k < w->n; k++) {
		float y = (float)bend(((double)w->from[k] - mean) * scale, shape);

		if (k && y < step_up(step_up(w->to[k - 1])))
			y = step_up(step_up(w->to[k - 1]));
		w->to[k] = y;
	}
}

/* The values are sorted in place. Knots are the distinct ones, in order; a single
 * value or equal ones have deviation 0, for which any scale will do. */
void warp_fit(struct warp *w, float *values, size_t count, enum warp_shape shape)
{
	double mean = 0, square = 0;

	w->n = 0;
	qsort(values, count, sizeof(*values), by_value);
	for (size_t i = 0; i < count; i++) {
		mean += (double)values[i] / (double)count;
		if (!w->n || values[i] > w->from[w->n - 1])
			w->from[w->n++] = values[i];
	}
	for (size_t i = 0; i < count; i++)
		square += ((double)values[i] - mean) * ((double)values[i] - mean) /
			  (double)count;
	place_knots(w, mean, square > 0 ? 1 / sqrt(square) : 1, shape);
}

/* The last knot of v that is not above x, where v[0] <= x. */
static size_t find(const float *v, size_t n, float x)
{
	size_t lo = 0, hi = n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (v[mid] <= x)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* Beyond the ends with the mean slope of the whole, and beyond the end's image by one
 * step at least. In double and clamped before it becomes a float, since 3e38 times a
 * slope overflows. */
static float outside(const float *x, const float *y, size_t n, float v)
{
	double width = (double)x[n - 1] - (double)x[0];
	double slope = width > 0 ? ((double)y[n - 1] - (double)y[0]) / width : 1;
	size_t end = v < x[0] ? 0 : n - 1;
	double to = (double)y[end] + slope * ((double)v - (double)x[end]);

	to = fmax(-(double)FLT_MAX, fmin((double)FLT_MAX, to));
	return end || v > x[0] ? fmaxf((float)to, step_up(y[end])) :
				 fminf((float)to, step_down(y[end]));
}

/* One direction of the map, knots x to knots y. Strictly between two knots the result
 * is kept strictly between their images, which is why place_knots leaves a float free
 * there. */
static float map(const float *x, const float *y, size_t n, float v)
{
	double part, to;
	size_t k;

	if (!n || isnan(v) || isinf(v))
		return v;
	if (v < x[0] || v > x[n - 1])
		return outside(x, y, n, v);
	k = find(x, n, v);
	if (!(v > x[k]))
		return y[k];
	part = ((double)v - (double)x[k]) / ((double)x[k + 1] - (double)x[k]);
	to = (double)y[k] + part * ((double)y[k + 1] - (double)y[k]);
	return fmaxf(step_up(y[k]), fminf(step_down(y[k + 1]), (float)to));
}

/* Defined for every float: NaN and infinities stay what they are. */
float warp_apply(const struct warp *w, float x)
{
	return map(w->from, w->to, w->n, x);
}

/* Exact at the knots only: between them rounding may merge neighbours, and a test asks
 * for no more than order there. */
float warp_invert(const struct warp *w, float y)
{
	return map(w->to, w->from, w->n, y);
}
