/* Gram matrices at the speed of a matrix product.
 *
 * |x - y|^2 = |x|^2 + |y|^2 - 2 x'y: one product and a pass of vectorised exp.
 * In float the difference loses digits where rows lie close together and far
 * from the origin; the dense view is centred, and a row's distance to itself
 * is set to 0.
 */
#ifndef TRIARCH_KERNEL_GRAM_H
#define TRIARCH_KERNEL_GRAM_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/par.h"

enum gram_kind {
	GRAM_GAUSSIAN, /* exp(-|x - y|^2 / (2 width^2)) */
	GRAM_LAPLACE,  /* exp(-|x - y| / width) */
	GRAM_DISTANCE, /* |x - y|^2 itself; never negative */
};

struct gram_kernel {
	enum gram_kind kind;
	float width; /* in the units of x; not used by GRAM_DISTANCE */
};

/* Rows lent by the caller, with their squared norms. */
struct gram_rows {
	const float *x; /* (n, cols) */
	size_t n, cols;
	const float *norm; /* (n) */
};

/* Norms go to the arena; norm is NULL when it is out of memory. */
struct gram_rows gram_rows_make(int threads, const float *x, size_t n,
				size_t cols, struct arena *a);

/* out (rows of a in ra, rows of b in rb) with `ld` elements a row = k(a_i, b_j).
 * One thread: for use inside par_for. Where `a` and `b` are the same rows, the
 * diagonal is exact. */
void gram_block(const struct gram_kernel *k, const struct gram_rows *a,
		struct par_range ra, const struct gram_rows *b,
		struct par_range rb, float *out, size_t ld);

/* The lower triangle of K (n, n), in tiles; what is above the diagonal is
 * written only inside the tiles on it. */
void gram_lower(int threads, const struct gram_kernel *k,
		const struct gram_rows *x, float *out, size_t ld);

/* The median of |x - y| over all pairs of at most 512 rows, drawn under `seed`;
 * 1 when all of them are the same. ERR_MEMORY. */
int gram_median(const struct gram_rows *x, uint64_t seed, struct arena *a,
		float *median, struct error *err);

#endif
