/* Latent semantic analysis: TF-IDF, truncated SVD, one common factor.
 *
 * Directions are not whitened. The strong ones carry what documents are about
 * and the weak ones mostly noise; giving each the same weight would let 100
 * noisy columns outvote 28 good ones in a distance. One factor for all brings
 * the cells to the size that step widths and kernel widths expect. */
#include "datasets/text/text_dense.h"

#include <math.h>

#include "datasets/encode.h"
#include "datasets/text/tfidf.h"
#include "datasets/views/svd.h"

/* One factor for all cells: 1 / the root of the training cells' mean square. */
static float common_scale(const float *x, size_t n)
{
	double sum = 0;

	for (size_t k = 0; k < n; k++)
		sum += (double)x[k] * (double)x[k];
	return sum > 0 ? (float)sqrt((double)n / sum) : 1;
}

/* Rows of one part in the directions that the training rows gave. */
static int project(const struct svd *s, const struct part *sparse, int threads,
		   struct arena *a, float **x, struct error *err)
{
	int rc = encode_matrix(a, sparse->rows, s->rank, x, err);

	if (!rc)
		svd_project(s, sparse, threads, *x);
	return rc;
}

/* The factor is taken from the training part, which comes first, and applied
 * to all three. */
int text_dense(const struct items *items, const struct split *split,
	       int threads, struct arena *a, struct dataset *out,
	       struct error *err)
{
	struct dataset d = { 0 };
	const struct part *from[] = { &d.train, &d.valid, &d.test };
	struct part *to[] = { &out->train, &out->valid, &out->test };
	struct svd s = { 0 };
	float scale = 1;
	int rc = tfidf_encode(items, split, a, &d, err);

	if (!rc)
		rc = svd_fit(&s, &d.train, d.cols, TEXT_DENSE_RANK, threads, a,
			     err);
	for (size_t p = 0; p < 3 && !rc; p++) {
		size_t n = from[p]->rows * s.rank;
		float *x = NULL;

		rc = project(&s, from[p], threads, a, &x, err);
		if (!rc && !p)
			scale = common_scale(x, n);
		for (size_t k = 0; k < n && !rc; k++)
			x[k] *= scale;
		to[p]->rows = from[p]->rows;
		to[p]->x = x;
	}
	out->cols = s.rank;
	return rc;
}
