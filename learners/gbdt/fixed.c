/* Two passes over the rows: sums, which give the scales, then packing. Sums are
 * kept a chunk each and added in order; the packed total is a sum of integers.
 */
#include "learners/gbdt/fixed.h"

#include <math.h>

#include "harness/base/par.h"
#include "learners/gbdt/gbdt_kernels.h"

static const double one = 1 << 30;

double fixed_gradient(const struct fixed *f, int64_t gh)
{
	return gh_gradient(gh) / one * f->gradient;
}

double fixed_hessian(const struct fixed *f, int64_t gh)
{
	return gh_hessian(gh) / one * f->hessian;
}

/* One tree's packing on its way; `partial` and `total` are the chunks' sums. */
struct job {
	const float *g, *h;
	const uint32_t *rows;
	size_t n;
	int64_t *gh;
	double *partial; /* (chunks, 2) sums of |g| and h */
	int64_t *total;	 /* (chunks) */
	float to_g, to_h;
};

/* Double sums in the order of rows: the scales must not depend on threads. */
static void sum_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct job *job = ctx;
	struct par_range r = par_range(job->n, FIXED_ROWS, chunk);
	double g = 0, h = 0;

	(void)worker;
	for (size_t k = r.begin; k < r.end; k++) {
		g += fabsf(job->g[job->rows[k]]);
		h += job->h[job->rows[k]];
	}
	job->partial[2 * chunk] = g;
	job->partial[2 * chunk + 1] = h;
}

/* Halves away from zero; no rounding mode can change it. */
static int32_t nearest(float x)
{
	return (int32_t)(x < 0 ? x - 0.5f : x + 0.5f);
}

/* From here on everything is an integer, and order no longer matters. */
static void pack_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct job *job = ctx;
	struct par_range r = par_range(job->n, FIXED_ROWS, chunk);
	int64_t total = 0;

	(void)worker;
	for (size_t k = r.begin; k < r.end; k++) {
		uint32_t row = job->rows[k];

		job->gh[k] = gh_pack(nearest(job->g[row] * job->to_g),
				     nearest(job->h[row] * job->to_h));
		total += job->gh[k];
	}
	job->total[chunk] = total;
}

/* Scales are floats, so that packing is one multiplication a value; what they
 * round away shifts all gradients of the tree alike. */
bool fixed_pack(struct fixed *f, const float *g, const float *h,
		const uint32_t *rows, size_t n, int64_t *gh, double *partial,
		int threads)
{
	size_t chunks = par_chunks(n, FIXED_ROWS);
	struct job job = {
		.g = g, .h = h, .rows = rows, .n = n, .gh = gh,
		.partial = partial, .total = (int64_t *)(partial + 2 * chunks),
	};

	*f = (struct fixed){ 0 };
	par_for(threads, chunks, sum_chunk, &job);
	for (size_t c = 0; c < chunks; c++) {
		f->gradient += partial[2 * c];
		f->hessian += partial[2 * c + 1];
	}
	if (!isfinite(f->gradient) || !isfinite(f->hessian))
		return false;
	job.to_g = f->gradient > 0 ? (float)(one / f->gradient) : 0.0f;
	job.to_h = f->hessian > 0 ? (float)(one / f->hessian) : 0.0f;
	/* A denormal sum would make the scale infinite: nothing to learn. */
	if (isinf(job.to_g) || isinf(job.to_h))
		job.to_g = job.to_h = 0.0f;
	par_for(threads, chunks, pack_chunk, &job);
	for (size_t c = 0; c < chunks; c++)
		f->total += job.total[c];
	return true;
}
