/* Ridge regression by the normal equations. Centring takes the intercept out of
 * the system; double makes up for their squared condition number. X'X is summed
 * block by block of rows, so the weighted and centred copy of X stays small.
 */
#include "learners/linear/normal.h"

#include <math.h>
#include <string.h>

#include "harness/base/blas.h"

#define BLOCK_ROWS 512

/* One matrix for everything: row i of `block` is sqrt(weight) times the centred
 * (x_i, y_i), and A, their product, holds X'X and, in its last row, X'y. */
struct normal {
	const struct part *rows;
	const float *y;
	size_t cols;
	double *mean;  /* (cols + 1) of x and y */
	double *block; /* (BLOCK_ROWS, cols + 1) */
	double *a;     /* (cols + 1, cols + 1) */
};

/* Rows without weights count one each. */
static double weight_of(const struct part *rows, size_t i)
{
	return rows->weight ? (double)rows->weight[i] : 1.0;
}

/* Column `cols` is the target: it is centred and multiplied like the others. */
static double value_at(const struct normal *m, size_t i, size_t j)
{
	return (double)(j < m->cols ? m->rows->x[i * m->cols + j] : m->y[i]);
}

/* Weighted, with the target's mean last; its own is the intercept's start. */
static void means(struct normal *m)
{
	double total = 0;

	for (size_t i = 0; i < m->rows->rows; i++) {
		double w = weight_of(m->rows, i);

		total += w;
		for (size_t j = 0; j <= m->cols; j++)
			m->mean[j] += w * value_at(m, i, j);
	}
	for (size_t j = 0; j <= m->cols; j++)
		m->mean[j] /= total > 0 ? total : 1;
}

/* The root of the weight on both factors makes the product X' W X. */
static void add_block(struct normal *m, int threads, size_t begin, size_t n)
{
	size_t ld = m->cols + 1;

	for (size_t i = 0; i < n; i++) {
		double w = sqrt(weight_of(m->rows, begin + i));

		for (size_t j = 0; j < ld; j++)
			m->block[i * ld + j] =
				w * (value_at(m, begin + i, j) - m->mean[j]);
	}
	blas_dgemm_par(threads, &(struct blas_gemm_f64){
		.trans_a = true,
		.m = ld,
		.n = ld,
		.k = n,
		.alpha = 1,
		.beta = begin ? 1 : 0,
		.a = m->block,
		.lda = ld,
		.b = m->block,
		.ldb = ld,
		.c = m->a,
		.ldc = ld,
	});
}

/* X'y is the last row of A and is overwritten by the solution. */
static int solve(struct normal *m, int threads, double l2, float *w,
		 struct error *err)
{
	size_t ld = m->cols + 1, bad;
	double *right = m->a + m->cols * ld, intercept = m->mean[m->cols];

	for (size_t j = 0; j < m->cols; j++)
		m->a[j * ld + j] += l2;
	bad = blas_dpotrf(threads, m->a, m->cols, ld);
	if (bad)
		return error_set(err, ERR_DIVERGED,
				 "column %zu depends on those before it: raise "
				 "l2 above %g", bad, l2);
	blas_dpotrs(threads, m->a, m->cols, ld, right, 1, 1);
	for (size_t j = 0; j < m->cols; j++) {
		w[j] = (float)right[j];
		intercept -= right[j] * m->mean[j];
	}
	w[m->cols] = (float)intercept;
	return 0;
}

int normal_fit(const struct design *d, const float *y, double l2, float *w,
	       struct run *run, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	size_t ld = d->cols + 1, n = d->rows->rows;
	struct normal m = {
		.rows = d->rows,
		.y = y,
		.cols = d->cols,
		.mean = ARENA_NEW(run->arena, double, ld),
		.block = ARENA_RAW(run->arena, double, BLOCK_ROWS * ld),
		.a = ARENA_NEW(run->arena, double, ld * ld),
	};
	int rc;

	if (!m.mean || !m.block || !m.a) {
		rc = arena_error(run->arena, err);
	} else {
		means(&m);
		for (size_t i = 0; i < n; i += BLOCK_ROWS)
			add_block(&m, run->threads, i,
				  n - i < BLOCK_ROWS ? n - i : BLOCK_ROWS);
		rc = solve(&m, run->threads, l2, w, err);
	}
	arena_rewind(run->arena, mark);
	return rc;
}
