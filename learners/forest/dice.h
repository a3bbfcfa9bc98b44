/* Many small random numbers for one address: the blocks of Philox that one
 * node's or one sample's stream owns, all four words of each. */
#ifndef TRIARCH_FOREST_DICE_H
#define TRIARCH_FOREST_DICE_H

#include "harness/base/rng.h"

struct dice {
	struct rng stream;
	uint64_t block; /* the next one */
	uint32_t word[4];
	int used;
};

static inline struct dice dice_make(struct rng stream)
{
	return (struct dice){ .stream = stream, .used = 4 };
}

static inline uint32_t dice_draw(struct dice *d)
{
	const struct rng r = d->stream;

	if (d->used == 4) {
		uint32_t counter[4] = { (uint32_t)d->block,
					(uint32_t)(d->block >> 32),
					(uint32_t)r.purpose,
					(uint32_t)(r.purpose >> 32) };
		uint32_t key[2] = { (uint32_t)r.seed, (uint32_t)(r.seed >> 32) };

		rng_philox(counter, key, d->word);
		d->block++;
		d->used = 0;
	}
	return d->word[d->used++];
}

/* Below n, by Lemire's multiply and shift; the bias is below n / 2^32. */
static inline uint32_t dice_below(struct dice *d, size_t n)
{
	return (uint32_t)((uint64_t)dice_draw(d) * n >> 32);
}

#endif
