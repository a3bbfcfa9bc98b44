/* Gradients as integers, so that sums of them are exact in any order.
 *
 * Wide words (gbdt_kernels.h) are for tables up to FIXED_WIDE_ROWS rows: scales
 * are 2^30 / sum |g| and 2^30 / sum h, rounding is to nearest; with n rows a
 * step is n / 2^30 of the mean gradient, 3e-5 for 32,768 rows.
 *
 * Narrow words (hist_kernels.h) are for more: a step is a twelfth of the mean
 * |g|, a 24th of the mean hessian, and rounding is at random, so that sums are
 * right on average; a leaf of 1,000 rows has its gradient to about 0.2 % of the
 * sum of magnitudes. Shi et al. 2022, "Quantized training of gradient boosting
 * decision trees", find 2 to 5 bits a gradient enough. A single row is given at
 * most 2,047 steps, which makes the steps larger where gradients have tails.
 */
#ifndef TRIARCH_GBDT_FIXED_H
#define TRIARCH_GBDT_FIXED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fixed {
	/* What 2^30 steps of a sum stand for, in natural units. */
	double gradient, hessian;
	int64_t total; /* the packed sum over all rows, always wide */
};

enum {
	FIXED_ROWS = 65536,	 /* of a chunk */
	FIXED_PARTIAL = 6,	 /* doubles of scratch a chunk */
	FIXED_WIDE_ROWS = 32768,
	FIXED_NARROW_ROWS = 1 << 26, /* beyond it sums could overflow */
};

/* Gradient and hessian of a packed sum, in natural units. */
double fixed_gradient(const struct fixed *f, int64_t gh);
double fixed_hessian(const struct fixed *f, int64_t gh);

/* Rows and their derivatives. */
struct fixed_rows {
	const float *g, *h;
	const uint32_t *rows; /* (n) */
	size_t n;
	double *partial; /* (par_chunks(n, FIXED_ROWS), FIXED_PARTIAL) scratch */
	int threads;
};

/* gh[rows[k]] = the wide word of row rows[k], k < n. False when a sum is not
 * finite. */
bool fixed_pack(struct fixed *f, const struct fixed_rows *r, int64_t *gh);

/* gh[k] = the narrow word of row rows[k]; `key` seeds the rounding. */
bool fixed_quantize(struct fixed *f, const struct fixed_rows *r, uint32_t key,
		    int32_t *gh);

#endif
