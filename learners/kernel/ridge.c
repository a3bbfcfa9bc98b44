/* Kernel ridge regression in closed form.
 *
 *	assemble  K + ridge W^-1, lower triangle, in tiles
 *	factor    by Cholesky, in place
 *	solve     for all outputs at once
 *	check     the solution against rows of K that are computed anew
 *
 * The check is cheap (64 rows) and honest: Cholesky in float may succeed on a
 * matrix whose solution is noise. When it fails, the same is done in double.
 * The n x n matrix is the only large thing; it is given back before returning.
 */
#include "learners/kernel/ridge.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/blas.h"

/* One fit in one precision; f64 is NULL or f32 is. */
struct system {
	const struct kernel_ridge *m;
	const float *y, *weight;
	double ridge;
	float *f32;  /* (n, n) K + ridge, then its factor; lower triangle */
	double *f64; /* the same in double */
};

/* A row of weight w counts as w rows: its ridge is divided by w. A weight of 0
 * would ask for an infinite one. */
static double ridge_of(const struct system *s, size_t i)
{
	double w = s->weight ? (double)s->weight[i] : 1.0;

	return s->ridge / (w > 1e-6 ? w : 1e-6);
}

/* ------------------------------------------------------------------ assembling */

/* Above the diagonal lies what the tiles on it wrote; Cholesky ignores it. */
static void assemble_f32(struct system *s, int threads)
{
	size_t n = s->m->rows.n;

	gram_lower(threads, &s->m->kernel, &s->m->rows, s->f32, n);
	for (size_t i = 0; i < n; i++)
		s->f32[i * n + i] += (float)ridge_of(s, i);
}

#define WIDEN_ROWS 128

struct widen_job {
	struct system *s;
	float *scratch; /* (workers, WIDEN_ROWS, n) */
};

/* K is computed in float in either case: what double buys is the factor, whose
 * rounding errors grow with the condition of K + ridge. */
static void widen_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct widen_job *job = ctx;
	const struct kernel_ridge *m = job->s->m;
	size_t n = m->rows.n;
	struct par_range r = par_range(n, WIDEN_ROWS, chunk);
	float *block = job->scratch + worker * WIDEN_ROWS * n;

	gram_block(&m->kernel, &m->rows, r, &m->rows,
		   (struct par_range){ 0, r.end }, block, n);
	for (size_t i = r.begin; i < r.end; i++) {
		double *row = job->s->f64 + i * n;

		for (size_t j = 0; j <= i; j++)
			row[j] = (double)block[(i - r.begin) * n + j];
		row[i] += ridge_of(job->s, i);
	}
}

/* Row blocks through scratch of each worker, so that no float copy of K is
 * alive beside the double one. */
static int assemble_f64(struct system *s, struct run *run, struct error *err)
{
	size_t n = s->m->rows.n;
	int threads = blas_threads(run->threads);
	struct widen_job job = {
		.s = s,
		.scratch = ARENA_RAW(run->arena, float,
				     (size_t)threads * WIDEN_ROWS * n),
	};

	if (!job.scratch)
		return arena_error(run->arena, err);
	par_for(threads, par_chunks(n, WIDEN_ROWS), widen_rows, &job);
	return 0;
}

/* --------------------------------------------------------------------- solving */

/* x (n, cols) <- (K + ridge)^-1 x with whichever factor there is. */
static int solve(const struct system *s, struct run *run, float *x, size_t cols,
		 struct error *err)
{
	size_t n = s->m->rows.n;
	struct arena_mark mark = arena_mark(run->arena);
	double *wide;

	if (s->f32) {
		blas_spotrs(run->threads, s->f32, n, n, x, cols, cols);
		return 0;
	}
	wide = ARENA_RAW(run->arena, double, n * cols);
	if (!wide)
		return arena_error(run->arena, err);
	for (size_t i = 0; i < n * cols; i++)
		wide[i] = (double)x[i];
	blas_dpotrs(run->threads, s->f64, n, n, wide, cols, cols);
	for (size_t i = 0; i < n * cols; i++)
		x[i] = (float)wide[i];
	arena_rewind(run->arena, mark);
	return 0;
}

#define CHECK_ROWS 64
#define CHECK_TOLERANCE 0.01 /* of the target's size, far below its noise */

/* Does alpha solve the system? Asked of a few rows of K, spread evenly, that are
 * computed anew: relative |Y - (K + ridge) alpha|. *good says. */
static int check(const struct system *s, struct run *run, bool *good,
		 struct error *err)
{
	const struct kernel_ridge *m = s->m;
	struct arena_mark mark = arena_mark(run->arena);
	size_t n = m->rows.n, out = m->outputs;
	size_t rows = n < CHECK_ROWS ? n : CHECK_ROWS;
	float *x = ARENA_RAW(run->arena, float, rows * m->rows.cols);
	float *fitted = ARENA_RAW(run->arena, float, rows * out);
	double wrong = 0, size = 0;

	if (!x || !fitted)
		return arena_error(run->arena, err);
	for (size_t i = 0; i < rows; i++)
		memcpy(x + i * m->rows.cols,
		       m->rows.x + i * n / rows * m->rows.cols,
		       m->rows.cols * sizeof(*x));
	if (kernel_ridge_predict(m, x, rows, run, fitted, err))
		return (int)err->code;
	for (size_t i = 0; i < rows * out; i++) {
		size_t row = i / out * n / rows, at = row * out + i % out;
		double r = (double)s->y[at] - (double)fitted[i] -
			   ridge_of(s, row) * (double)m->alpha[at];

		wrong += r * r;
		size += (double)s->y[at] * (double)s->y[at];
	}
	*good = wrong <= CHECK_TOLERANCE * CHECK_TOLERANCE * size;
	arena_rewind(run->arena, mark);
	return 0;
}

/* Left-out predictions without a second fit: f_-i(x_i) = y_i - alpha_i /
 * (C^-1)_ii with C = K + ridge (Rasmussen & Williams 2006, eq. 5.12); the
 * diagonal of the inverse by solving for unit vectors. */
static int hold_out(const struct system *s, struct run *run,
		    struct kernel_held *held, struct error *err)
{
	const struct kernel_ridge *m = s->m;
	size_t k = held->n, out = m->outputs;
	struct arena_mark mark = arena_mark(run->arena);
	float *unit = ARENA_NEW(run->arena, float, m->rows.n * k);

	if (!unit)
		return arena_error(run->arena, err);
	for (size_t c = 0; c < k; c++)
		unit[held->row[c] * k + c] = 1.0f;
	if (solve(s, run, unit, k, err))
		return (int)err->code;
	for (size_t c = 0; c < k; c++) {
		size_t row = held->row[c];
		float inverse = unit[row * k + c];

		for (size_t o = 0; o < out; o++)
			held->value[c * out + o] =
				s->y[row * out + o] -
				m->alpha[row * out + o] / inverse;
	}
	arena_rewind(run->arena, mark);
	return 0;
}

/* ---------------------------------------------------------------------- fitting */

/* Factor and solve in float; *good tells whether that was enough. */
static int fit_f32(struct system *s, struct run *run, bool *good,
		   struct error *err)
{
	const struct kernel_ridge *m = s->m;
	size_t n = m->rows.n;

	s->f32 = ARENA_RAW(run->arena, float, n * n);
	if (!s->f32)
		return arena_error(run->arena, err);
	assemble_f32(s, run->threads);
	*good = blas_spotrf(run->threads, s->f32, n, n) == 0;
	if (!*good)
		return 0;
	memcpy(m->alpha, s->y, n * m->outputs * sizeof(*s->y));
	if (solve(s, run, m->alpha, m->outputs, err))
		return (int)err->code;
	return check(s, run, good, err);
}

/* The second and last attempt; run->note tells the user that it was made. */
static int fit_f64(struct system *s, struct run *run, struct error *err)
{
	const struct kernel_ridge *m = s->m;
	size_t n = m->rows.n, bad;

	snprintf(run->note, sizeof(run->note),
		 "float was too coarse for ridge %g: solved in double",
		 s->ridge);
	s->f32 = NULL;
	s->f64 = ARENA_RAW(run->arena, double, n * n);
	if (!s->f64)
		return arena_error(run->arena, err);
	if (assemble_f64(s, run, err))
		return (int)err->code;
	bad = blas_dpotrf(run->threads, s->f64, n, n);
	if (bad)
		return error_set(err, ERR_DIVERGED,
				 "the kernel matrix is singular at row %zu even "
				 "in double: raise ridge above %g",
				 bad, s->ridge);
	memcpy(m->alpha, s->y, n * m->outputs * sizeof(*s->y));
	return solve(s, run, m->alpha, m->outputs, err);
}

/* Float, then double where float was not enough; held rows use whichever factor
 * is there. The rewind gives back K and the factor, alpha came before the mark. */
static int fit_and_hold(struct system *s, struct run *run,
			struct kernel_held *held, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	bool good = false;
	int rc = fit_f32(s, run, &good, err);

	if (rc == 0 && !good) {
		arena_rewind(run->arena, mark);
		rc = fit_f64(s, run, err);
	}
	if (rc == 0 && held)
		rc = hold_out(s, run, held, err);
	arena_rewind(run->arena, mark);
	return rc;
}

/* Told before hours are spent: K alone must fit below the arena's limit. */
static int check_size(size_t n, const struct arena *a, struct error *err)
{
	double need = 4.0 * (double)n * (double)n;

	if (a->limit && need > (double)(a->limit - a->used))
		return error_set(err, ERR_UNSUPPORTED,
				 "the kernel matrix of %zu rows takes %.1f GB, "
				 "the limit leaves %.1f GB", n, need / 1e9,
				 (double)(a->limit - a->used) / 1e9);
	return 0;
}

/* Held rows are spread evenly over the rows, in whatever order they come. */
static int held_new(struct kernel_held *held, size_t n, size_t outputs,
		    struct arena *a, struct error *err)
{
	held->n = n < KERNEL_RIDGE_HELD ? n : KERNEL_RIDGE_HELD;
	held->row = ARENA_RAW(a, uint32_t, held->n);
	held->value = ARENA_RAW(a, float, held->n * outputs);
	if (!held->row || !held->value)
		return arena_error(a, err);
	for (size_t i = 0; i < held->n; i++)
		held->row[i] = (uint32_t)(i * n / held->n);
	return 0;
}

int kernel_ridge_fit(struct kernel_ridge *m, const float *y,
		     const float *weight, double ridge, struct run *run,
		     struct kernel_held *held, struct error *err)
{
	struct system s = { .m = m, .y = y, .weight = weight, .ridge = ridge };
	size_t n = m->rows.n;

	if (check_size(n, run->arena, err))
		return (int)err->code;
	m->alpha = ARENA_RAW(run->arena, float, n * m->outputs);
	if (!m->alpha)
		return arena_error(run->arena, err);
	if (held && held_new(held, n, m->outputs, run->arena, err))
		return (int)err->code;
	return fit_and_hold(&s, run, held, err);
}

/* ------------------------------------------------------------------- predicting */

#define PREDICT_ROWS 256
#define PREDICT_COLS 2048 /* with PREDICT_ROWS: 2 MiB of kernel values */

struct predict_job {
	const struct kernel_ridge *m;
	struct gram_rows at;
	float *scratch; /* (workers, PREDICT_ROWS, PREDICT_COLS) */
	float *out;
};

/* K of some rows of x and some of the fitted ones is made, used and forgotten;
 * partial sums are added by BLAS in the order of c. */
static void predict_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct predict_job *job = ctx;
	const struct kernel_ridge *m = job->m;
	struct par_range r = par_range(job->at.n, PREDICT_ROWS, chunk);
	float *k = job->scratch + worker * PREDICT_ROWS * PREDICT_COLS;

	for (size_t c = 0; c < par_chunks(m->rows.n, PREDICT_COLS); c++) {
		struct par_range fit = par_range(m->rows.n, PREDICT_COLS, c);

		gram_block(&m->kernel, &job->at, r, &m->rows, fit, k,
			   PREDICT_COLS);
		blas_sgemm(&(struct blas_gemm){
			.m = r.end - r.begin,
			.n = m->outputs,
			.k = fit.end - fit.begin,
			.alpha = 1.0f,
			.beta = c ? 1.0f : 0.0f,
			.a = k,
			.lda = PREDICT_COLS,
			.b = m->alpha + fit.begin * m->outputs,
			.ldb = m->outputs,
			.c = job->out + r.begin * m->outputs,
			.ldc = m->outputs,
		});
	}
}

int kernel_ridge_predict(const struct kernel_ridge *m, const float *x, size_t n,
			 struct run *run, float *out, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	int threads = blas_threads(run->threads);
	struct predict_job job = {
		.m = m,
		.at = gram_rows_make(threads, x, n, m->rows.cols, run->arena),
		.scratch = ARENA_RAW(run->arena, float,
				     (size_t)threads * PREDICT_ROWS *
					     PREDICT_COLS),
		.out = out,
	};

	if (!job.at.norm || !job.scratch) {
		arena_rewind(run->arena, mark);
		return arena_error(run->arena, err);
	}
	par_for(threads, par_chunks(n, PREDICT_ROWS), predict_rows, &job);
	arena_rewind(run->arena, mark);
	return 0;
}

struct forecast kernel_ridge_forecast(size_t n, size_t cols, size_t outputs)
{
	/* Only classes have probabilities to calibrate on rows held out. */
	double rows = (double)n, held = outputs > 1 ? KERNEL_RIDGE_HELD : 0;

	return (struct forecast){
		.bytes = 4 * rows * (rows + 2 * (double)outputs + held),
		.flops = rows * rows * (double)cols + rows * rows * rows / 3 +
			 4 * rows * rows * ((double)outputs + held),
	};
}
