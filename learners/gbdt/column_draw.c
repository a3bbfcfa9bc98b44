/* Drawing without replacement, in one pass and in the columns' order. */
#include "learners/gbdt/column_draw.h"

enum { LEVEL = 1, NODE = 2 }; /* streams of a tree */

static bool is_drawn(double share)
{
	return share > 0 && share < 1;
}

bool column_draw_allocate(struct column_draw *d, const struct gbdt_config *config,
			  size_t cols, struct arena *a)
{
	*d = (struct column_draw){
		.cols = cols,
		.level_share = config->col_sample_level,
		.node_share = config->col_sample_node,
	};
	if (is_drawn(d->level_share)) {
		d->level = ARENA_RAW(a, uint8_t, cols);
		if (!d->level)
			return false;
	}
	for (size_t k = 0; k < 2 && is_drawn(d->node_share); k++) {
		d->node[k] = ARENA_RAW(a, uint8_t, cols);
		if (!d->node[k])
			return false;
	}
	return true;
}

/* Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S: a column is
 * taken with the chance (still wanted) / (still to come), so that exactly the
 * wanted number is, each set alike. At least one, as XGBoost has it. */
static void draw(struct rng r, const uint8_t *from, size_t cols, double share,
		 uint8_t *to)
{
	size_t left = 0, wanted;

	for (size_t j = 0; j < cols; j++)
		left += !from || from[j];
	wanted = (size_t)(share * (double)left + 1e-9);
	wanted = wanted ? wanted : 1;
	for (size_t j = 0; j < cols; j++) {
		bool live = !from || from[j];

		to[j] = live && rng_uniform(r, j) * (double)left < (double)wanted;
		left -= live;
		wanted -= to[j];
	}
}

void column_draw_level(struct column_draw *d, size_t depth)
{
	if (d->level)
		draw(rng_sub(rng_sub(d->rng, LEVEL), depth), d->use, d->cols,
		     d->level_share, d->level);
}

const uint8_t *column_draw_node(struct column_draw *d, size_t slot,
				uint64_t number)
{
	const uint8_t *from = d->level ? d->level : d->use;

	if (!d->node[slot])
		return d->level;
	draw(rng_sub(rng_sub(d->rng, NODE), number), from, d->cols,
	     d->node_share, d->node[slot]);
	return d->node[slot];
}
