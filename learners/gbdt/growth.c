/* Policies of growth that need no more than the grower's leaves. */
#include "learners/gbdt/growth.h"

#include "learners/gbdt/monotone.h"
#include "learners/gbdt/oblivious.h"

const char *const growth_names[] = { "leaf", "depth", "oblivious", NULL };

enum { DEEPEST = 16, USUAL = 6 }; /* of oblivious trees, as CatBoost's */

int growth_settle(struct gbdt_config *config, struct error *err)
{
	if (config->growth != GBDT_OBLIVIOUS)
		return 0;
	if (!config->depth)
		config->depth = USUAL;
	if (config->depth > DEEPEST)
		return error_set(err, ERR_CONFIG, "depth: an oblivious tree of "
				 "depth %lld has too many leaves; %d at most",
				 (long long)config->depth, (int)DEEPEST);
	config->leaves = (int64_t)1 << config->depth;
	config->col_sample_node = 1;
	return 0;
}

struct cut_bounds growth_bounds(const struct gbdt_config *config)
{
	double most = config->max_delta_step;

	return (struct cut_bounds){ .low = -most, .high = most, .on = most > 0 };
}

/* Nodes are numbered in the order of the cuts, so that while cuts go level by
 * level the number of the node above and the side tell the order. */
static uint64_t place_of(const struct grower_leaf *leaf)
{
	return 2 * (uint64_t)leaf->parent + (uint64_t)leaf->side;
}

size_t growth_next_in_level(const struct grower *g)
{
	size_t first = 0;
	bool found = false;

	for (size_t l = 0; l < g->leaves; l++) {
		if (!(g->leaf[l].cut.gain > 0))
			continue;
		if (!found || place_of(&g->leaf[l]) < place_of(&g->leaf[first]))
			first = l;
		found = true;
	}
	return first;
}

double growth_value(const struct cut_rules *r, const struct grower_leaf *leaf)
{
	return leaf->is_light ? leaf->kept :
				cut_bounded_value(r, leaf->total, &leaf->bounds);
}

/* Beside a light half, which keeps the value above, that is also what a
 * constraint puts between the two. */
void growth_hand_down(const struct grower *g, const struct grower_leaf *above,
		      struct grower_leaf *left, struct grower_leaf *right)
{
	struct cut_rules r = grower_rules(g);
	struct cut_bounds bounds[2];
	double middle;

	left->kept = right->kept = growth_value(&r, above);
	if (g->config->growth == GBDT_OBLIVIOUS) {
		left->is_light = oblivious_is_light(g, above, left->total);
		right->is_light = oblivious_is_light(g, above, right->total);
	}
	middle = (cut_bounded_value(&r, left->total, &above->bounds) +
		  cut_bounded_value(&r, right->total, &above->bounds)) / 2;
	if (left->is_light || right->is_light)
		middle = left->kept;
	monotone_pass(cut_sign(&r, above->cut.column), &above->bounds, middle,
		      bounds);
	left->bounds = bounds[0];
	right->bounds = bounds[1];
}
