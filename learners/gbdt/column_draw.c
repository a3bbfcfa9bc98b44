/* Drawing without replacement, in one pass and in the columns' order. */
#include "learners/gbdt/column_draw.h"

enum { LEVEL = 1, NODE = 2 }; /* streams of a tree */

static bool is_drawn(double share)
{
	return share > 0 && share < 1;
}

struct column_draw column_draw_init(const struct gbdt_config *config, size_t cols)
{
	return (struct column_draw){
		.cols = cols,
		.level_share = config->col_sample_level,
		.node_share = config->col_sample_node,
	};
}

bool column_draw_on(const struct column_draw *d)
{
	return is_drawn(d->level_share) || is_drawn(d->node_share);
}

/* Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S: a column is
 * taken with the chance (still wanted) / (still to come), so that exactly the
 * wanted number is, each set alike. At least one, as XGBoost has it. `to` may
 * be `from`. */
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

const uint8_t *column_draw_make(const struct column_draw *d, size_t depth,
				uint64_t place, uint8_t *to)
{
	const uint8_t *from = d->use;

	if (!column_draw_on(d))
		return NULL;
	if (is_drawn(d->level_share)) {
		draw(rng_sub(rng_sub(d->rng, LEVEL), depth), from, d->cols,
		     d->level_share, to);
		from = to;
	}
	if (is_drawn(d->node_share))
		draw(rng_sub(rng_sub(d->rng, NODE), place), from, d->cols,
		     d->node_share, to);
	return to;
}
