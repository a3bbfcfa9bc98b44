/* One row into all histograms of a block: neighbours in a row never wait for
 * each other's store, as rows of one column do when they share a bin.
 * Measured on Zen 3, 28 columns, Gcell/s in order and for every 16th row:
 * narrow 2.6 and 2.0, wide 1.6 and 1.6, wide with strides in registers 1.1.
 */
#include "learners/gbdt/hist_kernels.h"

#include <string.h>

/* Rows of a leaf are scattered, so the hardware does not see what comes next. */
enum { AHEAD = 16 };

#define INLINE static inline __attribute__((always_inline))

INLINE void narrow_row(int32_t *restrict hist, const uint8_t *restrict bin,
		       int32_t gh, size_t width, size_t stride)
{
#pragma GCC unroll 16
	for (size_t j = 0; j < width; j++)
		hist[j * stride + bin[j]] += gh;
}

INLINE void narrow(int32_t *restrict hist, const uint8_t *restrict bin,
		   size_t pitch, const uint32_t *rows, const int32_t *gh, size_t n,
		   size_t width, size_t stride)
{
	size_t k = 0;

	for (; k + AHEAD < n; k++) {
		__builtin_prefetch(bin + rows[k + AHEAD] * pitch);
		narrow_row(hist, bin + rows[k] * pitch, gh[k], width, stride);
	}
	for (; k < n; k++)
		narrow_row(hist, bin + rows[k] * pitch, gh[k], width, stride);
}

INLINE void wide_row(int64_t *restrict hist, const uint8_t *restrict bin,
		     int64_t gh, size_t width, size_t stride)
{
#pragma GCC unroll 16
	for (size_t j = 0; j < width; j++)
		hist[j * stride + bin[j]] += gh;
}

INLINE void wide(int64_t *restrict hist, const uint8_t *restrict bin,
		 size_t pitch, const uint32_t *rows, const int64_t *gh, size_t n,
		 size_t width, size_t stride)
{
	size_t k = 0;

	for (; k + AHEAD < n; k++) {
		__builtin_prefetch(bin + rows[k + AHEAD] * pitch);
		wide_row(hist, bin + rows[k] * pitch, gh[rows[k]], width, stride);
	}
	for (; k < n; k++)
		wide_row(hist, bin + rows[k] * pitch, gh[rows[k]], width, stride);
}

#define VARIANT(w, s)                                                         \
	static void narrow_##w##_##s(int32_t *hist, const uint8_t *bin,       \
				     size_t pitch, const uint32_t *rows,      \
				     const int32_t *gh, size_t n)             \
	{                                                                     \
		narrow(hist, bin, pitch, rows, gh, n, w, s);                  \
	}                                                                     \
	static void wide_##w##_##s(int64_t *hist, const uint8_t *bin,         \
				   size_t pitch, const uint32_t *rows,        \
				   const int64_t *gh, size_t n)               \
	{                                                                     \
		wide(hist, bin, pitch, rows, gh, n, w, s);                    \
	}
#define VARIANTS(w) VARIANT(w, 17) VARIANT(w, 65) VARIANT(w, 257)

VARIANTS(4)
VARIANTS(8)
VARIANTS(12)
VARIANTS(16)

/* ---------------------------------------------------------------- moving */

/* Bounds are kept by adding magnitudes, 16 rows at a time: a bin can hold all
 * rows, and its sum is then at most the sum of magnitudes. */
static size_t span(const int32_t *gh, size_t n)
{
	int32_t gradient = 0, hessian = 0;
	size_t k = 0;

	for (; k < n; k += 16) {
		size_t some = n - k < 16 ? n - k : 16;
		int32_t g = 0, h = 0;

		for (size_t i = 0; i < some; i++) {
			int32_t x = narrow_gradient(gh[k + i]);

			g += x < 0 ? -x : x;
			h += narrow_hessian(gh[k + i]);
		}
		gradient += g;
		hessian += h;
		if (k && (gradient > 32767 || hessian > 65535))
			return k;
	}
	return n;
}

/* Eight half-words become four wide cells: the gradient's half is extended by
 * its sign, the hessian's by zeros. */
static void empty(int64_t *restrict to, int32_t *restrict from, size_t cells,
		  bool add)
{
	const int64_t high = (int64_t)1 << 32; /* negatives cannot be shifted */

	if (add)
		for (size_t i = 0; i < cells; i++)
			to[i] += narrow_gradient(from[i]) * high +
				 narrow_hessian(from[i]);
	else
		for (size_t i = 0; i < cells; i++)
			to[i] = narrow_gradient(from[i]) * high +
				narrow_hessian(from[i]);
	memset(from, 0, cells * sizeof(*from));
}

static void add(int64_t *restrict to, const int64_t *restrict what, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] += what[i];
}

/* Exact, as cells are integers: a sibling needs no pass over its rows. */
static void subtract(int64_t *restrict from, const int64_t *restrict what,
		     size_t n)
{
	for (size_t i = 0; i < n; i++)
		from[i] -= what[i];
}

#define ROW(kind, w) { kind##_##w##_17, kind##_##w##_65, kind##_##w##_257 }
#define TABLE(kind)                                                      \
	{                                                                \
		ROW(kind, 4), ROW(kind, 8), ROW(kind, 12), ROW(kind, 16) \
	}

const struct hist_kernels SIMD_NAME(hist_kernels) = {
	.narrow = TABLE(narrow),
	.wide = TABLE(wide),
	.span = span,
	.empty = empty,
	.add = add,
	.subtract = subtract,
};
