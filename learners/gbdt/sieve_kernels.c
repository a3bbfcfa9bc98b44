/* Thirty-two rows at a time against all cuts of a word: what is left of its bits
 * stays in registers. */
#include "learners/gbdt/sieve.h"

#include <string.h>

#ifdef __AVX2__
#include <immintrin.h>
#endif
#include "harness/base/vec.h"
#include "learners/gbdt/tree.h"

enum { GROUP = 32, VECTORS = GROUP / W };

/* All bits of lanes that pass the cut; what is missing compares false. */
#define LESS(x, c) ((vi)((x) <= (c)->threshold))
#define NOT_ABOVE(x, c) (~(vi)((x) > (c)->threshold))

static inline vi in_set(vi bin, const struct tree_set *set)
{
	vi word;

#if defined(__AVX512F__)
	__m256i bits = _mm256_loadu_si256((const void *)set);

	word = (vi)_mm512_permutexvar_epi32((__m512i)(bin >> 5),
					    _mm512_castsi256_si512(bits));
#elif defined(__AVX2__)
	__m256i bits = _mm256_loadu_si256((const void *)set);

	word = (vi)_mm256_permutevar8x32_epi32(bits, (__m256i)(bin >> 5));
#else
	for (size_t i = 0; i < W; i++)
		word[i] = (int32_t)(set->bits[bin[i] >> 6] >> (bin[i] & 32));
#endif
	/* The bin's bit to the top, then over the whole lane. */
	return (vi)((vu)word << (vu)(31 - (bin & 31))) >> 31;
}

#define LOAD(type, x, c, v) \
	(*(const type *)__builtin_assume_aligned( \
		(x) + (size_t)(c)->column * SIEVE_ROWS + (size_t)(v) * W, VEC_BYTES))

/* One loop for each way to pass; `left` are the lanes that do. */
#define SIFT(begin, end, left)                                       \
	for (const struct sieve_cut *c = s->cut + (begin),           \
				    *last = s->cut + (end);          \
	     c < last; c++) {                                        \
		int32_t keep = (int32_t)c->keep;                     \
		_Pragma("GCC unroll 8")                              \
		for (int v = 0; v < VECTORS; v++)                    \
			bits[v] &= (left) | keep;                    \
	}

static inline void sift_word(const struct sieve *s, const struct tree_set *set,
			     const float *x, size_t word, vi bits[VECTORS])
{
	const uint32_t *first = s->first + 3 * word;

	for (int v = 0; v < VECTORS; v++)
		bits[v] = (vi){ 0 } - 1;
	SIFT(first[0], first[1], LESS(LOAD(vf, x, c, v), c))
	SIFT(first[1], first[2], NOT_ABOVE(LOAD(vf, x, c, v), c))
	SIFT(first[2], first[3], in_set(LOAD(vi, x, c, v), set + c->set))
}

/* The number of the lowest bit, from the exponent that it has as a float. */
static inline vi lowest_bit(vi bits)
{
	vi lowest = (vi)((vu)bits & -(vu)bits);
	vf one = __builtin_convertvector(lowest, vf);

	return (((vi)one >> 23) & 255) - 127;
}

/* Words from the last to the first, so that the leftmost leaf has the last
 * word. */
static void sift(const struct sieve *s, const struct tree_set *set,
		 const float *x, size_t n, int32_t *at)
{
	for (size_t i = 0; i < n; i += GROUP) {
		vi leaf[VECTORS] = { { 0 } };

		for (size_t w = s->words; w-- > 0;) {
			vi bits[VECTORS];

			sift_word(s, set, x + i, w, bits);
			for (int v = 0; v < VECTORS; v++) {
				vi some = bits[v] != 0;
				vi here = lowest_bit(bits[v]) + (int32_t)(32 * w);

				leaf[v] = (some & here) | (~some & leaf[v]);
			}
		}
		memcpy(at + i, leaf, sizeof(leaf));
	}
}

const struct sieve_kernels SIMD_NAME(sieve_kernels) = { .sift = sift };
