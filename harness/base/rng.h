/* Random numbers that are addressed, not drawn.
 *
 * Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers:
 * as easy as 1, 2, 3", SC'11): a value is a pure function of (seed, purpose,
 * index), so the order of evaluation and the number of threads cannot change
 * it. A `struct rng` is a small value; copy it freely.
 */
#ifndef TRIARCH_RNG_H
#define TRIARCH_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t seed;    /* the Philox key */
	uint64_t purpose; /* the upper half of the Philox counter */
};

/* The raw block function: 128 bits of counter, 64 of key, 128 out. */
void rng_philox(const uint32_t counter[4], const uint32_t key[2],
		uint32_t out[4]);

/* The stream of one purpose ("mlp/init", "split") under a seed. */
struct rng rng_make(uint64_t seed, const char *purpose);

/* A stream of its own for the k-th epoch, tree, layer ... of `r`. */
struct rng rng_sub(struct rng r, uint64_t k);

/* The values at one index: 32 and 64 uniform bits; [0, 1) with 53 bits; (0, 1]
 * never 0; standard normal (Box-Muller); a whole number below n (n > 0, by
 * Lemire's multiply-shift, bias below n / 2^64). */
uint32_t rng_u32(struct rng r, uint64_t index);
uint64_t rng_u64(struct rng r, uint64_t index);
double rng_uniform(struct rng r, uint64_t index);
double rng_uniform_open(struct rng r, uint64_t index);
double rng_normal(struct rng r, uint64_t index);
uint64_t rng_below(struct rng r, uint64_t index, uint64_t n);

/* out[0..n) = the values at first .. first + n - 1, as floats. */
void rng_fill_uniform(struct rng r, uint64_t first, size_t n, float *out);
void rng_fill_normal(struct rng r, uint64_t first, size_t n, float *out);

/* A uniformly random permutation of 0..n-1 (Fisher-Yates). */
void rng_permutation(struct rng r, size_t n, uint32_t *out /* (n) */);

#endif
