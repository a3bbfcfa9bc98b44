/* The loop over rounds.
 *
 *	drop     DART only: some earlier rounds out of the scores
 *	derive   gradient and hessian of every row and output
 *	draw     the rows and columns of this round
 *	grow     one tree an output, its leaves refined, each added to the scores
 *	walk     validation rows (and rows not drawn) down the new trees
 *	settle   DART only: the dropped ones back, with less weight
 *	stop?    no better validation loss for `patience` rounds, or a tick said so
 *
 * The model is cut back to its best round. Rows and columns drawn for a round
 * are addressed by (seed, round, index), so a fit that is stopped after r
 * rounds is the first r rounds of the one that is not.
 */
#include "learners/gbdt/boost.h"

#include <math.h>
#include <string.h>

#include "learners/gbdt/columns.h"
#include "learners/gbdt/dart.h"
#include "learners/gbdt/monotone.h"
#include "learners/gbdt/refine.h"
#include "learners/gbdt/sampling.h"
#include "learners/gbdt/walk.h"
#include "learners/gbdt/weights.h"
#include "learners/gbdt/worth.h"

/* Memory that the histograms kept for later may take, over all growers. */
#define HISTOGRAM_BYTES ((size_t)512 << 20)

/* One fit. Arrays over rows are (outputs, rows). */
struct fit {
	struct boost *b;
	const struct gbdt_config *config;
	struct dataset data; /* as weights.h leaves it */
	struct run *run;
	struct objective_rows train, valid;
	float *score, *gradient, *hessian, *valid_score;
	double *partial; /* scratch of objective_loss */
	double *sums;	 /* (chunks, outputs, 2) of objective_derive */
	double *total;	 /* (outputs, 2) their sums: finite, or the fit ends */
	struct sampling sampling;
	uint8_t *use; /* (bins.cols) columns drawn for this round; NULL: all */
	struct drawn drawn;
	struct turner turner;
	const int8_t *monotone; /* (data->cols) or NULL */
	struct rng rounding;
	struct refine refine;
	struct dart dart; /* of drop_rate > 0 */
	struct grower *grower; /* (n_growers) */
	size_t n_growers;
	struct expand expand;
	float *ordered; /* statistics of training rows: target_stats.h */
	struct tree *grown; /* (outputs) this round's, in room for the largest */
	bool *failed;	    /* (outputs) */
	double best_loss, bar; /* bar: what ends the rounds of patience */
	size_t best_rounds, bar_rounds;
};

/* ---------------------------------------------------------------- set-up */

static int allocate_growers(struct fit *f, struct error *err)
{
	/* Trees of one round do not depend on each other: with several
	 * outputs each thread grows whole trees, and no tree waits for a
	 * barrier. With one output all threads share a tree. */
	size_t threads = (size_t)f->run->threads;
	size_t outputs = f->b->outputs;

	f->n_growers = threads < outputs ? threads : outputs;
	f->grower = ARENA_NEW(f->run->arena, struct grower, f->n_growers);
	if (!f->grower)
		return arena_error(f->run->arena, err);
	for (size_t k = 0; k < f->n_growers; k++) {
		if (grower_init(&f->grower[k], f->config, &f->drawn,
				HISTOGRAM_BYTES / f->n_growers,
				outputs == 1 ? f->run->threads : 1,
				f->run->arena, err))
			return err->code;
		f->grower[k].monotone = f->monotone;
		f->grower[k].signs = f->monotone ? f->b->cols : 0;
	}
	return 0;
}

static size_t columns_drawn(const struct fit *f)
{
	return columns_wanted(f->b, f->config, f->data.view);
}

static int allocate_rows(struct fit *f, struct error *err)
{
	struct arena *a = f->run->arena;
	size_t k = f->b->outputs, cells = k * f->train.rows;
	size_t chunks = par_chunks(f->train.rows, OBJECTIVE_CHUNK);

	if (f->train.rows > SIZE_MAX / k || f->valid.rows > SIZE_MAX / k)
		return arena_error(a, err);
	f->score = ARENA_RAW(a, float, cells);
	f->gradient = ARENA_RAW(a, float, cells);
	f->hessian = ARENA_RAW(a, float, cells);
	f->valid_score = ARENA_RAW(a, float, k * f->valid.rows);
	f->partial = ARENA_RAW(a, double,
			       2 * par_chunks(f->valid.rows, OBJECTIVE_ROWS));
	f->sums = ARENA_RAW(a, double, 2 * k * chunks);
	f->total = ARENA_RAW(a, double, 2 * k);
	if (!f->score || !f->gradient || !f->hessian || !f->valid_score ||
	    !f->partial || !f->sums || !f->total)
		return arena_error(a, err);
	return 0;
}

/* Everything that rounds need, before the first: nothing may be allocated
 * inside a parallel loop, and running out of memory is best known early. */
static int allocate(struct fit *f, struct error *err)
{
	const struct gbdt_config *config = f->config;
	struct arena *a = f->run->arena;
	struct boost *b = f->b;
	size_t k = b->outputs;

	b->base = ARENA_NEW(a, double, k);
	b->tree = ARENA_NEW(a, struct tree *, (size_t)config->rounds);
	f->grown = ARENA_NEW(a, struct tree, k);
	f->failed = ARENA_NEW(a, bool, k);
	if (!b->base || !b->tree || !f->grown || !f->failed)
		return arena_error(a, err);
	if (allocate_rows(f, err) ||
	    sampling_init(&f->sampling, config, f->train.rows, f->run->threads,
			  a, err) ||
	    refine_init(&f->refine, config, b->objective, &f->train,
			f->run->threads, a, err) ||
	    (config->drop_rate > 0 &&
	     dart_init(&f->dart, config, k, k * f->train.rows,
		       k * f->valid.rows, a, err)))
		return err->code;
	if (columns_drawn(f) < b->bins.cols) {
		f->use = ARENA_RAW(a, uint8_t, b->bins.cols);
		if (!f->use)
			return arena_error(a, err);
	}
	if (drawn_init(&f->drawn, &b->bins, columns_drawn(f), a, err) ||
	    walk_init(&f->expand, &f->turner, b->cols,
		      f->data.view == VIEW_SPARSE, (size_t)config->leaves,
		      &b->stats, f->run->threads, a, err))
		return err->code;
	for (size_t c = 0; c < k; c++)
		if (!tree_allocate(&f->grown[c], (size_t)config->leaves, a))
			return arena_error(a, err);
	return allocate_growers(f, err);
}

/* The same constant score for every row of an output. */
static void fill(float *score, const double *base, size_t outputs, size_t rows)
{
	for (size_t c = 0; c < outputs; c++)
		for (size_t i = 0; i < rows; i++)
			score[c * rows + i] = (float)base[c];
}

/* ---------------------------------------------------------------- a round */

/* So many columns of all: each is taken with the probability that still fills
 * the number (Knuth, TAOCP 2, Algorithm 3.4.2 S). All trees of a round share
 * them, so that they are laid out once. */
static void draw_columns(struct fit *f, size_t round)
{
	size_t cols = f->b->bins.cols, wanted = columns_drawn(f);
	struct rng r = rng_sub(rng_make(f->run->seed, "gbdt/columns"), round);

	for (size_t j = 0; j < cols; j++) {
		f->use[j] = rng_uniform(r, j) * (double)(cols - j) <
			    (double)wanted;
		wanted -= f->use[j];
	}
}

/* False when the gradients have left the finite numbers. */
static bool derive(struct fit *f)
{
	size_t k = f->b->outputs;
	bool finite = true;

	objective_derive(f->b->objective, &f->train, f->score, f->gradient,
			 f->hessian, f->sums, f->run->threads);
	memset(f->total, 0, 2 * k * sizeof(*f->total));
	for (size_t i = 0; i < par_chunks(f->train.rows, OBJECTIVE_CHUNK); i++)
		for (size_t c = 0; c < 2 * k; c++)
			f->total[c] += f->sums[2 * k * i + c];
	for (size_t c = 0; c < 2 * k; c++)
		finite &= isfinite(f->total[c]) != 0;
	return finite;
}

static struct refine_round refine_round(struct fit *f)
{
	return (struct refine_round){ .rows = &f->sampling, .score = f->score,
				      .gradient = f->gradient,
				      .hessian = f->hessian };
}

/* A new tree of a round that left k others out counts for less. */
static void scale_newborn(struct fit *f, size_t c)
{
	double weight = dart_newborn(&f->dart);
	struct tree *t = &f->grown[c];

	for (size_t l = 0; l < t->leaves; l++)
		t->value[l] = (float)(weight * (double)t->value[l]);
}

/* Grow the tree of one output; the grower knows in which leaf each of its rows
 * ended, so their scores move without a walk down the tree. */
static void grow_output(void *ctx, size_t c, size_t worker)
{
	struct fit *f = ctx;
	struct grower *g = &f->grower[worker];
	struct refine_round round = refine_round(f);
	size_t n = f->train.rows;
	struct grower_target t = {
		.gradient = f->gradient + c * n, .hessian = f->hessian + c * n,
		.rows = f->sampling.rows, .n = f->sampling.n,
		.key = rng_u32(f->rounding, f->b->rounds * f->b->outputs + c),
	};

	g->draw.use = f->use;
	g->draw.rng = rng_sub(rng_make(f->run->seed, "gbdt/level columns"),
			      f->b->rounds * f->b->outputs + c);
	f->failed[c] = !grower_grow(g, &t, &f->grown[c]) ||
		       !refine_tree(&f->refine, &round, g, c, &f->grown[c]);
	if (f->failed[c] || f->refine.leaf)
		return;
	if (f->dart.n_dropped)
		scale_newborn(f, c);
	grower_apply(g, f->score + c * n);
	if (f->sampling.rows)
		grower_apply_others(g, t.rows, t.n, f->score + c * n);
}

/* All trees of a round, and the scores of the rows they were grown on. */
static bool grow(struct fit *f)
{
	struct refine_round round = refine_round(f);
	size_t outputs = f->b->outputs;
	bool good = true;

	par_for((int)f->n_growers, outputs, grow_output, f);
	for (size_t c = 0; c < outputs; c++)
		good &= !f->failed[c];
	if (!good || !f->refine.leaf)
		return good;
	good = refine_steps(&f->refine, &round, f->grown);
	for (size_t c = 0; f->dart.n_dropped && c < outputs; c++)
		scale_newborn(f, c);
	if (!f->sampling.rows)
		refine_apply(&f->refine, f->grown, f->score);
	return good;
}

static void walk(struct fit *f, const struct tree *tree, const struct part *part,
		 const float *ordered, float *score)
{
	struct walk w = {
		.column = f->b->bins.column, .tree = tree,
		.outputs = f->b->outputs, .part = part, .score = score,
		.expand = &f->expand, .ordered = ordered,
		.turner = &f->turner, .threads = f->run->threads,
	};

	walk_trees(&w);
}

/* ---------------------------------------------------------------- dropout */

/* to += factor * from */
static void add(float *to, const float *from, size_t n, float factor)
{
	simd_vec()->axpy(factor, from, to, n);
}

/* Take some earlier rounds out of the scores. */
static void drop(struct fit *f)
{
	struct dart *d = &f->dart;
	size_t cells = f->b->outputs * f->train.rows;
	size_t valid_cells = f->b->outputs * f->valid.rows;

	dart_drop(d, f->run->seed);
	if (!d->n_dropped)
		return;
	memset(d->lost, 0, cells * sizeof(float));
	memset(d->lost_valid, 0, valid_cells * sizeof(float));
	for (size_t k = 0; k < d->n_dropped; k++) {
		size_t r = d->dropped[k];
		const struct tree *t = dart_weighed(d, f->b->tree[r], r);

		walk(f, t, &f->data.train, f->ordered, d->lost);
		walk(f, t, &f->data.valid, NULL, d->lost_valid);
	}
	add(f->score, d->lost, cells, -1);
	add(f->valid_score, d->lost_valid, valid_cells, -1);
}

/* Bring them back for what they still count. */
static void settle(struct fit *f)
{
	struct dart *d = &f->dart;
	float keep = (float)dart_settle(d);

	if (!d->n_dropped)
		return;
	add(f->score, d->lost, f->b->outputs * f->train.rows, keep);
	add(f->valid_score, d->lost_valid, f->b->outputs * f->valid.rows, keep);
}

/* ---------------------------------------------------------------- the fit */

/* The round's trees into the model, each in no more room than it needs. */
static int keep_trees(struct fit *f, struct error *err)
{
	struct boost *b = f->b;
	struct tree *t = ARENA_NEW(f->run->arena, struct tree, b->outputs);

	if (!t)
		return arena_error(f->run->arena, err);
	for (size_t c = 0; c < b->outputs; c++)
		if (!tree_copy(&t[c], &f->grown[c], f->run->arena))
			return arena_error(f->run->arena, err);
	b->tree[b->rounds++] = t;
	return 0;
}

/* Did any output find something to cut? */
static bool has_grown(const struct fit *f)
{
	for (size_t c = 0; c < f->b->outputs; c++)
		if (f->grown[c].leaves > 1)
			return true;
	return false;
}

/* Are columns drawn within a tree? */
static bool draws(const struct gbdt_config *config)
{
	return config->col_sample_level < 1 || config->col_sample_node < 1;
}

/* One round; an error is a lack of memory or a loss that left the numbers. */
static int run_round(struct fit *f, size_t round, struct error *err)
{
	struct boost *b = f->b;
	bool dart = f->config->drop_rate > 0;
	bool good;

	if (dart)
		drop(f);
	if (f->use)
		draw_columns(f, round);
	drawn_take(&f->drawn, f->use, f->run->threads);
	good = derive(f);
	if (good) {
		sampling_draw(&f->sampling, f->run->seed, round, f->gradient,
			      b->outputs);
		sampling_amplify(&f->sampling, f->gradient, f->hessian,
				 b->outputs);
		good = grow(f);
	}
	if (!good)
		return error_set(err, ERR_DIVERGED, "gradients left the finite "
				 "numbers in round %zu; lower shrinkage or "
				 "scale the target", round + 1);
	if (f->sampling.rows && f->refine.leaf)
		walk(f, f->grown, &f->data.train, f->ordered, f->score);
	walk(f, f->grown, &f->data.valid, NULL, f->valid_score);
	if (dart)
		settle(f);
	return keep_trees(f, err);
}

/* The loss that decides when to stop; false when patience has run out. The best
 * round is that of the least loss; patience counts from the last round that was
 * better by min_improvement. */
static bool improving(struct fit *f, double loss)
{
	size_t patience = (size_t)f->config->patience;

	if (!f->valid.rows || !patience) {
		f->best_rounds = f->b->rounds;
		return true;
	}
	if (loss < f->best_loss) {
		f->best_loss = loss;
		f->best_rounds = f->b->rounds;
		if (f->config->drop_rate > 0)
			dart_mark(&f->dart);
	}
	if (loss < f->bar) {
		f->bar = loss * (1 - f->config->min_improvement);
		f->bar_rounds = f->b->rounds;
	}
	return f->b->rounds - f->bar_rounds < patience;
}

static double valid_loss(const struct fit *f)
{
	return objective_loss(f->b->objective, &f->valid, f->valid_score,
			      f->partial, f->run->threads);
}

/* The tick comes after each round with the best loss known: its deadline or
 * Ctrl-C leaves a model that is whole. */
static int run_rounds(struct fit *f, struct error *err)
{
	size_t rounds = (size_t)f->config->rounds;
	double loss = valid_loss(f);

	f->best_loss = loss;
	f->bar = loss * (1 - f->config->min_improvement);
	for (size_t r = 0; r < rounds; r++) {
		bool more;

		if (run_round(f, r, err))
			return err->code;
		loss = valid_loss(f);
		more = improving(f, loss);
		if (!run_tick(f->run, f->b->rounds, rounds, loss) || !more)
			break;
		/* With nothing drawn the next round would be the same. */
		if (!has_grown(f) && !f->sampling.rows && !f->use &&
		    !draws(f->config) && !(f->config->drop_rate > 0))
			break;
	}
	if (f->config->drop_rate > 0)
		dart_finish(&f->dart, f->b->tree, f->best_rounds);
	f->b->rounds = f->run->steps = f->best_rounds;
	return 0;
}

/* Data and parameters as they were given -> what rounds work on. */
static int prepare(struct fit *f, const struct dataset *data, struct error *err)
{
	struct boost *b = f->b;

	if (!data->train.rows)
		return error_set(err, ERR_DATA, "no rows to fit");
	if (data->train.rows > INT32_MAX)
		return error_set(err, ERR_UNSUPPORTED,
				 "more than 2^31 rows to fit");
	if (objective_pick(f->config, data, &b->objective, &b->outputs, err) ||
	    weights_apply(f->config, data, &f->data, f->run->arena, err))
		return err->code;
	f->train = objective_rows(f->config, &f->data.train, b->outputs);
	f->valid = objective_rows(f->config, &f->data.valid, b->outputs);
	if (objective_check(b->objective, &f->train, "training", err) ||
	    objective_check(b->objective, &f->valid, "validation", err))
		return err->code;
	return refine_takes(f->config, b->objective, err);
}

int boost_fit(struct boost *b, const struct gbdt_config *config,
	      const struct dataset *data, struct run *run, struct error *err)
{
	struct fit f = {
		.b = b, .config = config, .run = run,
		.rounding = rng_make(run->seed, "gbdt/rounding"),
	};

	*b = (struct boost){ .cols = data->cols };
	if (prepare(&f, data, err) ||
	    monotone_read(&f.monotone, config->monotone, data, run->arena,
			  err) ||
	    columns_make(b, config, &f.data, run, &f.ordered, err) ||
	    allocate(&f, err))
		return err->code;
	objective_base(b->objective, &f.train, f.refine.residual, b->base);
	fill(f.score, b->base, b->outputs, f.train.rows);
	fill(f.valid_score, b->base, b->outputs, f.valid.rows);
	return run_rounds(&f, err);
}
