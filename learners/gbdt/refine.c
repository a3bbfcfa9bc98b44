/* The first step takes rows leaf by leaf from the grower. Later ones come when
 * the grower has gone on to another tree, so each row's leaf is remembered.
 */
#include "learners/gbdt/refine.h"

#include <math.h>

#include "learners/gbdt/worth.h"

/* Rows whose sums are one task; the sums of its leaves must be worth it. */
static size_t grain(const struct refine *r)
{
	return 65536 + 16 * (size_t)r->config->leaves;
}

int refine_takes(const struct gbdt_config *config,
		 const struct objective *objective, struct error *err)
{
	if (!config->monotone[0] || (objective != &objective_absolute &&
				     objective != &objective_quantile))
		return 0;
	return error_set(err, ERR_UNSUPPORTED,
			 "monotone columns do not go with objective=%s; take "
			 "huber with a small huber_delta", objective->name);
}

static int allocate_steps(struct refine *r, struct arena *a, struct error *err)
{
	size_t rows = r->truth->rows, outputs = r->truth->outputs;
	size_t leaves = (size_t)r->config->leaves;

	r->leaf = ARENA_RAW(a, uint16_t, outputs * rows);
	r->trial = ARENA_RAW(a, float, outputs * rows);
	r->value = ARENA_RAW(a, double, outputs * leaves);
	r->bounds = ARENA_RAW(a, struct cut_bounds, outputs * leaves);
	r->sums = ARENA_RAW(a, double, 2 * outputs * leaves *
					       par_chunks(rows, grain(r)));
	r->ignore = ARENA_RAW(a, double, 2 * outputs *
						 par_chunks(rows, OBJECTIVE_CHUNK));
	if (!r->leaf || !r->trial || !r->value || !r->bounds || !r->sums ||
	    !r->ignore)
		return arena_error(a, err);
	return 0;
}

int refine_init(struct refine *r, const struct gbdt_config *config,
		const struct objective *objective,
		const struct objective_rows *truth, int threads, struct arena *a,
		struct error *err)
{
	*r = (struct refine){ .config = config, .objective = objective,
			      .truth = truth, .threads = threads };
	if (!objective->renew)
		return config->leaf_steps > 1 ? allocate_steps(r, a, err) : 0;
	r->residual = ARENA_RAW(a, float, 2 * truth->rows);
	if (!r->residual)
		return arena_error(a, err);
	return 0;
}

/* The value of a leaf that is at v and has the sums g and h there: the minimum
 * of g (x - v) + h (x - v)^2 / 2 + l1 |x| + l2 x^2 / 2. From v = 0 that is Eq. 5
 * of Chen & Guestrin 2016. */
static double newton(const struct gbdt_config *c, double v, double g, double h)
{
	double pull = g - h * v, d = h + c->l2;

	pull = copysign(fmax(fabs(pull) - c->l1, 0), pull);
	return d > 0 ? -pull / d : 0;
}

/* The best value that may be: losses are convex, so it is the nearest. */
static double within(const struct cut_bounds *b, double v)
{
	return b->on ? fmin(fmax(v, b->low), b->high) : v;
}

/* ---------------------------------------------------------------- one tree */

struct job {
	struct refine *r;
	const struct refine_round *round;
	const struct grower *g;
	size_t c;
	struct tree *tree;
};

/* The rows of a leaf: n row numbers, and where they begin among all. */
static const uint32_t *rows_of(const struct grower *g, size_t leaf, size_t *n,
			       size_t *begin)
{
	*begin = g->leaf[leaf].begin;
	*n = g->leaf[leaf].end - *begin;
	return g->partition.rows.row + *begin;
}

static double renewed(const struct job *job, size_t leaf)
{
	struct refine *r = job->r;
	const struct objective_rows *t = r->truth;
	const float *factor = job->round->rows->factor;
	size_t n, begin;
	const uint32_t *row = rows_of(job->g, leaf, &n, &begin);
	float *residual = r->residual + begin, *weight = residual + t->rows;

	for (size_t k = 0; k < n; k++) {
		residual[k] = t->target[row[k]] - job->round->score[row[k]];
		weight[k] = (float)objective_weight(t, row[k]) *
			    (factor ? factor[row[k]] : 1.0f);
	}
	return r->objective->renew(t, residual,
				   t->weight || factor ? weight : NULL, n);
}

static double first_step(const struct job *job, size_t leaf)
{
	struct refine *r = job->r;
	size_t n, begin, at = job->c * r->truth->rows;
	const uint32_t *row = rows_of(job->g, leaf, &n, &begin);
	const float *gradient = job->round->gradient + at;
	const float *hessian = job->round->hessian + at;
	double g = 0, h = 0;

	for (size_t k = 0; k < n; k++) {
		g += (double)gradient[row[k]];
		h += (double)hessian[row[k]];
		if (r->leaf)
			r->leaf[at + row[k]] = (uint16_t)leaf;
	}
	return newton(r->config, 0, g, h);
}

/* A leaf that is too small for a value of its own keeps what it was given; but
 * not a median, as the grower knows nothing in the target's units. */
static struct cut_bounds bounds_of(const struct refine *r,
				   const struct grower_leaf *leaf)
{
	if (leaf->is_light && !r->objective->renew)
		return (struct cut_bounds){ .low = leaf->kept,
					    .high = leaf->kept, .on = true };
	return leaf->bounds;
}

/* Leaves share no rows, so each is a chunk. */
static void refine_leaf(void *ctx, size_t leaf, size_t worker)
{
	const struct job *job = ctx;
	struct refine *r = job->r;
	size_t at = job->c * (size_t)r->config->leaves + leaf;
	struct cut_bounds bounds = bounds_of(r, &job->g->leaf[leaf]);
	double v = within(&bounds, r->objective->renew ? renewed(job, leaf) :
							 first_step(job, leaf));

	(void)worker;
	if (r->leaf) {
		r->value[at] = v;
		r->bounds[at] = bounds;
	}
	job->tree->value[leaf] = (float)(r->config->shrinkage * v);
}

static bool all_finite(const struct tree *t)
{
	bool finite = true;

	for (size_t l = 0; l < t->leaves; l++)
		finite &= isfinite(t->value[l]) != 0;
	return finite;
}

bool refine_tree(struct refine *r, const struct refine_round *round,
		 const struct grower *g, size_t c, struct tree *tree)
{
	struct job job = { .r = r, .round = round, .g = g, .c = c, .tree = tree };

	if (!r->objective->renew && !r->config->leaf_steps)
		return true;
	par_for(worth_threads(g->threads, 4.0 * (double)round->rows->n),
		tree->leaves, refine_leaf, &job);
	return all_finite(tree);
}

/* ------------------------------------------------------------- more steps */

struct steps {
	struct refine *r;
	const struct refine_round *round;
	size_t chunks; /* an output's tasks */
};

/* Task (output, chunk): move the trial scores of its rows to the leaf values of
 * this step, or sum the derivatives there. */
static struct par_range task_rows(const struct steps *s, size_t task, size_t *at)
{
	*at = task / s->chunks * s->r->truth->rows;
	return par_range(s->round->rows->n, grain(s->r), task % s->chunks);
}

static size_t row_of(const struct steps *s, size_t k)
{
	return s->round->rows->rows ? s->round->rows->rows[k] : k;
}

static void move_task(void *ctx, size_t task, size_t worker)
{
	const struct steps *s = ctx;
	struct refine *r = s->r;
	size_t at;
	struct par_range range = task_rows(s, task, &at);
	const double *value = r->value +
			      task / s->chunks * (size_t)r->config->leaves;

	(void)worker;
	for (size_t k = range.begin; k < range.end; k++) {
		size_t i = at + row_of(s, k);

		r->trial[i] = s->round->score[i] + (float)value[r->leaf[i]];
	}
}

static void sum_task(void *ctx, size_t task, size_t worker)
{
	const struct steps *s = ctx;
	struct refine *r = s->r;
	size_t at, leaves = (size_t)r->config->leaves;
	struct par_range range = task_rows(s, task, &at);
	double *sums = r->sums + 2 * leaves * task;

	(void)worker;
	for (size_t l = 0; l < 2 * leaves; l++)
		sums[l] = 0;
	for (size_t k = range.begin; k < range.end; k++) {
		size_t i = at + row_of(s, k);

		sums[2 * r->leaf[i]] += (double)s->round->gradient[i];
		sums[2 * r->leaf[i] + 1] += (double)s->round->hessian[i];
	}
}

/* Chunks are added in order. */
static void step_output(const struct steps *s, size_t c, size_t tree_leaves)
{
	struct refine *r = s->r;
	size_t leaves = (size_t)r->config->leaves;
	double *value = r->value + c * leaves;

	for (size_t l = 0; l < tree_leaves; l++) {
		double g = 0, h = 0;

		for (size_t k = 0; k < s->chunks; k++) {
			const double *sums =
				r->sums + 2 * (leaves * (c * s->chunks + k) + l);

			g += sums[0];
			h += sums[1];
		}
		value[l] = within(&r->bounds[c * leaves + l],
				  newton(r->config, value[l], g, h));
	}
}

/* Rows that were not drawn keep a trial score, which nobody sums. */
static void one_step(const struct steps *s, const struct tree *tree)
{
	struct refine *r = s->r;
	const struct refine_round *round = s->round;
	size_t outputs = r->truth->outputs, tasks = outputs * s->chunks;
	int threads = worth_threads(r->threads, 2.0 * (double)round->rows->n *
							(double)outputs);

	par_for(threads, tasks, move_task, (void *)s);
	objective_derive(r->objective, r->truth, r->trial, round->gradient,
			 round->hessian, r->ignore, r->threads);
	sampling_amplify(round->rows, round->gradient, round->hessian, outputs);
	par_for(threads, tasks, sum_task, (void *)s);
	for (size_t c = 0; c < outputs; c++)
		step_output(s, c, tree[c].leaves);
}

bool refine_steps(struct refine *r, const struct refine_round *round,
		  struct tree *tree)
{
	struct steps s = { .r = r, .round = round,
			   .chunks = par_chunks(round->rows->n, grain(r)) };
	size_t outputs = r->truth->outputs, leaves = (size_t)r->config->leaves;
	bool finite = true;

	if (!r->leaf)
		return true;
	for (size_t i = 0; round->rows->rows && i < outputs * r->truth->rows; i++)
		r->trial[i] = round->score[i];
	for (int64_t k = 1; k < r->config->leaf_steps; k++)
		one_step(&s, tree);
	for (size_t c = 0; c < outputs; c++) {
		for (size_t l = 0; l < tree[c].leaves; l++)
			tree[c].value[l] = (float)(r->config->shrinkage *
						   r->value[c * leaves + l]);
		finite &= all_finite(&tree[c]);
	}
	return finite;
}

struct apply {
	const struct refine *r;
	const struct tree *tree;
	float *score;
	size_t chunks;
};

static void apply_task(void *ctx, size_t task, size_t worker)
{
	const struct apply *job = ctx;
	size_t c = task / job->chunks, rows = job->r->truth->rows;
	struct par_range range = par_range(rows, grain(job->r),
					   task % job->chunks);

	(void)worker;
	for (size_t i = c * rows + range.begin; i < c * rows + range.end; i++)
		job->score[i] += job->tree[c].value[job->r->leaf[i]];
}

void refine_apply(const struct refine *r, const struct tree *tree, float *score)
{
	struct apply job = { .r = r, .tree = tree, .score = score,
			     .chunks = par_chunks(r->truth->rows, grain(r)) };

	par_for(r->threads, r->truth->outputs * job.chunks, apply_task, &job);
}
