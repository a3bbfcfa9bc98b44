/* A tree's workspace on a sample table: shared by the tests of growing. */
#ifndef TRIARCH_GBDT_GROWN_H
#define TRIARCH_GBDT_GROWN_H

#include "learners/gbdt/grower.h"
#include "tests/gbdt_sample.h"

struct grown {
	struct sample sample;
	struct bins bins;
	struct drawn drawn;
	struct gbdt_config config;
	struct grower grower;
	struct tree tree;
	struct grower_target target;
	struct error err;
	float *gradient, *hessian;
};

struct grown_shape {
	struct sample_shape table;
	struct gbdt_config config;
	size_t bytes; /* for histograms */
	int threads;
	const uint8_t *use; /* NULL: all columns */
};

/* Gradients of squared error at zero, hessians in [.2, 1.2). */
static inline void grown_derive(struct grown *g, uint64_t seed)
{
	struct rng r = rng_make(seed, "hessian");

	for (size_t i = 0; i < g->bins.rows; i++) {
		g->gradient[i] = -g->sample.data.train.target[i];
		g->hessian[i] = 0.2f + (float)rng_uniform(r, i);
	}
}

/* The workspace, once g->bins and the derivatives are there. */
static inline bool grown_start(struct grown *g, const struct grown_shape *s)
{
	struct arena *a = &g->sample.arena;
	size_t cols = 0;

	for (size_t j = 0; j < g->bins.cols; j++)
		cols += !s->use || s->use[j];
	g->config = s->config;
	if (drawn_init(&g->drawn, &g->bins, cols, a, &g->err) ||
	    grower_init(&g->grower, &g->config, &g->drawn, s->bytes, s->threads,
			a, &g->err) ||
	    !tree_allocate(&g->tree, (size_t)g->config.leaves, a))
		return false;
	drawn_take(&g->drawn, s->use, s->threads);
	g->target = (struct grower_target){ .gradient = g->gradient,
					    .hessian = g->hessian,
					    .n = g->bins.rows, .key = 7 };
	return true;
}

static inline bool grown_make(struct grown *g, const struct grown_shape *s)
{
	struct arena *a = &g->sample.arena;

	*g = (struct grown){ 0 };
	sample_make(&g->sample, &s->table);
	if (bins_make(&g->bins, &g->sample.data, 255, 1, a, &g->err))
		return false;
	g->gradient = ARENA_NEW(a, float, g->bins.rows);
	g->hessian = ARENA_NEW(a, float, g->bins.rows);
	if (!g->gradient || !g->hessian || !grown_start(g, s))
		return false;
	grown_derive(g, s->table.seed);
	return true;
}

static inline bool grown_grow(struct grown *g)
{
	return grower_grow(&g->grower, &g->target, &g->tree);
}

static inline void grown_clear(struct grown *g)
{
	arena_clear(&g->sample.arena);
}

/* The same cuts in the same order, the same values, and the same rows in the
 * same order in every leaf. */
static inline bool grown_same(const struct grown *a, const struct grown *b)
{
	const struct tree *t = &a->tree, *u = &b->tree;
	const struct partition_rows *p = &a->grower.partition.rows;
	const struct partition_rows *q = &b->grower.partition.rows;
	bool same = t->leaves == u->leaves && t->n_sets == u->n_sets;

	for (size_t k = 0; same && k + 1 < t->leaves; k++)
		same = t->node[k].column == u->node[k].column &&
		       t->node[k].threshold == u->node[k].threshold &&
		       t->node[k].missing_left == u->node[k].missing_left &&
		       t->node[k].child[0] == u->node[k].child[0] &&
		       t->node[k].child[1] == u->node[k].child[1] &&
		       t->node[k].gain == u->node[k].gain;
	for (size_t l = 0; same && l < t->leaves; l++)
		same = a->grower.leaf[l].begin == b->grower.leaf[l].begin &&
		       a->grower.leaf[l].end == b->grower.leaf[l].end &&
		       a->grower.leaf[l].total == b->grower.leaf[l].total;
	return same &&
	       !memcmp(t->set, u->set, t->n_sets * sizeof(*t->set)) &&
	       !memcmp(t->value, u->value, t->leaves * sizeof(float)) &&
	       !memcmp(p->row, q->row, a->target.n * sizeof(*p->row)) &&
	       (!p->gh || !memcmp(p->gh, q->gh, a->target.n * sizeof(*p->gh)));
}

/* Are all rows of each leaf in ascending order? */
static inline bool grown_ascending(const struct grown *g)
{
	const uint32_t *row = g->grower.partition.rows.row;
	bool good = true;

	for (size_t l = 0; l < g->grower.leaves; l++)
		for (size_t k = g->grower.leaf[l].begin + 1;
		     k < g->grower.leaf[l].end; k++)
			good &= row[k - 1] < row[k];
	return good;
}

#endif
