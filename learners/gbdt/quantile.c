/* Sorting is by radix on the bits of the floats, three passes of 11 bits: a few
 * nanoseconds a value, whatever the values are. */
#include "learners/gbdt/quantile.h"

enum { RADIX = 11, DIGITS = 1 << RADIX };

bool quantile_init(struct quantile *q, size_t most, bool weighed, struct arena *a)
{
	*q = (struct quantile){
		.key = ARENA_RAW(a, uint32_t, most + 1),
		.weight = ARENA_RAW(a, double, most + 1),
		.spare = ARENA_RAW(a, uint32_t, weighed ? 0 : most),
		.wide = ARENA_RAW(a, uint64_t, weighed ? most : 0),
	};
	return q->key && q->weight && q->spare && q->wide;
}

/* ---------------------------------------------------------------- sorting */

/* Counts of all three digits in one pass, turned into where each begins. */
static void add_digits(uint32_t at[3][DIGITS], uint32_t key)
{
	at[0][key & (DIGITS - 1)]++;
	at[1][key >> RADIX & (DIGITS - 1)]++;
	at[2][key >> 2 * RADIX]++;
}

static void sum_digits(uint32_t at[3][DIGITS])
{
	for (size_t pass = 0; pass < 3; pass++) {
		uint32_t sum = 0;

		for (size_t d = 0; d < DIGITS; d++) {
			uint32_t count = at[pass][d];

			at[pass][d] = sum;
			sum += count;
		}
	}
}

/* A stable counting sort by one digit of keys or of the upper halves of words. */
static void pass_keys(const uint32_t *from, uint32_t *to, size_t n, uint32_t *at,
		      int shift)
{
	for (size_t i = 0; i < n; i++)
		to[at[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

static void pass_words(const uint64_t *from, uint64_t *to, size_t n,
		       uint32_t *at, int shift)
{
	for (size_t i = 0; i < n; i++)
		to[at[from[i] >> 32 >> shift & (DIGITS - 1)]++] = from[i];
}

/* ---------------------------------------------------------------- runs */

static void begin_run(struct quantile *q, uint32_t key, double weight)
{
	q->key[q->runs] = key;
	q->weight[q->runs++] = weight;
}

void quantile_sort(struct quantile *q, uint32_t *key, size_t n)
{
	uint32_t at[3][DIGITS] = { 0 };
	const uint32_t *sorted = q->spare;

	for (size_t i = 0; i < n; i++)
		add_digits(at, key[i]);
	sum_digits(at);
	pass_keys(key, q->spare, n, at[0], 0);
	pass_keys(q->spare, key, n, at[1], RADIX);
	pass_keys(key, q->spare, n, at[2], 2 * RADIX);
	q->runs = 0;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && sorted[end] == sorted[i];)
			end++;
		begin_run(q, sorted[i], (double)(end - i));
	}
}

/* Weights of a run are added in the order of rows, as the sort is stable. */
void quantile_sort_weighed(struct quantile *q, uint64_t *word, size_t n)
{
	uint32_t at[3][DIGITS] = { 0 };

	for (size_t i = 0; i < n; i++)
		add_digits(at, (uint32_t)(word[i] >> 32));
	sum_digits(at);
	pass_words(word, q->wide, n, at[0], 0);
	pass_words(q->wide, word, n, at[1], RADIX);
	pass_words(word, q->wide, n, at[2], 2 * RADIX);
	q->runs = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t key = (uint32_t)(q->wide[i] >> 32);
		uint32_t bits = (uint32_t)q->wide[i];
		float weight;

		memcpy(&weight, &bits, sizeof(weight));
		if (q->runs && q->key[q->runs - 1] == key)
			q->weight[q->runs - 1] += (double)weight;
		else
			begin_run(q, key, (double)weight);
	}
}

void quantile_add(struct quantile *q, float value, double weight)
{
	uint32_t key = quantile_key(value);
	size_t i = q->runs;

	while (i && q->key[i - 1] >= key)
		i--;
	if (i < q->runs && q->key[i] == key) {
		q->weight[i] += weight;
		return;
	}
	memmove(q->key + i + 1, q->key + i, (q->runs - i) * sizeof(*q->key));
	memmove(q->weight + i + 1, q->weight + i,
		(q->runs - i) * sizeof(*q->weight));
	q->key[i] = key;
	q->weight[i] = weight;
	q->runs++;
}

size_t quantile_heaviest(const struct quantile *q)
{
	size_t best = 0;

	for (size_t i = 1; i < q->runs; i++)
		if (q->weight[i] > q->weight[best])
			best = i;
	return best;
}

/* ---------------------------------------------------------------- edges */

/* What is still to be cut. A heavy value holds more than an even share of the
 * rows and gets a bin to itself, or it would swallow its neighbours. */
struct cutting {
	double all; /* weight */
	size_t max;
	double rest; /* weight of light values not yet in a bin */
	size_t left; /* bins for them */
};

static bool is_heavy(const struct cutting *c, double weight)
{
	return weight * (double)c->max > c->all;
}

static struct cutting begin_cutting(const struct quantile *q, size_t max)
{
	struct cutting c = { .max = max, .left = max };

	for (size_t i = 0; i < q->runs; i++)
		c.all += q->weight[i];
	c.rest = c.all;
	for (size_t i = 0; i < q->runs; i++) {
		if (is_heavy(&c, q->weight[i])) {
			c.rest -= q->weight[i];
			c.left--; /* fewer than max values are heavy */
		}
	}
	return c;
}

/* Does a bin of `size` end here, before a run of weight `next`? */
static bool closes(struct cutting *c, double size, double next)
{
	if (size * (double)c->left < c->rest &&
	    !(is_heavy(c, next) && c->left > 1))
		return false;
	c->rest -= size;
	c->left -= c->left > 1;
	return true;
}

/* Bins of about equal weight. Sums of weights that are no whole numbers are
 * rounded, so the last bin is held open for whatever is left. */
static uint32_t cut_evenly(const struct quantile *q, size_t max, float *edge)
{
	struct cutting c = begin_cutting(q, max);
	size_t last = q->runs - 1;
	double size = 0;
	uint32_t bins = 0;

	for (size_t i = 0; i < last; i++) {
		size += q->weight[i];
		if (bins + 1 == max)
			break;
		if (is_heavy(&c, q->weight[i]))
			c.rest -= size - q->weight[i];
		else if (!closes(&c, size, q->weight[i + 1]))
			continue;
		edge[bins++] = quantile_value(q->key[i]);
		size = 0;
	}
	edge[bins++] = quantile_value(q->key[last]);
	return bins;
}

uint32_t quantile_edges(const struct quantile *q, size_t max, float *edge)
{
	if (q->runs > max)
		return cut_evenly(q, max, edge);
	for (size_t i = 0; i < q->runs; i++)
		edge[i] = quantile_value(q->key[i]);
	return (uint32_t)q->runs;
}
