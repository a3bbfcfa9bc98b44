/* A table cut into bins: what histogram boosting sees of its training rows.
 *
 * A numeric column gets at most `max_bins` bins by quantiles of its training
 * values by weight (quantile.h); the upper edge of a bin is the largest training value in it and
 * belongs to it, so a split "bin <= b" reads "x <= edge[b]" on raw values and
 * a monotone transform of the column changes nothing. Bin number `bins` (one
 * behind the last) holds what is missing. A categorical column has one bin a
 * level that occurs; the rarest, when there are too many, are treated as
 * missing, as are levels never seen in training.
 *
 * Columns in which nothing can be told apart are left out. The others are
 * stored in blocks of at most BINS_BLOCK columns, (rows, width) bytes each: a
 * row of a block shares cache lines, its histogram stays in L2, and a block is
 * the unit of parallel work.
 */
#ifndef TRIARCH_BINS_H
#define TRIARCH_BINS_H

#include "datasets/dataset.h"

enum { BINS_MAX = 255, BINS_BLOCK = 32 };

struct bins_column {
	bool is_cat;
	bool has_missing; /* among the training rows */
	uint32_t source;  /* column of the data set */
	uint32_t bins;	  /* without the one for missing values */
	uint32_t levels;  /* categorical: entries of level_bin */
	const float *edge;	  /* (bins) numeric: largest value of each bin */
	const uint8_t *level_bin; /* (levels) categorical: bin of a code */
};

struct bins_block {
	size_t first, width; /* columns [first, first + width) of `column` */
	size_t offset;	     /* of its first histogram cell */
	size_t cells;	     /* histogram cells of all its columns */
	const uint8_t *bin;  /* (rows, width) */
	/* What a histogram holds: all columns, or those drawn for a tree. */
	size_t live;		    /* how many */
	uint8_t place[BINS_BLOCK];  /* (live) column less `first` */
	uint32_t start[BINS_BLOCK]; /* (live) first cell, from `offset` */
};

struct bins {
	size_t rows, cols; /* cols: those that are kept */
	size_t cells;	   /* of a histogram: bins + 1 over all columns */
	size_t n_blocks;
	const struct bins_column *column; /* (cols) in order of `source` */
	const struct bins_block *block;	  /* (n_blocks) */
};

/* Bin the training rows of `data` (x is (rows, cols) floats, NaN = missing,
 * infinite values are values). Everything lives in the arena. ERR_MEMORY. */
int bins_make(struct bins *b, const struct dataset *data, size_t max_bins,
	      int threads, struct arena *a, struct error *err);

/* Of `from`, keep only columns with use[column] (NULL: all) in histograms:
 * their cells then lie side by side, at the same offset. */
void bins_draw(const struct bins *b, const struct bins_block *from,
	       const uint8_t *use, struct bins_block *to);

/* The bin of one raw value. */
uint32_t bins_find(const struct bins_column *c, float x);

#endif
