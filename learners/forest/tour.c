/* One array of row numbers a part, in which each node owns a range; children
 * divide their parent's.
 */
#include "learners/forest/tour.h"

struct stop {
	int32_t at;
	size_t begin[2], end[2];
};

struct tour {
	const struct tree *tree;
	const struct bins_column *column;
	size_t cols;
	const struct part *const *part;
	uint32_t *row[2];
	struct stop *stack; /* (leaves + 1) */
};

/* Rows of one part that go left to the front of the range; where they end. */
static size_t divide(const struct tour *w, const struct stop *s, int part)
{
	const struct tree_node *n = &w->tree->node[s->at];
	const float *x = w->part[part]->x + n->column;
	uint32_t *row = w->row[part];
	size_t at = s->begin[part];

	for (size_t k = s->begin[part]; k < s->end[part]; k++) {
		uint32_t r = row[k];

		if (!tree_goes_left(w->tree, n, w->column, x[r * w->cols]))
			continue;
		row[k] = row[at];
		row[at++] = r;
	}
	return at;
}

static size_t push_children(const struct tour *w, struct stop s, size_t n)
{
	struct stop left = s, right = s;

	for (int p = 0; p < 2; p++)
		left.end[p] = right.begin[p] = divide(w, &s, p);
	left.at = w->tree->node[s.at].child[0];
	right.at = w->tree->node[s.at].child[1];
	w->stack[n++] = right;
	w->stack[n++] = left;
	return n;
}

static bool allocate(struct tour *w, struct arena *a)
{
	for (int p = 0; p < 2; p++) {
		w->row[p] = ARENA_RAW(a, uint32_t, w->part[p]->rows);
		if (!w->row[p])
			return false;
		for (size_t i = 0; i < w->part[p]->rows; i++)
			w->row[p][i] = (uint32_t)i;
	}
	w->stack = ARENA_RAW(a, struct stop, w->tree->leaves + 1);
	return w->stack;
}

int tour_tree(const struct tree *t, const struct bins_column *column, size_t cols,
	      const struct part *const part[2], tour_fn *fn, void *ctx,
	      struct arena *a, struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	struct tour w = { .tree = t, .column = column, .cols = cols, .part = part };
	size_t n = 0;

	if (!allocate(&w, a)) {
		arena_rewind(a, mark);
		return arena_error(a, err);
	}
	w.stack[n++] = (struct stop){
		.at = t->leaves > 1 ? 0 : ~0,
		.end = { part[0]->rows, part[1]->rows },
	};
	while (n) {
		struct stop s = w.stack[--n];
		struct tour_rows rows = {
			.row = { w.row[0] + s.begin[0], w.row[1] + s.begin[1] },
			.n = { s.end[0] - s.begin[0], s.end[1] - s.begin[1] },
		};

		fn(ctx, s.at, &rows);
		if (s.at >= 0)
			n = push_children(&w, s, n);
	}
	arena_rewind(a, mark);
	return 0;
}
