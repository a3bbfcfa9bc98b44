/* All trees of a model lie behind one another, field by field: one array for all
 * thresholds, one for all left children ... A field more of a node is a line more
 * in `node_fields`. */
#include "learners/gbdt/tree_file.h"

#include <string.h>

struct field {
	const char *name;
	enum model_type type;
	size_t offset; /* in the struct */
};

#define NODE(name, type, member) { name, type, offsetof(struct tree_node, member) }

static const struct field node_fields[] = {
	NODE("tree.threshold", MODEL_F32, threshold),
	NODE("tree.column", MODEL_U32, column),
	NODE("tree.left", MODEL_I32, child[0]),
	NODE("tree.right", MODEL_I32, child[1]),
	NODE("tree.set", MODEL_I32, set),
	NODE("tree.kept", MODEL_U32, kept),
	NODE("tree.gain", MODEL_F32, gain),
	NODE("tree.missing_left", MODEL_U8, missing_left),
};

/* Arrays over the leaves: the field is a pointer in struct tree. The values are the
 * last, as vectors stand in their place. */
static const struct field leaf_fields[] = {
	{ "tree.cover", MODEL_F32, offsetof(struct tree, cover) },
	{ "tree.value", MODEL_F32, offsetof(struct tree, value) },
};

static const struct field share_fields[] = {
	{ "tree.share_output", MODEL_U32, offsetof(struct tree_share, output) },
	{ "tree.share_value", MODEL_F32, offsetof(struct tree_share, value) },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* ---------------------------------------------------------------- saving */

struct sums {
	size_t nodes, leaves, sets, shares;
	bool vectors, by_rank;
};

static struct sums sum_up(const struct tree *const *tree, size_t n)
{
	struct sums s = { .vectors = n && tree[0]->start, .by_rank = n && tree[0]->by_rank };

	for (size_t k = 0; k < n; k++) {
		s.nodes += tree[k]->leaves - 1;
		s.leaves += tree[k]->leaves;
		s.sets += s.by_rank ? 0 : tree[k]->n_sets;
		s.shares += s.vectors ? tree[k]->start[tree[k]->leaves] : 0;
	}
	return s;
}

static void save_nodes(const struct tree *const *tree, size_t n, size_t total,
		       const struct field *f, struct model_writer *w)
{
	model_writer_begin(w, f->name, f->type, total);
	for (size_t k = 0; k < n; k++)
		model_writer_more(w, (const char *)tree[k]->node + f->offset,
				  tree[k]->leaves - 1, sizeof(struct tree_node));
}

static void save_leaves(const struct tree *const *tree, size_t n, size_t total,
			const struct field *f, struct model_writer *w)
{
	model_writer_begin(w, f->name, f->type, total);
	for (size_t k = 0; k < n; k++) {
		const void *data;

		memcpy(&data, (const char *)tree[k] + f->offset, sizeof(data));
		model_writer_more(w, data, tree[k]->leaves, model_type_size(f->type));
	}
}

/* Vectors: how many entries each leaf has, then the entries. */
static void save_shares(const struct tree *const *tree, size_t n, const struct sums *s,
			struct model_writer *w)
{
	model_writer_begin(w, "tree.shares", MODEL_U32, s->leaves);
	for (size_t k = 0; k < n; k++)
		for (size_t l = 0; l < tree[k]->leaves; l++) {
			uint32_t has = tree[k]->start[l + 1] - tree[k]->start[l];

			model_writer_more(w, &has, 1, sizeof(has));
		}
	for (size_t f = 0; f < COUNT(share_fields); f++) {
		model_writer_begin(w, share_fields[f].name, share_fields[f].type, s->shares);
		for (size_t k = 0; k < n; k++)
			model_writer_more(w, (const char *)tree[k]->share +
					  share_fields[f].offset,
					  tree[k]->start[tree[k]->leaves],
					  sizeof(struct tree_share));
	}
}

/* Trees by rank share one table, which those without categories may lack. */
static void save_sets(const struct tree *const *tree, size_t n, const struct sums *s,
		      struct model_writer *w)
{
	const struct tree *owner = NULL;

	for (size_t k = 0; s->by_rank && k < n && !owner; k++)
		owner = tree[k]->n_sets ? tree[k] : NULL;
	if (s->by_rank)
		model_writer_array(w, "tree.ranks", MODEL_U64, owner ? owner->set : NULL,
				   owner ? 4 * owner->n_sets : 0);
	model_writer_begin(w, "tree.n_sets", MODEL_U64, n);
	for (size_t k = 0; k < n; k++) {
		uint64_t has = s->by_rank ? 0 : tree[k]->n_sets;

		model_writer_more(w, &has, 1, sizeof(has));
	}
	model_writer_begin(w, "tree.bits", MODEL_U64, 4 * s->sets);
	for (size_t k = 0; k < n && !s->by_rank; k++)
		model_writer_more(w, tree[k]->set, 4 * tree[k]->n_sets, sizeof(uint64_t));
}

void tree_file_save(const struct tree *const *tree, size_t n, struct model_writer *w)
{
	struct sums s = sum_up(tree, n);

	model_writer_begin(w, "tree.leaves", MODEL_U64, n);
	for (size_t k = 0; k < n; k++)
		model_writer_more(w, &tree[k]->leaves, 1, sizeof(uint64_t));
	save_sets(tree, n, &s, w);
	for (size_t f = 0; f < COUNT(node_fields); f++)
		save_nodes(tree, n, s.nodes, &node_fields[f], w);
	for (size_t f = 0; f < COUNT(leaf_fields) - s.vectors; f++)
		save_leaves(tree, n, s.leaves, &leaf_fields[f], w);
	if (s.vectors)
		save_shares(tree, n, &s, w);
}

static void save_column(const struct bins *b, const struct field *f, struct model_writer *w)
{
	model_writer_begin(w, f->name, f->type, b->cols);
	model_writer_more(w, (const char *)b->column + f->offset, b->cols,
			  sizeof(struct bins_column));
}

#define COLUMN(name, type, member) { name, type, offsetof(struct bins_column, member) }

static const struct field column_fields[] = {
	COLUMN("bins.source", MODEL_U32, source),
	COLUMN("bins.bins", MODEL_U32, bins),
	COLUMN("bins.levels", MODEL_U32, levels),
	COLUMN("bins.is_cat", MODEL_U8, is_cat),
};

void tree_file_save_columns(const struct bins *b, struct model_writer *w)
{
	size_t total = 0;

	model_writer_count(w, "bins.cols", b->cols);
	for (size_t f = 0; f < COUNT(column_fields); f++)
		save_column(b, &column_fields[f], w);
	for (size_t j = 0; j < b->cols; j++)
		total += b->column[j].is_cat ? b->column[j].levels : 0;
	model_writer_begin(w, "bins.level_bin", MODEL_U8, total);
	for (size_t j = 0; j < b->cols; j++)
		if (b->column[j].is_cat)
			model_writer_more(w, b->column[j].level_bin, b->column[j].levels, 1);
}

/* ---------------------------------------------------------------- loading */

/* One array over n structs of `stride` bytes into their field. What is a byte in
 * the file may be a bool in memory, hence no other values than 0 and 1. */
static int load_field(const struct field *f, void *structs, size_t n, size_t stride,
		      struct model_reader *r, struct error *err)
{
	size_t size = model_type_size(f->type);
	const void *data = NULL;
	char *to = (char *)structs + f->offset;
	const char *from;

	if (model_reader_array(r, f->name, f->type, n, &data, err))
		return (int)err->code;
	from = data;
	for (size_t k = 0; k < n; k++) {
		if (f->type == MODEL_U8)
			to[k * stride] = from[k] != 0;
		else
			memcpy(to + k * stride, from + k * size, size);
	}
	return 0;
}

/* What bins_find and the names of a dump rely on. */
static int check_column(const struct bins_column *c, const struct dataset *data,
			size_t width, const struct model_reader *r, struct error *err)
{
	const struct column *its = data->columns && c->source < data->cols ?
					   &data->columns[c->source] : NULL;

	if (c->source >= width || c->bins > BINS_MAX)
		return model_reader_bad(r, err, "column %u with %u bins", c->source, c->bins);
	if (c->is_cat && (!its || !its->is_cat || its->levels != c->levels))
		return model_reader_bad(r, err, "column %u has other levels", c->source);
	for (size_t k = 0; c->is_cat && k < c->levels; k++)
		if (c->level_bin[k] > c->bins)
			return model_reader_bad(r, err, "a level of column %u has bin %d of "
						"%u", c->source, c->level_bin[k], c->bins);
	return 0;
}

static int load_levels(struct bins_column *column, size_t n, const struct dataset *data,
		       size_t width, struct model_reader *r, struct error *err)
{
	const void *all = NULL;
	size_t total = 0, most = 0;

	if (model_reader_size(r, "bins.level_bin", MODEL_U8, &most, err))
		return (int)err->code;
	for (size_t j = 0; j < n; j++)
		total += column[j].is_cat ? column[j].levels : 0;
	if (model_reader_array(r, "bins.level_bin", MODEL_U8, total, &all, err))
		return (int)err->code;
	total = 0;
	for (size_t j = 0; j < n; j++) {
		column[j].level_bin = (const uint8_t *)all + total;
		total += column[j].is_cat ? column[j].levels : 0;
		if (check_column(&column[j], data, width, r, err))
			return (int)err->code;
	}
	return 0;
}

int tree_file_load_columns(struct bins *b, const struct dataset *data, size_t width,
			   struct model_reader *r, struct error *err)
{
	struct bins_column *column;
	size_t n = 0, there = 0;

	if (model_reader_count(r, "bins.cols", width, &n, err) ||
	    model_reader_size(r, "bins.source", MODEL_U32, &there, err))
		return (int)err->code;
	if (n != there)
		return model_reader_bad(r, err, "%zu columns of %zu", there, n);
	column = ARENA_NEW(r->arena, struct bins_column, n);
	if (!column)
		return arena_error(r->arena, err);
	for (size_t f = 0; f < COUNT(column_fields); f++)
		if (load_field(&column_fields[f], column, n, sizeof(*column), r, err))
			return (int)err->code;
	*b = (struct bins){ .cols = n, .column = column };
	return load_levels(column, n, data, width, r, err);
}

/* Every child is a node behind its parent or a leaf, and nobody's child twice. As
 * there are as many children as nodes and leaves without the root, that makes it a
 * tree: a row only goes forward, and ends in a leaf. */
static bool is_tree(const struct tree *t, uint8_t *seen)
{
	size_t nodes = t->leaves - 1;

	memset(seen, 0, nodes + t->leaves);
	for (size_t k = 0; k < nodes; k++) {
		for (int side = 0; side < 2; side++) {
			int32_t child = t->node[k].child[side];
			size_t at = child >= 0 ? (size_t)child : nodes + (size_t)~child;

			if (child >= 0 ? at <= k || at >= nodes : at >= nodes + t->leaves)
				return false;
			if (seen[at]++)
				return false;
		}
	}
	return true;
}

static bool is_cut(const struct tree_node *n, const struct tree *t, const struct bins *b,
		   size_t width)
{
	if (n->column >= width || n->kept >= b->cols)
		return false;
	if (n->set < 0)
		return n->set == -1;
	return (size_t)n->set < t->n_sets && b->column[n->kept].is_cat &&
	       b->column[n->kept].source == n->column;
}

static int check_tree(const struct tree *t, size_t number, uint8_t *seen,
		      const struct bins *b, size_t width,
		      const struct model_reader *r, struct error *err)
{
	if (!is_tree(t, seen))
		return model_reader_bad(r, err, "tree %zu is no tree", number);
	for (size_t k = 0; k + 1 < t->leaves; k++)
		if (!is_cut(&t->node[k], t, b, width))
			return model_reader_bad(r, err, "node %zu of tree %zu cuts no column",
						k, number);
	return 0;
}

/* Sizes of the trees against those of the arrays, before anything is allocated by
 * them. */
static int load_sizes(struct tree *tree, size_t n, struct sums *s, struct model_reader *r,
		      struct error *err)
{
	const void *leaves = NULL, *sets = NULL;
	struct sums most = { 0 };

	s->vectors = model_reader_has(r, "tree.shares");
	s->by_rank = model_reader_has(r, "tree.ranks");
	if (model_reader_array(r, "tree.leaves", MODEL_U64, n, &leaves, err) ||
	    model_reader_array(r, "tree.n_sets", MODEL_U64, n, &sets, err) ||
	    model_reader_size(r, "tree.cover", MODEL_F32, &most.leaves, err) ||
	    model_reader_size(r, "tree.bits", MODEL_U64, &most.sets, err))
		return (int)err->code;
	for (size_t k = 0; k < n; k++) {
		uint64_t has = ((const uint64_t *)leaves)[k];
		uint64_t its = ((const uint64_t *)sets)[k];

		if (!has || has > INT32_MAX || has > most.leaves - s->leaves ||
		    its > most.sets - s->sets)
			return model_reader_bad(r, err, "tree %zu has %llu leaves and %llu "
						"sets", k, (unsigned long long)has,
						(unsigned long long)its);
		tree[k] = (struct tree){ .leaves = has, .n_sets = its,
					 .by_rank = s->by_rank };
		s->leaves += has;
		s->nodes += has - 1;
		s->sets += its;
	}
	return 0;
}

/* Each tree's own sets, or the table that all share. */
static int load_sets(struct tree *tree, size_t n, const struct sums *s,
		     struct model_reader *r, struct error *err)
{
	const void *bits = NULL, *ranks = NULL;
	size_t shared = 0, at = 0;

	if (model_reader_array(r, "tree.bits", MODEL_U64, 4 * s->sets, &bits, err))
		return (int)err->code;
	if (s->by_rank && (model_reader_size(r, "tree.ranks", MODEL_U64, &shared, err) ||
			   model_reader_array(r, "tree.ranks", MODEL_U64, shared / 4 * 4,
					      &ranks, err)))
		return (int)err->code;
	for (size_t k = 0; k < n; k++) {
		tree[k].set = (struct tree_set *)(size_t)bits + at;
		at += tree[k].n_sets;
		if (!s->by_rank)
			continue;
		tree[k].set = (struct tree_set *)(size_t)ranks;
		tree[k].n_sets = shared / 4;
	}
	return 0;
}

/* Counts of all leaves -> starts of each tree's. */
static int load_starts(struct tree *tree, size_t n, const struct sums *s,
		       struct tree_share *share, size_t shares, struct model_reader *r,
		       struct error *err)
{
	uint32_t *start = ARENA_NEW(r->arena, uint32_t, s->leaves + n);
	const void *all = NULL;
	const uint32_t *count;
	size_t sum = 0;

	if (!start)
		return arena_error(r->arena, err);
	if (model_reader_array(r, "tree.shares", MODEL_U32, s->leaves, &all, err))
		return (int)err->code;
	count = all;
	for (size_t k = 0; k < n; k++) {
		tree[k].start = start;
		tree[k].share = share + sum;
		for (size_t l = 0; l < tree[k].leaves; l++, count++) {
			if (*count > shares - sum)
				return model_reader_bad(r, err, "tree %zu has too many "
							"shares", k);
			sum += *count;
			start[l + 1] = start[l] + *count;
		}
		start += tree[k].leaves + 1;
	}
	return sum == shares ? 0 : model_reader_bad(r, err, "%zu shares of %zu", sum, shares);
}

static int load_shares(struct tree *tree, size_t n, const struct sums *s, size_t outputs,
		       struct model_reader *r, struct error *err)
{
	struct tree_share *share;
	size_t shares = 0;

	if (model_reader_size(r, "tree.share_output", MODEL_U32, &shares, err))
		return (int)err->code;
	if (shares > UINT32_MAX)
		return model_reader_bad(r, err, "%zu shares", shares);
	share = ARENA_NEW(r->arena, struct tree_share, shares);
	if (!share)
		return arena_error(r->arena, err);
	for (size_t f = 0; f < COUNT(share_fields); f++)
		if (load_field(&share_fields[f], share, shares, sizeof(*share), r, err))
			return (int)err->code;
	for (size_t k = 0; k < shares; k++)
		if (share[k].output >= outputs)
			return model_reader_bad(r, err, "a share in output %u of %zu",
						share[k].output, outputs);
	return load_starts(tree, n, s, share, shares, r, err);
}

/* One block for all trees, in which each gets its slice. */
static int load_leaves(struct tree *tree, size_t n, const struct sums *s,
		       struct model_reader *r, struct error *err)
{
	for (size_t f = 0; f < COUNT(leaf_fields) - s->vectors; f++) {
		const void *all = NULL;
		const char *slice;

		if (model_reader_array(r, leaf_fields[f].name, leaf_fields[f].type,
				       s->leaves, &all, err))
			return (int)err->code;
		slice = all;
		for (size_t k = 0; k < n; k++) {
			memcpy((char *)&tree[k] + leaf_fields[f].offset, &slice,
			       sizeof(slice));
			slice += tree[k].leaves * model_type_size(leaf_fields[f].type);
		}
	}
	return 0;
}

static int load_nodes(struct tree *tree, size_t n, const struct sums *s,
		      struct model_reader *r, struct error *err)
{
	struct tree_node *node = ARENA_NEW(r->arena, struct tree_node, s->nodes);
	struct tree_step *step = ARENA_NEW(r->arena, struct tree_step,
					   s->nodes + s->leaves);

	if (!node || !step)
		return arena_error(r->arena, err);
	for (size_t f = 0; f < COUNT(node_fields); f++)
		if (load_field(&node_fields[f], node, s->nodes, sizeof(*node), r, err))
			return (int)err->code;
	for (size_t k = 0; k < n; k++) {
		tree[k].node = node;
		tree[k].step = step;
		node += tree[k].leaves - 1;
		step += 2 * tree[k].leaves - 1;
	}
	return 0;
}

/* Checked, and ready to be walked. Those by rank are walked by steps alone. */
static int finish_trees(struct tree *tree, size_t n, const struct sums *s,
			const struct bins *b, size_t width,
			struct model_reader *r, struct error *err)
{
	uint8_t *seen = ARENA_NEW(r->arena, uint8_t, s->nodes + s->leaves);

	if (!seen)
		return arena_error(r->arena, err);
	for (size_t k = 0; k < n; k++) {
		if (check_tree(&tree[k], k, seen, b, width, r, err))
			return (int)err->code;
		if (!s->vectors && !s->by_rank && /* as forests have none */
		    !sieve_allocate(&tree[k].sieve, tree[k].leaves, r->arena))
			return arena_error(r->arena, err);
		tree_flatten(&tree[k]);
	}
	return 0;
}

int tree_file_load(struct tree **out, size_t n, size_t width, size_t outputs,
		   const struct bins *b, struct model_reader *r, struct error *err)
{
	struct sums s = { 0 };
	struct tree *tree;
	size_t there = 0;

	if (model_reader_size(r, "tree.leaves", MODEL_U64, &there, err))
		return (int)err->code;
	if (n != there)
		return model_reader_bad(r, err, "%zu trees of %zu", there, n);
	tree = ARENA_NEW(r->arena, struct tree, n);
	if (!tree)
		return arena_error(r->arena, err);
	*out = tree;
	if (load_sizes(tree, n, &s, r, err) || load_nodes(tree, n, &s, r, err) ||
	    load_leaves(tree, n, &s, r, err) || load_sets(tree, n, &s, r, err) ||
	    (s.vectors && load_shares(tree, n, &s, outputs, r, err)))
		return (int)err->code;
	return finish_trees(tree, n, &s, b, width, r, err);
}
