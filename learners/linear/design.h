/* The rows of a data set as a matrix X, dense or sparse, and the two products
 * that linear models need. */
#ifndef TRIARCH_LINEAR_DESIGN_H
#define TRIARCH_LINEAR_DESIGN_H

#include "datasets/dataset.h"

struct design {
	const struct part *rows; /* lent */
	size_t cols;
	bool sparse;
	/* sparse, for X': the entries column by column, rows ascending */
	size_t *col_start; /* (cols + 1) */
	uint32_t *row;	   /* (entries) */
	float *value;	   /* (entries) */
};

/* `both` is asked for when design_transposed will be used. ERR_MEMORY. */
int design_init(struct design *d, const struct dataset *data,
		const struct part *rows, bool both, struct arena *a,
		struct error *err);

/* out (rows, outputs) = X w + 1 b'; w is (cols, outputs), b (outputs). */
void design_times(int threads, const struct design *d, const float *w,
		  const float *b, size_t outputs, float *out);

/* out (cols, outputs) = X' p; p is (rows, outputs). */
void design_transposed(int threads, const struct design *d, const float *p,
		       size_t outputs, float *out);

#endif
