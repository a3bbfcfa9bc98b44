/* A table cut into bins: what histogram boosting sees of its training rows.
 *
 * A numeric column gets at most `max_bins` bins by quantiles of its training
 * values; the upper edge of a bin is the largest training value in it and
 * belongs to it, so a split "bin <= b" reads "x <= edge[b]" on raw values and
 * a monotone transform of the column changes nothing. Bin number `bins` (one
 * behind the last) holds what is missing. A categorical column has one bin a
 * level that occurs; the rarest, when there are too many, are treated as
 * missing, as are levels never seen in training.
 *
 * Columns in which nothing can be told apart are left out. A column's bins lie
 * side by side; drawn.h lays them out for histograms.
 */
#ifndef TRIARCH_BINS_H
#define TRIARCH_BINS_H

#include "datasets/dataset.h"

enum { BINS_MAX = 255 };

struct bins_column {
	bool is_cat;
	bool has_missing; /* among the training rows */
	uint32_t source;  /* column of the data set */
	uint32_t bins;	  /* without the one for missing values */
	uint32_t levels;  /* categorical: entries of level_bin */
	const float *edge;	  /* (bins) numeric: largest value of each bin */
	const uint8_t *level_bin; /* (levels) categorical: bin of a code */
};

struct bins {
	size_t rows, cols; /* cols: those that are kept */
	const struct bins_column *column; /* (cols) in order of `source` */
	size_t pitch;	    /* bytes from one column's bins to the next's */
	const uint8_t *bin; /* (cols, pitch): the first `rows` of each count */
};

/* Bin the training rows of `data` (x is (rows, cols) floats, NaN = missing,
 * infinite values are values). Everything lives in the arena. ERR_MEMORY. */
int bins_make(struct bins *b, const struct dataset *data, size_t max_bins,
	      int threads, struct arena *a, struct error *err);

/* The bin of one raw value. */
uint32_t bins_find(const struct bins_column *c, float x);

#endif
