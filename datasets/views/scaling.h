/* Columns of a matrix brought to mean 0 and deviation 1 over training rows. */
#ifndef TRIARCH_SCALING_H
#define TRIARCH_SCALING_H

#include <stddef.h>

#include "harness/base/arena.h"

/* A value ten standard deviations out says "extreme"; how extreme would only
 * swamp every dot product it takes part in. Also bounds inf and 1e38. */
#define SCALING_CLIP 10.0

/* z, no further from 0 than SCALING_CLIP. */
double scaling_clip(double z);

/* The three parts of a dense view; the first is the training part. */
struct scaling {
	float *x[3];  /* (n[p], cols), scaled in place */
	size_t n[3];  /* rows */
	size_t cols;
	/* A column deviates by at least this share of what all columns deviate
	 * by in the root mean square: one that hardly moves in training must
	 * not shout in the test rows. 0: each column counts alike. */
	double floor;
};

/* Each column less its training mean, over its training deviation, clipped; a
 * column that is constant in training becomes 0 in every part. Sums are in
 * double, in the order of the rows: same bits on any number of threads.
 * Scratch is wound back. ERR_MEMORY. */
int scaling_apply(const struct scaling *s, int threads, struct arena *scratch,
		  struct error *err);

#endif
