/* Philox is a block cipher with the security taken out: ten rounds of two
 * 32 x 32 -> 64 bit multiplications turn a 128-bit counter into 128 bits that
 * pass TestU01's BigCrush. We give the counter's lower half to the index and
 * its upper half to the purpose, and the seed to the key, so that all three
 * address a value and none needs state.
 */
#include "harness/base/rng.h"

#include <math.h>
#include <string.h>

#include "harness/base/hash.h"

/* Table 2 and section 4.3 of Salmon et al. 2011. */
#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u
#define PHILOX_W1 0xBB67AE85u
#define PHILOX_ROUNDS 10

void rng_philox(const uint32_t counter[4], const uint32_t key[2],
		uint32_t out[4])
{
	uint32_t c0 = counter[0], c1 = counter[1];
	uint32_t c2 = counter[2], c3 = counter[3];
	uint32_t k0 = key[0], k1 = key[1];

	for (int round = 0; round < PHILOX_ROUNDS; round++) {
		uint64_t p0 = (uint64_t)PHILOX_M0 * c0;
		uint64_t p1 = (uint64_t)PHILOX_M1 * c2;

		c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
		c1 = (uint32_t)p1;
		c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
		c3 = (uint32_t)p0;
		k0 += PHILOX_W0;
		k1 += PHILOX_W1;
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}

/* SplitMix64's finaliser (Steele, Lea & Flood 2014): spreads every bit. */
static uint64_t mix64(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

struct rng rng_make(uint64_t seed, const char *purpose)
{
	/* FNV-1a alone leaves names that differ in their last letter alike. */
	uint64_t h = hash_fnv1a(purpose, strlen(purpose));

	return (struct rng){ .seed = seed, .purpose = mix64(h) };
}

/* k + 1, so that stream 0 is another than its parent; the odd constant is that
 * of SplitMix64, 2^64 / golden ratio, which spreads neighbours apart. */
struct rng rng_sub(struct rng r, uint64_t k)
{
	r.purpose = mix64(r.purpose + 0x9E3779B97F4A7C15u * (k + 1));
	return r;
}

/* The 128 bits at an address. */
static void block_at(struct rng r, uint64_t block, uint32_t out[4])
{
	uint32_t counter[4] = { (uint32_t)block, (uint32_t)(block >> 32),
				(uint32_t)r.purpose,
				(uint32_t)(r.purpose >> 32) };
	uint32_t key[2] = { (uint32_t)r.seed, (uint32_t)(r.seed >> 32) };

	rng_philox(counter, key, out);
}

/* A block a value, of which most is thrown away: addresses stay those of the
 * value's index, whatever width is asked for. */
uint32_t rng_u32(struct rng r, uint64_t index)
{
	uint32_t out[4];

	block_at(r, index, out);
	return out[0];
}

uint64_t rng_u64(struct rng r, uint64_t index)
{
	uint32_t out[4];

	block_at(r, index, out);
	return (uint64_t)out[1] << 32 | out[0];
}

/* The upper 53 bits: every result is a multiple of 2^-53, exactly. */
double rng_uniform(struct rng r, uint64_t index)
{
	return (double)(rng_u64(r, index) >> 11) * 0x1p-53;
}

double rng_uniform_open(struct rng r, uint64_t index)
{
	return (double)((rng_u64(r, index) >> 11) + 1) * 0x1p-53;
}

/* Box & Muller 1958, the cosine half: one block gives one value, so that a
 * value's address is its index. u is in (0, 1], so the logarithm is finite; the
 * largest value is sqrt(-2 ln 2^-53) = 8.57. */
double rng_normal(struct rng r, uint64_t index)
{
	uint32_t out[4];
	double u, v;

	block_at(r, index, out);
	u = (double)(((uint64_t)out[1] << 21 | out[0] >> 11) + 1) * 0x1p-53;
	v = (double)((uint64_t)out[3] << 21 | out[2] >> 11) * 0x1p-53;
	return sqrt(-2.0 * log(u)) * cos(2.0 * 3.14159265358979323846 * v);
}

/* Lemire 2019, "Fast random integer generation in an interval", without its
 * rejection loop: an address has no second try. */
uint64_t rng_below(struct rng r, uint64_t index, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)rng_u64(r, index) * n) >> 64);
}

void rng_fill_uniform(struct rng r, uint64_t first, size_t n, float *out)
{
	/* 24 bits, so that rounding to float never gives 1. */
	for (size_t i = 0; i < n; i++)
		out[i] = (float)(rng_u64(r, first + i) >> 40) * 0x1p-24f;
}

void rng_fill_normal(struct rng r, uint64_t first, size_t n, float *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (float)rng_normal(r, first + i);
}

/* Durstenfeld's form of Fisher-Yates, from the end. */
void rng_permutation(struct rng r, size_t n, uint32_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint32_t)i;
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)rng_below(r, i, i);
		uint32_t t = out[i - 1];

		out[i - 1] = out[j];
		out[j] = t;
	}
}
