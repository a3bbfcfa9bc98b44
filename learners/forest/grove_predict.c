/* Scores of many rows.
 *
 * A few hundred rows walk down all trees: the rows stay in the cache, and of
 * the trees one at a time. Levels are replaced by their rank beforehand, so that
 * every cut of a forest reads x <= threshold.
 */
#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "learners/forest/grove.h"
#include "learners/gbdt/gbdt_kernels.h"

enum { ROWS = 1024, ABREAST = 256 };
/* Rows with levels are copied; so many floats a thread at most. */
#define COPY_CELLS ((size_t)1 << 20)

struct predict {
	const struct grove *g;
	const struct part *part;
	float *scores;
	size_t columns; /* of scores */
	size_t rows;	/* of a chunk */
	float *copy;	/* (threads, rows, cols); NULL: no levels */
};

/* A level as its bin, and NAN where that is the missing one. */
static void rank_levels(const struct grove *g, float *x, size_t n)
{
	for (size_t j = 0; j < g->kept; j++) {
		const struct bins_column *c = &g->column[j];

		for (size_t i = 0; c->is_cat && i < n; i++) {
			float *v = &x[i * g->cols + c->source];
			uint32_t bin = bins_find(c, *v);

			*v = bin < c->bins ? (float)bin : NAN;
		}
	}
}

/* One tree, whose sets are by rank, over n rows. */
static void walk_tree(const struct predict *p, const struct tree *t, const float *x,
		      size_t n, float *out)
{
	const struct gbdt_kernels *k = SIMD_PICK(gbdt_kernels);
	size_t nodes = t->leaves - 1;
	uint32_t at[ABREAST];

	for (size_t i = 0; i < n; i += ABREAST) {
		size_t some = n - i < ABREAST ? n - i : ABREAST;

		k->walk(t->step, t->depth, x + i * p->g->cols, p->g->cols, some,
			at);
		for (size_t r = 0; r < some; r++)
			tree_add_leaf(t, at[r] - nodes,
				      out + (i + r) * p->columns);
	}
}

/* Sums over trees -> means; of two classes, the second's share is known. */
static void finish(const struct predict *p, float *scores, size_t n)
{
	float each = 1.0f / (float)p->g->trees;

	for (size_t k = 0; k < n * p->columns; k++)
		scores[k] *= each;
	for (size_t i = 0; p->g->classes == 2 && i < n; i++) {
		scores[2 * i + 1] = scores[2 * i];
		scores[2 * i] = 1 - scores[2 * i + 1];
	}
	for (size_t i = 0; p->g->classes == 1 && i < n; i++)
		scores[i] = 1;
}

static void predict_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct predict *p = ctx;
	const struct grove *g = p->g;
	struct par_range r = par_range(p->part->rows, p->rows, chunk);
	const float *x = p->part->x + r.begin * g->cols, *ranked = x;
	float *out = p->scores + r.begin * p->columns;
	size_t n = r.end - r.begin;

	memset(out, 0, n * p->columns * sizeof(*out));
	if (p->copy) {
		float *copy = p->copy + worker * p->rows * g->cols;

		memcpy(copy, x, n * g->cols * sizeof(*copy));
		rank_levels(g, copy, n);
		ranked = copy;
	}
	for (size_t k = 0; k < g->trees; k++) {
		const struct tree *t = &g->tree[k];

		if (t->n_sets && !t->by_rank)
			tree_add(t, g->column, x, g->cols, n, out, p->columns);
		else
			walk_tree(p, t, ranked, n, out);
	}
	finish(p, out, n);
}

int grove_predict(const struct grove *g, const struct part *rows,
		  struct run *run, float *scores, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	size_t fit = COPY_CELLS / (g->cols ? g->cols : 1);
	struct predict p = {
		.g = g, .part = rows, .scores = scores,
		.columns = g->classes ? g->classes : 1, .rows = ROWS,
	};

	if (g->has_levels) {
		p.rows = fit > ROWS ? ROWS : fit > 16 ? fit : 16;
		p.copy = ARENA_RAW(run->arena, float,
				   (size_t)run->threads * p.rows * g->cols);
		if (!p.copy)
			return arena_error(run->arena, err);
	}
	par_for(run->threads, par_chunks(rows->rows, p.rows), predict_chunk, &p);
	arena_rewind(run->arena, mark);
	return 0;
}

int grove_score(const void *model, const struct dataset *data,
		const struct part *rows, struct run *run, float *scores,
		struct error *err)
{
	(void)data;
	return grove_predict(model, rows, run, scores, err);
}
