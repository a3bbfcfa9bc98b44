/* Promises of datasets/views/haar.h. */
#include "datasets/views/haar.h"

#include <stdlib.h>

#include "tests/tap.h"

/* The largest entry of Q Q' - I. */
static double worst_angle(const struct haar *h)
{
	double worst = 0;

	for (size_t i = 0; i < h->d; i++) {
		for (size_t j = 0; j <= i; j++) {
			double sum = i == j ? -1 : 0;

			for (size_t k = 0; k < h->d; k++)
				sum += h->q[i * h->d + k] * h->q[j * h->d + k];
			worst = fmax(worst, fabs(sum));
		}
	}
	return worst;
}

/* Row k without its share of row p. */
static void subtract_row(double *m, size_t d, size_t k, size_t p)
{
	double f = m[k * d + p] / m[p * d + p];

	for (size_t j = p; j < d; j++)
		m[k * d + j] -= f * m[p * d + j];
}

/* Gaussian elimination; of an orthogonal matrix pivots are seldom small, and
 * the largest of the column is taken. */
static double determinant(const struct haar *h, struct arena *a)
{
	double *m = arena_copy(a, h->q, h->d * h->d * sizeof(double)), det = 1;
	size_t d = h->d;

	for (size_t p = 0; p < d; p++) {
		size_t best = p;

		for (size_t k = p + 1; k < d; k++)
			if (fabs(m[k * d + p]) > fabs(m[best * d + p]))
				best = k;
		for (size_t j = 0; best != p && j < d; j++) {
			double t = m[p * d + j];

			m[p * d + j] = m[best * d + j];
			m[best * d + j] = t;
		}
		det *= (best != p ? -1 : 1) * m[p * d + p];
		for (size_t k = p + 1; k < d; k++)
			subtract_row(m, d, k, p);
	}
	return det;
}

static void is_rotation(struct arena *a)
{
	static const size_t sizes[] = { 1, 2, 3, 4, 7, 30, 201 };
	struct error err;

	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		struct haar h;

		if (haar_init(&h, sizes[k], rng_make(k, "test"), a, &err))
			abort();
		ok_near(worst_angle(&h), 0, 1e-10, "%zu x %zu is orthogonal",
			h.d, h.d);
		ok_near(determinant(&h, a), 1, 1e-10,
			"%zu x %zu has determinant 1", h.d, h.d);
		arena_clear(a);
	}
}

static void goes_back(struct arena *a)
{
	enum { N = 150, D = 37 };
	static double x[N * D], y[N * D], z[N * D], one[D];
	double worst = 0, length = 0, turned = 0;
	struct error err;
	struct haar h;
	bool same = true;

	for (size_t i = 0; i < N * D; i++)
		x[i] = rng_normal(rng_make(4, "x"), i);
	if (haar_init(&h, D, rng_make(1, "test"), a, &err))
		abort();
	haar_rotate(&h, 1, x, N, y);
	haar_restore(&h, 1, y, N, z);
	for (size_t i = 0; i < N * D; i++)
		worst = fmax(worst, fabs(x[i] - z[i]));
	ok_near(worst, 0, 1e-12, "the inverse restores the rows");
	for (size_t j = 0; j < D; j++) {
		length += x[j] * x[j];
		turned += y[j] * y[j];
	}
	ok_near(turned, length, 1e-11, "lengths are kept");
	for (int t = 2; t <= 4; t += 2) {
		haar_rotate(&h, t, x, N, z);
		same &= !memcmp(y, z, sizeof(z));
		haar_restore(&h, t, y, N, z);
		haar_restore(&h, 1, y + 100 * D, 1, one);
		same &= !memcmp(z + 100 * D, one, sizeof(one));
	}
	ok(same, "same bits on 2 and 4 threads, and for a row alone");
	haar_rotate(&h, 1, x + 77 * D, 1, one);
	ok(!memcmp(y + 77 * D, one, sizeof(one)),
	   "a row does not depend on the others");
	for (size_t j = 0; j < D; j++) {
		double sum = 0;

		for (size_t k = 0; k < D; k++)
			sum += x[k] * h.q[k * D + j];
		worst = fmax(worst, fabs(sum - y[j]));
	}
	ok_near(worst, 0, 1e-12, "rows are multiplied by Q from the right");
}

/* Under the uniform law on SO(d), d > 2, an entry has mean 0, mean square 1 / d
 * and mean fourth power 3 / (d (d + 2)); the trace has mean 0 and mean square
 * 1 (Diaconis & Shahshahani 1994). Without the sign fix the diagonal of the
 * plain Householder QR is negative more often than not. */
static void is_uniform(struct arena *a)
{
	enum { D = 4, DRAWS = 20000 };
	double one[D * D] = { 0 }, two[D * D] = { 0 }, four[D * D] = { 0 };
	double trace = 0, square = 0, worst[3] = { 0 };
	struct error err;

	for (size_t k = 0; k < DRAWS; k++) {
		double t = 0;
		struct haar h;

		if (haar_init(&h, D, rng_make(k, "uniform"), a, &err))
			abort();
		for (size_t i = 0; i < D * D; i++) {
			one[i] += h.q[i] / DRAWS;
			two[i] += pow(h.q[i], 2) / DRAWS;
			four[i] += pow(h.q[i], 4) / DRAWS;
		}
		for (size_t i = 0; i < D; i++)
			t += h.q[i * D + i];
		trace += t / DRAWS;
		square += t * t / DRAWS;
		arena_clear(a);
	}
	for (size_t i = 0; i < D * D; i++) {
		worst[0] = fmax(worst[0], fabs(one[i]));
		worst[1] = fmax(worst[1], fabs(two[i] - 1.0 / D));
		worst[2] = fmax(worst[2], fabs(four[i] - 3.0 / (D * (D + 2))));
	}
	/* four standard errors of 20,000 draws: sd 0.5, 0.25, 0.19, 1, 1.4 */
	ok_near(worst[0], 0, 0.0142, "entries have mean 0");
	ok_near(worst[1], 0, 0.0071, "entries have mean square 1 / d");
	ok_near(worst[2], 0, 0.0054, "and fourth power 3 / (d (d + 2))");
	ok_near(trace, 0, 0.029, "the trace has mean 0");
	ok_near(square, 1, 0.04, "and mean square 1");
}

/* In the plane the angle itself must be uniform. */
static void turns_evenly(struct arena *a)
{
	double c1 = 0, s1 = 0, c2 = 0, s2 = 0;
	struct error err;

	for (size_t k = 0; k < 20000; k++) {
		struct haar h;
		double angle;

		if (haar_init(&h, 2, rng_make(k, "plane"), a, &err))
			abort();
		angle = atan2(h.q[2], h.q[0]);
		c1 += cos(angle) / 20000;
		s1 += sin(angle) / 20000;
		c2 += cos(2 * angle) / 20000;
		s2 += sin(2 * angle) / 20000;
		arena_clear(a);
	}
	/* four standard errors, sqrt(1/2) / sqrt(20000) each */
	ok(fmax(fmax(fabs(c1), fabs(s1)), fmax(fabs(c2), fabs(s2))) < 0.02,
	   "in the plane all angles are equally likely");
}

static void draws_by_address(struct arena *a)
{
	struct haar g, h, other;
	struct error err;
	size_t failed = 0;

	if (haar_init(&g, 9, rng_make(5, "t"), a, &err) ||
	    haar_init(&h, 9, rng_make(5, "t"), a, &err) ||
	    haar_init(&other, 9, rng_make(6, "t"), a, &err))
		abort();
	ok(!memcmp(g.q, h.q, 81 * sizeof(double)) &&
		   memcmp(g.q, other.q, 81 * sizeof(double)),
	   "one seed, one rotation; another, another");
	for (size_t k = 1; k <= 3; k++) {
		struct arena small;

		arena_init(&small, 0);
		small.fail_at = k;
		failed += haar_init(&h, 9, rng_make(5, "t"), &small, &err) ==
			  ERR_MEMORY;
		arena_clear(&small);
	}
	ok(failed == 3, "every failing allocation is an error");
}

int main(void)
{
	struct arena a;

	arena_init(&a, 0);
	is_rotation(&a);
	goes_back(&a);
	is_uniform(&a);
	turns_evenly(&a);
	draws_by_address(&a);
	arena_clear(&a);
	return tap_done();
}
