/* Text as a few finite numbers: the truncated SVD of its TF-IDF rows (latent
 * semantic analysis; Deerwester et al. 1990), for learners that want `dense`.
 */
#ifndef TRIARCH_TEXT_DENSE_H
#define TRIARCH_TEXT_DENSE_H

#include "datasets/dataset.h"

#define TEXT_DENSE_RANK 128

/* Raise when the numbers change: part of the dense encoder's version. */
#define TEXT_DENSE_VERSION 1

/* Sets out->cols (TEXT_DENSE_RANK, less where there are fewer training rows or
 * terms) and rows and x (rows, cols) of train, valid and test; all else of
 * `out` is the caller's to fill. Terms, weights and directions come from the
 * training rows alone. Columns go by falling singular value and share one
 * factor, under which a training cell has mean square 1: distances and angles
 * between texts stay those of the TF-IDF rows, so do not scale each column
 * again. ERR_DATA when no term stands in two training texts; ERR_MEMORY. */
int text_dense(const struct items *items, const struct split *split,
	       int threads, struct arena *a, struct dataset *out,
	       struct error *err);

#endif
