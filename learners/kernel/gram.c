/* Gram matrices: a block is filled with |x|^2 + |y|^2, BLAS takes 2 x'y off it,
 * and one more pass over the block turns squared distances into kernel values
 * while it is in the cache. Everything above works on such blocks: a matrix of
 * all pairs never exists unless the caller has asked for it.
 *
 * Which block an element is computed in depends on sizes alone, so its bits do
 * not depend on the number of threads.
 */
#include "learners/kernel/gram.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/base/blas.h"
#include "harness/base/rng.h"
#include "harness/base/simd.h"

#define NORM_GRAIN 1024
/* A tile of distances (1 MiB) is still in L2 or L3 when exp passes over it. */
#define TILE 512
#define MEDIAN_ROWS 512

struct norms_job {
	const float *x;
	size_t n, cols;
	float *norm;
};

/* Squared norms, by the dot product of the kernels' level. */
static void norms_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct norms_job *job = ctx;
	const struct vec_kernels *vec = simd_vec();
	struct par_range r = par_range(job->n, NORM_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		const float *row = job->x + i * job->cols;

		job->norm[i] = vec->dot(row, row, job->cols);
	}
}

struct gram_rows gram_rows_make(int threads, const float *x, size_t n,
				size_t cols, struct arena *a)
{
	struct norms_job job = {
		.x = x,
		.n = n,
		.cols = cols,
		.norm = ARENA_RAW(a, float, n),
	};

	if (job.norm)
		par_for(threads, par_chunks(n, NORM_GRAIN), norms_chunk, &job);
	return (struct gram_rows){ x, n, cols, job.norm };
}

/* out <- |a_i|^2 + |b_j|^2, from which the product is then taken. */
static void fill_norms(const float *a, size_t m, const float *b, size_t n,
		       float *out, size_t ld)
{
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j < n; j++)
			out[i * ld + j] = a[i] + b[j];
}

/* Where row and column are the same row, no rounding may pull them apart. */
static void zero_diagonal(struct par_range ra, struct par_range rb, float *out,
			  size_t ld)
{
	size_t begin = ra.begin > rb.begin ? ra.begin : rb.begin;
	size_t end = ra.end < rb.end ? ra.end : rb.end;

	for (size_t i = begin; i < end; i++)
		out[(i - ra.begin) * ld + (i - rb.begin)] = 0.0f;
}

/* Squared distances -> kernel values. Rounding may leave a distance slightly
 * below 0; the vector routines clamp it, plain distances do it here. */
static void transform(const struct gram_kernel *k, float *row, size_t n)
{
	const struct vec_kernels *vec = simd_vec();

	switch (k->kind) {
	case GRAM_GAUSSIAN:
		vec->gaussian(row, 0.5f / (k->width * k->width), n);
		break;
	case GRAM_LAPLACE:
		vec->laplace(row, 1.0f / k->width, n);
		break;
	case GRAM_DISTANCE:
		for (size_t j = 0; j < n; j++)
			row[j] = row[j] < 0.0f ? 0.0f : row[j];
		break;
	}
}

/* The caller says where blocks begin and end; that the product comes from one
 * call of a BLAS on one thread makes it the same wherever it is run. */
void gram_block(const struct gram_kernel *k, const struct gram_rows *a,
		struct par_range ra, const struct gram_rows *b,
		struct par_range rb, float *out, size_t ld)
{
	size_t m = ra.end - ra.begin, n = rb.end - rb.begin;

	fill_norms(a->norm + ra.begin, m, b->norm + rb.begin, n, out, ld);
	blas_sgemm(&(struct blas_gemm){
		.trans_b = true,
		.m = m,
		.n = n,
		.k = a->cols,
		.alpha = -2.0f,
		.beta = 1.0f,
		.a = a->x + ra.begin * a->cols,
		.lda = a->cols,
		.b = b->x + rb.begin * b->cols,
		.ldb = b->cols,
		.c = out,
		.ldc = ld,
	});
	if (a->x == b->x)
		zero_diagonal(ra, rb, out, ld);
	for (size_t i = 0; i < m; i++)
		transform(k, out + i * ld, n);
}

/* Only tiles on and below the diagonal: half the work of the square, and what
 * Cholesky reads. */
struct lower_job {
	const struct gram_kernel *kernel;
	const struct gram_rows *x;
	float *out;
	size_t ld;
};

/* Chunk c is tile (i, j), j <= i, counted row by row: c = i (i + 1) / 2 + j. */
static void lower_tile(void *ctx, size_t chunk, size_t worker)
{
	const struct lower_job *job = ctx;
	size_t i = (size_t)((sqrt(8.0 * (double)chunk + 1.0) - 1.0) / 2.0);
	struct par_range ri, rj;

	(void)worker;
	while (i * (i + 1) / 2 > chunk) /* the root may be off by a rounding */
		i--;
	while ((i + 1) * (i + 2) / 2 <= chunk)
		i++;
	ri = par_range(job->x->n, TILE, i);
	rj = par_range(job->x->n, TILE, chunk - i * (i + 1) / 2);
	gram_block(job->kernel, job->x, ri, job->x, rj,
		   job->out + ri.begin * job->ld + rj.begin, job->ld);
}

void gram_lower(int threads, const struct gram_kernel *k,
		const struct gram_rows *x, float *out, size_t ld)
{
	struct lower_job job = { k, x, out, ld };
	size_t tiles = par_chunks(x->n, TILE);

	par_for(blas_threads(threads), tiles * (tiles + 1) / 2, lower_tile, &job);
}

/* For qsort; there is no NaN among distances of finite rows. */
static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* The first m of a random order of the rows, copied: a fixed subsample. */
static bool sample_rows(const struct gram_rows *x, size_t m, uint64_t seed,
			struct arena *a, struct gram_rows *out)
{
	uint32_t *order = ARENA_RAW(a, uint32_t, x->n);
	float *rows = ARENA_RAW(a, float, m * x->cols);

	if (!order || !rows)
		return false;
	rng_permutation(rng_make(seed, "kernel/median"), x->n, order);
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j < x->cols; j++)
			rows[i * x->cols + j] = x->x[order[i] * x->cols + j];
	*out = gram_rows_make(1, rows, m, x->cols, a);
	return out->norm != NULL;
}

/* 512 rows make 130,816 pairs: a width need not be known
 * better than their median. */
int gram_median(const struct gram_rows *x, uint64_t seed, struct arena *a,
		float *median, struct error *err)
{
	const struct gram_kernel distance = { .kind = GRAM_DISTANCE };
	struct arena_mark mark = arena_mark(a);
	size_t m = x->n < MEDIAN_ROWS ? x->n : MEDIAN_ROWS, pairs = 0;
	struct par_range all = { 0, m };
	float *d2 = ARENA_RAW(a, float, m * m);
	struct gram_rows sample;

	if (!d2 || !sample_rows(x, m, seed, a, &sample)) {
		arena_rewind(a, mark);
		return arena_error(a, err);
	}
	gram_block(&distance, &sample, all, &sample, all, d2, m);
	for (size_t i = 1; i < m; i++)
		for (size_t j = 0; j < i; j++)
			d2[pairs++] = d2[i * m + j];
	qsort(d2, pairs, sizeof(*d2), by_value);
	*median = pairs ? sqrtf(d2[pairs / 2]) : 0.0f;
	if (!(*median > 0.0f))
		*median = 1.0f;
	arena_rewind(a, mark);
	return 0;
}
