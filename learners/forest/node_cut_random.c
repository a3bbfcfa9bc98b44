/* A cut that is drawn, and only weighed: extremely randomised trees (Geurts,
 * Ernst & Wehenkel 2006, table 1, "Pick a random split").
 *
 * The threshold is uniform between the least and the largest value that the
 * column has in the node; bins stand for their largest values. Levels have no
 * values and are drawn by rank.
 */
#include <math.h>
#include <string.h>

#include "learners/forest/tally.h"

/* The node's bins of a column. */
struct range {
	uint32_t low, high; /* of rows that are not missing */
	size_t missing;	    /* rows */
};

static struct range find_range(const uint8_t *bin, size_t n, uint32_t missing)
{
	uint8_t low = 255, high = 0;
	size_t holes = 0;

	for (size_t k = 0; k < n; k++) {
		low = bin[k] < low ? bin[k] : low;
		high = bin[k] > high ? bin[k] : high;
	}
	if (high < missing)
		return (struct range){ low, high, 0 };
	for (size_t k = high = 0; k < n; k++) {
		holes += bin[k] == missing;
		if (bin[k] < missing)
			high = bin[k] > high ? bin[k] : high;
	}
	return (struct range){ low, high, holes };
}

/* A bin from low to high - 1 by the value drawn, which becomes the threshold. */
static uint32_t draw_bin(const struct bins_column *c, struct range r,
			 uint32_t draw, float *threshold)
{
	float low, high, t;
	uint32_t bin;

	if (r.low == r.high) /* cut off the missing */
		return r.high;
	if (c->is_cat)
		return r.low + (uint32_t)(((uint64_t)draw * (r.high - r.low)) >> 32);
	low = c->edge[r.low];
	high = c->edge[r.high];
	t = (float)(low + ((double)high - (double)low) * draw * 0x1p-32);
	if (!isfinite(t)) /* an end is infinite */
		return r.low + (uint32_t)(((uint64_t)draw * (r.high - r.low)) >> 32);
	bin = bins_find(c, t);
	bin -= bin > r.low && c->edge[bin] > t;
	bin = bin < r.high ? bin : r.high - 1;
	if (t >= c->edge[bin] && t < c->edge[bin + 1])
		*threshold = t;
	return bin;
}

/* ---------------------------------------------------------------- worth */

/* Rows to the left, by class. */
static double class_gain(const struct node_cut_rules *r, const struct node_rows *node,
			 const struct node_cut_scratch *s, uint32_t bin,
			 uint32_t missing, uint64_t *mass)
{
	double weight = forest_weight(node->total.mass);
	struct tally t = {
		.entropy = r->entropy, .total = node->class_weight,
		.left = s->left,
		.right_sum = r->entropy ? node->own + tally_log(weight) :
					  node->own * weight,
	};

	for (size_t k = 0; k < node->n; k++) {
		if (s->bin[k] > bin && s->bin[k] != missing)
			continue;
		tally_move(&t, (size_t)node->item[k].sum,
			   forest_weight(node->item[k].mass));
		t.left_mass += node->item[k].mass;
	}
	for (size_t k = 0; k < node->n; k++)
		t.left[node->item[k].sum] = 0;
	*mass = t.left_mass;
	return fmax(tally_worth(&t, node->total.mass) - node->own, 0);
}

/* One output: `with` is what goes left besides. */
static double sum_gain(const struct node_cut_rules *r, const struct node_rows *node,
		       const struct node_cut_scratch *s, uint32_t bin,
		       uint32_t missing, uint64_t *mass)
{
	struct forest_item left = r->kernels->sum_below(s->bin, node->item,
							node->n, (uint8_t)bin);
	struct forest_item right, all = node->total;
	double w = forest_weight(all.mass), l, d;

	for (size_t k = 0; missing < 256 && k < node->n; k++) {
		left.sum += s->bin[k] == missing ? node->item[k].sum : 0;
		left.mass += s->bin[k] == missing ? node->item[k].mass : 0;
	}
	*mass = left.mass;
	right = (struct forest_item){ all.sum - left.sum, all.mass - left.mass };
	if (r->entropy)
		return fmax(tally_binary(left) + tally_binary(right) -
				    tally_binary(all), 0);
	l = forest_weight(left.mass);
	d = (double)left.sum - l * ((double)all.sum / w);
	return l > 0 && l < w ? d * d / (l * (w - l)) * w : 0;
}

/* Weigh the cut with the missing rows on the left or not (missing > 255: not). */
static void weigh(const struct node_cut_rules *r, const struct node_rows *node,
		  const struct node_cut_scratch *s, struct node_cut cut,
		  uint32_t missing, struct node_cut *best)
{
	uint64_t left;

	cut.gain = r->truth->outputs == 1 ?
			   sum_gain(r, node, s, cut.bin, missing, &left) :
			   class_gain(r, node, s, cut.bin, missing, &left);
	if (forest_rows(left) < r->least ||
	    forest_rows(node->total.mass - left) < r->least ||
	    !(cut.gain > best->gain))
		return;
	*best = cut;
	best->missing_left = missing < 256 ||
		(cut.missing_left && 2.0 * forest_weight(left) >
			(double)forest_weight(node->total.mass));
}

bool node_cut_try_random(const struct node_cut_rules *r, const struct node_rows *node,
		      uint32_t column, uint32_t draw, struct node_cut_scratch *s,
		      struct node_cut *best)
{
	const struct bins_column *c = &r->bins->column[column];
	struct node_cut cut = { .column = column };
	struct range range;

	r->kernels->gather(r->bins->bin + column * r->bins->rows, node->rows,
			   node->n, s->bin);
	range = find_range(s->bin, node->n, c->bins);
	if (range.missing == node->n ||
	    (range.low == range.high && !range.missing))
		return false;
	cut.threshold = NAN;
	cut.bin = draw_bin(c, range, draw, &cut.threshold);
	if (isnan(cut.threshold))
		cut.threshold = c->is_cat ? (float)cut.bin : c->edge[cut.bin];
	cut.missing_left = !range.missing; /* to be settled by weight */
	weigh(r, node, s, cut, 256, best);
	if (range.missing && range.low < range.high)
		weigh(r, node, s, cut, c->bins, best);
	return true;
}
