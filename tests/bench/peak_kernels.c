#include "tests/bench/peak_kernels.h"

#if defined(__AVX512F__)
#define VEC_BYTES 64
#elif defined(__AVX2__)
#define VEC_BYTES 32
#else
#define VEC_BYTES 16
#endif
#define W (VEC_BYTES / sizeof(float))

typedef float vf __attribute__((vector_size(VEC_BYTES)));

/* Two units, four or five cycles of latency: ten chains keep them busy, and
 * fit the sixteen registers of SSE and AVX. */
#define CHAINS 10

static double fma_loop(size_t rounds, float *sink)
{
	vf a[CHAINS], scale = (vf){ 0 } + 0.999999f, add = (vf){ 0 } + 1e-6f;

	for (int c = 0; c < CHAINS; c++)
		a[c] = (vf){ 0 } + (float)c;
	for (size_t i = 0; i < rounds; i++) {
#pragma GCC unroll 10
		for (int c = 0; c < CHAINS; c++)
			a[c] = a[c] * scale + add;
	}
	for (int c = 1; c < CHAINS; c++)
		a[0] += a[c];
	for (size_t j = 0; j < W; j++)
		*sink += a[0][j];
	return (double)rounds * CHAINS * W * 2;
}

const struct peak_kernels SIMD_NAME(peak_kernels) = { .fma = fma_loop };
