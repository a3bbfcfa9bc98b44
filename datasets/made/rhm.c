/* Rows are numbered: a number below `inputs` is a class and a word for every
 * symbol, written in mixed radix. A random permutation of the numbers then gives
 * rows that never come twice, as in the paper, where what is tested on must not
 * have been trained on; and row i is the same in a set of any size. */
#include "datasets/made/rhm.h"

#include <stdbool.h>

#define INPUTS_MOST ((uint64_t)1 << 62)
#define ROUNDS	    8

/* base^n, or `most` + 1 where it is above. */
static uint64_t power(uint64_t base, uint64_t n, uint64_t most)
{
	uint64_t p = 1;

	while (n--)
		if (__builtin_mul_overflow(p, base, &p) || p > most)
			return most + 1;
	return p;
}

/* How many symbols are expanded at level k. */
static size_t parents(const struct rhm *h, size_t k)
{
	return k ? h->v : h->classes;
}

/* The limits, each in words of its own. */
static int check(const struct rhm *h, struct error *err)
{
	uint64_t words = power(h->v, h->s, RHM_WORDS);
	size_t most = h->v > h->classes ? h->v : h->classes;

	if (h->v < 2 || h->m < 1 || h->s < 2 || h->classes < 2)
		return error_set(err, ERR_CONFIG, "a hierarchy needs v, s and "
				 "classes of 2 or more and an m of 1 or more");
	if (h->levels < 1 || h->levels > RHM_LEVELS ||
	    power(h->s, h->levels, RHM_LEAVES) > RHM_LEAVES)
		return error_set(err, ERR_CONFIG, "%zu levels of words of %zu "
				 "symbols: at most %d levels and %d leaves",
				 h->levels, h->s, RHM_LEVELS, RHM_LEAVES);
	if (words > RHM_WORDS)
		return error_set(err, ERR_CONFIG, "v^s, %zu to the %zu, is above "
				 "%d words", h->v, h->s, RHM_WORDS);
	if (h->m > words / (h->levels > 1 ? most : h->classes))
		return error_set(err, ERR_CONFIG, "%zu words of each of %zu "
				 "symbols are more than the v^s = %zu there are",
				 h->m, most, (size_t)words);
	return 0;
}

/* Level k takes the first words of a permutation of all: a draw without
 * replacement. */
static int draw_words(struct rhm *h, size_t k, struct rng r, struct arena *a,
		      struct error *err)
{
	size_t n = (size_t)power(h->v, h->s, RHM_WORDS);

	h->words[k] = ARENA_RAW(a, uint32_t, n);
	if (!h->words[k])
		return arena_error(a, err);
	rng_permutation(rng_sub(r, k), n, h->words[k]);
	return 0;
}

/* classes m^choices, or 0 above INPUTS_MOST. */
static uint64_t count_inputs(const struct rhm *h)
{
	uint64_t n = power(h->m, h->choices, INPUTS_MOST);

	if (n > INPUTS_MOST || __builtin_mul_overflow(n, h->classes, &n) ||
	    n > INPUTS_MOST)
		return 0;
	return n;
}

/* Rules come from the stream's first sub-streams, one a level, rows from the one
 * behind the last possible level: another number of levels leaves the upper
 * rules as they are. */
int rhm_init(struct rhm *h, struct rng r, struct arena *a, struct error *err)
{
	int rc = check(h, err);

	h->leaves = 1;
	h->choices = 0;
	for (size_t k = 0; k < h->levels && !rc; k++) {
		h->choices += h->leaves;
		h->leaves *= h->s;
		rc = draw_words(h, k, r, a, err);
	}
	if (rc)
		return rc;
	h->inputs = count_inputs(h);
	h->rows = rng_sub(r, RHM_LEVELS);
	return 0;
}

/* A random permutation of the numbers of 2 * half bits: a Feistel network, whose
 * halves are mixed by addressed random numbers (Luby & Rackoff 1988: four rounds
 * are as good as any permutation to whoever has only its values). */
static uint64_t shuffle_bits(struct rng r, unsigned half, uint64_t x)
{
	uint64_t mask = ((uint64_t)1 << half) - 1;
	uint64_t left = x >> half, right = x & mask;

	/* each round can be undone whatever the function, hence a permutation */
	for (uint64_t k = 0; k < ROUNDS; k++) {
		uint64_t next = left ^ (rng_u64(rng_sub(r, k), right) & mask);

		left = right;
		right = next;
	}
	return left << half | right;
}

/* A random permutation of 0 .. n-1: of the next power of four, walked until it
 * comes back below n (Black & Rogaway 2002), which takes four steps at most on
 * average. */
static uint64_t shuffle(struct rng r, uint64_t n, uint64_t x)
{
	unsigned half = 1;

	/* both halves have as many bits */
	while ((uint64_t)1 << 2 * half < n)
		half++;
	do
		x = shuffle_bits(r, half, x);
	while (x >= n);
	return x;
}

/* Where the choices of a row come from: digits of its number, or draws. */
struct choices {
	uint64_t number;
	struct rng r;
	uint64_t drawn;
	bool is_drawn;
};

/* One of n. A row of drawn choices counts them, each has its own address. */
static size_t choose(struct choices *c, size_t n)
{
	size_t digit;

	if (c->is_drawn)
		return (size_t)rng_below(c->r, c->drawn++, n);
	digit = (size_t)(c->number % n);
	c->number /= n;
	return digit;
}

/* The s symbols of a word, the first of them first. */
static void spell(const struct rhm *h, uint32_t word, uint32_t *symbols)
{
	for (size_t k = h->s; k-- > 0; word /= (uint32_t)h->v)
		symbols[k] = word % (uint32_t)h->v;
}

/* The n symbols at the start of `symbols` become n s; from behind, so that none
 * is overwritten before its turn. */
static void expand(const struct rhm *h, size_t level, size_t n,
		   struct choices *c, uint32_t *symbols)
{
	for (size_t i = n; i-- > 0;) {
		const uint32_t *words = h->words[level] + symbols[i] * h->m;

		spell(h, words[choose(c, h->m)], symbols + i * h->s);
	}
}

/* From the class down. The class is the last digit of the number, so that each
 * has exactly as many of all inputs. */
size_t rhm_row(const struct rhm *h, uint64_t i, uint32_t *leaves)
{
	struct choices c = { .r = rng_sub(h->rows, i),
			     .is_drawn = i >= h->inputs };
	size_t label, n = 1;

	if (!c.is_drawn)
		c.number = shuffle(h->rows, h->inputs, i);
	label = choose(&c, h->classes);
	leaves[0] = (uint32_t)label;
	for (size_t k = 0; k < h->levels; k++, n *= h->s)
		expand(h, k, n, &c, leaves);
	return label;
}

/* Which symbol of the level above a word stands for. */
static size_t meaning(const struct rhm *h, size_t level, const uint32_t *symbols)
{
	uint32_t word = 0;

	for (size_t k = 0; k < h->s; k++)
		word = word * (uint32_t)h->v + symbols[k];
	for (size_t k = 0; k < parents(h, level) * h->m; k++)
		if (h->words[level][k] == word)
			return k / h->m;
	return SIZE_MAX;
}

/* Level by level upwards, in place: a word is read before its first symbol can
 * be overwritten. */
size_t rhm_parse(const struct rhm *h, uint32_t *leaves)
{
	size_t n = h->leaves;

	for (size_t k = h->levels; k-- > 0;) {
		n /= h->s;
		for (size_t i = 0; i < n; i++) {
			size_t up = meaning(h, k, leaves + i * h->s);

			if (up == SIZE_MAX)
				return SIZE_MAX;
			leaves[i] = (uint32_t)up;
		}
	}
	return leaves[0];
}
