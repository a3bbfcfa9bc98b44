/* A fitted model on new rows. */
#include "learners/gbdt/boost.h"

struct predict {
	const struct boost *b;
	const struct part *part;
	float *raw; /* (rows, outputs) */
	float *scores;
	size_t columns; /* of scores */
};

/* All trees over a few hundred rows at a time: the rows stay in the cache, and
 * of the trees one at a time. */
static void predict_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct predict *p = ctx;
	const struct boost *b = p->b;
	struct par_range r = par_range(p->part->rows, OBJECTIVE_ROWS, chunk);
	const float *x = p->part->x + r.begin * b->cols;
	float *raw = p->raw + r.begin * b->outputs;
	size_t n = r.end - r.begin;

	(void)worker;
	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < b->outputs; c++)
			raw[i * b->outputs + c] = (float)b->base[c];
	for (size_t k = 0; k < b->rounds; k++)
		for (size_t c = 0; c < b->outputs; c++)
			tree_add(&b->tree[k][c], b->bins.column, x, b->cols, n,
				 raw + c, b->outputs);
	b->objective->link(raw, n, b->outputs,
			   p->scores + r.begin * p->columns);
}

int boost_predict(const struct boost *b, const struct part *rows,
		  struct run *run, float *scores, struct error *err)
{
	struct arena_mark mark = arena_mark(run->arena);
	struct predict p = {
		.b = b, .part = rows, .scores = scores,
		.raw = ARENA_RAW(run->arena, float, rows->rows * b->outputs),
		.columns = b->objective->columns ? b->objective->columns :
						   b->outputs,
	};

	if (!p.raw)
		return arena_error(run->arena, err);
	par_for(run->threads, par_chunks(rows->rows, OBJECTIVE_ROWS),
		predict_chunk, &p);
	arena_rewind(run->arena, mark);
	return 0;
}
