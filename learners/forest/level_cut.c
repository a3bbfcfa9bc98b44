/* Levels are sorted by the mean of their rows in this node, and cut like a
 * numeric column. Levels that have no rows here go with the heavier side.
 */
#include "learners/forest/level_cut.h"

#include <math.h>

#include "learners/forest/tally.h"

struct level {
	double mean;
	uint32_t bin;
};

/* Insertion sort: few levels have rows in most nodes. */
static size_t list_levels(const struct forest_item *cell, size_t bins,
			  struct level *level)
{
	size_t n = 0;

	for (uint32_t b = 0; b <= bins; b++) {
		struct level l = { .bin = b };
		size_t k = n;

		if (!cell[b].mass)
			continue;
		l.mean = (double)cell[b].sum / forest_weight(cell[b].mass);
		for (; k && level[k - 1].mean > l.mean; k--)
			level[k] = level[k - 1];
		level[k] = l;
		n++;
	}
	return n;
}

/* Impurity saved by putting `left` on one side. */
static double gain_of(const struct node_cut_rules *r, struct forest_item all,
		      struct forest_item left)
{
	double w = forest_weight(all.mass), l = forest_weight(left.mass);
	double d = (double)left.sum - l * ((double)all.sum / w);

	return r->entropy ? tally_binary(left) +
		tally_binary((struct forest_item){ all.sum - left.sum,
						   all.mass - left.mass }) -
		tally_binary(all) : d * d / (l * (w - l)) * w;
}

/* The first n levels go left. */
static struct tree_set make_set(const struct level *level, size_t first, size_t n,
				bool rest_left)
{
	struct tree_set set = { { 0 } };

	if (rest_left) {
		for (int w = 0; w < 4; w++)
			set.bits[w] = ~(uint64_t)0;
		for (size_t k = 0; k < n; k++)
			set.bits[level[k].bin >> 6] &=
				~((uint64_t)1 << (level[k].bin & 63));
	}
	for (size_t k = 0; k < first; k++)
		tree_set_put(&set, level[k].bin);
	return set;
}

void level_cut_search(const struct node_cut_rules *r, const struct node_rows *node,
		      uint32_t column, const struct forest_item *cell,
		      struct node_cut *best)
{
	struct level level[256];
	size_t n = list_levels(cell, r->bins->column[column].bins, level);
	struct forest_item left = { 0 };

	for (size_t k = 0; k + 1 < n; k++) {
		uint64_t right;
		double gain;

		left.sum += cell[level[k].bin].sum;
		left.mass += cell[level[k].bin].mass;
		right = node->total.mass - left.mass;
		if (forest_rows(left.mass) < r->least ||
		    forest_rows(right) < r->least)
			continue;
		gain = fmax(gain_of(r, node->total, left), 0);
		if (!(gain > best->gain))
			continue;
		*best = (struct node_cut){
			.gain = gain, .column = column, .has_set = true,
			.set = make_set(level, k + 1, n, forest_weight(left.mass) >
					forest_weight(right)),
		};
	}
}
