/* Searching histograms and walking down trees, one table for each
 * instruction-set level (hist_kernels.h and row_kernels.h have the others).
 *
 * Gradients and hessians are fixed-point numbers that share one 64-bit word:
 * the gradient in the upper half (signed), the hessian in the lower (never
 * negative). The scales (see fixed.h) keep every sum over rows of a tree below
 * 2^31, so one integer add updates both, no order of adding can change a bit,
 * and a difference of two histograms is exact.
 */
#ifndef TRIARCH_GBDT_KERNELS_H
#define TRIARCH_GBDT_KERNELS_H

#include "harness/base/simd.h"
#include "learners/gbdt/bins.h"
#include "learners/gbdt/tree.h"

static inline int64_t gh_pack(int32_t gradient, int32_t hessian)
{
	return (int64_t)((uint64_t)(uint32_t)gradient << 32) + hessian;
}

static inline int32_t gh_gradient(int64_t gh)
{
	return (int32_t)(gh >> 32);
}

static inline int32_t gh_hessian(int64_t gh)
{
	return (int32_t)(gh & 0x7fffffff);
}

/* What the scan of a column must know of its leaf. Everything is in units of
 * the tree's sums of |gradient| and of hessian, so floats cannot overflow. */
struct gbdt_scan {
	int64_t total;	 /* of the leaf */
	int64_t to_left; /* goes left whatever the cut: missing rows, or 0 */
	float l1, l2;
	float least; /* hessian that each side must have */
};

/* The value of one unit: a packed sum times it lies in [-1, 1]. */
#define GBDT_UNIT (1.0f / (1 << 30))

struct gbdt_kernels {
	/* score[b] = what cutting behind cell b is worth,
	 * GL^2 / (HL + l2) + GR^2 / (HR + l2), or -1 where a side is too
	 * light, for b < n <= 256; `score` has room for n rounded up to 32.
	 * Returns the largest. */
	float (*scan)(const struct gbdt_scan *s, const int64_t *cells, size_t n,
		      float *score);
	/* at[i] = the step that row i of x (n, cols) ends on: `depth` steps
	 * from the first. */
	void (*walk)(const struct tree_step *step, size_t depth, const float *x,
		     size_t cols, size_t n, uint32_t *at);
};
SIMD_TABLES(gbdt_kernels);

#endif
