/* See row_kernels.h. With histograms fast, these loops are the other half of a
 * fit (Amdahl), so none of them has a branch a row. */
#include "learners/gbdt/row_kernels.h"

#include <math.h>
#include <string.h>

#ifdef __AVX2__
#include <immintrin.h>
#endif
#include "learners/gbdt/hist_kernels.h"

/* ---------------------------------------------------------------- part */

/* No branch: a row is written to both sides and one of them moves on. */
static size_t part_plain(const uint8_t *bin, const uint8_t left[256],
			 const uint32_t *rows, const int32_t *gh, size_t n,
			 uint32_t *left_rows, int32_t *left_gh,
			 uint32_t *right_rows, int32_t *right_gh)
{
	size_t l = 0, r = 0;

	for (size_t k = 0; k < n; k++) {
		uint32_t row = rows[k];
		size_t go = left[bin[row]];

		if (gh) {
			int32_t word = gh[k];

			left_gh[l] = word;
			right_gh[r] = word;
		}
		left_rows[l] = row;
		right_rows[r] = row;
		l += go;
		r += 1 - go;
	}
	return l;
}

#ifdef __AVX2__

/* The lanes of a mask's bits in order, as AVX2 has no compress: bytes, made
 * from the mask by two bit deposits. */
static inline __m256i lanes_of(unsigned mask)
{
	uint64_t bytes = _pdep_u64(mask, 0x0101010101010101) * 0xff;
	uint64_t order = _pext_u64(0x0706050403020100, bytes);

	return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)order));
}

static inline unsigned sides_of(const uint8_t *bin, const uint8_t left[256],
				const uint32_t *rows)
{
	unsigned mask = 0;

#pragma GCC unroll 8
	for (unsigned i = 0; i < 8; i++)
		mask |= (unsigned)left[bin[rows[i]]] << i;
	return mask;
}

static inline void put(void *to, __m256i x, __m256i order)
{
	_mm256_storeu_si256(to, _mm256_permutevar8x32_epi32(x, order));
}

/* Eight rows at a time. What is written behind the rows of a side is room that
 * later rows fill: l + 8 and r + 8 are at most k + 8. */
static size_t part_wide(const uint8_t *bin, const uint8_t left[256],
		   const uint32_t *rows, const int32_t *gh, size_t n,
		   uint32_t *left_rows, int32_t *left_gh, uint32_t *right_rows,
		   int32_t *right_gh)
{
	size_t l = 0, r = 0, k = 0;

	for (; k + 8 <= n; k += 8) {
		unsigned mask = sides_of(bin, left, rows + k);
		unsigned count = (unsigned)__builtin_popcount(mask);
		__m256i to_left = lanes_of(mask), to_right = lanes_of(~mask & 255);
		__m256i x = _mm256_loadu_si256((const void *)(rows + k));

		if (gh) {
			__m256i y = _mm256_loadu_si256((const void *)(gh + k));

			put(left_gh + l, y, to_left);
			put(right_gh + r, y, to_right);
		}
		put(left_rows + l, x, to_left);
		put(right_rows + r, x, to_right);
		l += count;
		r += 8 - count;
	}
	return l + part_plain(bin, left, rows + k, gh ? gh + k : NULL, n - k,
			      left_rows + l, gh ? left_gh + l : NULL,
			      right_rows + r, gh ? right_gh + r : NULL);
}

#endif

/* ---------------------------------------------------------------- integers */

/* 32 random bits of a row: the finaliser of MurmurHash3 (Appleby 2011), whose
 * every output bit depends on every input bit; it vectorises, Philox does not
 * at this price. */
static inline uint32_t mix(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x85ebca6bu;
	x ^= x >> 13;
	x *= 0xc2b2ae35u;
	return x ^ x >> 16;
}

/* floor(x + u) for u in (0, 1), symmetric: its mean is x, and what misses a
 * whole number by a float's rounding alone becomes that number. */
static inline int32_t round_at_random(float x, uint32_t bits, int32_t most)
{
	float u = (float)(int32_t)(2 * bits + 1) * 0x1p-17f;
	float down = floorf(x + u);
	int32_t q = (int32_t)down;

	q = q > most ? most : q;
	return q < -most ? -most : q;
}

static void quantize(const struct row_scale *s, const float *g, const float *h,
		     const uint32_t *rows, size_t n, int32_t *gh)
{
	for (size_t k = 0; k < n; k++) {
		uint32_t bits = mix(rows[k] ^ s->key);
		int32_t a = round_at_random(g[rows[k]] * s->to_gradient,
					    bits >> 16, HIST_GRADIENT_MAX);
		int32_t b = round_at_random(h[rows[k]] * s->to_hessian,
					    bits & 0xffff, HIST_HESSIAN_MAX);

		gh[k] = narrow_pack(a, b < 0 ? 0 : b);
	}
}

/* Eight sums side by side, then one: a fixed order on every machine. */
static void sums(const float *g, const float *h, const uint32_t *rows, size_t n,
		 double out[5])
{
	enum { SIDE = 8 };
	double a[SIDE] = { 0 }, b[SIDE] = { 0 };
	float top = 0, most = 0, least = INFINITY;

	for (size_t k = 0; k < n; k += SIDE) {
		size_t some = n - k < SIDE ? n - k : SIDE;

		for (size_t i = 0; i < some; i++) {
			float x = fabsf(g[rows[k + i]]), y = h[rows[k + i]];

			a[i] += (double)x;
			b[i] += (double)y;
			top = x > top ? x : top;
			most = y > most ? y : most;
			least = y < least ? y : least;
		}
	}
	for (size_t i = 0; i < SIDE; i++) {
		out[0] += a[i];
		out[1] += b[i];
	}
	out[2] = (double)top;
	out[3] = (double)most;
	out[4] = (double)least;
}

/* ---------------------------------------------------------------- weave */

/* Four columns at a time: four bytes are one store. */
static void weave4(const uint8_t *const *from, size_t first, size_t n,
		   uint8_t *to, size_t pitch)
{
	static const uint8_t none[1];
	const uint8_t *c[4];
	size_t step[4];

	for (size_t j = 0; j < 4; j++) {
		c[j] = from[j] ? from[j] + first : none;
		step[j] = from[j] ? 1 : 0;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t word = (uint32_t)c[0][i * step[0]] |
				(uint32_t)c[1][i * step[1]] << 8 |
				(uint32_t)c[2][i * step[2]] << 16 |
				(uint32_t)c[3][i * step[3]] << 24;

		memcpy(to + i * pitch, &word, sizeof(word));
	}
}

#ifdef __AVX2__

/* Sixteen rows of four columns are transposed in registers. */
static size_t weave_wide(const uint8_t *const *from, size_t first, size_t n,
			 uint8_t *to, size_t pitch)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16) {
		__m128i c[4], lo, hi, lo2, hi2, row[4];

		for (int j = 0; j < 4; j++)
			c[j] = _mm_loadu_si128(
				(const void *)(from[j] + first + i));
		lo = _mm_unpacklo_epi8(c[0], c[1]);
		hi = _mm_unpackhi_epi8(c[0], c[1]);
		lo2 = _mm_unpacklo_epi8(c[2], c[3]);
		hi2 = _mm_unpackhi_epi8(c[2], c[3]);
		row[0] = _mm_unpacklo_epi16(lo, lo2);
		row[1] = _mm_unpackhi_epi16(lo, lo2);
		row[2] = _mm_unpacklo_epi16(hi, hi2);
		row[3] = _mm_unpackhi_epi16(hi, hi2);
		for (size_t q = 0; q < 4; q++) {
			uint32_t word[4];

			memcpy(word, &row[q], sizeof(word));
			for (size_t p = 0; p < 4; p++)
				memcpy(to + (i + 4 * q + p) * pitch, &word[p], 4);
		}
	}
	return i;
}

#else

static size_t weave_wide(const uint8_t *const *from, size_t first, size_t n,
			 uint8_t *to, size_t pitch)
{
	(void)from, (void)first, (void)n, (void)to, (void)pitch;
	return 0;
}

#endif

static void weave(const uint8_t *const *from, size_t width, size_t first,
		  size_t n, uint8_t *to, size_t pitch)
{
	for (size_t j = 0; j < width; j += 4) {
		const uint8_t *const *four = from + j;
		size_t done = 0;

		if (four[0] && four[1] && four[2] && four[3])
			done = weave_wide(four, first, n, to + j, pitch);
		weave4(four, first + done, n - done, to + done * pitch + j,
		       pitch);
	}
}

const struct row_kernels SIMD_NAME(row_kernels) = {
#ifdef __AVX2__
	.part = part_wide,
#else
	.part = part_plain,
#endif
	.quantize = quantize,
	.sums = sums,
	.weave = weave,
};
