/* Two passes over the rows: sums, which give the scales, then packing. Sums are
 * kept a chunk each and added in order; the packed total is a sum of integers.
 */
#include "learners/gbdt/fixed.h"

#include <math.h>

#include "harness/base/par.h"
#include "learners/gbdt/gbdt_kernels.h"
#include "learners/gbdt/hist_kernels.h"
#include "learners/gbdt/row_kernels.h"

static const double one = 1 << 30;

/* Steps of a narrow word that the mean row has. 16 bits hold the sums of some
 * 2,700 rows then: emptying narrow cells costs 5 % of filling them. */
static const double gradient_steps = 12, hessian_steps = 24;

double fixed_gradient(const struct fixed *f, int64_t gh)
{
	return gh_gradient(gh) / one * f->gradient;
}

double fixed_hessian(const struct fixed *f, int64_t gh)
{
	return gh_hessian(gh) / one * f->hessian;
}

/* One tree's packing on its way. */
struct job {
	const struct fixed_rows *r;
	struct row_scale scale;
	int64_t *wide;
	int32_t *narrow;
};

/* What the scales are made from. */
struct sums {
	double g, h, most_g, most_h, least_h;
};

/* The last of a chunk's scratch holds its packed sum. */
static int64_t *total_of(const struct job *job, size_t chunk)
{
	return (int64_t *)(job->r->partial + FIXED_PARTIAL * chunk + 5);
}

static void sum_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	struct par_range r = par_range(job->r->n, FIXED_ROWS, chunk);
	double *out = job->r->partial + FIXED_PARTIAL * chunk;

	(void)worker;
	out[0] = out[1] = 0;
	SIMD_PICK(row_kernels)->sums(job->r->g, job->r->h,
				     job->r->rows + r.begin, r.end - r.begin,
				     out);
}

/* Double sums in the order of rows: the scales must not depend on threads. */
static struct sums sum_rows(struct job *job)
{
	size_t chunks = par_chunks(job->r->n, FIXED_ROWS);
	struct sums s = { .least_h = INFINITY };

	par_for(job->r->threads, chunks, sum_chunk, job);
	for (size_t c = 0; c < chunks; c++) {
		const double *p = job->r->partial + FIXED_PARTIAL * c;

		s.g += p[0];
		s.h += p[1];
		s.most_g = fmax(s.most_g, p[2]);
		s.most_h = fmax(s.most_h, p[3]);
		s.least_h = fmin(s.least_h, p[4]);
	}
	return s;
}

/* Halves away from zero; no rounding mode can change it. */
static int32_t nearest(float x)
{
	return (int32_t)(x < 0 ? x - 0.5f : x + 0.5f);
}

/* From here on everything is an integer, and order no longer matters. */
static void pack_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	struct par_range r = par_range(job->r->n, FIXED_ROWS, chunk);
	int64_t total = 0;

	(void)worker;
	for (size_t k = r.begin; k < r.end; k++) {
		uint32_t row = job->r->rows[k];

		job->wide[row] = gh_pack(
			nearest(job->r->g[row] * job->scale.to_gradient),
			nearest(job->r->h[row] * job->scale.to_hessian));
		total += job->wide[row];
	}
	*total_of(job, chunk) = total;
}

static void quantize_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	struct par_range r = par_range(job->r->n, FIXED_ROWS, chunk);
	int64_t total = 0;

	(void)worker;
	SIMD_PICK(row_kernels)->quantize(&job->scale, job->r->g, job->r->h,
					 job->r->rows + r.begin,
					 r.end - r.begin, job->narrow + r.begin);
	for (size_t k = r.begin; k < r.end; k++)
		total += gh_pack(narrow_gradient(job->narrow[k]),
				 narrow_hessian(job->narrow[k]));
	*total_of(job, chunk) = total;
}

/* Scales are floats, so that packing is one multiplication a value; what they
 * round away shifts all gradients of the tree alike. A denormal sum would make
 * the scale infinite: then there is nothing to learn. */
static bool set_scales(struct job *job, struct fixed *f, double to_g, double to_h)
{
	struct row_scale *s = &job->scale;

	s->to_gradient = (float)to_g;
	s->to_hessian = (float)to_h;
	if (!isfinite(s->to_gradient) || !isfinite(s->to_hessian))
		s->to_gradient = s->to_hessian = 0;
	f->gradient = s->to_gradient > 0 ? one / (double)s->to_gradient : 0;
	f->hessian = s->to_hessian > 0 ? one / (double)s->to_hessian : 0;
	return f->gradient > 0 && f->hessian > 0;
}

static void add_totals(const struct job *job, struct fixed *f)
{
	f->total = 0;
	for (size_t c = 0; c < par_chunks(job->r->n, FIXED_ROWS); c++)
		f->total += *total_of(job, c);
}

bool fixed_pack(struct fixed *f, const struct fixed_rows *r, int64_t *gh)
{
	struct job job = { .r = r, .wide = gh };
	struct sums s = sum_rows(&job);

	if (!isfinite(s.g) || !isfinite(s.h))
		return false;
	set_scales(&job, f, s.g > 0 ? one / s.g : 0, s.h > 0 ? one / s.h : 0);
	par_for(r->threads, par_chunks(r->n, FIXED_ROWS), pack_chunk, &job);
	add_totals(&job, f);
	return true;
}

/* Equal hessians are counts: one step each is exact. */
bool fixed_quantize(struct fixed *f, const struct fixed_rows *r, uint32_t key,
		    int32_t *gh)
{
	struct job job = { .r = r, .narrow = gh, .scale.key = key };
	struct sums s = sum_rows(&job);
	double n = (double)r->n, to_g, to_h;

	if (!isfinite(s.g) || !isfinite(s.h))
		return false;
	to_g = fmin(gradient_steps * n / s.g, HIST_GRADIENT_MAX / s.most_g);
	to_h = fmin(hessian_steps * n / s.h, HIST_HESSIAN_MAX / s.most_h);
	if (s.most_h == s.least_h)
		to_h = 1 / s.most_h;
	set_scales(&job, f, s.g > 0 ? to_g : 0, s.h > 0 ? to_h : 0);
	par_for(r->threads, par_chunks(r->n, FIXED_ROWS), quantize_chunk, &job);
	add_totals(&job, f);
	return true;
}
