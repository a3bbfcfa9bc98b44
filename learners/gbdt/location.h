/* Where the middle of some weighted numbers is: the constant that minimises the
 * pinball or the Huber loss. Used as the start of boosting and in leaves. */
#ifndef TRIARCH_GBDT_LOCATION_H
#define TRIARCH_GBDT_LOCATION_H

#include <stddef.h>

/* The minimiser v of sum w (level (x - v)+ + (1 - level) (v - x)+), the middle
 * of them when there is a range: for level 0.5 the median. A number of weight 2
 * is two numbers. Both arrays, (n) each, are reordered; `weight` may be NULL, and
 * has no negative entries. In expectation O(n). 0 when n is 0. */
double location_quantile(float *x, float *weight, size_t n, double level);

/* The minimiser of the sum of w times Huber's loss with the given delta > 0
 * (Huber 1964). As above otherwise. */
double location_huber(float *x, float *weight, size_t n, double delta);

#endif
