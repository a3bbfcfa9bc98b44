/* Three ways to the same answer, by what is to be predicted.
 *
 *	one output	a cell a bin holds a sum and a weight
 *	few classes	a cell a bin and class; a scan moves all classes at once
 *	many, entropy	rows are sorted by bin and move over one by one
 *
 * Missing rows are tried on either side (Algorithm 3 of Chen & Guestrin 2016);
 * where a node has none, they go with the heavier one. A cut lies in the middle
 * of the bins that no row of the node is in, so that a row of another sample
 * falls to the nearer side, whatever the scale of the column.
 */
#include "learners/forest/node_cut.h"

#include <math.h>
#include <string.h>

#include "learners/forest/level_cut.h"
#include "learners/forest/tally.h"

size_t node_cut_width(const struct truth *t)
{
	return (t->outputs + FOREST_LANES - 1) / FOREST_LANES * FOREST_LANES;
}

static bool is_few(const struct node_cut_rules *r)
{
	return r->truth->outputs <= FOREST_CLASSES && !r->entropy;
}

int node_cut_scratch_init(struct node_cut_scratch *s, const struct node_cut_rules *r,
		       size_t rows, struct arena *a, struct error *err)
{
	size_t outputs = r->truth->outputs;
	bool many = outputs > 1;

	*s = (struct node_cut_scratch){
		.cell = ARENA_NEW(a, struct forest_item, many ? 0 : 256),
		.count = ARENA_NEW(a, uint32_t, many && is_few(r) ?
				   256 * node_cut_width(r->truth) : 0),
		.mass = ARENA_NEW(a, uint64_t, 256),
		.bin = ARENA_RAW(a, uint8_t, rows),
		.sorted = ARENA_RAW(a, uint64_t, many ? rows : 0),
		.left = ARENA_NEW(a, uint32_t, many ? outputs : 0),
	};
	if (!s->cell || !s->count || !s->mass || !s->bin || !s->sorted || !s->left)
		return arena_error(a, err);
	return 0;
}

void node_cut_take(const struct node_cut_rules *r, struct node_cut *best, double gain,
		uint32_t column, uint32_t bin, bool missing_left)
{
	const struct bins_column *c = &r->bins->column[column];

	if (!(gain > best->gain))
		return;
	*best = (struct node_cut){
		.gain = gain, .column = column, .bin = bin,
		.missing_left = missing_left,
		.threshold = c->is_cat ? (float)bin :
			bins_threshold(c, bin),
	};
}

/* ---------------------------------------------------------------- a column */

/* A column in a node, on its way to a cut. */
struct search {
	const struct node_cut_rules *rules;
	const struct node_rows *node;
	struct node_cut_scratch *scratch;
	struct forest_scan scan;
	uint32_t column, missing; /* missing: the bin */
	bool has_missing;	  /* in this node */
	struct forest_mask mask;  /* bins with rows, without the missing one */
	struct node_cut *best;
};

/* The best of a scan, if there was one. */
static void offer(struct search *s, struct forest_best b, bool missing_left)
{
	double gain;

	if (b.score < 0)
		return;
	gain = s->rules->truth->outputs == 1 ?
		       b.score * forest_weight(s->node->total.mass) /
			       ((double)s->scan.scale * (double)s->scan.scale) :
		       fmax(b.score - s->node->own, 0);
	node_cut_take(s->rules, s->best, gain, s->column,
		   b.bin + (b.next - b.bin) / 2, missing_left);
}

/* Is the side on which the missing rows would be by default the lighter? Only
 * the bins that have rows here decide. */
static void settle_missing(struct search *s, double before, uint64_t left_mass)
{
	if (s->best->gain > before && !s->has_missing)
		s->best->missing_left =
			2.0 * forest_weight(left_mass) >
			(double)forest_weight(s->node->total.mass);
}

/* ---------------------------------------------------------------- one output */

/* Two classes by entropy. */
static struct forest_best scan_binary(const struct search *s,
				      struct forest_item left)
{
	struct forest_best best = { .score = -1 };
	struct forest_mask m = s->mask;
	struct forest_item all = s->node->total;
	double own = tally_binary(all);
	bool pending = false;

	for (uint32_t b; forest_mask_next(&m, &b);) {
		struct forest_item right;
		double score;

		if (pending)
			best.next = b;
		pending = false;
		left.sum += s->scratch->cell[b].sum;
		left.mass += s->scratch->cell[b].mass;
		right = (struct forest_item){ all.sum - left.sum,
					      all.mass - left.mass };
		if (forest_rows(left.mass) < s->scan.least ||
		    forest_rows(right.mass) < s->scan.least)
			continue;
		score = fmax(tally_binary(left) + tally_binary(right) - own, 0) /
			forest_weight(all.mass) *
			((double)s->scan.scale * (double)s->scan.scale);
		pending = score > best.score;
		if (pending)
			best = (struct forest_best){ score, b, b };
	}
	return best;
}

static struct forest_best scan_cells(const struct search *s, struct forest_item left)
{
	return s->rules->entropy ?
		       scan_binary(s, left) :
		       s->rules->kernels->scan_sums(&s->scan, s->scratch->cell,
						    &s->mask, left);
}

static uint64_t mass_up_to(const struct search *s, uint32_t bin)
{
	uint64_t mass = 0;

	for (uint32_t b = 0; b <= bin; b++)
		mass += s->rules->truth->outputs == 1 ?
				s->scratch->cell[b].mass :
				s->scratch->mass[b];
	return mass;
}

static void search_sums(struct search *s)
{
	struct forest_item none = { 0 };
	double before = s->best->gain;

	offer(s, scan_cells(s, none), false);
	if (s->has_missing)
		offer(s, scan_cells(s, s->scratch->cell[s->missing]), true);
	else if (s->best->gain > before)
		settle_missing(s, before, mass_up_to(s, s->best->bin));
}

/* ---------------------------------------------------------------- few classes */

static void search_counts(struct search *s)
{
	const struct node_cut_scratch *c = s->scratch;
	double before = s->best->gain;

	offer(s, s->rules->kernels->scan_counts(&s->scan, c->count, c->mass,
						&s->mask, -1), false);
	if (s->has_missing)
		offer(s, s->rules->kernels->scan_counts(&s->scan, c->count,
							c->mass, &s->mask,
							(int)s->missing), true);
	else if (s->best->gain > before)
		settle_missing(s, before, mass_up_to(s, s->best->bin));
}

/* ---------------------------------------------------------------- many classes */

/* Rows by bin into scratch->sorted; end[b] is where those of bin b end. */
static void sort_rows(struct search *s, uint32_t end[256])
{
	const struct node_rows *node = s->node;
	struct node_cut_scratch *c = s->scratch;
	uint32_t at = 0;

	for (uint32_t b = 0; b < 256; b++) {
		end[b] = at;
		at += forest_rows(c->mass[b]);
	}
	for (size_t k = 0; k < node->n; k++)
		c->sorted[end[c->bin[k]]++] =
			(uint64_t)forest_weight(node->item[k].mass) << 32 |
			(uint64_t)node->item[k].sum;
}

static void move_bin(struct tally *t, const struct node_cut_scratch *c,
		     const uint32_t end[256], uint32_t bin)
{
	for (uint32_t k = bin ? end[bin - 1] : 0; k < end[bin]; k++)
		tally_move(t, (size_t)(uint32_t)c->sorted[k],
			   (uint32_t)(c->sorted[k] >> 32));
	t->left_mass += c->mass[bin];
}

/* Scores are worths less those of the uncut node, so that entropy's, which are
 * negative, compare alike. */
static struct forest_best scan_sorted(const struct search *s,
				      const uint32_t end[256], bool missing_left)
{
	const struct node_rows *node = s->node;
	struct forest_best best = { .score = -1 };
	struct forest_mask m = s->mask;
	struct tally t = {
		.entropy = s->rules->entropy, .total = node->class_weight,
		.left = s->scratch->left,
		.right_sum = s->rules->entropy ?
			node->own + tally_log(forest_weight(node->total.mass)) :
			node->own * forest_weight(node->total.mass),
	};
	bool pending = false;

	if (missing_left)
		move_bin(&t, s->scratch, end, s->missing);
	for (uint32_t b; forest_mask_next(&m, &b);) {
		double score;

		if (pending)
			best.next = b;
		pending = false;
		move_bin(&t, s->scratch, end, b);
		if (forest_rows(t.left_mass) < s->scan.least ||
		    forest_rows(node->total.mass - t.left_mass) < s->scan.least)
			continue;
		score = fmax(tally_worth(&t, node->total.mass) - node->own, 0);
		pending = score > best.score;
		if (pending)
			best = (struct forest_best){ score, b, b };
	}
	for (size_t k = 0; k < node->n; k++)
		t.left[node->item[k].sum] = 0;
	return best;
}

static void offer_sorted(struct search *s, struct forest_best b, bool missing_left)
{
	if (b.score >= 0)
		node_cut_take(s->rules, s->best, b.score, s->column,
			   b.bin + (b.next - b.bin) / 2, missing_left);
}

static void search_sorted(struct search *s)
{
	double before = s->best->gain;
	uint32_t end[256];

	sort_rows(s, end);
	offer_sorted(s, scan_sorted(s, end, false), false);
	if (s->has_missing)
		offer_sorted(s, scan_sorted(s, end, true), true);
	else if (s->best->gain > before)
		settle_missing(s, before, mass_up_to(s, s->best->bin));
}

/* ---------------------------------------------------------------- all */

/* The column's cells, and which bins have rows. */
static struct forest_mask fill(const struct search *s)
{
	const struct node_rows *n = s->node;
	const struct node_cut_rules *r = s->rules;
	const uint8_t *bin = colbins_of(r->bins, s->column);
	struct node_cut_scratch *c = s->scratch;
	struct forest_mask m = { { 0 } };

	if (r->truth->outputs == 1)
		return r->kernels->sum(c->cell, bin, n->rows, n->item, n->n);
	if (is_few(r))
		return r->kernels->count(c->count, c->mass, s->scan.width, bin,
					 n->rows, n->item, n->n);
	r->kernels->gather(bin, n->rows, n->n, c->bin);
	for (size_t k = 0; k < n->n; k++) {
		c->mass[c->bin[k]] += n->item[k].mass;
		m.bits[c->bin[k] >> 6] |= (uint64_t)1 << (c->bin[k] & 63);
	}
	return m;
}

/* Leave all cells zero for the next column. */
static void clean(struct node_cut_scratch *c, const struct search *s,
		  struct forest_mask m)
{
	bool counted = s->rules->truth->outputs > 1 && is_few(s->rules);

	for (uint32_t b; forest_mask_next(&m, &b);) {
		if (s->rules->truth->outputs == 1) {
			c->cell[b] = (struct forest_item){ 0 };
			continue;
		}
		c->mass[b] = 0;
		if (counted)
			memset(c->count + b * s->scan.width, 0,
			       s->scan.width * sizeof(*c->count));
	}
}

static void search(struct search *s)
{
	const struct node_cut_rules *r = s->rules;

	if (r->truth->outputs > 1 && is_few(r))
		search_counts(s);
	else if (r->truth->outputs > 1)
		search_sorted(s);
	else if (r->each_node && r->bins->column[s->column].is_cat)
		level_cut_search(r, s->node, s->column, s->scratch->cell, s->best);
	else
		search_sums(s);
}

/* The mean as a fraction: exact for two classes, whose sums are whole weights
 * below 2^31; of a number, whose unit is 2^-56 of all, the nearest integer. */
static void centre(struct forest_scan *s, bool classes)
{
	int64_t weight = forest_weight(s->total.mass);

	s->scale = classes ? weight : 1;
	s->shift = classes ? s->total.sum :
			     llrint((double)s->total.sum / (double)weight);
}

bool node_cut_try(const struct node_cut_rules *r, const struct node_rows *node,
	       uint32_t column, uint32_t draw, struct node_cut_scratch *scratch,
	       struct node_cut *best)
{
	struct search s = {
		.rules = r, .node = node, .scratch = scratch,
		.scan = { .total = node->total, .least = r->least,
			  .class_total = node->class_total,
			  .width = node_cut_width(r->truth) },
		.column = column, .missing = r->bins->column[column].bins,
		.best = best,
	};
	struct forest_mask all;

	if (r->random)
		return node_cut_try_random(r, node, column, draw, scratch, best);
	if (r->truth->outputs == 1)
		centre(&s.scan, r->truth->classes > 0);
	all = s.mask = fill(&s);
	if (forest_mask_count(&all) > 1) {
		s.has_missing = forest_mask_has(&all, s.missing);
		forest_mask_drop(&s.mask, s.missing);
		search(&s);
	}
	clean(scratch, &s, all);
	return forest_mask_count(&all) > 1;
}
