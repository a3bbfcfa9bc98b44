/* Weights are kept beside the trees and multiplied in once at the end: a value
 * that were rescaled in place each time would wear off, and could not go back to
 * what it was at the best round.
 */
#include "learners/gbdt/dart.h"

#include <math.h>
#include <string.h>

#include "harness/base/rng.h"

int dart_init(struct dart *d, const struct gbdt_config *config, size_t outputs,
	      size_t cells, size_t valid_cells, struct arena *a,
	      struct error *err)
{
	size_t rounds = (size_t)config->rounds;

	*d = (struct dart){
		.config = config,
		.outputs = outputs,
		.dropped = ARENA_RAW(a, size_t, rounds),
		.weight = ARENA_RAW(a, double, rounds),
		.best = ARENA_RAW(a, double, rounds),
		.lost = ARENA_RAW(a, float, cells),
		.lost_valid = ARENA_RAW(a, float, valid_cells),
		.tree = ARENA_NEW(a, struct tree, outputs),
		.value = ARENA_RAW(a, float, outputs * (size_t)config->leaves),
	};
	if (!d->dropped || !d->weight || !d->best || !d->lost ||
	    !d->lost_valid || !d->tree || !d->value)
		return arena_error(a, err);
	return 0;
}

/* Each earlier round with probability drop_rate, less where drop_most would be
 * passed; the look goes round from a random place, so that the limit cuts no
 * particular rounds off. */
static void choose(struct dart *d, struct rng r)
{
	size_t n = d->rounds, from = (size_t)rng_below(r, n, n);
	size_t most = d->config->drop_most ? (size_t)d->config->drop_most : n;
	double rate = fmin(d->config->drop_rate, (double)most / (double)n);

	for (size_t k = 0; k < n && d->n_dropped < most; k++) {
		size_t i = (from + k) % n;

		if (rng_uniform(r, i) < rate)
			d->dropped[d->n_dropped++] = i;
	}
	if (!d->n_dropped)
		d->dropped[d->n_dropped++] = from;
}

void dart_drop(struct dart *d, uint64_t seed)
{
	struct rng r = rng_sub(rng_make(seed, "gbdt/dart"), d->rounds);

	d->n_dropped = 0;
	if (d->rounds && rng_uniform(r, d->rounds + 1) >= d->config->drop_skip)
		choose(d, r);
}

static void scale(const struct tree *from, double weight, float *value)
{
	for (size_t l = 0; l < from->leaves; l++)
		value[l] = (float)(weight * (double)from->value[l]);
}

const struct tree *dart_weighed(struct dart *d, const struct tree *round,
				size_t which)
{
	for (size_t c = 0; c < d->outputs; c++) {
		float *value = d->value + c * (size_t)d->config->leaves;

		scale(&round[c], d->weight[which], value);
		d->tree[c] = round[c];
		d->tree[c].value = value;
	}
	return d->tree;
}

/* As which of the two norms the k dropped rounds count beside a new one. */
static double rivals(const struct dart *d)
{
	return d->config->drop_norm == DART_TREE ? (double)d->n_dropped : 1;
}

double dart_newborn(const struct dart *d)
{
	return d->n_dropped ? 1 / (rivals(d) + d->config->shrinkage) : 1;
}

double dart_settle(struct dart *d)
{
	double keep = d->n_dropped ?
			      rivals(d) / (rivals(d) + d->config->shrinkage) : 1;

	for (size_t k = 0; k < d->n_dropped; k++)
		d->weight[d->dropped[k]] *= keep;
	d->weight[d->rounds++] = 1; /* born with its weight in its values */
	return keep;
}

void dart_mark(struct dart *d)
{
	memcpy(d->best, d->weight, d->rounds * sizeof(*d->best));
}

void dart_finish(const struct dart *d, struct tree **round, size_t rounds)
{
	const double *weight = rounds < d->rounds ? d->best : d->weight;

	for (size_t r = 0; r < rounds; r++)
		for (size_t c = 0; c < d->outputs; c++)
			scale(&round[r][c], weight[r], round[r][c].value);
}
