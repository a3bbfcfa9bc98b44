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

static struct range find_range(const struct node_cut_rules *r, const uint8_t *bin,
			       size_t n, uint32_t missing)
{
	struct range range = { 0 };
	uint8_t low, high;

	r->kernels->range(bin, n, &low, &high);
	if (high < missing)
		return (struct range){ low, high, 0 };
	range.low = low;
	for (size_t k = 0; k < n; k++) {
		range.missing += bin[k] == missing;
		if (bin[k] < missing && bin[k] > range.high)
			range.high = bin[k];
	}
	return range;
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

/* Many classes: what the counts on the left are worth. Classes that the node
 * has not got add nothing. */
static double class_gain(const struct node_cut_rules *r,
			 const struct node_rows *node,
			 const struct node_cut_scratch *s, uint8_t cut,
			 uint8_t also, uint64_t *mass)
{
	double left = 0, right = 0;

	*mass = r->kernels->count_below(s->bin, node->item, node->n, cut, also,
					s->left);
	for (size_t k = 0; k < node->n_seen; k++) {
		uint32_t c = node->seen[k], l = s->left[c];

		left += tally_term(r->entropy, l);
		right += tally_term(r->entropy, node->class_weight[c] - l);
		s->left[c] = 0;
	}
	return fmax(tally_side(r->entropy, left, forest_weight(*mass)) +
		    tally_side(r->entropy, right,
			       forest_weight(node->total.mass - *mass)) -
		    node->own, 0);
}

/* One output. */
static double sum_gain(const struct node_cut_rules *r,
		       const struct node_rows *node,
		       const struct node_cut_scratch *s, uint8_t cut,
		       uint8_t also, uint64_t *mass)
{
	struct forest_item left = r->kernels->sum_below(s->bin, node->item,
							node->n, cut, also);
	struct forest_item right, all = node->total;
	double w = forest_weight(all.mass), l, d;

	*mass = left.mass;
	right = (struct forest_item){ all.sum - left.sum, all.mass - left.mass };
	if (r->entropy)
		return fmax(tally_binary(left) + tally_binary(right) -
				    tally_binary(all), 0);
	l = forest_weight(left.mass);
	d = (double)left.sum - l * ((double)all.sum / w);
	return l > 0 && l < w ? d * d / (l * (w - l)) * w : 0;
}

/* Weigh the cut; `also` is the bin of the missing rows where they go left, else
 * the cut's own. */
static void weigh(const struct node_cut_rules *r, const struct node_rows *node,
		  const struct node_cut_scratch *s, struct node_cut cut,
		  uint32_t also, struct node_cut *best)
{
	uint8_t bin = (uint8_t)cut.bin, more = (uint8_t)also;
	uint64_t left;

	cut.gain = r->truth->outputs == 1 ?
			   sum_gain(r, node, s, bin, more, &left) :
			   class_gain(r, node, s, bin, more, &left);
	if (forest_rows(left) < r->least ||
	    forest_rows(node->total.mass - left) < r->least ||
	    !(cut.gain > best->gain))
		return;
	if (cut.missing_left && also == cut.bin) /* there are none: the heavier side */
		cut.missing_left = 2.0 * forest_weight(left) >
				   (double)forest_weight(node->total.mass);
	*best = cut;
}

bool node_cut_try_random(const struct node_cut_rules *r, const struct node_rows *node,
		      uint32_t column, uint32_t draw, struct node_cut_scratch *s,
		      struct node_cut *best)
{
	const struct bins_column *c = &r->bins->column[column];
	struct node_cut cut = { .column = column };
	struct range range;

	r->kernels->gather(colbins_of(r->bins, column), node->rows, node->n,
			   s->bin);
	range = find_range(r, s->bin, node->n, c->bins);
	if (range.missing == node->n ||
	    (range.low == range.high && !range.missing))
		return false;
	cut.threshold = NAN;
	cut.bin = draw_bin(c, range, draw, &cut.threshold);
	if (isnan(cut.threshold))
		cut.threshold = c->is_cat ? (float)cut.bin :
					       bins_threshold(c, cut.bin);
	cut.missing_left = !range.missing; /* to be settled by weight */
	weigh(r, node, s, cut, cut.bin, best);
	cut.missing_left = true;
	if (range.missing && range.low < range.high)
		weigh(r, node, s, cut, c->bins, best);
	return true;
}
