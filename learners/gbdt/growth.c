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
static uint64_t order_of(const struct grower_leaf *leaf)
{
	return 2 * (uint64_t)leaf->parent + (uint64_t)leaf->side;
}

bool growth_before(const struct grower *g, const struct grower_leaf *a,
		   const struct grower_leaf *b)
{
	if (!(a->cut.gain > 0) || !(b->cut.gain > 0))
		return a->cut.gain > 0;
	if (g->config->growth == GBDT_DEPTH)
		return order_of(a) < order_of(b);
	return a->cut.gain > b->cut.gain;
}

double growth_value(const struct cut_rules *r, const struct grower_leaf *leaf)
{
	return leaf->is_light ? leaf->kept :
				cut_bounded_value(r, leaf->total, &leaf->bounds);
}

/* Beside a light half, which keeps the value above, that is also what a
 * constraint puts between the two. */
void growth_hand_down(const struct grower *g, const struct grower_leaf *leaf,
		      struct grower_leaf half[2])
{
	struct cut_rules r = grower_rules(g);
	struct cut_bounds bounds[2];
	double kept = growth_value(&r, leaf), middle = 0;
	bool is_light = false;

	for (size_t k = 0; k < 2; k++) {
		half[k].place = 2 * leaf->place + k;
		half[k].kept = kept;
		half[k].is_light = g->config->growth == GBDT_OBLIVIOUS &&
				   oblivious_is_light(g, leaf, half[k].total);
		is_light |= half[k].is_light;
		middle += cut_bounded_value(&r, half[k].total, &leaf->bounds) / 2;
	}
	monotone_pass(cut_sign(&r, leaf->cut.column), &leaf->bounds,
		      is_light ? kept : middle, bounds);
	half[0].bounds = bounds[0];
	half[1].bounds = bounds[1];
}
