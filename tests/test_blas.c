#include "harness/base/blas.h"

#include <stdlib.h>

#include "harness/base/arena.h"
#include "harness/base/par.h"
#include "harness/base/rng.h"
#include "tests/tap.h"

static struct arena arena;

static float *random_matrix(size_t n, uint64_t seed)
{
	float *x = ARENA_RAW(&arena, float, n);

	rng_fill_normal(rng_make(seed, "test/blas"), 0, n, x);
	return x;
}

/* ------------------------------------------------------------- slow twins */

static float at(const float *x, size_t ld, bool trans, size_t i, size_t j)
{
	return trans ? x[j * ld + i] : x[i * ld + j];
}

/* The largest error of a product, relative to the sum of sizes of its terms. */
static double gemm_error(const struct blas_gemm *g, const float *before)
{
	double worst = 0;

	for (size_t i = 0; i < g->m; i++) {
		for (size_t j = 0; j < g->n; j++) {
			double c = (double)g->beta * before[i * g->ldc + j];
			double size = fabs(c) + 1e-30, d;

			for (size_t k = 0; k < g->k; k++) {
				double p = (double)g->alpha *
					   at(g->a, g->lda, g->trans_a, i, k) *
					   at(g->b, g->ldb, g->trans_b, k, j);

				c += p;
				size += fabs(p);
			}
			d = fabs(g->c[i * g->ldc + j] - c) / size;
			worst = d > worst ? d : worst;
		}
	}
	return worst;
}

static void test_gemm(bool ta, bool tb, size_t m, size_t n, size_t k)
{
	size_t lda = (ta ? m : k) + 3, ldb = (tb ? k : n) + 1, ldc = n + 2;
	size_t size = m * ldc;
	float *c[3], *before = random_matrix(size, 3);
	struct blas_gemm g = {
		.trans_a = ta, .trans_b = tb, .m = m, .n = n, .k = k,
		.alpha = 0.5f, .beta = -2.0f,
		.a = random_matrix((ta ? k : m) * lda, 1), .lda = lda,
		.b = random_matrix((tb ? n : k) * ldb, 2), .ldb = ldb,
		.ldc = ldc,
	};

	for (int t = 0; t < 3; t++) {
		c[t] = arena_copy(&arena, before, size * sizeof(float));
		g.c = c[t];
		blas_sgemm_par(1 << t, &g);
	}
	/* Roundings of 2^-24 accumulate slower than k of them. */
	ok(gemm_error(&g, before) < 1e-6, "sgemm %zu x %zu x %zu%s%s agrees with "
	   "plain loops", m, n, k, ta ? " A'" : "", tb ? " B'" : "");
	ok(!memcmp(c[0], c[1], size * sizeof(float)) &&
	   !memcmp(c[0], c[2], size * sizeof(float)),
	   "sgemm %zu x %zu x %zu: same bits on 1, 2 and 4 threads", m, n, k);
}

static void test_dgemm(void)
{
	size_t m = 300, n = 70, k = 50;
	double *a = ARENA_NEW(&arena, double, m * k);
	double *b = ARENA_NEW(&arena, double, k * n);
	double *c = ARENA_NEW(&arena, double, m * n), worst = 0;
	double *d = ARENA_NEW(&arena, double, m * n);
	struct blas_gemm_f64 g = { .m = m, .n = n, .k = k, .alpha = 1, .a = a,
				   .lda = k, .b = b, .ldb = n, .c = c, .ldc = n };

	for (size_t i = 0; i < m * k; i++)
		a[i] = rng_normal(rng_make(1, "a"), i);
	for (size_t i = 0; i < k * n; i++)
		b[i] = rng_normal(rng_make(1, "b"), i);
	blas_dgemm_par(2, &g);
	g.c = d;
	blas_dgemm_par(1, &g);
	for (size_t i = 0; i < m; i++) {
		for (size_t j = 0; j < n; j++) {
			double want = 0;

			for (size_t l = 0; l < k; l++)
				want += a[i * k + l] * b[l * n + j];
			worst = fmax(worst, fabs(c[i * n + j] - want));
		}
	}
	ok(worst < 1e-12, "dgemm agrees with plain loops");
	ok(!memcmp(c, d, m * n * sizeof(*c)), "dgemm: same bits on 2 threads");
	g.beta = 0;
	d[0] = NAN;
	blas_dgemm(&g);
	ok(!isnan(d[0]), "beta = 0 overwrites, even NaN");
}

static void test_empty(void)
{
	float c[4] = { 1, 2, 3, 4 };
	struct blas_gemm g = { .m = 2, .n = 2, .k = 0, .alpha = 1, .beta = 2,
			       .a = c, .lda = 1, .b = c, .ldb = 2, .c = c,
			       .ldc = 2 };

	blas_sgemm_par(2, &g);
	ok(c[0] == 2 && c[3] == 8, "a product over k = 0 scales C by beta");
	g.m = 0;
	blas_sgemm_par(2, &g);
	blas_sgemm(&g);
	ok(c[0] == 2, "no rows, nothing done");
	ok(blas_spotrf(2, c, 0, 1) == 0, "a matrix of order 0 has a factor");
	blas_spotrs(2, c, 0, 1, c, 0, 1);
	ok(c[0] == 2, "no unknowns, nothing solved");
}

/* ---------------------------------------------------------------- Cholesky */

/* X X' / d + I for random X: condition about 10. Junk above the diagonal. */
static void positive_definite(double *a, float *a32, size_t n, size_t lda)
{
	size_t d = n + 10;
	float *x = random_matrix(n * d, 7);

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			double s = i == j;

			for (size_t k = 0; j <= i && k < d; k++)
				s += (double)x[i * d + k] * x[j * d + k] /
				     (double)d;
			a[i * lda + j] = j <= i ? s : 777;
			a32[i * lda + j] = (float)a[i * lda + j];
		}
	}
}

/* max |L L' - A| over the lower triangle */
static double factor_error(const double *l, const double *a, size_t n, size_t lda)
{
	double worst = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j <= i; j++) {
			double s = 0;

			for (size_t k = 0; k <= j; k++)
				s += l[i * lda + k] * l[j * lda + k];
			worst = fmax(worst, fabs(s - a[i * lda + j]));
		}
	}
	return worst;
}

static bool upper_untouched(const double *l, size_t n, size_t lda)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (l[i * lda + j] != 777)
				return false;
	return true;
}

static void test_cholesky(size_t n)
{
	size_t lda = n + 5, size = n * lda;
	double *a = ARENA_NEW(&arena, double, size), *l, *wide, *l4;
	float *a32 = ARENA_NEW(&arena, float, size), *f[3];

	positive_definite(a, a32, n, lda);
	l = arena_copy(&arena, a, size * sizeof(*a));
	l4 = arena_copy(&arena, a, size * sizeof(*a));
	ok(blas_dpotrf(1, l, n, lda) == 0, "dpotrf %zu succeeds", n);
	ok(factor_error(l, a, n, lda) < 1e-12, "dpotrf %zu: L L' is A", n);
	ok(upper_untouched(l, n, lda), "dpotrf %zu leaves the upper triangle", n);
	blas_dpotrf(4, l4, n, lda);
	ok(!memcmp(l, l4, size * sizeof(*l)), "dpotrf %zu: same bits on 4 threads",
	   n);
	for (int t = 0; t < 3; t++) {
		f[t] = arena_copy(&arena, a32, size * sizeof(*a32));
		blas_spotrf(1 << t, f[t], n, lda);
	}
	wide = ARENA_NEW(&arena, double, size);
	for (size_t i = 0; i < size; i++)
		wide[i] = f[0][i];
	/* Diagonal elements of 2, a few dozen roundings of 2^-24. */
	ok(factor_error(wide, a, n, lda) < 2e-5, "spotrf %zu: L L' is A", n);
	ok(!memcmp(f[0], f[1], size * sizeof(float)) &&
	   !memcmp(f[0], f[2], size * sizeof(float)),
	   "spotrf %zu: same bits on 1, 2 and 4 threads", n);
}

static void test_solve(size_t n, size_t cols)
{
	size_t lda = n + 1, ldb = cols + 3, size = n * ldb;
	double *a = ARENA_NEW(&arena, double, n * lda), worst = 0;
	float *l = ARENA_NEW(&arena, float, n * lda), *b[3];
	float *rhs = random_matrix(size, 5);

	positive_definite(a, l, n, lda);
	blas_spotrf(2, l, n, lda);
	for (int t = 0; t < 3; t++) {
		b[t] = arena_copy(&arena, rhs, size * sizeof(*rhs));
		blas_spotrs(1 << t, l, n, lda, b[t], cols, ldb);
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t c = 0; c < cols; c++) {
			double s = 0;

			for (size_t j = 0; j < n; j++)
				s += (j <= i ? a[i * lda + j] : a[j * lda + i]) *
				     b[0][j * ldb + c];
			worst = fmax(worst, fabs(s - rhs[i * ldb + c]));
		}
	}
	/* Condition about 10, n roundings at most: 2^-24 * 10 * sqrt(n). */
	ok(worst < 1e-4, "spotrs %zu x %zu solves A X = B (%.2g)", n, cols, worst);
	ok(!memcmp(b[0], b[1], size * sizeof(float)) &&
	   !memcmp(b[0], b[2], size * sizeof(float)),
	   "spotrs %zu x %zu: same bits on 1, 2 and 4 threads", n, cols);
	ok(b[0][cols] == rhs[cols], "spotrs leaves what is beside B");
}

static void test_dpotrs(void)
{
	size_t n = 700;
	double *a = ARENA_NEW(&arena, double, n * n);
	double *x = ARENA_NEW(&arena, double, n), worst = 0;
	float *unused = ARENA_NEW(&arena, float, n * n);

	positive_definite(a, unused, n, n);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			x[i] += j <= i ? a[i * n + j] : a[j * n + i];
	blas_dpotrf(2, a, n, n);
	blas_dpotrs(2, a, n, n, x, 1, 1);
	for (size_t i = 0; i < n; i++)
		worst = fmax(worst, fabs(x[i] - 1));
	ok(worst < 1e-12, "dpotrs finds the ones that made the right side");
}

static void test_not_definite(void)
{
	size_t n = 700, at_column[] = { 1, 5, 128, 129, 400, 700 };
	float *a = ARENA_NEW(&arena, float, n * n);
	double *d = ARENA_NEW(&arena, double, n * n);

	for (size_t t = 0; t < sizeof(at_column) / sizeof(at_column[0]); t++) {
		size_t bad = at_column[t] - 1;

		for (size_t i = 0; i < n * n; i++)
			d[i] = a[i] = i % (n + 1) == 0;
		d[bad * n + bad] = a[bad * n + bad] = -1;
		ok(blas_spotrf(2, a, n, n) == bad + 1,
		   "a negative pivot in column %zu is reported", bad + 1);
		ok(blas_dpotrf(2, d, n, n) == bad + 1, "... by dpotrf as well");
	}
}

static void test_nan(void)
{
	float a[4] = { NAN, 0, 0, 1 };

	ok(blas_spotrf(1, a, 2, 2) == 1, "NaN on the diagonal is not definite");
}

/* ------------------------------------------------------------- eigenproblem */

static void test_eigen(void)
{
	size_t n = 40, lwork = 1 + 6 * n + 2 * n * n, liwork = 3 + 5 * n;
	double *a = ARENA_NEW(&arena, double, n * n), worst = 0;
	double *v, *w = ARENA_NEW(&arena, double, n);
	double *work = ARENA_NEW(&arena, double, lwork);
	int *iwork = ARENA_NEW(&arena, int, liwork);
	float *unused = ARENA_NEW(&arena, float, n * n);
	struct error err;

	positive_definite(a, unused, n, n);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			a[i * n + j] = a[j * n + i];
	v = arena_copy(&arena, a, n * n * sizeof(*a));
	ok(blas_dsyevd(v, n, w, work, lwork, iwork, liwork, &err) == 0,
	   "dsyevd succeeds");
	for (size_t e = 0; e < n; e++) {
		for (size_t i = 0; i < n; i++) {
			double s = 0;

			for (size_t j = 0; j < n; j++)
				s += a[i * n + j] * v[e * n + j];
			worst = fmax(worst, fabs(s - w[e] * v[e * n + i]));
		}
	}
	ok(worst < 1e-12, "row e is the eigenvector of value e");
	ok(w[0] <= w[1] && w[n - 2] <= w[n - 1], "eigenvalues ascend");
	a[0] = NAN;
	ok(blas_dsyevd(a, n, w, work, lwork, iwork, liwork, &err) != 0 ||
	   isnan(w[0]), "a NaN does not go unnoticed");
}

/* ------------------------------------------------------------------- threads */

struct stress {
	const float *a, *b, *want;
	size_t n;
	float *c; /* (workers, n, n) */
	int *wrong; /* (chunks) */
};

static void stress_one(void *ctx, size_t chunk, size_t worker)
{
	struct stress *s = ctx;
	size_t n = s->n;
	float *c = s->c + worker * n * n;
	struct blas_gemm g = { .m = n, .n = n, .k = n, .alpha = 1, .a = s->a,
			       .lda = n, .b = s->b, .ldb = n, .c = c, .ldc = n };

	blas_sgemm(&g);
	s->wrong[chunk] = memcmp(c, s->want, n * n * sizeof(float)) != 0;
	for (size_t i = 0; i < n; i++)
		c[i * n + i] += 1000;
	s->wrong[chunk] += blas_spotrf(1, c, n, n) != 0;
}

/* Many more threads than cores inside OpenBLAS at once. A build that shares
 * its packing buffers (Debian's serial one) gives wrong products here unless
 * blas.c takes its calls one by one. */
static void test_concurrent_calls(void)
{
	size_t n = 150, chunks = 1500;
	int threads = 8, wrong = 0;
	float *want = ARENA_NEW(&arena, float, n * n);
	struct stress s = {
		.a = random_matrix(n * n, 1),
		.b = random_matrix(n * n, 2),
		.want = want,
		.n = n,
		.c = ARENA_NEW(&arena, float, (size_t)threads * n * n),
		.wrong = ARENA_NEW(&arena, int, chunks),
	};
	struct blas_gemm g = { .m = n, .n = n, .k = n, .alpha = 1, .a = s.a,
			       .lda = n, .b = s.b, .ldb = n, .c = want, .ldc = n };

	blas_sgemm(&g);
	par_for(threads, chunks, stress_one, &s);
	for (size_t i = 0; i < chunks; i++)
		wrong += s.wrong[i];
	ok(wrong == 0, "8 threads inside BLAS at once do not disturb each other");
}

static void test_info(void)
{
	struct blas_info info;

	blas_info(&info);
	printf("# %s core, %s build, best %s, below %d, forced by '%s'\n",
	       info.core, info.build, info.best, info.below, info.forced_by);
	ok(info.core[0] && info.config[0], "blas_info names core and config");
	ok(!strcmp(info.build, "serial") || !strcmp(info.build, "pthread") ||
	   !strcmp(info.build, "openmp"), "blas_info names the build");
	ok(!info.below || strcmp(info.core, info.best),
	   "kernels below the best are not the best");
	ok(!!getenv("OPENBLAS_CORETYPE") == !!info.forced_by[0],
	   "blas_info names what forced a core");
}

int main(void)
{
	blas_init();
	arena_init(&arena, 0);
	test_gemm(false, false, 5, 7, 9);
	test_gemm(false, true, 300, 33, 65);
	test_gemm(true, false, 33, 600, 40);
	test_gemm(true, true, 257, 258, 31);
	test_gemm(false, false, 4200, 11, 6);
	test_gemm(false, true, 260, 2100, 8);
	test_dgemm();
	test_empty();
	test_cholesky(1);
	test_cholesky(129);
	test_cholesky(500);
	arena_clear(&arena);
	test_solve(1, 1);
	test_solve(1, 300);
	test_solve(600, 3);
	test_solve(1400, 26);
	arena_clear(&arena);
	test_dpotrs();
	test_not_definite();
	test_nan();
	test_eigen();
	test_concurrent_calls();
	test_info();
	arena_clear(&arena);
	return tap_done();
}
