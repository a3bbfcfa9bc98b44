/* The two products of linear models, on dense and sparse rows.
 *
 * Dense: matrix products. Sparse: X w goes row by row, one axpy of `outputs`
 * numbers an entry; X' p would scatter into shared sums, so the entries are also
 * kept sorted by column, and a column gathers its sum alone. That doubles the
 * memory of the entries and keeps the order of every sum, hence its bits.
 */
#include "learners/linear/design.h"

#include <string.h>

#include "harness/base/blas.h"
#include "harness/base/par.h"
#include "harness/base/simd.h"

#define ROW_GRAIN 256
#define COL_GRAIN 512

/* Counting sort of the entries by column. */
static int sort_by_column(struct design *d, struct arena *a, struct error *err)
{
	const struct part *p = d->rows;
	size_t entries = (size_t)p->row_start[p->rows], *next;

	d->col_start = ARENA_NEW(a, size_t, d->cols + 1);
	next = ARENA_RAW(a, size_t, d->cols + 1);
	d->row = ARENA_RAW(a, uint32_t, entries);
	d->value = ARENA_RAW(a, float, entries);
	if (!d->col_start || !next || !d->row || !d->value)
		return arena_error(a, err);
	for (size_t e = 0; e < entries; e++)
		d->col_start[p->index[e] + 1]++;
	for (size_t j = 0; j < d->cols; j++)
		d->col_start[j + 1] += d->col_start[j];
	memcpy(next, d->col_start, (d->cols + 1) * sizeof(*next));
	for (size_t i = 0; i < p->rows; i++) {
		for (size_t e = p->row_start[i]; e < p->row_start[i + 1]; e++) {
			size_t to = next[p->index[e]]++;

			d->row[to] = (uint32_t)i;
			d->value[to] = p->value[e];
		}
	}
	return 0;
}

int design_init(struct design *d, const struct dataset *data,
		const struct part *rows, bool both, struct arena *a,
		struct error *err)
{
	*d = (struct design){
		.rows = rows,
		.cols = data->cols,
		.sparse = data->view == VIEW_SPARSE,
	};
	return both && d->sparse ? sort_by_column(d, a, err) : 0;
}

/* One product on its way; `in` is w or p, `b` the intercepts or NULL. */
struct product {
	const struct design *d;
	const float *in, *b;
	size_t outputs;
	float *out;
};

/* Products start from the intercepts instead of zero. */
static void fill_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct product *job = ctx;
	struct par_range r = par_range(job->d->rows->rows, ROW_GRAIN, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++)
		memcpy(job->out + i * job->outputs, job->b,
		       job->outputs * sizeof(*job->b));
}

/* w is (cols, outputs), so an entry touches one short contiguous run. */
static void sparse_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct product *job = ctx;
	const struct part *p = job->d->rows;
	const struct vec_kernels *vec = simd_vec();
	struct par_range r = par_range(p->rows, ROW_GRAIN, chunk);
	size_t k = job->outputs;

	fill_rows(ctx, chunk, worker);
	for (size_t i = r.begin; i < r.end; i++)
		for (size_t e = p->row_start[i]; e < p->row_start[i + 1]; e++)
			vec->axpy(p->value[e], job->in + p->index[e] * k,
				  job->out + i * k, k);
}

void design_times(int threads, const struct design *d, const float *w,
		  const float *b, size_t outputs, float *out)
{
	struct product job = { d, w, b, outputs, out };
	size_t chunks = par_chunks(d->rows->rows, ROW_GRAIN);

	if (d->sparse) {
		par_for(threads, chunks, sparse_rows, &job);
		return;
	}
	par_for(threads, chunks, fill_rows, &job);
	blas_sgemm_par(threads, &(struct blas_gemm){
		.m = d->rows->rows,
		.n = outputs,
		.k = d->cols,
		.alpha = 1.0f,
		.beta = 1.0f,
		.a = d->rows->x,
		.lda = d->cols,
		.b = w,
		.ldb = outputs,
		.c = out,
		.ldc = outputs,
	});
}

/* Each column of X gathers its own entries, so no two threads share a sum. */
static void sparse_cols(void *ctx, size_t chunk, size_t worker)
{
	const struct product *job = ctx;
	const struct design *d = job->d;
	const struct vec_kernels *vec = simd_vec();
	struct par_range r = par_range(d->cols, COL_GRAIN, chunk);
	size_t k = job->outputs;

	(void)worker;
	memset(job->out + r.begin * k, 0,
	       (r.end - r.begin) * k * sizeof(*job->out));
	for (size_t j = r.begin; j < r.end; j++)
		for (size_t e = d->col_start[j]; e < d->col_start[j + 1]; e++)
			vec->axpy(d->value[e], job->in + d->row[e] * k,
				  job->out + j * k, k);
}

/* The intercepts' gradient is not here: loss.c sums it with the losses. */
void design_transposed(int threads, const struct design *d, const float *p,
		       size_t outputs, float *out)
{
	struct product job = { d, p, NULL, outputs, out };

	if (d->sparse) {
		par_for(threads, par_chunks(d->cols, COL_GRAIN), sparse_cols,
			&job);
		return;
	}
	blas_sgemm_par(threads, &(struct blas_gemm){
		.trans_a = true,
		.m = d->cols,
		.n = outputs,
		.k = d->rows->rows,
		.alpha = 1.0f,
		.a = d->rows->x,
		.lda = d->cols,
		.b = p,
		.ldb = outputs,
		.c = out,
		.ldc = outputs,
	});
}
