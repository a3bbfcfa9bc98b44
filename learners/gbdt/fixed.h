/* Gradients as fixed-point numbers: see gbdt_kernels.h for the packed word.
 *
 * A tree's scales are 2^30 / sum |g| and 2^30 / sum h, so that a sum over any
 * of its rows fits, and rounding is to nearest. With n rows the step is n/2^30
 * of the mean gradient: 1e-5 for 14,000 rows, 1e-3 for a million, where sums
 * over many rows average it out. Compare Shi et al. 2022, "Quantized training
 * of gradient boosting decision trees", which needs 2 to 5 bits a gradient;
 * here there are 10 and more, so no stochastic rounding and no bias to mend.
 */
#ifndef TRIARCH_GBDT_FIXED_H
#define TRIARCH_GBDT_FIXED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fixed {
	double gradient; /* sum of |g|: what 2^30 stands for */
	double hessian;	 /* sum of h */
	int64_t total;	 /* the packed sum over all rows */
};

enum { FIXED_ROWS = 65536 }; /* of a chunk */

/* Gradient and hessian of a packed sum, in natural units. */
double fixed_gradient(const struct fixed *f, int64_t gh);
double fixed_hessian(const struct fixed *f, int64_t gh);

/* gh[k] = packed (g, h) of row rows[k], k < n. `partial` is scratch of
 * 3 * par_chunks(n, FIXED_ROWS) doubles. False when a sum is not finite. */
bool fixed_pack(struct fixed *f, const float *g, const float *h,
		const uint32_t *rows, size_t n, int64_t *gh, double *partial,
		int threads);

#endif
