/* A fitted model on new rows. */
#include "learners/gbdt/boost.h"
#include "learners/gbdt/walk.h"

struct predict {
	const struct boost *b;
	const struct part *part;
	struct expand expand;
	struct turner turner;
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
	struct par_range r = par_range(p->part->rows, p->expand.grain, chunk);
	struct walk_rows from = { .expand = &p->expand, .turner = &p->turner,
				  .part = p->part };
	const float *x;
	const struct turned *rows = walk_open(&from, r, worker, &x);
	float *raw = p->raw + r.begin * b->outputs;
	size_t n = r.end - r.begin;

	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < b->outputs; c++)
			raw[i * b->outputs + c] = (float)b->base[c];
	for (size_t k = 0; k < b->rounds; k++)
		for (size_t c = 0; c < b->outputs; c++)
			tree_add_turned(&b->tree[k][c], b->bins.column, rows, x,
					p->expand.width, raw + c, b->outputs);
	walk_close(&from, r, worker);
	b->objective->link(raw, n, b->outputs,
			   p->scores + r.begin * p->columns);
}

/* A tree that has no sieve counts as too large for one. */
static size_t most_leaves(const struct boost *b)
{
	size_t most = 1;

	for (size_t k = 0; k < b->rounds; k++)
		for (size_t c = 0; c < b->outputs; c++) {
			const struct tree *t = &b->tree[k][c];
			size_t leaves = t->sieve.words ? t->leaves :
							 SIEVE_LEAVES + 1;

			most = leaves > most ? leaves : most;
		}
	return most;
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
	if (walk_init(&p.expand, &p.turner, b->cols, rows->row_start,
		      most_leaves(b), &b->stats, run->threads, run->arena, err))
		return err->code;
	for (size_t k = 0; k < b->rounds; k++)
		for (size_t c = 0; c < b->outputs; c++)
			turner_want(&p.turner, &b->tree[k][c], b->bins.column);
	par_for(run->threads, par_chunks(rows->rows, p.expand.grain),
		predict_chunk, &p);
	arena_rewind(run->arena, mark);
	return 0;
}
