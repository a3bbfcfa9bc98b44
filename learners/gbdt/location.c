/* Hoare's selection (1961, "Algorithm 65: Find") by weight instead of count, with
 * three parts, so that many equal numbers are one step.
 */
#include "learners/gbdt/location.h"

#include <math.h>

/* The part of the numbers in which the answer is, and what is known of the
 * rest. */
struct hunt {
	float *x, *weight;
	size_t lo, hi;
	double below;  /* weight of all that is smaller than the part */
	double target; /* the weight that v must not leave below it */
	double slack;  /* differences below it are rounding */
	float next;    /* the smallest number above the part */
};

static double weight_of(const float *weight, size_t i)
{
	return weight ? (double)weight[i] : 1.0;
}

static void swap(struct hunt *h, size_t i, size_t j)
{
	float x = h->x[i];

	h->x[i] = h->x[j];
	h->x[j] = x;
	if (h->weight) {
		float w = h->weight[i];

		h->weight[i] = h->weight[j];
		h->weight[j] = w;
	}
}

static float middle_of_three(float a, float b, float c)
{
	float low = a < b ? a : b, high = a < b ? b : a;

	return c < low ? low : c > high ? high : c;
}

/* Smaller than the pivot to the front, larger to the back (Dijkstra's flag).
 * What compares as neither stays in the middle, NaN too, so every step makes
 * the part smaller. */
static void part_three(struct hunt *h, float pivot, size_t *first, size_t *last)
{
	size_t lo = h->lo, hi = h->hi, i = lo;

	while (i < hi) {
		if (h->x[i] < pivot)
			swap(h, i++, lo++);
		else if (h->x[i] > pivot)
			swap(h, i, --hi);
		else
			i++;
	}
	*first = lo;
	*last = hi;
}

static double sum_weights(const struct hunt *h, size_t from, size_t to)
{
	double sum = 0;

	if (!h->weight)
		return (double)(to - from);
	for (size_t i = from; i < to; i++)
		sum += (double)h->weight[i];
	return sum;
}

static float smallest(const struct hunt *h, size_t from, size_t to, float least)
{
	for (size_t i = from; i < to; i++)
		if (h->x[i] < least && weight_of(h->weight, i) > 0)
			least = h->x[i];
	return least;
}

/* The pivot has been reached: is it alone, or does the loss stay level up to
 * the next number? */
static double answer(const struct hunt *h, float pivot, double upto, size_t last)
{
	float next;

	if (upto - h->target > h->slack)
		return (double)pivot;
	next = smallest(h, last, h->hi, h->next);
	return isinf(next) ? (double)pivot :
			     ((double)pivot + (double)next) / 2;
}

double location_quantile(float *x, float *weight, size_t n, double level)
{
	struct hunt h = { .x = x, .weight = weight, .hi = n, .next = INFINITY };
	double total = sum_weights(&h, 0, n);

	h.target = level * total;
	h.slack = 1e-12 * total;
	while (h.lo < h.hi) {
		float pivot = middle_of_three(x[h.lo], x[(h.lo + h.hi) / 2],
					      x[h.hi - 1]);
		size_t first, last;
		double less, upto;

		part_three(&h, pivot, &first, &last);
		less = h.below + sum_weights(&h, h.lo, first);
		upto = less + sum_weights(&h, first, last);
		if (first > h.lo && less >= h.target - h.slack) {
			if (upto > less)
				h.next = pivot;
			else /* weights of 0: as if absent */
				h.next = smallest(&h, last, h.hi, h.next);
			h.hi = first;
		} else if (last < h.hi && upto < h.target - h.slack) {
			h.below = upto;
			h.lo = last;
		} else {
			return answer(&h, pivot, upto, last);
		}
	}
	return 0;
}

/* The slope of Huber's loss at v, negated, and the weight of those numbers that
 * are within delta of v: its curvature. */
static double huber_slope(const float *x, const float *weight, size_t n,
			  double delta, double v, double *within)
{
	double slope = 0;

	*within = 0;
	for (size_t i = 0; i < n; i++) {
		double d = (double)x[i] - v, w = weight_of(weight, i);

		slope += w * fmin(fmax(d, -delta), delta);
		*within += fabs(d) <= delta ? w : 0;
	}
	return slope;
}

/* Newton's steps from the median, which end on the exact answer as the slope is
 * made of straight pieces; bisection where a step would leave the bounds known
 * so far. Friedman 2001, Algorithm 4, takes one step and stops. */
double location_huber(float *x, float *weight, size_t n, double delta)
{
	double v = location_quantile(x, weight, n, 0.5);
	double low = -INFINITY, high = INFINITY;

	for (int step = 0; step < 60 && n; step++) {
		double within, slope, to;

		slope = huber_slope(x, weight, n, delta, v, &within);
		if (slope > 0)
			low = v;
		else
			high = v;
		to = v + (within > 0 ? slope / within :
				       copysign(delta, slope));
		if (!(to > low && to < high) && isfinite(low) && isfinite(high))
			to = (low + high) / 2;
		if (!isfinite(to) || fabs(to - v) <= 1e-9 * (delta + fabs(v)))
			return isfinite(to) ? to : v;
		v = to;
	}
	return v;
}
