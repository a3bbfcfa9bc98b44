/* The hot loops of growing forests, one table for each instruction-set level.
 *
 * Deep trees have many nodes of few rows, so the cells of a column's histogram
 * are cleared, scanned and counted only where the node has rows: a mask of 256
 * bits says where that is.
 */
#ifndef TRIARCH_FOREST_KERNELS_H
#define TRIARCH_FOREST_KERNELS_H

#include <stdbool.h>

#include "harness/base/simd.h"

/* A row in a node, or a sum over some: all integers, so exact. */
struct forest_item {
	int64_t sum; /* weight * value; in a row of one of many classes: the class */
	uint64_t mass; /* weight << 32 | rows */
};

static inline uint32_t forest_weight(uint64_t mass)
{
	return (uint32_t)(mass >> 32);
}

static inline uint32_t forest_rows(uint64_t mass)
{
	return (uint32_t)mass;
}

/* Bins with rows. */
struct forest_mask {
	uint64_t bits[4];
};

/* Classes that are counted in a table of (bins, width) cells; with more than
 * so many the rows are sorted by bin instead. `width` is the number of classes
 * rounded up to a multiple of FOREST_LANES. */
enum { FOREST_CLASSES = 32, FOREST_LANES = 8 };

/* What a scan must know of the node. */
struct forest_scan {
	struct forest_item total;
	/* One output: sums are compared as scale * sum - shift * weight, which
	 * is about the distance from the node's mean, in integers: a product
	 * and a sum that some processors round once and others twice would
	 * decide between equal cuts. See node_cut.c. */
	int64_t scale, shift;
	const float *class_total; /* (width) weights; many classes */
	size_t width;
	uint32_t least; /* rows that each side must have, >= 1 */
};

/* The best cut of a scan: bins up to `bin` go left, `next` is the next bin that
 * has rows, or `bin` where there is none. `score` is what it is worth: the
 * squared error that it saves over the node's weight, in units of 1 / scale, or
 * the sum over sides and classes of weight(class)^2 / weight (Gini). -1: none. */
struct forest_best {
	double score;
	uint32_t bin, next;
};

struct forest_kernels {
	/* out[k] = bin[rows[k]] */
	void (*gather)(const uint8_t *bin, const uint32_t *rows, size_t n,
		       uint8_t *out);
	/* cell[bin of row k] += item[k] for n rows; cells were 0. The mask of
	 * bins with rows. */
	struct forest_mask (*sum)(struct forest_item *cell, const uint8_t *bin,
				  const uint32_t *rows,
				  const struct forest_item *item, size_t n);
	/* The same for many classes: cell (256, width) counts weights by class,
	 * mass (256) adds up. */
	struct forest_mask (*count)(uint32_t *cell, uint64_t *mass, size_t width,
				    const uint8_t *bin, const uint32_t *rows,
				    const struct forest_item *item, size_t n);
	/* Cut behind each bin of the mask, `left` being on the left whatever
	 * the cut (missing rows, or nothing). */
	struct forest_best (*scan_sums)(const struct forest_scan *s,
					const struct forest_item *cell,
					const struct forest_mask *m,
					struct forest_item left);
	/* `left`: bin of the missing rows, which go left; or -1. */
	struct forest_best (*scan_counts)(const struct forest_scan *s,
					  const uint32_t *cell,
					  const uint64_t *mass,
					  const struct forest_mask *m, int left);
	/* least and largest of n bins, n >= 1 */
	void (*range)(const uint8_t *bin, size_t n, uint8_t *low, uint8_t *high);
	/* Sums of the rows that go left: bin <= cut or bin == also. */
	struct forest_item (*sum_below)(const uint8_t *bin,
					const struct forest_item *item, size_t n,
					uint8_t cut, uint8_t also);
	/* The same of many classes: left[class] += weight; their mass. */
	uint64_t (*count_below)(const uint8_t *bin,
				const struct forest_item *item, size_t n,
				uint8_t cut, uint8_t also, uint32_t *left);
	/* Part n rows in place by goes[bin of row] = 1 (left) or 0; both sides
	 * keep their order. Returns how many went left. */
	size_t (*part)(const uint8_t *bin, const uint8_t goes[256],
		       uint32_t *rows, struct forest_item *item, size_t n,
		       uint32_t *spare_rows, struct forest_item *spare_item);
};
SIMD_TABLES(forest_kernels);

static inline bool forest_mask_has(const struct forest_mask *m, uint32_t bin)
{
	return m->bits[bin >> 6] >> (bin & 63) & 1;
}

static inline void forest_mask_drop(struct forest_mask *m, uint32_t bin)
{
	m->bits[bin >> 6] &= ~((uint64_t)1 << (bin & 63));
}

static inline size_t forest_mask_count(const struct forest_mask *m)
{
	size_t n = 0;

	for (int w = 0; w < 4; w++)
		n += (size_t)__builtin_popcountll(m->bits[w]);
	return n;
}

/* for (uint32_t b; forest_mask_next(&m, &b);) visits the bins in order and
 * empties m. */
static inline bool forest_mask_next(struct forest_mask *m, uint32_t *bin)
{
	for (uint32_t w = 0; w < 4; w++) {
		if (!m->bits[w])
			continue;
		*bin = 64 * w + (uint32_t)__builtin_ctzll(m->bits[w]);
		m->bits[w] &= m->bits[w] - 1;
		return true;
	}
	return false;
}

#endif
