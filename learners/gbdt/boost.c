/* The loop over rounds.
 *
 *	derive   gradient and hessian of every row and output
 *	grow     one tree an output, each added to the scores of its rows
 *	walk     validation rows (and rows not drawn) down the new trees
 *	stop?    no better validation loss for `patience` rounds, or a tick said so
 *
 * The model is cut back to its best round. Rows and columns drawn for a round
 * are addressed by (seed, round, index), so a fit that is stopped after r
 * rounds is the first r rounds of the one that is not.
 */
#include "learners/gbdt/boost.h"

#include <math.h>

#include "learners/gbdt/worth.h"

/* Memory that the histograms kept for later may take, over all growers. */
#define HISTOGRAM_BYTES ((size_t)512 << 20)

/* One fit. Arrays over rows are (outputs, rows). */
struct fit {
	struct boost *b;
	const struct gbdt_config *config;
	const struct dataset *data;
	struct run *run;
	struct objective_rows train, valid;
	float *score, *gradient, *hessian, *valid_score;
	struct rng rounding;
	uint32_t *rows; /* (n_rows) drawn for this round; NULL: all */
	size_t n_rows;
	uint8_t *use; /* (bins.cols) columns drawn for this round; NULL: all */
	struct drawn drawn;
	struct grower *grower; /* (n_growers) */
	size_t n_growers;
	struct tree *grown; /* (outputs) this round's, in room for the largest */
	bool *failed;	    /* (outputs) */
	double best_loss;
	size_t best_rounds;
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
	for (size_t k = 0; k < f->n_growers; k++)
		if (grower_init(&f->grower[k], f->config, &f->drawn,
				HISTOGRAM_BYTES / f->n_growers,
				outputs == 1 ? f->run->threads : 1,
				f->run->arena, err))
			return err->code;
	return 0;
}

/* How many columns a round's trees may cut. In wide tables neighbours tell much
 * the same (pixels, frequencies), so a bounded number of them is enough for a
 * tree, and another tree sees others: the random subspaces of Ho 1998. */
static size_t columns_drawn(const struct fit *f)
{
	double cols = (double)f->b->bins.cols;
	double some = fmin(round(f->config->col_sample * cols),
			   (double)f->config->max_columns);

	return (size_t)fmin(fmax(some, 1), cols);
}

/* Everything that rounds need, before the first: nothing may be allocated
 * inside a parallel loop, and running out of memory is best known early. */
static int allocate(struct fit *f, struct error *err)
{
	struct arena *a = f->run->arena;
	struct boost *b = f->b;
	size_t k = b->outputs, cells = k * f->train.rows;

	if (k && f->train.rows > SIZE_MAX / k)
		return arena_error(a, err);
	b->base = ARENA_NEW(a, double, k);
	b->tree = ARENA_NEW(a, struct tree *, (size_t)f->config->rounds);
	f->score = ARENA_RAW(a, float, cells);
	f->gradient = ARENA_RAW(a, float, cells);
	f->hessian = ARENA_RAW(a, float, cells);
	f->valid_score = ARENA_RAW(a, float, k * f->valid.rows);
	f->grown = ARENA_NEW(a, struct tree, k);
	f->failed = ARENA_NEW(a, bool, k);
	if (!b->base || !b->tree || !f->score || !f->gradient ||
	    !f->hessian || !f->valid_score || !f->grown || !f->failed)
		return arena_error(a, err);
	if (f->config->row_sample < 1) {
		f->rows = ARENA_RAW(a, uint32_t, f->train.rows);
		if (!f->rows)
			return arena_error(a, err);
	}
	if (columns_drawn(f) < b->bins.cols) {
		f->use = ARENA_RAW(a, uint8_t, b->bins.cols);
		if (!f->use)
			return arena_error(a, err);
	}
	if (drawn_init(&f->drawn, &b->bins, columns_drawn(f), a, err))
		return err->code;
	for (size_t c = 0; c < k; c++)
		if (!tree_allocate(&f->grown[c], (size_t)f->config->leaves, a))
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

/* Each row with the wanted probability (Friedman 2002, "Stochastic gradient
 * boosting"); all trees of a round share the draw, as in LightGBM. */
static void draw_rows(struct fit *f, size_t round)
{
	struct rng r = rng_sub(rng_make(f->run->seed, "gbdt/rows"), round);

	f->n_rows = 0;
	for (size_t i = 0; i < f->train.rows; i++)
		if (rng_uniform(r, i) < f->config->row_sample)
			f->rows[f->n_rows++] = (uint32_t)i;
	if (!f->n_rows) /* a tree needs a row */
		f->rows[f->n_rows++] = (uint32_t)rng_below(
			r, f->train.rows, f->train.rows);
}

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

/* Chunks are as small as the objectives' scratch memory. */
static void derive_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct fit *f = ctx;

	(void)worker;
	f->b->objective->derive(&f->train, f->score,
				par_range(f->train.rows, OBJECTIVE_ROWS, chunk),
				f->gradient, f->hessian);
}


/* Grow the tree of one output; the grower knows in which leaf each of its rows
 * ended, so their scores move without a walk down the tree. */
static void grow_output(void *ctx, size_t c, size_t worker)
{
	struct fit *f = ctx;
	struct grower *g = &f->grower[worker];
	size_t n = f->train.rows;

	struct grower_target t = {
		.gradient = f->gradient + c * n, .hessian = f->hessian + c * n,
		.rows = f->rows, .n = f->rows ? f->n_rows : n,
		.key = rng_u32(f->rounding, f->b->rounds * f->b->outputs + c),
	};

	f->failed[c] = !grower_grow(g, &t, &f->grown[c]);
	if (!f->failed[c] && !f->rows)
		grower_apply(g, f->score + c * n);
}

/* Rows that no grower has sorted into leaves walk down the trees. */
struct walk {
	const struct fit *f;
	const float *x;
	size_t rows;
	float *score; /* (outputs, rows) */
};

static void walk_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct walk *w = ctx;
	const struct boost *b = w->f->b;
	struct par_range r = par_range(w->rows, OBJECTIVE_ROWS, chunk);

	(void)worker;
	for (size_t c = 0; c < b->outputs; c++)
		tree_add(&w->f->grown[c], b->bins.column, w->x + r.begin * b->cols,
			 b->cols, r.end - r.begin,
			 w->score + c * w->rows + r.begin, 1);
}

static void walk(const struct fit *f, const struct part *part, float *score)
{
	struct walk w = { .f = f, .x = part->x, .rows = part->rows, .score = score };

	par_for(worth_threads(f->run->threads, /* 20 ns a tree */
			      20.0 * (double)part->rows *
				      (double)f->b->outputs),
		par_chunks(part->rows, OBJECTIVE_ROWS), walk_chunk, &w);
}

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

/* One round; an error is a lack of memory or a loss that left the numbers. */
static int run_round(struct fit *f, size_t round, struct error *err)
{
	struct boost *b = f->b;
	double cells = (double)f->train.rows * (double)b->outputs;

	if (f->rows)
		draw_rows(f, round);
	if (f->use)
		draw_columns(f, round);
	drawn_take(&f->drawn, f->use, f->run->threads);
	par_for(worth_threads(f->run->threads, 4 * cells),
		par_chunks(f->train.rows, OBJECTIVE_ROWS), derive_chunk, f);
	par_for((int)f->n_growers, b->outputs, grow_output, f);
	for (size_t c = 0; c < b->outputs; c++)
		if (f->failed[c])
			return error_set(err, ERR_DIVERGED,
					 "gradients left the finite numbers in "
					 "round %zu; lower shrinkage or scale "
					 "the target", round + 1);
	if (f->rows)
		walk(f, &f->data->train, f->score);
	walk(f, &f->data->valid, f->valid_score);
	return keep_trees(f, err);
}

/* ---------------------------------------------------------------- the fit */

/* The loss that decides when to stop; false when patience has run out. */
static bool improving(struct fit *f, double loss)
{
	size_t patience = (size_t)f->config->patience;

	if (!f->valid.rows || !patience)
		f->best_rounds = f->b->rounds;
	else if (loss < f->best_loss) {
		f->best_loss = loss;
		f->best_rounds = f->b->rounds;
	}
	return f->b->rounds - f->best_rounds < patience || !patience;
}

/* The tick comes after each round with the best loss known: its deadline or
 * Ctrl-C leaves a model that is whole. */
static int run_rounds(struct fit *f, struct error *err)
{
	size_t rounds = (size_t)f->config->rounds;
	double loss = objective_loss(f->b->objective, &f->valid, f->valid_score);

	f->best_loss = loss;
	for (size_t r = 0; r < rounds; r++) {
		bool more;

		if (run_round(f, r, err))
			return err->code;
		loss = objective_loss(f->b->objective, &f->valid,
				      f->valid_score);
		more = improving(f, loss);
		if (!run_tick(f->run, f->b->rounds, rounds, loss) || !more)
			break;
		/* With nothing drawn the next round would be the same. */
		if (!has_grown(f) && !f->rows && !f->use)
			break;
	}
	f->b->rounds = f->run->steps = f->best_rounds;
	return 0;
}

/* Each bin of a column costs time in every leaf, and a quantile that rests on a
 * few rows is noise; but small tables are not to lose their detail. */
static size_t bin_limit(const struct gbdt_config *config, const struct fit *f)
{
	size_t some = f->train.rows / (size_t)config->bin_rows, few = 63;
	size_t limit = some > few ? some : few;

	return (size_t)config->bins < limit ? (size_t)config->bins : limit;
}

int boost_fit(struct boost *b, const struct gbdt_config *config,
	      const struct dataset *data, struct run *run, struct error *err)
{
	struct fit f = {
		.b = b, .config = config, .data = data, .run = run,
		.rounding = rng_make(run->seed, "gbdt/rounding"),
	};

	*b = (struct boost){ .cols = data->cols };
	b->objective = objective_pick(data, &b->outputs);
	f.train = objective_rows(&data->train, b->outputs);
	f.valid = objective_rows(&data->valid, b->outputs);
	if (!f.train.rows)
		return error_set(err, ERR_DATA, "no rows to fit");
	if (f.train.rows > INT32_MAX)
		return error_set(err, ERR_UNSUPPORTED,
				 "more than 2^31 rows to fit");
	if (bins_make(&b->bins, data, bin_limit(config, &f), run->threads,
		      run->arena, err) || allocate(&f, err))
		return err->code;
	b->objective->base(&f.train, b->base);
	fill(f.score, b->base, b->outputs, f.train.rows);
	fill(f.valid_score, b->base, b->outputs, f.valid.rows);
	return run_rounds(&f, err);
}

/* ---------------------------------------------------------------- predict */

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
		.columns = b->objective == &objective_logistic ? 2 : b->outputs,
	};

	if (!p.raw)
		return arena_error(run->arena, err);
	par_for(run->threads, par_chunks(rows->rows, OBJECTIVE_ROWS),
		predict_chunk, &p);
	arena_rewind(run->arena, mark);
	return 0;
}
