/* A table cut into bins: what histogram boosting sees of its training rows.
 *
 * A numeric column gets at most `max_bins` bins by quantiles of its training
 * values by weight (quantile.h); the upper edge of a bin is the largest
 * training value in it and belongs to it, so a split "bin <= b" reads
 * "x <= edge[b]" on raw values and a monotone transform of the column changes
 * nothing. Bin number `bins` (one behind the last) holds what is missing. A
 * categorical column has one bin a level that occurs; the rarest, when there
 * are too many, are treated as missing, as are levels never seen in training.
 *
 * Columns in which nothing can be told apart are left out. The others lie in
 * stores, one byte a row. Mostly a store is one column. Columns that are mostly
 * one value, and never in the same row anything else, share a store (exclusive
 * feature bundling: Ke et al. 2017, "LightGBM", section 4, without conflicts):
 * byte 0 says that all of them have their home bin, and each has a range of the
 * other bytes for its other bins. So a million words are some hundred stores,
 * and histograms and parting see bytes as ever.
 * A store's bytes lie side by side; drawn.h lays them out for histograms.
 */
#ifndef TRIARCH_BINS_H
#define TRIARCH_BINS_H

#include "datasets/dataset.h"

enum { BINS_MAX = 255 };

struct bins_column {
	bool is_cat;
	bool has_missing; /* among the training rows */
	bool is_bundled;  /* shares its store */
	uint32_t source;  /* column of the data set */
	uint32_t bins;	  /* without the one for missing values */
	uint32_t levels;  /* categorical: entries of level_bin */
	const float *edge;	  /* (bins) numeric: largest value of each bin */
	const uint8_t *level_bin; /* (levels) categorical: bin of a code */
	uint32_t store;
	/* bundled: bin b is byte first + b below `home`, first + b - 1 above;
	 * of the home bin there is no byte */
	uint32_t home, first;
};

struct bins_store {
	uint32_t members;	/* columns */
	uint32_t cells;		/* of its histogram: bytes that occur, <= 256 */
	const uint32_t *column; /* (members) ascending */
};

struct bins {
	size_t rows, cols; /* cols: those that are kept */
	const struct bins_column *column; /* (cols) in order of `source` */
	size_t stores;
	const struct bins_store *store; /* (stores) */
	size_t pitch;	    /* bytes from one store to the next */
	const uint8_t *bin; /* (stores, pitch): the first `rows` of each count */
};

struct bins_options {
	size_t max_bins;    /* of a column, 1 .. BINS_MAX */
	size_t sparse_bins; /* the same for columns of a sparse view */
	bool bundle;	    /* let columns share stores */
	/* Numeric columns behind those of the data set: their `source` counts
	 * on from data->cols. */
	size_t extras;
	const float *extra; /* (extras, rows), without NaN */
};

/* Bin the training rows of `data`: x is (rows, cols) floats, NaN = missing,
 * infinite values are values; or sparse rows, in which what is not listed is 0.
 * Everything lives in the arena. ERR_MEMORY. */
int bins_make_with(struct bins *b, const struct dataset *data,
		   const struct bins_options *o, int threads, struct arena *a,
		   struct error *err);

/* The same with one limit for all columns and each of them in a store of its
 * own, unless the view is sparse. */
int bins_make(struct bins *b, const struct dataset *data, size_t max_bins,
	      int threads, struct arena *a, struct error *err);

/* The bin of one raw value. */
uint32_t bins_find(const struct bins_column *c, float x);

/* What a cut "bin <= b" compares with: the edge, but no value that is larger
 * than all of training goes with the missing ones. */
float bins_threshold(const struct bins_column *c, uint32_t bin);

/* The (bins + 1) histogram cells of a column, given those of its store and the
 * leaf's sum: `cells` itself, or, of a bundled one, `own` filled in. All that
 * is not in another bin is in its home bin. */
const int64_t *bins_cells(const struct bins_column *c, const int64_t *cells,
			  int64_t total, int64_t own[256]);

/* left[bin of the column] -> left[byte of its store], in place. */
void bins_spread(const struct bins_column *c, uint8_t left[256]);

#endif
