/* An odd polynomial of a matrix works on its singular values alone: X -> a X + b
 * XX'X + c XX'XX'X maps each s to a s + b s^3 + c s^5. Five rounds bring what lies
 * between 0.01 and 1 near 1, with no decomposition and in single precision
 * (Newton-Schulz; coefficients by Jordan et al. 2024, chosen for a steep start: they
 * do not converge, and need not).
 *
 * Of XX' and X'X the smaller one is used, so that nothing is transposed.
 */
#include "learners/nn/nn_muon.h"

#include <math.h>
#include <string.h>

#include "harness/base/blas.h"

#define ROUNDS 5
#define A 3.4445f
#define B (-4.7750f)
#define C 2.0315f

static size_t smaller(size_t rows, size_t cols)
{
	return rows < cols ? rows : cols;
}

/* Two squares, and a copy of the matrix. */
size_t nn_muon_scratch(size_t rows, size_t cols)
{
	size_t k = smaller(rows, cols);

	return 2 * k * k + rows * cols;
}

void nn_muon_momentum(float *restrict m, float *restrict g, size_t n)
{
	const float keep = NN_MUON_MOMENTUM, add = 1.0f - NN_MUON_MOMENTUM;

	for (size_t i = 0; i < n; i++) {
		m[i] = keep * m[i] + add * g[i];
		g[i] = add * g[i] + keep * m[i];
	}
}

/* To Frobenius norm 1, which no singular value exceeds. */
static void normalise(float *x, size_t n)
{
	double squares = 0;
	float by;

	for (size_t i = 0; i < n; i++)
		squares += (double)x[i] * (double)x[i];
	by = (float)(1 / (sqrt(squares) + 1e-7));
	for (size_t i = 0; i < n; i++)
		x[i] *= by;
}

/* square (k, k) <- b XX' + c (XX')^2, or of X'X. */
static void polynomial(const float *x, size_t rows, size_t cols, float *gram,
		       float *square)
{
	size_t k = smaller(rows, cols);
	bool high = rows > cols;

	blas_sgemm(&(struct blas_gemm){
		.trans_a = high, .trans_b = !high, .m = k, .n = k,
		.k = high ? rows : cols, .alpha = 1, .a = x, .lda = cols,
		.b = x, .ldb = cols, .c = gram, .ldc = k });
	memcpy(square, gram, k * k * sizeof(*square));
	blas_sgemm(&(struct blas_gemm){
		.m = k, .n = k, .k = k, .alpha = C, .beta = B, .a = gram,
		.lda = k, .b = gram, .ldb = k, .c = square, .ldc = k });
}

void nn_muon_orthogonal(float *x, size_t rows, size_t cols, float *scratch)
{
	size_t k = smaller(rows, cols);
	float *gram = scratch, *square = gram + k * k, *was = square + k * k;
	bool high = rows > cols;

	normalise(x, rows * cols);
	for (int round = 0; round < ROUNDS; round++) {
		polynomial(x, rows, cols, gram, square);
		memcpy(was, x, rows * cols * sizeof(*was));
		blas_sgemm(&(struct blas_gemm){
			.m = rows, .n = cols, .k = k, .alpha = 1, .beta = A,
			.a = high ? was : square, .lda = k,
			.b = high ? square : was, .ldb = cols,
			.c = x, .ldc = cols });
	}
}

/* A unit's weights are a column: wider layers take longer steps, so that what a
 * step changes in a unit's value does not hang on the layer's shape. */
void nn_muon_update(const struct nn_matrix *w, float *theta, float *u, float lr,
		    float decay)
{
	size_t n = w->rows * w->cols;
	float keep = 1.0f - lr * w->lr * decay * w->decay;
	float step = lr * w->lr *
		     sqrtf(fmaxf(1.0f, (float)w->cols / (float)w->rows));

	nn_muon_orthogonal(u, w->rows, w->cols, w->scratch);
	for (size_t i = 0; i < n; i++)
		theta[i] = keep * theta[i] - step * u[i];
}
