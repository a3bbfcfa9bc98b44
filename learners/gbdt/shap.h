/* Exact Shapley values of trees, path-dependent: the values of Lundberg et al. 2020,
 * Algorithm 2 (TreeSHAP), by another way.
 *
 * For a leaf with conditions j = 1 .. m, let o_j be 1 if the row meets it, z_j its
 * share and v the leaf's value. The game "columns in S are known" is worth
 * v prod_{j in S} o_j prod_{j not in S} z_j, and its Shapley values are integrals
 * over the probability t of being known (Owen 1972, "Multilinear extensions of
 * games", section 4):
 *
 *	phi_i = v (o_i - z_i) int_0^1 prod_{j != i} (t o_j + (1 - t) z_j) dt
 *
 * The integrand is a polynomial of degree m - 1: ceil(m / 2) points of Gauss and
 * Legendre give it exactly, and products from both ends leave out one factor
 * without a division. The cost is that of Algorithm 2, O(leaves depth^2) a row and
 * tree, with neither its recursion nor the cancellations of its UNWIND. */
#ifndef TRIARCH_GBDT_SHAP_H
#define TRIARCH_GBDT_SHAP_H

#include "learners/gbdt/boost.h"

/* A sum of trees: tree k adds to output k modulo outputs, or, where its leaves hold
 * vectors, to all that they name. */
struct shap_trees {
	const struct tree *const *tree; /* (n), with covers */
	size_t n, outputs;
	const struct bins_column *column;
	size_t cols;	    /* of the data set */
	const struct target_stats *stats; /* numbers behind the columns, or none */
	const double *base; /* (outputs) what is added to the trees; NULL: 0 */
	double scale;	    /* of what leaves hold */
};

/* contributions: (rows, outputs, cols + 1), in raw scores; the last of each is what
 * an average row gets, and they add up to the raw score of the row. On many threads
 * with the same bits. ERR_MEMORY. */
int shap_explain_trees(const struct shap_trees *t, const struct part *rows,
		       struct run *run, float *contributions, struct error *err);
int shap_explain(const struct boost *b, const struct part *rows, struct run *run,
		 float *contributions, struct error *err);

#endif
