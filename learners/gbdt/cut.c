/* Searching a histogram for the best cut.
 *
 * A column's cells are summed from the first on; at each edge the two sides'
 * gain is G^2 / (H + l2) each (Chen & Guestrin 2016, Eq. 7, without its half).
 * The kernel finds each column's best edge in float, eight or sixteen at a
 * time; the winner's gain is then computed in double, since leaves are compared
 * by it and importance is summed from it. Where values are bounded a scalar
 * loop takes the kernel's place: few columns and leaves need it.
 */
#include "learners/gbdt/cut.h"

#include <math.h>
#include <string.h>

#include "learners/gbdt/cut_search.h"

/* The soft threshold: what an L1 penalty leaves of a gradient. */
static double soften(double g, double l1)
{
	return g > l1 ? g - l1 : g < -l1 ? g + l1 : 0;
}

static double clamp(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

/* ---------------------------------------------------------------- values */

double cut_leaf_value(const struct cut_rules *r, int64_t total)
{
	double g = soften(fixed_gradient(r->fixed, total), r->config->l1);
	double d = fixed_hessian(r->fixed, total) + r->config->l2;

	return d > 0 ? -g / d : 0;
}

double cut_bounded_value(const struct cut_rules *r, int64_t total,
			 const struct cut_bounds *bounds)
{
	double value = cut_leaf_value(r, total);

	return bounds->on ? clamp(value, bounds->low, bounds->high) : value;
}

int8_t cut_sign(const struct cut_rules *r, uint32_t column)
{
	uint32_t source = r->bins->column[column].source;

	return source < r->signs ? r->monotone[source] : 0;
}

/* The value in the search's units, and within its bounds. */
static double value_of(const struct cut_search *s, int64_t gh, double l2)
{
	double d = cut_hessian(gh) + l2;
	double value = d > 0 ? -soften(cut_gradient(gh), s->l1) / d : 0;

	return clamp(value, s->low, s->high);
}

/* At the optimum G^2 / (H + l2) (Chen & Guestrin 2016, Eq. 6); at another value
 * w, which bounds may ask for, -(2 G w + (H + l2) w^2 + 2 l1 |w|). */
double cut_score(const struct cut_search *s, int64_t gh, double l2)
{
	double d = cut_hessian(gh) + l2, g = cut_gradient(gh), w;

	if (!s->leaf->bounds.on) {
		g = soften(g, s->l1);
		return d > 0 ? g * g / d : 0;
	}
	w = value_of(s, gh, l2);
	return -(2 * g * w + d * w * w + 2 * s->l1 * fabs(w));
}

/* ---------------------------------------------------------------- search */

/* A value of 1 in natural units. */
static double value_unit(const struct cut_rules *r)
{
	return r->fixed->hessian / r->fixed->gradient;
}

struct cut_search cut_begin(const struct cut_rules *r,
			    const struct cut_leaf *leaf)
{
	const struct gbdt_config *c = r->config;
	const struct cut_bounds *bounds = &leaf->bounds;
	double g = r->fixed->gradient, h = r->fixed->hessian;
	double rows = leaf->rows ? (double)leaf->rows : 1;
	double a_row = cut_hessian(leaf->total) / rows;
	struct cut_search s = {
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
		.low = bounds->on ? bounds->low * value_unit(r) : -INFINITY,
		.high = bounds->on ? bounds->high * value_unit(r) : INFINITY,
		.gain_unit = g * g / h,
		.best.score = -1.0f,
	};

	/* Never an empty side; and a sum that equals the bound passes though
	 * each of its terms was rounded. */
	s.least = fmax(s.least * (1 - 1e-5), GBDT_UNIT);
	s.parent = cut_score(&s, leaf->total, s.l2);
	s.shift = bounds->on ? s.parent : 0;
	return s;
}

bool cut_improves(struct cut_search *s, uint32_t column, float score,
		  int64_t left, double l2)
{
	double both;

	if (!(score > s->best.score))
		return false;
	both = cut_score(s, left, l2) +
	       cut_score(s, s->leaf->total - left, l2);
	s->best = (struct cut){
		.gain = (both - s->parent) * s->gain_unit -
			s->rules->config->min_gain,
		.column = column,
		.left = left,
		.score = score,
	};
	return true;
}

bool cut_left_is_heavier(const struct cut_search *s)
{
	return 2.0 * gh_hessian(s->best.left) > gh_hessian(s->leaf->total);
}

/* ---------------------------------------------------------------- numeric */

/* One edge under bounds and the column's sign. */
static double bounded_score(const struct cut_search *s, int8_t sign,
			    int64_t left, double l2)
{
	int64_t right = s->leaf->total - left;

	if (cut_hessian(left) < s->least || cut_hessian(right) < s->least)
		return -1;
	if (sign * (value_of(s, right, l2) - value_of(s, left, l2)) < 0)
		return CUT_FORBIDDEN;
	/* two penalties for one may cost more than a cut gains */
	return fmax(cut_score(s, left, l2) + cut_score(s, right, l2) - s->shift,
		    -0.99);
}

float cut_scan(const struct cut_search *s, const struct cut_scan *scan,
	       const int64_t *cells, float *score)
{
	int8_t sign = cut_sign(s->rules, scan->column);
	int64_t left = scan->to_left;
	float top = -1.0f;
	struct gbdt_scan fast = {
		.total = s->leaf->total, .to_left = scan->to_left,
		.l1 = (float)s->l1, .l2 = (float)scan->l2,
		.least = (float)s->least,
	};

	if (!sign && !s->leaf->bounds.on)
		return s->kernels->scan(&fast, cells, scan->edges, score);
	for (size_t b = 0; b < scan->edges; b++) {
		left += cells[b];
		score[b] = (float)bounded_score(s, sign, left, scan->l2);
		top = score[b] > top ? score[b] : top;
	}
	return top;
}

/* Cut behind one of the first n cells, missing rows being sent left or not. */
static void search_direction(struct cut_search *s, uint32_t column,
			     const int64_t *cells, size_t n, int64_t to_left,
			     bool missing_left)
{
	float score[CUT_EDGES] __attribute__((aligned(64)));
	struct cut_scan scan = {
		.column = column, .edges = n, .to_left = to_left, .l2 = s->l2,
	};
	float top = cut_scan(s, &scan, cells, score);
	int64_t left = to_left;
	uint32_t bin = 0;

	if (!(top > s->best.score))
		return;
	for (; score[bin] != top; bin++)
		left += cells[bin];
	left += cells[bin];
	if (cut_improves(s, column, top, left, s->l2)) {
		s->best.bin = bin;
		s->best.missing_left = missing_left;
	}
}

/* Missing rows are tried on both sides (the sparsity-aware search, Algorithm 3
 * of Chen & Guestrin 2016); with them on the right, the cut behind the last
 * value parts them from all others. Without any, one pass is enough. */
static void search_numeric(struct cut_search *s, uint32_t column,
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
		s->best.missing_left = cut_left_is_heavier(s);
}

/* Whatever the cut, one of its sides is within the bins that are not home: when
 * these are too light together, as most words are in most leaves, no cut is
 * possible. With room for the rounding of `least`. */
static bool is_too_light(const struct cut_search *s, const struct bins_column *c,
			 const int64_t *cells)
{
	uint32_t bins = c->bins + c->has_missing;
	int64_t away = 0;

	if (!c->is_bundled)
		return false;
	for (uint32_t b = 0; b + 1 < bins; b++)
		away += cells[c->first + b];
	return cut_hessian(away) < s->least * (1 - 1e-5);
}

/* All drawn columns of the block's k-th store. */
static void search_store(struct cut_search *s, const struct drawn_block *block,
			 size_t k, const int64_t *cells)
{
	const struct bins *bins = s->rules->bins;
	const uint8_t *leaf = s->leaf->use;
	int64_t own[256];

	for (uint32_t m = block->first[k]; m < block->first[k + 1]; m++) {
		uint32_t column = block->column[m];
		const struct bins_column *c = &bins->column[column];

		if (leaf && !leaf[column])
			continue;
		if (is_too_light(s, c, cells))
			continue;
		if (c->is_cat)
			cut_search_levels(s, column, cells,
					  block->offset + k * block->stride);
		else
			search_numeric(s, column,
				       bins_cells(c, cells, s->leaf->total, own));
	}
}

struct cut cut_search(const struct cut_rules *r,
		      const struct drawn_block *block, size_t first, size_t n,
		      const int64_t *hist, const struct cut_leaf *leaf)
{
	struct cut_search s;

	if (!(r->fixed->gradient > 0) || !(r->fixed->hessian > 0))
		return (struct cut){ 0 };
	s = cut_begin(r, leaf);
	for (size_t k = first; k < first + n; k++)
		search_store(&s, block, k, hist + k * block->stride);
	return s.best;
}
