/* OpenBLAS cuts a product by the number of its threads, so its bits depend on
 * that number. Here every call has one thread, and what should use more is cut
 * into tiles by the shape of the result alone; a tile's bits are then the same
 * whoever computes it. The price is that each tile packs its operands again,
 * which is why tiles are not small.
 */
#include "harness/base/blas.h"

#include <assert.h>
#include <cblas.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/par.h"
#include "harness/base/simd.h"

/* Debian's OpenBLAS has no LAPACKE, so these are LAPACK's Fortran symbols with
 * the hidden lengths of their character arguments. */
void spotrf_(const char *uplo, const int *n, float *a, const int *lda,
	     int *info, size_t);
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda,
	     int *info, size_t);
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a,
	     const int *lda, double *w, double *work, const int *lwork,
	     int *iwork, const int *liwork, int *info, size_t, size_t);

void blas_init(void)
{
	int was = omp_get_max_threads();

	/* The OpenMP build passes this on to omp_set_num_threads. */
	openblas_set_num_threads(1);
	omp_set_num_threads(was);
}

/* OpenBLAS without threads shares its packing buffers without a lock that
 * holds: Debian's serial build gives wrong products when two threads call it
 * at once (test_blas.c shows it). The one lock of this program: it orders calls
 * and so cannot reach a result. */
static pthread_mutex_t serial_lock = PTHREAD_MUTEX_INITIALIZER;

/* Asked each time: it is a function that returns a constant. */
static bool is_serial(void)
{
	return openblas_get_parallel() == OPENBLAS_SEQUENTIAL;
}

int blas_threads(int threads)
{
	return is_serial() ? 1 : threads;
}

struct guard {
	int omp_threads; /* to be set again */
};

/* Around every call. The OpenMP build asks omp_get_max_threads() of the calling
 * thread each time, so it is 1 meanwhile; whoever else uses OpenMP in this
 * process keeps what was set. */
static struct guard guard_enter(void)
{
	struct guard guard = { .omp_threads = omp_get_max_threads() };

	if (guard.omp_threads != 1)
		omp_set_num_threads(1);
	if (is_serial())
		pthread_mutex_lock(&serial_lock);
	return guard;
}

static void guard_leave(struct guard guard)
{
	if (is_serial())
		pthread_mutex_unlock(&serial_lock);
	if (guard.omp_threads != 1)
		omp_set_num_threads(guard.omp_threads);
}

/* ---------------------------------------------------------------- tiles of C */

/* Short sides are not cut further than this: below it, packing the operands
 * again for each tile costs more than a second thread gains. */
#define GEMM_GRAIN 256
#define GEMM_WIDE 2048 /* columns a tile, when rows are cut */

struct tiling {
	size_t m, n;		  /* of C */
	size_t row_grain, col_grain;
	size_t rows, cols;	  /* tiles */
};

struct tile {
	size_t i, j, m, n;
};

/* By the shape of C alone: the same tiles on any number of threads. */
static struct tiling tiling_make(size_t m, size_t n)
{
	bool low = m <= GEMM_GRAIN;
	struct tiling t = {
		.m = m,
		.n = n,
		.row_grain = m >= 16 * GEMM_GRAIN ? 2 * GEMM_GRAIN : GEMM_GRAIN,
		.col_grain = low ? GEMM_GRAIN : GEMM_WIDE,
	};

	t.rows = par_chunks(m, t.row_grain);
	t.cols = par_chunks(n, t.col_grain);
	return t;
}

/* Chunk numbers run along a row of tiles, so that neighbours share rows of A. */
static struct tile tiling_at(const struct tiling *t, size_t chunk)
{
	struct par_range r = par_range(t->m, t->row_grain, chunk / t->cols);
	struct par_range c = par_range(t->n, t->col_grain, chunk % t->cols);

	return (struct tile){
		.i = r.begin,
		.j = c.begin,
		.m = r.end - r.begin,
		.n = c.end - c.begin,
	};
}

/* Large tiles for speed, small ones where there would be too few to share. */
static size_t potrf_grain(size_t n)
{
	return n >= 8192 ? 512 : n >= 2048 ? 256 : 128;
}

/* Triangular solves: rows a diagonal block, and rows a chunk of what follows. */
#define SOLVE_TILE 256
#define SOLVE_GRAIN 1024

/* ------------------------------------------------------------- both precisions */

#define REAL float
#define GEMM_STRUCT blas_gemm
#define NAME(x) blas_s##x
#define CBLAS(x) cblas_s##x
#define LAPACK_POTRF spotrf_
#include "harness/base/blas_real.inc"
#undef REAL
#undef GEMM_STRUCT
#undef NAME
#undef CBLAS
#undef LAPACK_POTRF

#define REAL double
#define GEMM_STRUCT blas_gemm_f64
#define NAME(x) blas_d##x
#define CBLAS(x) cblas_d##x
#define LAPACK_POTRF dpotrf_
#include "harness/base/blas_real.inc"

int blas_dsyevd(double *a, size_t n, double *w, double *work, size_t lwork,
		int *iwork, size_t liwork, struct error *err)
{
	int order = (int)n, info = 0;
	int size = (int)lwork, isize = (int)liwork;
	struct guard guard = guard_enter();

	/* Its eigenvectors, columns in column-major order, are our rows. */
	dsyevd_("V", "U", &order, a, &order, w, work, &size, iwork, &isize,
		&info, 1, 1);
	guard_leave(guard);
	assert(info >= 0);
	if (info > 0)
		return error_set(err, ERR_DATA,
				 "the eigenvalues of a %zu x %zu matrix did not "
				 "converge", n, n);
	return 0;
}

/* ------------------------------------------------------- which kernels are used */

/* OpenBLAS's names of CPU cores by the instructions their kernels need. */
enum core_class { CORE_UNKNOWN, CORE_SSE, CORE_AVX, CORE_AVX2, CORE_AVX512 };

static enum core_class core_class(const char *core)
{
	static const struct {
		const char *name;
		enum core_class class;
	} cores[] = {
		{ "Prescott", CORE_SSE },	{ "Core2", CORE_SSE },
		{ "Penryn", CORE_SSE },		{ "Dunnington", CORE_SSE },
		{ "Atom", CORE_SSE },		{ "Nehalem", CORE_SSE },
		{ "Athlon", CORE_SSE },		{ "Opteron", CORE_SSE },
		{ "Opteron_SSE3", CORE_SSE },	{ "Barcelona", CORE_SSE },
		{ "Bobcat", CORE_SSE },		{ "Nano", CORE_SSE },
		{ "Sandybridge", CORE_AVX },	{ "Bulldozer", CORE_AVX },
		{ "Piledriver", CORE_AVX },	{ "Steamroller", CORE_AVX },
		{ "Excavator", CORE_AVX2 },	{ "Haswell", CORE_AVX2 },
		{ "Zen", CORE_AVX2 },		{ "SkylakeX", CORE_AVX512 },
		{ "Cooperlake", CORE_AVX512 },	{ "SapphireRapids", CORE_AVX512 },
	};

	for (size_t i = 0; i < sizeof(cores) / sizeof(cores[0]); i++)
		if (!strcasecmp(core, cores[i].name))
			return cores[i].class;
	return CORE_UNKNOWN;
}

/* What the instructions of this CPU allow, by OpenBLAS's name. */
static const char *best_core(void)
{
#ifdef __x86_64__
	switch (simd_level()) {
	case SIMD_V4:
		return "SkylakeX";
	case SIMD_V3:
		return __builtin_cpu_is("amd") ? "Zen" : "Haswell";
	default:
		return __builtin_cpu_supports("avx") ? "Sandybridge" : "Nehalem";
	}
#else
	return "";
#endif
}

/* OpenBLAS may answer NULL. */
static void copy_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

/* Slow kernels are noticed by class and not by name: a Zen that runs Haswell's
 * kernels is as fast as it gets, one that runs Prescott's is five times slower
 * and nothing else would say so. A core we do not know is never complained of. */
void blas_info(struct blas_info *info)
{
	static const char *const builds[] = { "serial", "pthread", "openmp" };
	const char *core = openblas_get_corename(), *best = best_core();
	int build = openblas_get_parallel();
	enum core_class have = core_class(core), could = core_class(best);

	*info = (struct blas_info){ 0 };
	copy_text(info->core, sizeof(info->core), core);
	copy_text(info->config, sizeof(info->config), openblas_get_config());
	copy_text(info->build, sizeof(info->build),
		  build >= 0 && build <= 2 ? builds[build] : "unknown");
	info->below = have != CORE_UNKNOWN && have < could;
	info->above = could != CORE_UNKNOWN && have > could;
	/* Kernels of one class are equals: then what runs is the best. */
	copy_text(info->best, sizeof(info->best), have == could ? core : best);
	if (have == CORE_UNKNOWN)
		copy_text(info->best, sizeof(info->best), core);
	if (could == CORE_UNKNOWN)
		info->best[0] = '\0';
	if (getenv("OPENBLAS_CORETYPE"))
		copy_text(info->forced_by, sizeof(info->forced_by),
			  "OPENBLAS_CORETYPE");
}
