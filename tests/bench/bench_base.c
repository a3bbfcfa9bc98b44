/* The routines below everything: products, distances, convolution, numbers. */
#include "tests/bench/bench_list.h"

#include <stdlib.h>

#include "harness/base/blas.h"
#include "harness/base/clock.h"
#include "harness/base/rng.h"
#include "harness/base/simd.h"
#include "learners/kernel/gram.h"
#include "tests/bench/bench.h"
#include "tests/bench/peak_kernels.h"

static float *random_floats(size_t n, const char *purpose)
{
	float *x = aligned_alloc(64, (n * sizeof(*x) + 63) / 64 * 64);

	if (!x)
		abort();
	rng_fill_normal(rng_make(1, purpose), 0, n, x);
	return x;
}

/* -------------------------------------------------------------------- products */

/* FP32 flop a CPU second, over a tenth of a second. */
static double peak_now(void)
{
	const struct peak_kernels *peak = SIMD_PICK(peak_kernels);
	double start = clock_cpu(), flop = 0;
	float sink = 0;

	while (clock_cpu() - start < 0.1)
		flop += peak->fma(100000, &sink);
	bench_keep(&sink);
	return flop / (clock_cpu() - start);
}

/* The rate beside a peak measured right before and after, because the clock
 * and the neighbours of a shared core change by the second. */
struct against_peak {
	double peak, start;
};

static struct against_peak peak_begin(void)
{
	double peak = peak_now();

	return (struct against_peak){ peak, clock_cpu() };
}

static void peak_end(struct against_peak p, struct bench *b, double flop)
{
	double used = clock_cpu() - p.start;
	double rate = flop * (double)bench_calls(b) / used;
	double peak = (p.peak + peak_now()) / 2;

	bench_flops(b, flop);
	bench_number(b, "peak", peak);
	bench_number(b, "percent_of_peak", 100 * rate / peak);
}

static void fma_peak(struct bench *b)
{
	const struct peak_kernels *peak = SIMD_PICK(peak_kernels);
	double flop = 0;
	float sink = 0;

	while (bench_keep_running(b))
		flop = peak->fma(10000, &sink);
	bench_keep(&sink);
	bench_flops(b, flop);
}

/* args: m, n, k */
static void gemm(struct bench *b)
{
	size_t m = bench_arg(b, 0), n = bench_arg(b, 1), k = bench_arg(b, 2);
	float *x = random_floats(m * k, "x"), *y = random_floats(k * n, "y");
	float *c = random_floats(m * n, "c");
	struct blas_gemm g = { .m = m, .n = n, .k = k, .alpha = 1, .a = x,
			       .lda = k, .b = y, .ldb = n, .c = c, .ldc = n };
	struct against_peak p;

	blas_sgemm(&g);
	p = peak_begin();
	while (bench_keep_running(b))
		blas_sgemm(&g);
	peak_end(p, b, 2.0 * (double)m * (double)n * (double)k);
	free(x);
	free(y);
	free(c);
}

/* args: n. The matrix is made positive definite by its diagonal. */
static void cholesky(struct bench *b)
{
	size_t n = bench_arg(b, 0);
	float *a = random_floats(n * n, "a"), *l = random_floats(n * n, "l");
	double order = (double)n;
	struct against_peak p = peak_begin();

	while (bench_keep_running(b)) {
		for (size_t i = 0; i < n * n; i++)
			l[i] = i % (n + 1) ? a[i] : 4.0f * (float)n;
		blas_spotrf(1, l, n, n);
	}
	peak_end(p, b, order * order * order / 3);
	free(a);
	free(l);
}

/* ----------------------------------------------------------------- Gram matrix */

/* args: n, cols, kind */
static void gram(struct bench *b)
{
	size_t n = bench_arg(b, 0), cols = bench_arg(b, 1);
	struct gram_kernel kernel = {
		.kind = (enum gram_kind)bench_arg(b, 2),
		.width = 30,
	};
	float *x = random_floats(n * cols, "x"), *k = random_floats(n * n, "k");
	struct arena arena;
	struct gram_rows rows;
	struct against_peak p;

	arena_init(&arena, 0);
	rows = gram_rows_make(1, x, n, cols, &arena);
	p = peak_begin();
	while (bench_keep_running(b))
		gram_lower(1, &kernel, &rows, k, n);
	peak_end(p, b, (double)n * (double)n * (double)cols);
	arena_clear(&arena);
	free(x);
	free(k);
}

/* ----------------------------------------------------------------- convolution */

/* Patches of 3 x 3 with padding 1; x is (side, side, in), channels last. */
static void im2col(const float *x, size_t side, size_t in, float *out)
{
	for (size_t i = 0; i < side * side; i++) {
		for (size_t t = 0; t < 9; t++) {
			size_t y = i / side + t / 3, z = i % side + t % 3;
			bool inside = y >= 1 && y <= side && z >= 1 && z <= side;
			const float *from =
				x + (((y - 1) * side) + z - 1) * in * inside;

			for (size_t c = 0; c < in; c++)
				*out++ = inside ? from[c] : 0.0f;
		}
	}
}

/* args: images, side, channels in, channels out */
static void convolution(struct bench *b)
{
	size_t n = bench_arg(b, 0), side = bench_arg(b, 1);
	size_t in = bench_arg(b, 2), out = bench_arg(b, 3), area = side * side;
	float *x = random_floats(n * area * in, "x");
	float *w = random_floats(9 * in * out, "w");
	float *patches = random_floats(area * 9 * in, "p");
	float *y = random_floats(n * area * out, "y");
	struct against_peak p = peak_begin();

	while (bench_keep_running(b)) {
		for (size_t i = 0; i < n; i++) {
			im2col(x + i * area * in, side, in, patches);
			blas_sgemm(&(struct blas_gemm){
				.m = area, .n = out, .k = 9 * in, .alpha = 1,
				.a = patches, .lda = 9 * in, .b = w, .ldb = out,
				.c = y + i * area * out, .ldc = out,
			});
		}
	}
	peak_end(p, b, 18.0 * (double)(n * area * in * out));
	free(x);
	free(w);
	free(patches);
	free(y);
}

/* ---------------------------------------------------------- vectors and numbers */

static void vec_exp(struct bench *b)
{
	size_t n = bench_arg(b, 0);
	float *x = random_floats(n, "x"), *y = random_floats(n, "y");

	while (bench_keep_running(b)) {
		simd_vec()->exp(x, y, n);
		bench_keep(y);
	}
	bench_items(b, (double)n);
	free(x);
	free(y);
}

/* args: rows, cols */
static void vec_softmax(struct bench *b)
{
	size_t rows = bench_arg(b, 0), cols = bench_arg(b, 1);
	float *x = random_floats(rows * cols, "x");

	while (bench_keep_running(b)) {
		simd_vec()->softmax(x, rows, cols);
		bench_keep(x);
	}
	bench_items(b, (double)(rows * cols));
	free(x);
}

static void rng_uniform_fill(struct bench *b)
{
	size_t n = bench_arg(b, 0);
	float *x = random_floats(n, "x");

	while (bench_keep_running(b)) {
		rng_fill_uniform(rng_make(1, "bench"), 0, n, x);
		bench_keep(x);
	}
	bench_items(b, (double)n);
	free(x);
}

static void rng_normal_fill(struct bench *b)
{
	size_t n = bench_arg(b, 0);
	float *x = random_floats(n, "x");

	while (bench_keep_running(b)) {
		rng_fill_normal(rng_make(1, "bench"), 0, n, x);
		bench_keep(x);
	}
	bench_items(b, (double)n);
	free(x);
}

#define ADD(fn, ...)                                                        \
	bench_add(#fn, fn, sizeof((size_t[]){ __VA_ARGS__ }) / sizeof(size_t), \
		  (size_t[]){ __VA_ARGS__ })

void bench_base(void)
{
	bench_add("fma_peak", fma_peak, 0, NULL);
	ADD(gemm, 2048, 2048, 2048);
	ADD(gemm, 128, 512, 784);   /* a layer of an MLP */
	ADD(gemm, 64, 784, 288);    /* a convolution as a product */
	ADD(gemm, 128, 128, 32);    /* attention */
	ADD(gemm, 128, 10, 256);    /* the last layer */
	ADD(gemm, 20000, 10, 2000); /* kernel prediction */
	ADD(cholesky, 2048);
	ADD(gram, 4000, 784, GRAM_LAPLACE);
	ADD(gram, 4000, 16, GRAM_LAPLACE);
	ADD(gram, 4000, 784, GRAM_GAUSSIAN);
	ADD(convolution, 16, 28, 32, 64);
	ADD(convolution, 16, 28, 1, 32);
	ADD(vec_exp, 4096);
	ADD(vec_softmax, 512, 10);
	ADD(vec_softmax, 512, 128);
	ADD(rng_uniform_fill, 65536);
	ADD(rng_normal_fill, 65536);
}
