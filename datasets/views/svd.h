/* Truncated singular value decomposition of a sparse matrix.
 *
 * Randomised subspace iteration (Halko, Martinsson & Tropp 2011, "Finding
 * structure with randomness", SIAM Review 53, algorithm 4.4): a random
 * subspace is multiplied by A' A a few times, which leaves the strong
 * directions, and the small problem inside it is solved exactly.
 */
#ifndef TRIARCH_SVD_H
#define TRIARCH_SVD_H

#include "datasets/dataset.h"

/* A is about U diag(sigma) V', (rows, cols). */
struct svd {
	size_t cols, rank;
	double *sigma; /* (rank) falling */
	float *v;      /* (cols, rank) right singular vectors as columns; the
			* entry of largest size of each is positive */
};

/* The `rank` strongest directions of the sparse rows of `p` (row_start, index,
 * value; columns below `cols`); fewer when the matrix is smaller or of lower
 * rank. Same bits on any number of threads. ERR_DATA when A is zero or the
 * small problem does not converge; ERR_MEMORY. */
int svd_fit(struct svd *s, const struct part *p, size_t cols, size_t rank,
	    int threads, struct arena *a, struct error *err);

/* x (p->rows, rank) = the rows of p times V. Rows in par_for. */
void svd_project(const struct svd *s, const struct part *p, int threads,
		 float *x);

#endif
