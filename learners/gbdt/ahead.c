/* One parallel region a tree. All that workers share is behind one lock, which
 * is held for a microsecond while an expansion takes ten to a thousand. A worker
 * waits only while another one expands, so that chunks which run one after
 * another (on one processor, or inside another region) finish as well. */
#include "learners/gbdt/ahead.h"

#include "harness/base/par.h"
#include "learners/gbdt/growth.h"
#include "learners/gbdt/look.h"
#include "learners/gbdt/worth.h"

/* Steps of a leaf above which threads had better share it, unless there is as
 * much to do beside it. */
#define LARGE 200e3

struct ahead {
	struct grower *g;
	struct par_lock lock;
	size_t running;	  /* expansions */
	bool scratch_busy; /* one of them works in the scratch histograms */
};

/* Steps of all leaves that nobody expands yet, also below those that are not
 * cut yet. */
static double steps_below(const struct grower *g, const struct grower_leaf *leaf)
{
	double steps = 0;

	if (!leaf->pair)
		return leaf->cut.gain > 0 ?
			       look_steps(g, leaf->end - leaf->begin) : 0;
	for (size_t k = 0; leaf->pair->is_done && k < 2; k++)
		steps += steps_below(g, &leaf->pair->half[k]);
	return steps;
}

bool ahead_pays(const struct grower *g)
{
	const struct grower_leaf *next = &g->leaf[grower_next(g)];
	double spare = (double)g->config->leaves - (double)g->leaves;
	double of_next = look_steps(g, next->end - next->begin), steps = 0;

	for (size_t l = 0; l < g->leaves; l++)
		steps += steps_below(g, &g->leaf[l]);
	if (worth_threads(g->threads, steps + spare * look_steps(g, 0)) == 1)
		return false;
	return of_next < LARGE || of_next * g->threads < 1.3 * steps;
}

/* ---------------------------------------------------------------- the choice */

/* Does a come before b, as far as can be told of leaves that have no number? */
static bool before(const struct grower *g, const struct grower_leaf *a,
		   const struct grower_leaf *b)
{
	if (g->config->growth != GBDT_DEPTH)
		return a->cut.gain > b->cut.gain;
	return a->depth != b->depth ? a->depth < b->depth : a->place < b->place;
}

/* Over all leaves that nobody expands yet. */
struct frontier {
	const struct grower *g;
	size_t worker;
	struct grower_leaf *best, *own; /* own: of those it has made */
	size_t better;			/* than `limit` */
	const struct grower_leaf *limit;
};

static void look_below(struct frontier *f, struct grower_leaf *leaf)
{
	if (leaf->pair) {
		for (size_t k = 0; leaf->pair->is_done && k < 2; k++)
			look_below(f, &leaf->pair->half[k]);
		return;
	}
	if (!(leaf->cut.gain > 0))
		return;
	f->better += f->limit && before(f->g, leaf, f->limit);
	if (!leaf->hist) /* scratch is for the next leaf alone */
		return;
	if (!f->best || before(f->g, leaf, f->best))
		f->best = leaf;
	if (leaf->worker == f->worker && (!f->own || before(f->g, leaf, f->own)))
		f->own = leaf;
}

static void look_at_all(struct frontier *f)
{
	for (size_t l = 0; l < f->g->leaves; l++)
		look_below(f, &f->g->leaf[l]);
}

/* Three of four leaves to spare may be expanded ahead, so that little is done in
 * vain; a pair is left for the next one. Of one's own leaves only such as are
 * likely to be cut. */
static struct grower_leaf *choose_ahead(struct grower *g, size_t worker)
{
	size_t spare = (size_t)g->config->leaves - g->leaves;
	struct frontier f = { .g = g, .worker = worker };

	if (g->engaged + 1 >= GROWER_AHEAD || g->engaged >= (3 * spare + 3) / 4 ||
	    !g->n_idle)
		return NULL;
	look_at_all(&f);
	if (!f.own || f.own == f.best)
		return f.best;
	f = (struct frontier){ .g = g, .worker = worker, .limit = f.own,
			       .own = f.own, .best = f.best };
	look_at_all(&f);
	return f.better < spare / 2 ? f.own : f.best;
}

/* NULL: all that could be done is being done. */
static struct grower_leaf *choose(struct ahead *a, size_t worker)
{
	struct grower *g = a->g;
	struct grower_leaf *next = &g->leaf[grower_next(g)];
	struct grower_leaf *leaf = choose_ahead(g, worker);
	bool scratch = !next->hist || !g->n_idle;

	if (leaf || next->pair || (scratch && a->scratch_busy))
		return leaf;
	return next;
}

/* ---------------------------------------------------------------- the work */

/* Cut what is to be cut next as long as it has been expanded; false when the
 * tree is complete. */
static bool commit(struct grower *g)
{
	while (g->leaves < (size_t)g->config->leaves) {
		size_t l = grower_next(g);
		const struct grower_leaf *leaf = &g->leaf[l];

		if (!(leaf->cut.gain > 0))
			return false;
		if (!leaf->pair || !leaf->pair->is_done)
			return true;
		grower_commit(g, l);
	}
	return false;
}

static void expand(struct ahead *a, struct grower_leaf *leaf, size_t worker)
{
	struct grower_pair *pair;
	bool scratch;

	grower_engage(a->g, leaf);
	pair = leaf->pair; /* the leaf's place may be another's meanwhile */
	scratch = !pair->hist || !pair->of.hist;
	a->scratch_busy |= scratch;
	a->running++;
	par_unlock(&a->lock);
	grower_expand(a->g, pair, false, worker);
	par_lock(&a->lock);
	a->running--;
	if (scratch)
		a->scratch_busy = false;
	grower_settle(a->g, pair);
	par_changed(&a->lock);
}

static void work(void *ctx, size_t chunk, size_t worker)
{
	struct ahead *a = ctx;

	(void)chunk;
	par_lock(&a->lock);
	while (commit(a->g)) {
		struct grower_leaf *leaf = choose(a, worker);

		if (leaf)
			expand(a, leaf, worker);
		else
			par_wait(&a->lock);
	}
	par_unlock(&a->lock);
}

/* From the deepest up: a leaf's rows ascend again, as sums over them depend on
 * their order. */
static void undo(struct grower *g, struct grower_leaf *leaf)
{
	struct grower_pair *pair = leaf->pair;

	if (!pair)
		return;
	undo(g, &pair->half[0]);
	undo(g, &pair->half[1]);
	partition_join(&g->partition, leaf->begin, pair->half[0].end, leaf->end);
	pair->is_taken = false;
	leaf->pair = NULL;
	g->engaged--;
}

void ahead_grow(struct grower *g)
{
	struct ahead a = { .g = g };

	par_lock_init(&a.lock);
	par_for(g->threads, (size_t)g->threads, work, &a);
	par_lock_free(&a.lock);
}

void ahead_undo(struct grower *g)
{
	for (size_t l = 0; l < g->leaves; l++)
		undo(g, &g->leaf[l]);
}
