/* A column of a Gaussian matrix needs to be drawn only when its turn comes:
 * whatever reflections went before, what is left below the diagonal is Gaussian
 * again and independent of them. So Q is a product of reflections, each of a
 * fresh Gaussian vector, and the signs of R's diagonal. */
#include "datasets/views/haar.h"

#include <math.h>

#include "harness/base/par.h"

#define ROW_GRAIN 64

/* The vector of reflection k, v (d - k), such that I - v v' takes the Gaussian
 * vector x = (x_0, ...) to (-sign(x_0) |x|, 0, ...); |v|^2 = 2. Returns the sign
 * of x_0. The stream has a sub-stream a column. */
static double draw_reflection(struct rng r, size_t k, size_t n, double *v)
{
	struct rng column = rng_sub(r, k);
	double square = 0, sign, scale;

	for (size_t i = 0; i < n; i++) {
		v[i] = rng_normal(column, i);
		square += v[i] * v[i];
	}
	/* away from 0, so that nothing cancels (Householder 1958) */
	sign = v[0] < 0 ? -1 : 1;
	v[0] += sign * sqrt(square);
	/* |v|^2 of the new v; added up anew, for v[0] is rounded */
	square = 0;
	for (size_t i = 0; i < n; i++)
		square += v[i] * v[i];
	scale = sqrt(2 / square);
	for (size_t i = 0; i < n; i++)
		v[i] *= scale;
	return sign;
}

/* Rows and columns k.. of Q, which is still diagonal above, become (I - v v') Q.
 * Row by row: w' = v' Q first, then Q - v w'. */
static void reflect(struct haar *h, size_t k, const double *v, double *w)
{
	size_t n = h->d - k;
	double *q = h->q + k * h->d + k;

	for (size_t j = 0; j < n; j++)
		w[j] = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			w[j] += v[i] * q[i * h->d + j];
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			q[i * h->d + j] -= v[i] * w[j];
}

/* Q = H_0 H_1 ... H_(d-2) D, from the right. Column k of R has -sign on its
 * diagonal, which D undoes; each H turns the determinant around, as does each
 * -1 in D, so it is +1 if the last entry of D makes up for the others. */
int haar_init(struct haar *h, size_t d, struct rng r, struct arena *a,
	      struct error *err)
{
	double *v, *w, turn = 1;
	struct arena_mark mark;

	h->d = d;
	h->q = ARENA_NEW(a, double, d * d);
	mark = arena_mark(a);
	v = ARENA_RAW(a, double, d);
	w = ARENA_RAW(a, double, d);
	if (!h->q || !v || !w)
		return arena_error(a, err);
	for (size_t k = 0; k + 1 < d; k++) {
		h->q[k * d + k] = -draw_reflection(r, k, d - k, v);
		turn *= -h->q[k * d + k];
	}
	h->q[d * d - 1] = turn;
	/* drawn again, which is cheaper than to keep d^2 / 2 numbers */
	for (size_t k = d - 1; k-- > 0;) {
		draw_reflection(r, k, d - k, v);
		reflect(h, k, v, w);
	}
	arena_rewind(a, mark);
	return 0;
}

/* What the loops over rows share. */
struct turn {
	const struct haar *h;
	const double *from; /* (n, d) */
	double *to;	    /* (n, d) */
	size_t n;
};

/* Rows of Q are added up: the compiler may take many columns at once without
 * another order of sums. */
static void rotate_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct turn *t = ctx;
	struct par_range r = par_range(t->n, ROW_GRAIN, chunk);
	size_t d = t->h->d;

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		double *to = t->to + i * d;

		for (size_t j = 0; j < d; j++)
			to[j] = 0;
		for (size_t k = 0; k < d; k++) {
			const double *q = t->h->q + k * d;
			double x = t->from[i * d + k];

			for (size_t j = 0; j < d; j++)
				to[j] += x * q[j];
		}
	}
}

/* Dot products with the rows of Q. */
static void restore_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct turn *t = ctx;
	struct par_range r = par_range(t->n, ROW_GRAIN, chunk);
	size_t d = t->h->d;

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		for (size_t k = 0; k < d; k++) {
			const double *q = t->h->q + k * d;
			double sum = 0;

			for (size_t j = 0; j < d; j++)
				sum += t->from[i * d + j] * q[j];
			t->to[i * d + k] = sum;
		}
	}
}

/* Rows are cut by their number; BLAS is faster, but the bits of a row of its
 * product depend on how many others there are. */
void haar_rotate(const struct haar *h, int threads, const double *x, size_t n,
		 double *y)
{
	struct turn t = { .h = h, .from = x, .to = y, .n = n };

	par_for(threads, par_chunks(n, ROW_GRAIN), rotate_rows, &t);
}

void haar_restore(const struct haar *h, int threads, const double *y, size_t n,
		  double *x)
{
	struct turn t = { .h = h, .from = y, .to = x, .n = n };

	par_for(threads, par_chunks(n, ROW_GRAIN), restore_rows, &t);
}
