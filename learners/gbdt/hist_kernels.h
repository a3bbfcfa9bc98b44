/* Histograms: the inner loop of boosting, one table for each instruction-set
 * level.
 *
 * A block is up to 16 columns whose bins lie side by side in each row; column j
 * has its cells at hist + j * stride. Width and stride are constants of the
 * loops (a variant each), since then a cell costs one load and one
 * read-modify-write: with either in a register it takes twice as long.
 *
 *	wide	64-bit cells, gradient above hessian (gh_pack): exact, for
 *		tables so small that time goes elsewhere
 *	narrow	32-bit cells, half each: a block's fit into the L1 cache. They
 *		hold the sums of a few thousand rows (`span` says how many) and
 *		are then emptied into wide ones.
 */
#ifndef TRIARCH_GBDT_HIST_KERNELS_H
#define TRIARCH_GBDT_HIST_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/simd.h"

enum {
	HIST_WIDTH = 16,	/* most columns of a block; a multiple of 4 */
	HIST_WIDTHS = HIST_WIDTH / 4,
	HIST_STRIDES = 3,
	HIST_STRIDE_MAX = 257,
	HIST_CELLS = HIST_WIDTH * HIST_STRIDE_MAX,
	/* What one row may hold in a narrow word, so that 16 rows always fit */
	HIST_GRADIENT_MAX = 2047,
	HIST_HESSIAN_MAX = 4095,
	HIST_LANES = 8, /* classes that the joint pass takes at once */
};

/* The least stride for so many cells a column: odd, for with a power of two
 * like bins of neighbouring columns would fall into the same cache sets. */
static inline size_t hist_stride(size_t cells)
{
	return cells <= 17 ? 17 : cells <= 65 ? 65 : HIST_STRIDE_MAX;
}

static inline int32_t narrow_pack(int32_t gradient, int32_t hessian)
{
	return (int32_t)((uint32_t)gradient << 16) + hessian;
}

static inline int32_t narrow_gradient(int32_t gh)
{
	return gh >> 16;
}

static inline int32_t narrow_hessian(int32_t gh)
{
	return gh & 0xffff;
}

/* hist[cells of rows[k]] += gh[k], or gh[rows[k]] where wide, for n rows; the
 * bins of a row start at bin + row * pitch. */
typedef void narrow_fn(int32_t *hist, const uint8_t *bin, size_t pitch,
		       const uint32_t *rows, const int32_t *gh, size_t n);
typedef void wide_fn(int64_t *hist, const uint8_t *bin, size_t pitch,
		     const uint32_t *rows, const int64_t *gh, size_t n);

struct hist_kernels {
	narrow_fn *narrow[HIST_WIDTHS][HIST_STRIDES];
	wide_fn *wide[HIST_WIDTHS][HIST_STRIDES];
	/* How many of the first rows can be added to empty narrow cells without
	 * overflow, whatever their bins: >= min(n, 16). */
	size_t (*span)(const int32_t *gh, size_t n);
	/* Narrow cells into wide ones (or instead of what these held), and to
	 * zero. */
	void (*empty)(int64_t *wide, int32_t *narrow, size_t cells, bool add);
	void (*add)(int64_t *to, const int64_t *what, size_t n);
	void (*subtract)(int64_t *from, const int64_t *what, size_t n);
};
SIMD_TABLES(hist_kernels);

/* The variant's place in the tables. */
static inline size_t hist_width_index(size_t width)
{
	return width / 4 - 1;
}

static inline size_t hist_stride_index(size_t stride)
{
	return stride > 65 ? 2 : stride > 17;
}

#endif
