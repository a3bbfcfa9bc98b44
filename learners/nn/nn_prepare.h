/* A table's rows as a net reads them: numbers scaled, categories as columns or as
 * codes. A prepared row is
 *
 *	[numbers (n_num) | plain columns (n_onehot) | codes (n_codes)]
 *
 * All is measured on the training rows. Plain columns are, in this order, an
 * indicator of holes for each number that has some in training, then the one-hot
 * columns of categories of few levels: of two levels one of -1 and 1, of others a
 * column each. Categories of more levels stay codes for a layer that embeds them
 * (nn_features.h): level + 1.
 *
 * Missing: a number becomes the middle of its column, which is 0 in all three
 * scalings, and its indicator 1; infinities count as missing. A category's cell
 * that is missing (which is what the encoder makes of a level not seen in
 * training), or no level, is 0 in all of its one-hot columns, or the code 0. A
 * column that is constant, or without a value, is 0.
 */
#ifndef TRIARCH_NN_PREPARE_H
#define TRIARCH_NN_PREPARE_H

#include "datasets/dataset.h"

enum nn_scaling_kind {
	NN_STANDARD, /* mean 0, variance 1 */
	/* Holzmueller et al. 2024, section 3: less the median, over the distance
	 * of the quartiles (or, where these meet, half the range), then
	 * x / sqrt(1 + (x / 3)^2); plain columns too */
	NN_ROBUST,
	NN_QUANTILE, /* ranks to a normal law (gauss_map.h) */
};

struct nn_prepare {
	size_t n_num, n_onehot, n_codes, width;
	const size_t *slots; /* (n_codes) codes are below it */
	/* private */
	enum nn_scaling_kind kind;
	size_t cols;
	struct nn_prepared *column; /* (cols) */
	bool plain_scaled;	    /* robust: plain columns by these */
	float *shift, *gain;	    /* (width) */
};

/* Measure data->train, of VIEW_TABLE or of numbers alone. Categories of at most
 * `onehot` levels, the missing one counted, become one-hot. In the arena.
 * ERR_MEMORY. */
int nn_prepare_fit(struct nn_prepare *p, const struct dataset *data,
		   enum nn_scaling_kind kind, size_t onehot, struct arena *a,
		   struct error *err);

/* A row of the table (cols) -> prepared (width). */
void nn_prepare_row(const struct nn_prepare *p, const float *row, float *out);

/* sorted[0..n) (n >= 1) at share q of its ranks, linear between them, as NumPy's
 * quantile has it. */
double nn_prepare_quantile(const float *sorted, size_t n, double q);

#endif
