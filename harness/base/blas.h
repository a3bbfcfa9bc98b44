/* OpenBLAS, called so that bits do not depend on threads.
 *
 * Every call runs on one thread of OpenBLAS; products that should use more are
 * cut into fixed blocks of rows under par_for. Matrices are row-major; lda and
 * friends count elements. Works with the serial, pthread and OpenMP builds.
 */
#ifndef TRIARCH_BLAS_H
#define TRIARCH_BLAS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"

/* Call once at the start of a process: OpenBLAS to one thread. */
void blas_init(void);

/* Of `threads`, how many can be inside BLAS at once: for callers that make
 * one-thread calls in a par_for of their own. 1 with the serial build, which is
 * not safe to call from two threads: there calls wait for each other, so that
 * more threads are right but no faster. */
int blas_threads(int threads);

struct blas_info {
	char core[32];     /* the kernels in use: "Zen", "Haswell", "SkylakeX" */
	char config[256];  /* openblas_get_config() */
	char build[16];    /* "serial", "pthread", "openmp" */
	char best[32];     /* what this CPU could use, "" when unknown */
	bool below;        /* the kernels in use are below what the CPU can do */
	bool above;        /* they need instructions that it lacks: calls crash */
	char forced_by[32]; /* the environment variable that did it, or "" */
};
void blas_info(struct blas_info *info);

/* C (m, n) = alpha op(A) op(B) + beta C; op(A) is (m, k), op(B) is (k, n). */
struct blas_gemm {
	bool trans_a, trans_b;
	size_t m, n, k;
	float alpha, beta;
	const float *a;
	size_t lda;
	const float *b;
	size_t ldb;
	float *c;
	size_t ldc;
};
void blas_sgemm(const struct blas_gemm *g); /* one thread */
/* C cut into tiles by its shape alone, many threads: rows every 256 (512 where
 * there are many), columns every 2048, or every 256 where C is low. */
void blas_sgemm_par(int threads, const struct blas_gemm *g);

struct blas_gemm_f64 {
	bool trans_a, trans_b;
	size_t m, n, k;
	double alpha, beta;
	const double *a;
	size_t lda;
	const double *b;
	size_t ldb;
	double *c;
	size_t ldc;
};
void blas_dgemm(const struct blas_gemm_f64 *g);
void blas_dgemm_par(int threads, const struct blas_gemm_f64 *g);

/* Lower triangle of A (n, n) -> its Cholesky factor L in place, tiled over
 * one-thread calls. The strict upper triangle is neither read nor written.
 * Returns 0, or the 1-based column at which A was found not positive definite. */
size_t blas_spotrf(int threads, float *a, size_t n, size_t lda);
size_t blas_dpotrf(int threads, double *a, size_t n, size_t lda);

/* Solve L X = B, then L' X = B, in place; B is (n, cols) row-major. */
void blas_spotrs(int threads, const float *l, size_t n, size_t lda, float *b,
		 size_t cols, size_t ldb);
void blas_dpotrs(int threads, const double *l, size_t n, size_t lda, double *b,
		 size_t cols, size_t ldb);

/* Symmetric eigenproblem of A (n, n), full storage, in place: eigenvectors as
 * rows of A, eigenvalues ascending in w. ERR_DATA when it does not converge. */
int blas_dsyevd(double *a, size_t n, double *w, double *work, size_t lwork,
		int *iwork, size_t liwork, struct error *err);

#endif
