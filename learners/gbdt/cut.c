/* Searching a histogram for the best cut.
 *
 * A column's cells are summed from the first on; at each edge the two sides'
 * gain is G^2 / (H + l2) each (Chen & Guestrin 2016, Eq. 7, without its half).
 * The kernel finds each column's best edge in float, eight or sixteen at a
 * time; the winner's gain is then computed in double, since leaves are compared
 * by it and importance is summed from it.
 */
#include "learners/gbdt/cut.h"

#include <math.h>
#include <string.h>

/* A leaf in the units of the scan: sums of the tree are 1. */
struct search {
	const struct cut_rules *rules;
	const struct gbdt_kernels *kernels;
	const struct cut_leaf *leaf;
	double l1, l2, cat_l2, smooth;
	double least; /* hessian that each side must have */
	double group; /* hessian that a growing subset must gain */
	double parent; /* score of the uncut leaf */
	double gain_unit;
	struct cut best;
};

/* Packed sums as shares of the tree's sums: in [-1, 1] and [0, 1]. */
static double unit_gradient(int64_t gh)
{
	return gh_gradient(gh) * (double)GBDT_UNIT;
}

static double unit_hessian(int64_t gh)
{
	return gh_hessian(gh) * (double)GBDT_UNIT;
}

/* The soft threshold: what an L1 penalty leaves of a gradient. */
static double soften(double g, double l1)
{
	return g > l1 ? g - l1 : g < -l1 ? g + l1 : 0;
}

/* G^2 / (H + l2): twice what the leaf takes off the loss (Chen & Guestrin
 * 2016, Eq. 6). */
static double score_of(const struct search *s, int64_t gh, double l2)
{
	double g = soften(unit_gradient(gh), s->l1);
	double d = unit_hessian(gh) + l2;

	return d > 0 ? g * g / d : 0;
}

double cut_leaf_value(const struct cut_rules *r, int64_t total)
{
	double g = soften(fixed_gradient(r->fixed, total), r->config->l1);
	double d = fixed_hessian(r->fixed, total) + r->config->l2;

	return d > 0 ? -g / d : 0;
}

/* Penalties and bounds of the user's, once a leaf, in the scan's units. */
static struct search begin_search(const struct cut_rules *r,
				  const struct cut_leaf *leaf)
{
	const struct gbdt_config *c = r->config;
	double g = r->fixed->gradient, h = r->fixed->hessian;
	double a_row = unit_hessian(leaf->total) / (double)leaf->rows;
	struct search s = {
		.rules = r,
		.kernels = SIMD_PICK(gbdt_kernels),
		.leaf = leaf,
		.l1 = c->l1 / g,
		.l2 = c->l2 / h,
		.cat_l2 = (c->l2 + c->cat_l2) / h,
		.smooth = c->cat_smooth / h,
		.least = fmax(c->min_child_hessian / h,
			      (double)c->min_child_rows * a_row),
		.group = (double)c->min_group_rows * a_row,
		.gain_unit = g * g / h,
		.best.score = -1.0f,
	};

	/* Never an empty side; and a sum that equals the bound passes though
	 * each of its terms was rounded. */
	s.least = fmax(s.least * (1 - 1e-5), GBDT_UNIT);
	s.parent = score_of(&s, leaf->total, s.l2);
	return s;
}

/* Is `score` the best so far? Then make it so. */
static bool improves(struct search *s, uint32_t column, float score, int64_t left,
		     double l2)
{
	double both;

	if (!(score > s->best.score))
		return false;
	both = score_of(s, left, l2) + score_of(s, s->leaf->total - left, l2);
	s->best = (struct cut){
		.gain = (both - s->parent) * s->gain_unit -
			s->rules->config->min_gain,
		.column = column,
		.left = left,
		.score = score,
	};
	return true;
}

/* ---------------------------------------------------------------- numeric */

/* Cut behind one of the first n cells, missing rows being sent left or not. */
static void search_direction(struct search *s, uint32_t column,
			     const int64_t *cells, size_t n, int64_t to_left,
			     bool missing_left)
{
	float score[256] __attribute__((aligned(64)));
	struct gbdt_scan scan = {
		.total = s->leaf->total, .to_left = to_left,
		.l1 = (float)s->l1, .l2 = (float)s->l2, .least = (float)s->least,
	};
	float top = s->kernels->scan(&scan, cells, n, score);
	int64_t left = to_left;
	uint32_t bin = 0;

	if (!(top > s->best.score))
		return;
	for (; score[bin] != top; bin++)
		left += cells[bin];
	left += cells[bin];
	if (improves(s, column, top, left, s->l2)) {
		s->best.bin = bin;
		s->best.missing_left = missing_left;
	}
}

/* Where values never seen in this leaf go: to its heavier side. */
static bool left_is_heavier(const struct search *s)
{
	return 2.0 * gh_hessian(s->best.left) > gh_hessian(s->leaf->total);
}

/* Missing rows are tried on both sides (the sparsity-aware search, Algorithm 3
 * of Chen & Guestrin 2016); with them on the right, the cut behind the last
 * value parts them from all others. Without any, one pass is enough. */
static void search_numeric(struct search *s, uint32_t column,
			   const int64_t *cells)
{
	size_t bins = s->rules->bins->column[column].bins;
	int64_t missing = cells[bins];

	if (missing) {
		search_direction(s, column, cells, bins, 0, false);
		search_direction(s, column, cells, bins - 1, missing, true);
		return;
	}
	search_direction(s, column, cells, bins - 1, 0, false);
	if (s->best.column == column && s->best.score >= 0)
		s->best.missing_left = left_is_heavier(s);
}

/* ---------------------------------------------------------------- subsets */

struct level {
	double key;
	int64_t sum;
	uint32_t bin;
};

/* The levels that have rows here, missing being one of them. */
static size_t list_levels(const struct search *s, const int64_t *cells,
			  size_t bins, struct level *level)
{
	size_t n = 0;

	for (uint32_t b = 0; b <= bins; b++) {
		if (!cells[b])
			continue;
		level[n++] = (struct level){
			.key = unit_gradient(cells[b]) /
			       (unit_hessian(cells[b]) + s->smooth +
				(double)GBDT_UNIT),
			.sum = cells[b],
			.bin = b,
		};
	}
	return n;
}

/* Two sorted runs, [0, mid) and [mid, n), into one. */
static void merge(const struct level *from, size_t mid, size_t n, struct level *to)
{
	size_t i = 0, j = mid;

	for (size_t k = 0; k < n; k++)
		to[k] = j >= n || (i < mid && from[i].key <= from[j].key) ?
				from[i++] : from[j++];
}

/* Stable, so that equal keys stay in the order of their bins. */
static void sort_levels(struct level *level, size_t n)
{
	struct level spare[256];

	for (size_t width = 1; width < n; width *= 2) {
		for (size_t i = 0; i < n; i += 2 * width) {
			size_t rest = n - i;

			merge(level + i, width < rest ? width : rest,
			      2 * width < rest ? 2 * width : rest, spare + i);
		}
		memcpy(level, spare, n * sizeof(*level));
	}
}

/* Are both sides allowed by min_child_hessian and min_child_rows? */
static bool heavy_enough(const struct search *s, int64_t left)
{
	return unit_hessian(left) >= s->least &&
	       unit_hessian(s->leaf->total - left) >= s->least;
}

/* Take the subset with the sum `left` if it is the best cut so far. */
static bool try_subset(struct search *s, uint32_t column, int64_t left, double l2)
{
	double score = score_of(s, left, l2) +
		       score_of(s, s->leaf->total - left, l2);

	return heavy_enough(s, left) &&
	       improves(s, column, (float)score, left, l2);
}

/* Levels[first..last] go left; what has no rows here, as unseen levels and
 * perhaps missing ones, goes with the heavier side. */
static void take_subset(struct search *s, const struct level *level, size_t n,
			size_t first, size_t last)
{
	struct tree_set *set = &s->best.set;

	*set = (struct tree_set){ { 0 } };
	if (left_is_heavier(s)) {
		memset(set, 0xff, sizeof(*set));
		for (size_t k = 0; k < n; k++)
			set->bits[level[k].bin >> 6] &=
				~((uint64_t)1 << (level[k].bin & 63));
	}
	for (size_t k = first; k <= last; k++)
		tree_set_put(set, level[k].bin);
}

/* One level against the rest, or, sorted by their mean gradient, the first k
 * against the others, which holds the best of all subsets (Fisher 1958, "On
 * grouping for maximum homogeneity"; smoothing and group size as LightGBM). */
static void search_categorical(struct search *s, uint32_t column,
			       const int64_t *cells)
{
	size_t bins = s->rules->bins->column[column].bins;
	struct level level[256];
	size_t n = list_levels(s, cells, bins, level);
	int64_t left = 0, group = 0;

	if (bins <= (size_t)s->rules->config->max_onehot) {
		for (size_t k = 0; k < n; k++)
			if (try_subset(s, column, level[k].sum, s->l2))
				take_subset(s, level, n, k, k);
		return;
	}
	sort_levels(level, n);
	for (size_t k = 0; k + 1 < n; k++) {
		left += level[k].sum;
		group += level[k].sum;
		if (unit_hessian(group) < s->group * (1 - 1e-5))
			continue;
		group = 0;
		if (try_subset(s, column, left, s->cat_l2))
			take_subset(s, level, n, 0, k);
	}
}

struct cut cut_search(const struct cut_rules *r,
		      const struct drawn_block *block, size_t first, size_t n,
		      const int64_t *hist, const struct cut_leaf *leaf)
{
	struct search s;

	if (!(r->fixed->gradient > 0) || !(r->fixed->hessian > 0))
		return (struct cut){ 0 };
	s = begin_search(r, leaf);
	for (size_t k = first; k < first + n; k++) {
		uint32_t column = block->column[k];
		const int64_t *cells = hist + k * block->stride;

		if (r->bins->column[column].is_cat)
			search_categorical(&s, column, cells);
		else
			search_numeric(&s, column, cells);
	}
	return s.best;
}
