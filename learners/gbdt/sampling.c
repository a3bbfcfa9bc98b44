/* A draw in two steps: every chunk lists its rows in its own range, then the
 * lists are pushed together. Goss first finds the k-th largest gradient, by
 * counting: floats that are not negative are ordered as their bits are, so three
 * passes over 11, 11 and 10 bits find it, with integers that any number of
 * threads may count.
 */
#include "learners/gbdt/sampling.h"

#include <math.h>
#include <string.h>

#include "learners/gbdt/worth.h"

enum { CHUNK = 16384, TALLY = 2048 };

/* What a chunk must know of the round. */
struct draw {
	struct sampling *s;
	struct rng r;
	uint64_t chance; /* of a row, in 2^-32 */
	/* goss */
	const float *gradient; /* (outputs, total) */
	size_t outputs;
	uint32_t bar;  /* larger ones are kept, ... */
	size_t quota;  /* ... and so many that equal it, the first */
	float multiple;
	int shift, width; /* of the digit that is counted */
	uint32_t prefix;  /* the digits before it */
};

int sampling_init(struct sampling *s, const struct gbdt_config *config,
		  size_t total, int threads, struct arena *a, struct error *err)
{
	size_t chunks = par_chunks(total, CHUNK);
	bool goss = config->sampling == SAMPLING_GOSS;

	*s = (struct sampling){ .config = config, .total = total, .n = total,
				.threads = threads };
	if (!goss && config->row_sample >= 1)
		return 0;
	s->room = ARENA_RAW(a, uint32_t, total);
	s->count = ARENA_RAW(a, size_t, chunks);
	if (!s->room || !s->count)
		return arena_error(a, err);
	if (!goss)
		return 0;
	s->size = ARENA_RAW(a, uint32_t, total);
	s->multiple = ARENA_RAW(a, float, total);
	s->ties = ARENA_RAW(a, size_t, chunks);
	s->tally = ARENA_RAW(a, uint32_t, chunks * TALLY);
	if (!s->size || !s->multiple || !s->ties || !s->tally)
		return arena_error(a, err);
	return 0;
}

/* ---------------------------------------------------------------- the bar */

/* |gradient| of a row, summed over its outputs. */
static void size_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct draw *d = ctx;
	struct par_range r = par_range(d->s->total, CHUNK, chunk);

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		float sum = 0;

		for (size_t c = 0; c < d->outputs; c++)
			sum += fabsf(d->gradient[c * d->s->total + i]);
		memcpy(&d->s->size[i], &sum, sizeof(sum));
	}
}

/* How often each value of the digit occurs behind the prefix. */
static void tally_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct draw *d = ctx;
	struct par_range r = par_range(d->s->total, CHUNK, chunk);
	uint32_t *tally = d->s->tally + chunk * TALLY;
	uint32_t mask = (1u << d->width) - 1;

	(void)worker;
	memset(tally, 0, TALLY * sizeof(*tally));
	for (size_t i = r.begin; i < r.end; i++) {
		uint64_t digits = (uint64_t)d->s->size[i] >> d->shift;

		if (digits >> d->width == d->prefix)
			tally[digits & mask]++;
	}
}

/* One digit more of the bar, of which `want` rows are to be kept. */
static size_t find_digit(struct draw *d, size_t want, int threads)
{
	size_t chunks = par_chunks(d->s->total, CHUNK);
	uint32_t digit = 1u << d->width;

	par_for(threads, chunks, tally_chunk, d);
	while (digit-- > 0) {
		size_t here = 0;

		for (size_t k = 0; k < chunks; k++)
			here += d->s->tally[k * TALLY + digit];
		if (here >= want)
			break;
		want -= here;
	}
	d->prefix = d->prefix << d->width | digit;
	return want;
}

static void ties_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct draw *d = ctx;
	struct par_range r = par_range(d->s->total, CHUNK, chunk);
	size_t ties = 0;

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++)
		ties += d->s->size[i] == d->bar;
	d->s->ties[chunk] = ties;
}

static void find_bar(struct draw *d, int threads)
{
	static const int width[] = { 11, 11, 10 };
	size_t top = (size_t)(d->s->config->goss_top * (double)d->s->total);

	d->bar = UINT32_MAX;
	d->shift = 32;
	par_for(threads, par_chunks(d->s->total, CHUNK), size_chunk, d);
	for (int k = 0; top && k < 3; k++) {
		d->width = width[k];
		d->shift -= width[k];
		top = find_digit(d, top, threads);
		d->bar = d->prefix;
	}
	d->quota = top;
	par_for(threads, par_chunks(d->s->total, CHUNK), ties_chunk, d);
}

/* ---------------------------------------------------------------- the draw */

/* How many of a chunk's ties are among the first `quota` of all. */
static size_t ties_left(const struct draw *d, size_t chunk)
{
	size_t before = 0;

	for (size_t k = 0; k < chunk; k++)
		before += d->s->ties[k];
	return before < d->quota ? d->quota - before : 0;
}

/* The random bits of four neighbours are one block of the generator: a block a
 * row would cost more than the gradients. */
static void four_bits(struct rng r, size_t i, uint32_t bits[4])
{
	uint64_t block = i / 4;
	uint32_t counter[4] = { (uint32_t)block, (uint32_t)(block >> 32),
				(uint32_t)r.purpose, (uint32_t)(r.purpose >> 32) };
	uint32_t key[2] = { (uint32_t)r.seed, (uint32_t)(r.seed >> 32) };

	rng_philox(counter, key, bits);
}

static void draw_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct draw *d = ctx;
	struct sampling *s = d->s;
	struct par_range r = par_range(s->total, CHUNK, chunk);
	uint32_t *rows = s->room + r.begin, bits[4] = { 0 };
	size_t ties = s->size ? ties_left(d, chunk) : 0, n = 0;

	(void)worker;
	for (size_t i = r.begin; i < r.end; i++) {
		bool top = false, drawn;

		if (i % 4 == 0)
			four_bits(d->r, i, bits);
		drawn = bits[i % 4] < d->chance;
		if (s->size) {
			top = s->size[i] > d->bar ||
			      (s->size[i] == d->bar && ties > 0);
			ties -= top && s->size[i] == d->bar;
			s->multiple[i] = top ? 1.0f : d->multiple;
		}
		rows[n] = (uint32_t)i;
		n += top | drawn;
	}
	s->count[chunk] = n;
}

/* The chunks' lists side by side. */
static void gather(struct sampling *s)
{
	s->n = 0;
	for (size_t k = 0; k < par_chunks(s->total, CHUNK); k++) {
		memmove(s->room + s->n, s->room + k * CHUNK,
			s->count[k] * sizeof(*s->room));
		s->n += s->count[k];
	}
}

void sampling_draw(struct sampling *s, uint64_t seed, size_t round,
		   const float *gradient, size_t outputs)
{
	const struct gbdt_config *c = s->config;
	int threads = worth_threads(s->threads, 4.0 * (double)s->total);
	struct draw d = {
		.s = s, .gradient = gradient, .outputs = outputs,
		.r = rng_sub(rng_make(seed, "gbdt/rows"), round),
	};
	double share = c->row_sample;

	s->rows = NULL;
	s->factor = NULL;
	s->n = s->total;
	if (!s->room || (s->size && (double)round * c->shrinkage < 1))
		return;
	if (s->size) {
		share = c->goss_top < 1 ? c->goss_rest / (1 - c->goss_top) : 1;
		share = fmin(share, 1);
		d.multiple = (float)(1 / share);
		find_bar(&d, threads);
		s->factor = s->multiple;
	}
	d.chance = (uint64_t)(share * 0x1p32);
	par_for(threads, par_chunks(s->total, CHUNK), draw_chunk, &d);
	gather(s);
	s->rows = s->room;
	if (!s->n) /* a tree needs a row */
		s->rows[s->n++] = (uint32_t)rng_below(d.r, s->total, s->total);
}

struct amplify {
	const struct sampling *s;
	float *gradient, *hessian;
	size_t outputs;
};

static void amplify_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct amplify *a = ctx;
	const struct sampling *s = a->s;
	struct par_range r = par_range(s->n, CHUNK, chunk);

	(void)worker;
	for (size_t c = 0; c < a->outputs; c++) {
		float *g = a->gradient + c * s->total;
		float *h = a->hessian + c * s->total;

		for (size_t k = r.begin; k < r.end; k++) {
			g[s->rows[k]] *= s->factor[s->rows[k]];
			h[s->rows[k]] *= s->factor[s->rows[k]];
		}
	}
}

void sampling_amplify(const struct sampling *s, float *gradient, float *hessian,
		      size_t outputs)
{
	struct amplify a = { .s = s, .gradient = gradient, .hessian = hessian,
			     .outputs = outputs };

	if (s->factor)
		par_for(worth_threads(s->threads, (double)s->n * (double)outputs),
			par_chunks(s->n, CHUNK), amplify_chunk, &a);
}
