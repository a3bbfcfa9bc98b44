/* L-BFGS. The inverse Hessian is never formed: the last eight pairs of steps and
 * gradient changes stand for it. The line search brackets and bisects; on convex
 * functions it ends, and the weak Wolfe conditions are all that the update needs
 * (s'y > 0).
 */
#include "learners/linear/lbfgs.h"

#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "harness/base/simd.h"

#define GRAIN 16384 /* elements a chunk; sums are kept a chunk each */
#define SEARCH_STEPS 30
#define ARMIJO 1e-4
#define CURVATURE 0.9

struct state {
	const struct lbfgs_problem *p;
	int threads;
	float *x, *gradient;		/* where we are */
	float *trial, *trial_gradient;	/* where the line search looks */
	float *direction;
	float *s[LBFGS_MEMORY], *y[LBFGS_MEMORY]; /* steps, gradient changes */
	double sy[LBFGS_MEMORY];	/* s'y of each pair, > 0 */
	size_t pairs;			/* made so far; the newest is pairs - 1 */
	double value;
	double *partial; /* (chunks) */
};

/* ------------------------------------------------------------------- vectors */

struct vector_job {
	const float *a, *b;
	float *out;
	double scale;
	size_t n;
	double *partial;
};

static void dot_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct vector_job *job = ctx;
	struct par_range r = par_range(job->n, GRAIN, chunk);
	double sum = 0;

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++)
		sum += (double)job->a[i] * (double)job->b[i];
	job->partial[chunk] = sum;
}

/* In double, by chunks of fixed size: the same sum on any number of threads. */
static double dot(const struct state *st, const float *a, const float *b)
{
	struct vector_job job = { .a = a, .b = b, .n = st->p->n,
				  .partial = st->partial };
	size_t chunks = par_chunks(job.n, GRAIN);
	double sum = 0;

	par_for(st->threads, chunks, dot_chunk, &job);
	for (size_t c = 0; c < chunks; c++)
		sum += st->partial[c];
	return sum;
}

/* out <- a + scale b; a may be out */
static void add_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct vector_job *job = ctx;
	struct par_range r = par_range(job->n, GRAIN, chunk);
	float scale = (float)job->scale;

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++)
		job->out[i] = job->a[i] + scale * job->b[i];
}

static void add_scaled(const struct state *st, float *out, const float *a,
		       double scale, const float *b)
{
	struct vector_job job = { .a = a, .b = b, .out = out, .scale = scale,
				  .n = st->p->n };

	par_for(st->threads, par_chunks(job.n, GRAIN), add_chunk, &job);
}

/* The norm that stopping looks at: no variable is far from its optimum. */
static double max_abs(const float *x, size_t n)
{
	float top = 0;

	for (size_t i = 0; i < n; i++)
		top = fabsf(x[i]) > top ? fabsf(x[i]) : top;
	return (double)top;
}

/* ----------------------------------------------------------------- the method */

/* Algorithm 7.4: direction = -H gradient, through the last pairs, the newest
 * first and then back. */
static void two_loops(struct state *st)
{
	size_t n = st->p->n;
	size_t kept = st->pairs < LBFGS_MEMORY ? st->pairs : LBFGS_MEMORY;
	double a[LBFGS_MEMORY], b;
	float *d = st->direction;

	for (size_t i = 0; i < n; i++)
		d[i] = -st->gradient[i];
	for (size_t k = 0; k < kept; k++) {
		size_t at = (st->pairs - 1 - k) % LBFGS_MEMORY;

		a[at] = dot(st, st->s[at], d) / st->sy[at];
		add_scaled(st, d, d, -a[at], st->y[at]);
	}
	if (kept) { /* eq. 7.20: the size of the inverse Hessian */
		size_t at = (st->pairs - 1) % LBFGS_MEMORY;
		double yy = dot(st, st->y[at], st->y[at]);

		for (size_t i = 0; i < n; i++)
			d[i] *= (float)(st->sy[at] / yy);
	}
	for (size_t k = kept; k-- > 0;) {
		size_t at = (st->pairs - 1 - k) % LBFGS_MEMORY;

		b = dot(st, st->y[at], d) / st->sy[at];
		add_scaled(st, d, d, a[at] - b, st->s[at]);
	}
}

/* Find a step along the direction; trial and trial_gradient are there then.
 * False when none lowers the value: the limit of float is reached. */
static bool line_search(struct state *st, double *value)
{
	double slope = dot(st, st->gradient, st->direction);
	double lo = 0, hi = INFINITY;
	double t = st->pairs ? 1 : 1 / sqrt(dot(st, st->gradient, st->gradient));

	if (!(slope < 0))
		return false;
	for (size_t k = 0; k < SEARCH_STEPS; k++) {
		add_scaled(st, st->trial, st->x, t, st->direction);
		*value = st->p->eval(st->p->ctx, st->trial, st->trial_gradient);
		if (!(*value <= st->value + ARMIJO * t * slope))
			hi = t;
		else if (dot(st, st->trial_gradient, st->direction) <
			 CURVATURE * slope)
			lo = t;
		else
			return true;
		t = isinf(hi) ? 2 * lo : (lo + hi) / 2;
	}
	return false;
}

/* Buffers change roles instead of being copied. */
static void swap(float **a, float **b)
{
	float *t = *a;

	*a = *b;
	*b = t;
}

/* Move to the trial point and remember the pair, if it bends the right way. */
static void accept(struct state *st, double value)
{
	size_t at = st->pairs % LBFGS_MEMORY;

	add_scaled(st, st->s[at], st->trial, -1, st->x);
	add_scaled(st, st->y[at], st->trial_gradient, -1, st->gradient);
	st->sy[at] = dot(st, st->s[at], st->y[at]);
	if (st->sy[at] > 0)
		st->pairs++;
	swap(&st->x, &st->trial);
	swap(&st->gradient, &st->trial_gradient);
	st->value = value;
}

/* All vectors in one piece: LBFGS_VECTORS of them, as the header promises. */
static int state_init(struct state *st, struct run *run, struct error *err)
{
	size_t n = st->p->n;
	float *space = ARENA_RAW(run->arena, float, LBFGS_VECTORS * n);

	st->partial = ARENA_RAW(run->arena, double, par_chunks(n, GRAIN));
	if (!space || !st->partial)
		return arena_error(run->arena, err);
	st->gradient = space;
	st->trial = space + n;
	st->trial_gradient = space + 2 * n;
	st->direction = space + 3 * n;
	for (size_t k = 0; k < LBFGS_MEMORY; k++) {
		st->s[k] = space + (4 + 2 * k) * n;
		st->y[k] = space + (5 + 2 * k) * n;
	}
	return 0;
}

/* Until the gradient is small, float has no better point, or a tick says stop:
 * each of them leaves the best point so far in x. */
static void iterate(struct state *st, struct run *run)
{
	const struct lbfgs_problem *p = st->p;
	double value;

	for (size_t it = 0; it < p->iterations; it++) {
		if (max_abs(st->gradient, p->n) <= p->tolerance)
			break;
		two_loops(st);
		if (!line_search(st, &value))
			break;
		accept(st, value);
		if (!run_tick(run, it + 1, p->iterations, st->value))
			break;
	}
}

int lbfgs_minimise(const struct lbfgs_problem *p, float *x, struct run *run,
		   struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	struct state st = { .p = p, .threads = run->threads, .x = x };

	if (state_init(&st, run, err)) {
		arena_rewind(run->arena, mark);
		return (int)err->code;
	}
	st.value = p->eval(p->ctx, x, st.gradient);
	if (!isfinite(st.value)) {
		arena_rewind(run->arena, mark);
		return error_set(err, ERR_DIVERGED,
				 "the loss is not finite at the start");
	}
	iterate(&st, run);
	if (st.x != x)
		memcpy(x, st.x, p->n * sizeof(*x));
	arena_rewind(run->arena, mark);
	return 0;
}
