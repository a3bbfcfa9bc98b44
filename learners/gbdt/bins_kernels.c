/* Finding the bins of all cells: a binary search of many values side by side,
 * in steps that have neither branches nor dependence on how the values lie.
 *
 * The first steps look at few edges, which fit in a register: a permutation
 * fetches one for each lane. The last steps gather from the first-level cache.
 */
#include "learners/gbdt/bins_kernels.h"

/* Values that are taken out of their rows together. */
enum { TILE = 128 };

#if defined(__AVX2__)
#include <immintrin.h>

enum { LANES = 8, TOP_STEPS = 3 };
typedef __m256 vf;
typedef __m256i vi;

/* The edges that the first steps look at: the last of each (1 << deep). */
static inline vf load_top(const float *edge, uint32_t deep)
{
	const vi count = _mm256_set_epi32(8, 7, 6, 5, 4, 3, 2, 1);
	vi at = _mm256_sub_epi32(_mm256_slli_epi32(count, (int)deep),
				 _mm256_set1_epi32(1));

	return _mm256_i32gather_ps(edge, at, 4);
}

static inline vf pick(vf top, vi at)
{
	return _mm256_permutevar8x32_ps(top, at);
}

static inline vf gather(const float *edge, vi at)
{
	return _mm256_i32gather_ps(edge, at, 4);
}

static inline vi splat(uint32_t x)
{
	return _mm256_set1_epi32((int)x);
}

static inline vi add(vi a, vi b)
{
	return _mm256_add_epi32(a, b);
}

/* at + half where the edge is below x; not where x is NaN. */
static inline vi advance(vi at, vf edge, vf x, vi half)
{
	vi below = _mm256_castps_si256(_mm256_cmp_ps(edge, x, _CMP_LT_OQ));

	return _mm256_add_epi32(at, _mm256_and_si256(below, half));
}

static inline vf load(const float *x)
{
	return _mm256_loadu_ps(x);
}

/* The smaller of `at` and the last bin, or the bin of missing values. */
static inline void store(uint8_t *out, vi at, vf x, uint32_t bins)
{
	vi nan = _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q));
	vi bin = _mm256_min_epu32(at, splat(bins - 1));
	uint32_t lane[LANES];

	bin = _mm256_blendv_epi8(bin, splat(bins), nan);
	_mm256_storeu_si256((__m256i *)lane, bin);
	for (size_t i = 0; i < LANES; i++)
		out[i] = (uint8_t)lane[i];
}

/* Four vectors in step: a step waits for a load, and the loads of the others
 * do not wait for it. */
enum { ABREAST = 4 };

static inline void find_some(const struct bins_table *t, vf top, const float *x,
			     uint8_t *out)
{
	uint32_t deep = t->steps - TOP_STEPS;
	vi at[ABREAST];
	vf v[ABREAST];

	for (size_t k = 0; k < ABREAST; k++) {
		at[k] = splat(0);
		v[k] = load(x + k * LANES);
	}
	for (uint32_t half = (1u << TOP_STEPS) / 2; half; half /= 2)
		for (size_t k = 0; k < ABREAST; k++)
			at[k] = advance(at[k],
					pick(top, add(at[k], splat(half - 1))),
					v[k], splat(half));
	for (size_t k = 0; k < ABREAST; k++)
		at[k] = _mm256_slli_epi32(at[k], (int)deep);
	for (uint32_t half = (1u << deep) / 2; half; half /= 2)
		for (size_t k = 0; k < ABREAST; k++)
			at[k] = advance(at[k],
					gather(t->edge + (half - 1), at[k]),
					v[k], splat(half));
	for (size_t k = 0; k < ABREAST; k++)
		store(out + k * LANES, at[k], v[k], t->bins);
}

static void find_tile(const struct bins_table *t, const float *x, uint8_t *out)
{
	vf top = load_top(t->edge, t->steps - TOP_STEPS);

	for (size_t i = 0; i < TILE; i += ABREAST * LANES)
		find_some(t, top, x + i, out + i);
}
#else
static void find_tile(const struct bins_table *t, const float *x, uint8_t *out)
{
	for (size_t i = 0; i < TILE; i++) {
		const float *at = t->edge;
		uint32_t bin;

		for (uint32_t half = (1u << t->steps) / 2; half; half /= 2)
			at += at[half - 1] < x[i] ? half : 0;
		bin = (uint32_t)(at - t->edge);
		bin = bin < t->bins ? bin : t->bins - 1;
		out[i] = (uint8_t)(x[i] == x[i] ? bin : t->bins);
	}
}
#endif

static void find(const struct bins_table *t, const float *x, size_t stride,
		 size_t n, uint8_t *out, size_t width)
{
	float tile[TILE] __attribute__((aligned(64))) = { 0 };
	uint8_t bin[TILE];

	for (size_t i = 0; i < n; i += TILE) {
		size_t some = n - i < TILE ? n - i : TILE;

		for (size_t k = 0; k < some; k++)
			tile[k] = x[(i + k) * stride];
		find_tile(t, tile, bin);
		for (size_t k = 0; k < some; k++)
			out[(i + k) * width] = bin[k];
	}
}

/* Added up without a branch, so that it runs at the speed of memory. */
static bool any_nan(const float *x, size_t n)
{
	uint32_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= x[i] != x[i];
	return any;
}

const struct bins_kernels SIMD_NAME(bins_kernels) = {
	.find = find,
	.any_nan = any_nan,
};
