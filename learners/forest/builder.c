/* One tree.
 *
 * Rows lie in one array in which each node owns a range. Of two children the
 * smaller is grown first and the larger waits, so no more than log2(rows) nodes
 * ever wait. Columns that were found to be constant in a node are so below it
 * and are not looked at again; they keep their place in the lottery, so that a
 * node looks at fewer columns where fewer can be cut (as scikit-learn does), but
 * at one that can if there is one.
 */
#include "learners/forest/builder.h"

#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "learners/forest/dice.h"
#include "learners/forest/tally.h"
#include "learners/gbdt/worth.h"

enum { WAITING = 64 };

/* A node that is still to be looked at. */
struct pending {
	size_t begin, end, depth;
	int32_t parent; /* -1: none */
	int side;
	size_t constant; /* columns known to be constant in it */
};

/* ---------------------------------------------------------------- set-up */

int builder_init(struct builder *b, const struct builder_spec *s, int threads,
		 struct arena *a, struct error *err)
{
	size_t rows = s->rules.bins->rows, cols = s->rules.bins->cols;
	size_t outputs = s->rules.truth->outputs;

	*b = (struct builder){
		.spec = s, .threads = threads,
		.times = ARENA_RAW(a, uint32_t, rows),
		.rows = ARENA_RAW(a, uint32_t, rows),
		.spare_rows = ARENA_RAW(a, uint32_t, rows),
		.item = ARENA_RAW(a, struct forest_item, rows),
		.spare_item = ARENA_RAW(a, struct forest_item, rows),
		.column = ARENA_RAW(a, uint32_t, cols),
		.class_weight = ARENA_NEW(a, uint32_t, outputs),
		.seen = ARENA_RAW(a, uint32_t, outputs),
		.class_total = ARENA_NEW(a, float, FOREST_CLASSES),
		.scratch = ARENA_NEW(a, struct node_cut_scratch, (size_t)threads),
		.cuts = ARENA_RAW(a, struct node_cut, s->in_order ? cols : 0),
	};
	if (!b->times || !b->rows || !b->spare_rows || !b->item ||
	    !b->spare_item || !b->column || !b->class_weight || !b->seen ||
	    !b->class_total || !b->scratch || !b->cuts)
		return arena_error(a, err);
	for (int t = 0; t < threads; t++)
		if (node_cut_scratch_init(&b->scratch[t], &s->rules, rows, a, err))
			return err->code;
	return 0;
}

size_t builder_leaves(const struct builder_spec *s)
{
	size_t rows = s->rules.bins->rows, least = s->rules.least;
	size_t leaves = rows / least > 1 ? rows / least : 1;

	return s->depth && s->depth < 32 && leaves > (size_t)1 << s->depth ?
		       (size_t)1 << s->depth : leaves;
}

bool builder_allocate(const struct builder_spec *s, struct tree *t, struct arena *a)
{
	size_t leaves = builder_leaves(s), rows = s->rules.bins->rows;
	bool many = s->rules.truth->outputs > 1;
	bool sets = s->rules.each_node && !many;

	*t = (struct tree){
		.leaves = 1,
		.node = ARENA_RAW(a, struct tree_node, leaves - 1),
		.value = many ? NULL : ARENA_RAW(a, float, leaves),
		.cover = ARENA_RAW(a, float, leaves),
		.start = many ? ARENA_RAW(a, uint32_t, leaves + 1) : NULL,
		.share = many ? ARENA_RAW(a, struct tree_share, rows) : NULL,
		.set = sets ? ARENA_RAW(a, struct tree_set, leaves - 1) : NULL,
	};
	return t->node && t->cover && (many ? t->start && t->share : t->value != NULL) &&
	       (!sets || t->set);
}

/* ---------------------------------------------------------------- sample */

static struct rng stream_of(const struct builder_spec *s, const char *what, size_t k)
{
	return rng_sub(rng_make(s->seed, what), k);
}

void builder_sample(const struct builder_spec *s, size_t k, uint32_t *times)
{
	size_t rows = s->rules.bins->rows, n = 0;
	struct dice d = dice_make(stream_of(s, "forest/rows", k));
	size_t draws = (size_t)(s->row_share * (double)rows + 0.5);
	const uint32_t *weight = s->rules.truth->weight;
	bool every = !s->bootstrap && s->row_share >= 1;

	memset(times, 0, rows * sizeof(*times));
	for (size_t i = 0; s->bootstrap && i < (draws ? draws : 1); i++)
		times[dice_below(&d, rows)]++;
	for (size_t i = 0; !s->bootstrap && i < rows; i++)
		times[i] = every || dice_draw(&d) * 0x1p-32 < s->row_share;
	for (size_t i = 0; i < rows; i++)
		n += times[i] && weight[i];
	for (size_t i = 0; !n && i < rows; i++) /* a tree needs a row */
		times[i] = 1;
}

/* The sampled rows, which ascend, and their items; returns how many. */
static size_t list_rows(struct builder *b)
{
	const struct truth *t = b->spec->rules.truth;
	size_t n = 0;

	for (size_t i = 0; i < t->rows; i++) {
		uint64_t w = (uint64_t)b->times[i] * t->weight[i];

		b->rows[n] = (uint32_t)i;
		b->item[n] = (struct forest_item){
			.sum = t->value ? (int64_t)w * t->value[i] : t->label[i],
			.mass = w << 32 | 1,
		};
		n += w > 0;
	}
	return n;
}

/* ---------------------------------------------------------------- a node */

static struct forest_item add_up(const struct forest_item *item, size_t n)
{
	struct forest_item all = { 0 };

	for (size_t k = 0; k < n; k++) {
		all.sum += item[k].sum;
		all.mass += item[k].mass;
	}
	return all;
}

/* Class weights of the node, and what its classes are worth. */
static double count_classes(struct builder *b, const struct node_rows *node)
{
	const struct node_cut_rules *r = &b->spec->rules;
	double sum = 0;

	for (size_t k = 0; k < node->n; k++) {
		uint32_t *w = &b->class_weight[node->item[k].sum];

		b->seen[b->n_seen] = (uint32_t)node->item[k].sum;
		b->n_seen += !*w;
		*w += forest_weight(node->item[k].mass);
	}
	for (size_t k = 0; k < b->n_seen; k++)
		sum += tally_term(r->entropy, b->class_weight[b->seen[k]]);
	if (r->truth->outputs <= FOREST_CLASSES)
		for (size_t k = 0; k < b->n_seen; k++)
			b->class_total[b->seen[k]] =
				(float)b->class_weight[b->seen[k]];
	return tally_side(r->entropy, sum, forest_weight(node->total.mass));
}

static void forget_classes(struct builder *b)
{
	for (size_t k = 0; k < b->n_seen; k++) {
		b->class_weight[b->seen[k]] = 0;
		if (b->spec->rules.truth->outputs <= FOREST_CLASSES)
			b->class_total[b->seen[k]] = 0;
	}
	b->n_seen = 0;
}

static struct node_rows look_at(struct builder *b, const struct pending *p)
{
	struct node_rows node = {
		.rows = b->rows + p->begin, .item = b->item + p->begin,
		.n = p->end - p->begin, .class_weight = b->class_weight,
		.class_total = b->class_total,
	};

	node.total = add_up(node.item, node.n);
	if (b->spec->rules.truth->outputs > 1)
		node.own = count_classes(b, &node);
	node.seen = b->seen;
	node.n_seen = b->n_seen;
	return node;
}

/* Is there nothing left to tell apart? */
static bool is_pure(const struct builder *b, const struct node_rows *node)
{
	const struct truth *t = b->spec->rules.truth;

	if (t->outputs > 1)
		return b->n_seen == 1;
	if (t->classes)
		return node->total.sum == 0 ||
		       node->total.sum == forest_weight(node->total.mass);
	for (size_t k = 1; k < node->n; k++)
		if (t->value[node->rows[k]] != t->value[node->rows[0]])
			return false;
	return true;
}

static bool is_leaf(const struct builder *b, const struct pending *p,
		    const struct node_rows *node)
{
	const struct builder_spec *s = b->spec;

	return node->n < s->min_cut || node->n < 2 * (size_t)s->rules.least ||
	       (s->depth && p->depth >= s->depth) || is_pure(b, node);
}

/* ---------------------------------------------------------------- its cut */

static void swap(uint32_t *a, uint32_t *b)
{
	uint32_t t = *a;

	*a = *b;
	*b = t;
}

/* column[]: [0, known) known before, [known, p->constant) found to be constant
 * just now, [.., end) not yet drawn, the rest drawn. */
static struct node_cut draw_cut(struct builder *b, struct pending *p,
				const struct node_rows *node, struct rng r)
{
	const struct builder_spec *s = b->spec;
	struct dice d = dice_make(r);
	struct node_cut best = { .gain = -1 };
	size_t known = p->constant, end = s->rules.bins->cols;
	bool met = false; /* a column that is not constant */

	for (size_t k = 0; end > p->constant && (k < s->columns || !met); k++) {
		size_t at = dice_below(&d, known + end - p->constant);
		uint32_t draw = s->rules.random ? dice_draw(&d) : 0;

		if (at < known) {
			known--;
			continue;
		}
		at += p->constant - known;
		if (node_cut_try(&s->rules, node, b->column[at], draw,
				 b->scratch, &best)) {
			met = true;
			swap(&b->column[at], &b->column[--end]);
		} else {
			swap(&b->column[at], &b->column[p->constant++]);
		}
	}
	return best;
}

struct sweep {
	struct builder *b;
	const struct node_rows *node;
};

static void sweep_column(void *ctx, size_t column, size_t worker)
{
	struct sweep *w = ctx;

	w->b->cuts[column] = (struct node_cut){ .gain = -1 };
	node_cut_try(&w->b->spec->rules, w->node, (uint32_t)column, 0,
		     &w->b->scratch[worker], &w->b->cuts[column]);
}

/* All columns, on all threads where the node is large. Of equal cuts the one
 * in the first column is taken. */
static struct node_cut sweep_columns(struct builder *b, const struct node_rows *node)
{
	struct sweep w = { b, node };
	struct node_cut best = { .gain = -1 };
	size_t cols = b->spec->rules.bins->cols;

	par_for(worth_threads(b->threads, 2.0 * (double)node->n * (double)cols),
		cols, sweep_column, &w);
	for (size_t j = 0; j < cols; j++)
		if (b->cuts[j].gain > best.gain)
			best = b->cuts[j];
	return best;
}

/* ---------------------------------------------------------------- the tree */

static void link_child(struct tree *t, const struct pending *p, int32_t child)
{
	if (p->parent >= 0)
		t->node[p->parent].child[p->side] = child;
}

static void add_leaf(struct builder *b, const struct pending *p,
		     const struct node_rows *node, struct tree *t, size_t leaf)
{
	const struct truth *truth = b->spec->rules.truth;
	double weight = forest_weight(node->total.mass);
	uint32_t at;

	link_child(t, p, ~(int32_t)leaf);
	t->cover[leaf] = (float)weight;
	if (truth->outputs == 1) {
		t->value[leaf] = (float)(truth->centre + truth->unit *
					 ((double)node->total.sum / weight));
		return;
	}
	at = t->start[leaf];
	for (size_t k = 0; k < b->n_seen; k++)
		t->share[at++] = (struct tree_share){
			.output = b->seen[k],
			.value = (float)(b->class_weight[b->seen[k]] / weight),
		};
	t->start[leaf + 1] = at;
}

/* What an impurity of 1 is in the target's own units: squared for a number. */
static double gain_unit(const struct truth *t)
{
	return t->weight_unit * t->unit * t->unit;
}

static void add_node(struct builder *b, const struct pending *p,
		     const struct node_cut *cut, struct tree *t, size_t node)
{
	const struct colbins *bins = b->spec->rules.bins;
	const struct bins_column *c = &bins->column[cut->column];
	struct tree_node *n = &t->node[node];

	*n = (struct tree_node){
		.threshold = cut->threshold, .column = c->source, .set = -1,
		.kept = cut->column, .missing_left = cut->missing_left,
		.gain = (float)(cut->gain * gain_unit(b->spec->rules.truth)),
	};
	if (cut->has_set) {
		n->set = (int32_t)t->n_sets;
		t->set[t->n_sets++] = cut->set;
	} else if (c->is_cat) {
		n->set = (int32_t)(bins->first_set[cut->column] + 2 * cut->bin +
				   cut->missing_left);
		if (!t->set) {
			t->set = (struct tree_set *)bins->set; /* not written to */
			t->n_sets = bins->n_sets;
		}
	}
	link_child(t, p, (int32_t)node);
}

/* goes[bin] = 1: left. */
static void fill_sides(const struct builder *b, const struct node_cut *cut,
		       uint8_t goes[256])
{
	memset(goes, 0, 256);
	for (uint32_t k = 0; cut->has_set && k < 256; k++)
		goes[k] = tree_set_has(&cut->set, k);
	if (cut->has_set)
		return;
	memset(goes, 1, cut->bin + 1);
	goes[b->spec->rules.bins->column[cut->column].bins] = cut->missing_left;
}

/* Part the node's rows and put its children on the stack, the larger first. */
static size_t push_children(struct builder *b, const struct pending *p,
			    const struct node_cut *cut, int32_t node,
			    struct pending *stack, size_t n)
{
	const struct colbins *bins = b->spec->rules.bins;
	size_t lefts, larger;
	uint8_t goes[256];

	fill_sides(b, cut, goes);
	lefts = b->spec->rules.kernels->part(
		colbins_of(bins, cut->column), goes, b->rows + p->begin,
		b->item + p->begin, p->end - p->begin, b->spare_rows,
		b->spare_item);
	larger = 2 * lefts < p->end - p->begin;
	for (size_t k = 0; k < 2; k++) {
		int side = (int)(k ? 1 - larger : larger);

		stack[n++] = (struct pending){
			.begin = side ? p->begin + lefts : p->begin,
			.end = side ? p->end : p->begin + lefts,
			.depth = p->depth + 1, .parent = node, .side = side,
			.constant = p->constant,
		};
	}
	return n;
}

/* Empty the output for a new tree; what it was allocated stays. */
static void begin_tree(struct builder *b, struct tree *out)
{
	bool own_sets = b->spec->rules.each_node &&
			b->spec->rules.truth->outputs == 1;

	for (size_t j = 0; j < b->spec->rules.bins->cols; j++)
		b->column[j] = (uint32_t)j;
	out->n_sets = out->depth = 0;
	out->by_rank = !own_sets;
	if (!own_sets)
		out->set = NULL;
	if (out->start)
		out->start[0] = 0;
}

void builder_grow(struct builder *b, size_t k, struct tree *out)
{
	const struct builder_spec *s = b->spec;
	struct rng r = stream_of(s, "forest/columns", k);
	struct pending stack[WAITING];
	size_t waiting = 0, nodes = 0, leaves = 0, visit = 0;

	begin_tree(b, out);
	builder_sample(s, k, b->times);
	stack[waiting++] = (struct pending){ .end = list_rows(b), .parent = -1 };
	while (waiting) {
		struct pending p = stack[--waiting];
		struct node_rows node = look_at(b, &p);
		struct node_cut cut = { .gain = -1 };

		visit++;
		if (!is_leaf(b, &p, &node))
			cut = s->in_order ? sweep_columns(b, &node) :
				draw_cut(b, &p, &node, rng_sub(r, visit));
		if (cut.gain < 0) {
			add_leaf(b, &p, &node, out, leaves++);
		} else {
			add_node(b, &p, &cut, out, nodes);
			waiting = push_children(b, &p, &cut, (int32_t)nodes++,
						stack, waiting);
		}
		forget_classes(b);
	}
	out->leaves = leaves;
}
