/* Muon: momentum whose matrices are made nearly orthogonal before they are used
 * (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks").
 * For the matrices of hidden layers; the rest of a net stays with AdamW. */
#ifndef TRIARCH_NN_MUON_H
#define TRIARCH_NN_MUON_H

#include <stddef.h>

#define NN_MUON_MOMENTUM 0.95f
/* AdamW's learning rate of the Muon's, for the rest of the net: one rate is asked
 * for, and 0.02 for matrices goes with 2e-3 for the others. */
#define NN_MUON_REST 0.1f

/* One hidden layer's matrix (rows, cols): inputs by outputs. */
struct nn_matrix {
	size_t at;	   /* its place in the vector of weights */
	size_t rows, cols;
	float lr, decay;   /* factors of its range */
	float *scratch;	   /* (nn_muon_scratch) its own: matrices run at once */
};

/* Floats that a matrix needs. */
size_t nn_muon_scratch(size_t rows, size_t cols);

/* m <- .95 m + .05 g and g <- .05 g + .95 m, n values: Nesterov's look ahead. */
void nn_muon_momentum(float *m, float *g, size_t n);

/* x (rows, cols) <- U V', nearly, where U S V' is its singular value decomposition:
 * singular values come to lie about 1 (0.7 to 1.2), and 0 stays 0. */
void nn_muon_orthogonal(float *x, size_t rows, size_t cols, float *scratch);

/* theta <- (1 - lr decay) theta - lr sqrt(max(1, cols / rows)) orthogonal(u); u is
 * spoilt. lr and decay are the net's. */
void nn_muon_update(const struct nn_matrix *w, float *theta, float *u, float lr,
		    float decay);

#endif
