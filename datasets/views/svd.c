/* Randomised subspace iteration; svd.h names the paper.
 *
 * Text matrices have tens of thousands of columns and rank 128 is wanted, so
 * the matrix is only ever multiplied by thin blocks (l = rank + OVERSAMPLE
 * columns), which costs O(nonzeros x l) a product. Orthonormal bases come from
 * the l x l Gram matrix of a block instead of a QR decomposition: that squares
 * the condition number, which double precision and the re-orthonormalisation
 * in every step can afford, and needs nothing but GEMM and a small symmetric
 * eigenproblem.
 *
 * Bits do not depend on threads: rows are multiplied in fixed blocks, and the
 * Gram products run on one. */
#include "datasets/views/svd.h"

#include <math.h>
#include <string.h>

#include "harness/base/blas.h"
#include "harness/base/par.h"
#include "harness/base/rng.h"

#define OVERSAMPLE 16 /* directions beyond the rank: Halko et al. advise 5-10 */
#define ITERATIONS 4  /* products with A' A; sigma_k counts to the 9th power */
#define ROW_GRAIN 128
/* Directions whose squared length is below this share of the longest are
 * rounding errors: Gram matrices in double have about 1e-16 to give. */
#define TINY 1e-12

/* Compressed rows, of A or of its transpose. */
struct sparse {
	size_t rows, cols;
	const uint64_t *start; /* (rows + 1) */
	const uint32_t *index;
	const float *value;
};

/* What the steps share; matrices are row-major. */
struct work {
	struct sparse m, t; /* A and A' */
	size_t l;	    /* width of the subspace, rank + OVERSAMPLE */
	int threads;
	double *y;	/* (rows, l) */
	double *z;	/* (cols, l) */
	double *tmp;	/* (max(rows, cols), l) */
	double *gram;	/* (l, l) */
	double *lambda; /* (l) */
	double *work;	/* (lwork) for blas_dsyevd */
	int *iwork;	/* (liwork) */
	size_t lwork, liwork;
};

/* A' from A by counting: rows of A' have rising indices as rows are met in
 * order. */
static int transpose(const struct sparse *m, struct sparse *t, struct arena *a,
		     struct error *err)
{
	size_t n = (size_t)m->start[m->rows];
	uint64_t *start = ARENA_NEW(a, uint64_t, m->cols + 2);
	uint32_t *index = ARENA_RAW(a, uint32_t, n);
	float *value = ARENA_RAW(a, float, n);

	if (!start || !index || !value)
		return arena_error(a, err);
	/* start is kept one ahead, so that it ends where it should */
	for (size_t k = 0; k < n; k++)
		start[m->index[k] + 2]++;
	for (size_t j = 0; j < m->cols; j++)
		start[j + 2] += start[j + 1];
	for (size_t i = 0; i < m->rows; i++) {
		for (uint64_t k = m->start[i]; k < m->start[i + 1]; k++) {
			uint64_t to = start[m->index[k] + 1]++;

			index[to] = (uint32_t)i;
			value[to] = m->value[k];
		}
	}
	*t = (struct sparse){ m->cols, m->rows, start, index, value };
	return 0;
}

/* out (m.rows, l) = m x (m.cols, l). */
struct product {
	const struct sparse *m;
	size_t l;
	const double *x;
	double *out;
};

/* Rows of the result, each summed by one thread in the order of its entries. */
static void multiply_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct product *p = ctx;
	struct par_range r = par_range(p->m->rows, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		double *out = p->out + i * p->l;

		memset(out, 0, p->l * sizeof(*out));
		for (uint64_t k = p->m->start[i]; k < p->m->start[i + 1]; k++) {
			const double *x = p->x + p->m->index[k] * p->l;
			double v = (double)p->m->value[k];

			for (size_t j = 0; j < p->l; j++)
				out[j] += v * x[j];
		}
	}
}

/* A or A' times a thin block. */
static void multiply(const struct work *w, const struct sparse *m,
		     const double *x, double *out)
{
	struct product p = { .m = m, .l = w->l, .x = x, .out = out };

	par_for(w->threads, par_chunks(m->rows, ROW_GRAIN), multiply_rows, &p);
}

/* Eigenvectors of X'X (rows of w->gram) and eigenvalues, both rising. */
static int gram_eigen(struct work *w, const double *x, size_t rows,
		      struct error *err)
{
	struct blas_gemm_f64 g = { .trans_a = true, .m = w->l, .n = w->l,
				   .k = rows, .alpha = 1, .a = x, .lda = w->l,
				   .b = x, .ldb = w->l, .c = w->gram,
				   .ldc = w->l };

	blas_dgemm(&g);
	return blas_dsyevd(w->gram, w->l, w->lambda, w->work, w->lwork, w->iwork,
			   w->liwork, err);
}

/* X (rows, l) becomes X W diag(lambda)^(-1/2): orthonormal columns that span
 * the same space, strongest first; directions that are only rounding become
 * zero columns. */
static int orthonormalise(struct work *w, double *x, size_t rows,
			  struct error *err)
{
	int rc = gram_eigen(w, x, rows, err);
	struct blas_gemm_f64 g = { .trans_b = true, .m = rows, .n = w->l,
				   .k = w->l, .alpha = 1, .a = w->tmp,
				   .lda = w->l, .b = w->gram, .ldb = w->l,
				   .c = x, .ldc = w->l };

	if (rc)
		return rc;
	for (size_t k = 0; k < w->l; k++) {
		double lambda = w->lambda[k];
		double scale = lambda > TINY * w->lambda[w->l - 1] ?
			1 / sqrt(lambda) : 0;

		for (size_t j = 0; j < w->l; j++)
			w->gram[k * w->l + j] *= scale;
	}
	memcpy(w->tmp, x, rows * w->l * sizeof(*x));
	blas_dgemm_par(w->threads, &g);
	return 0;
}

/* All buffers at once: about (rows + cols + the larger) x l doubles, 100 MB
 * for 16,000 texts of 40,000 terms. */
static int work_init(struct work *w, const struct part *p, size_t cols,
		     size_t rank, int threads, struct arena *a,
		     struct error *err)
{
	size_t rows = p->rows, l = rank + OVERSAMPLE;
	size_t most = rows > cols ? rows : cols;

	w->m = (struct sparse){ rows, cols, p->row_start, p->index, p->value };
	w->l = l;
	w->threads = threads;
	w->lwork = 1 + 6 * l + 2 * l * l; /* dsyevd's manual, JOBZ = 'V' */
	w->liwork = 3 + 5 * l;
	w->y = ARENA_RAW(a, double, rows * l);
	w->z = ARENA_RAW(a, double, cols * l);
	w->tmp = ARENA_RAW(a, double, most * l);
	w->gram = ARENA_NEW(a, double, l * l);
	w->lambda = ARENA_NEW(a, double, l);
	w->work = ARENA_NEW(a, double, w->lwork);
	w->iwork = ARENA_NEW(a, int, w->liwork);
	if (!w->y || !w->z || !w->tmp || !w->gram || !w->lambda || !w->work ||
	    !w->iwork)
		return arena_error(a, err);
	return transpose(&w->m, &w->t, a, err);
}

/* Leaves in w->z (cols, l) the matrix A' Q, where Q is an orthonormal basis of
 * nearly all that A reaches: then A is about Q (A' Q)'. */
static int find_range(struct work *w, struct error *err)
{
	struct rng r = rng_make(0, "svd");
	int rc = 0;

	for (size_t k = 0; k < w->m.cols * w->l; k++)
		w->z[k] = rng_normal(r, k);
	for (int t = 0; t <= ITERATIONS && !rc; t++) {
		if (t > 0)
			rc = orthonormalise(w, w->z, w->m.cols, err);
		if (rc)
			return rc;
		multiply(w, &w->m, w->z, w->y);
		rc = orthonormalise(w, w->y, w->m.rows, err);
		multiply(w, &w->t, w->y, w->z);
	}
	return rc;
}

/* The sign of a singular vector is free: make its largest entry positive, so
 * that columns mean the same on every machine and in every repeat. */
static void fix_signs(float *v, size_t cols, size_t rank)
{
	for (size_t k = 0; k < rank; k++) {
		float best = 0;

		for (size_t i = 0; i < cols; i++)
			if (fabsf(v[i * rank + k]) > fabsf(best))
				best = v[i * rank + k];
		for (size_t i = 0; best < 0 && i < cols; i++)
			v[i * rank + k] = -v[i * rank + k];
	}
}

/* Z = A'Q has the right singular vectors of A in its column space: with
 * Z'Z = W diag(lambda) W', they are Z w_k / sqrt(lambda_k). */
static int take_vectors(struct svd *s, struct work *w, size_t rank,
			struct arena *a, struct error *err)
{
	int rc = gram_eigen(w, w->z, w->m.cols, err);
	double top = w->lambda[w->l - 1];
	size_t l = w->l;

	if (rc)
		return rc;
	if (!(top > 0))
		return error_set(err, ERR_DATA, "the matrix is zero");
	for (s->rank = 0; s->rank < rank; s->rank++)
		if (w->lambda[l - 1 - s->rank] <= TINY * top)
			break;
	s->cols = w->m.cols;
	s->sigma = ARENA_NEW(a, double, s->rank);
	s->v = ARENA_NEW(a, float, s->cols * s->rank);
	if (!s->sigma || !s->v)
		return arena_error(a, err);
	for (size_t k = 0; k < s->rank; k++)
		s->sigma[k] = sqrt(w->lambda[l - 1 - k]);
	for (size_t i = 0; i < s->cols; i++) {
		for (size_t k = 0; k < s->rank; k++) {
			const double *e = w->gram + (l - 1 - k) * l;
			double sum = 0;

			for (size_t j = 0; j < l; j++)
				sum += w->z[i * l + j] * e[j];
			s->v[i * s->rank + k] = (float)(sum / s->sigma[k]);
		}
	}
	fix_signs(s->v, s->cols, s->rank);
	return 0;
}

/* Of two sizes. */
static size_t least(size_t x, size_t y)
{
	return x < y ? x : y;
}

/* A matrix cannot have more directions than rows or columns. */
int svd_fit(struct svd *s, const struct part *p, size_t cols, size_t rank,
	    int threads, struct arena *a, struct error *err)
{
	struct work w = { 0 };
	int rc;

	rank = least(rank, least(p->rows, cols));
	rc = work_init(&w, p, cols, rank, threads, a, err);
	if (!rc)
		rc = find_range(&w, err);
	return rc ? rc : take_vectors(s, &w, rank, a, err);
}

struct projection {
	const struct svd *s;
	const struct part *p;
	float *x;
};

/* x = row of p times V: a few dozen rows of V are added up. */
static void project_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct projection *j = ctx;
	struct par_range r = par_range(j->p->rows, ROW_GRAIN, chunk);
	size_t rank = j->s->rank;

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		float *x = j->x + i * rank;

		memset(x, 0, rank * sizeof(*x));
		for (uint64_t k = j->p->row_start[i];
		     k < j->p->row_start[i + 1]; k++) {
			const float *v = j->s->v + j->p->index[k] * rank;

			for (size_t c = 0; c < rank; c++)
				x[c] += j->p->value[k] * v[c];
		}
	}
}

/* Blocks of rows, each written by one thread, so that sums have one order. */
void svd_project(const struct svd *s, const struct part *p, int threads,
		 float *x)
{
	struct projection j = { .s = s, .p = p, .x = x };

	par_for(threads, par_chunks(p->rows, ROW_GRAIN), project_rows, &j);
}
