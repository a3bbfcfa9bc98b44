/* Weights are cut in groups once, at the start: by layer, by whether they decay,
 * and so that none is longer than a task should be. Threads take groups in any
 * order; a weight's update depends on its own history alone.
 *
 * Decay pulls weights to zero, not biases nor the gains of norms: those say
 * where a unit's range lies, and shrinking them only hampers the fit (He et al.
 * 2019, "Bag of tricks for image classification", section 3.1).
 */
#include "learners/nn/nn_optimizer.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "harness/base/par.h"
#include "harness/base/simd.h"
#include "learners/nn/nn_kernels.h"

#define GROUP_MAX 16384 /* weights of one task: some microseconds */
#define GROUP_ROWS 64	/* of a table */

const char *const nn_rule_names[] = { "adamw", "sgd", "muon", NULL };

/* Cut a range in groups; counts only when `out` is NULL. */
static size_t cut(size_t at, const struct nn_range *range, struct nn_group *out)
{
	size_t chunks = par_chunks(range->n, GROUP_MAX);

	for (size_t k = 0; out && k < chunks; k++) {
		struct par_range r = par_range(range->n, GROUP_MAX, k);

		out[k] = (struct nn_group){ .at = at + r.begin,
					    .n = r.end - r.begin,
					    .lr = range->lr,
					    .decay = range->decay,
					    .matrix = range->rows > 0 };
	}
	return chunks;
}

/* The ranges of a layer that named none: what decays (a matrix, where the layer has
 * units, one a column: convolutions have), and what does not. */
static size_t ranges_of(const struct nn_layer *l,
			struct nn_range out[NN_RANGES_MAX])
{
	if (l->ranges) {
		memcpy(out, l->range, l->ranges * sizeof(*out));
		return l->ranges;
	}
	out[0] = (struct nn_range){ .n = l->decayed, .lr = 1, .decay = 1 };
	if (l->units) {
		out[0].rows = l->decayed / l->units;
		out[0].cols = l->units;
	}
	out[1] = (struct nn_range){ .n = l->params - l->decayed, .lr = 1 };
	return 2;
}

/* Calls visit for each range of the net, with its place in theta; but not for the
 * table's rows, where those are apart. */
typedef void visit_fn(void *ctx, size_t at, const struct nn_range *range);


static void each_range(const struct nn_net *net, bool apart, visit_fn *visit,
		       void *ctx)
{
	for (size_t i = 0; i < net->n; i++) {
		struct nn_range range[NN_RANGES_MAX];
		size_t at = net->layers[i].theta_at;
		size_t ranges = ranges_of(&net->layers[i], range);

		for (size_t k = 0; k < ranges; k++) {
			if (!apart || k || i + 1 != net->table)
				visit(ctx, at, &range[k]);
			at += range[k].n;
		}
	}
}

/* What Muon takes: counted first, then listed. */
struct listing {
	struct nn_optimizer *o;
	struct nn_group *groups;    /* NULL: count only */
	struct nn_matrix *matrices; /* likewise */
	size_t last;		    /* where the net's last matrix lies */
};

static void find_last(void *ctx, size_t at, const struct nn_range *range)
{
	struct listing *l = ctx;

	if (range->rows)
		l->last = at;
}

static void list(void *ctx, size_t at, const struct nn_range *range)
{
	struct listing *l = ctx;
	struct nn_optimizer *o = l->o;
	struct nn_range r = *range;

	if (o->rule != NN_MUON || at == l->last)
		r.rows = 0;
	if (o->rule == NN_MUON && !r.rows)
		r.lr *= NN_MUON_REST;
	if (r.rows && l->matrices)
		l->matrices[o->n_matrices] = (struct nn_matrix){
			.at = at, .rows = r.rows, .cols = r.cols, .lr = r.lr,
			.decay = r.decay };
	o->n_matrices += r.rows > 0;
	o->n_groups += cut(at, &r, l->groups ? l->groups + o->n_groups : NULL);
}

static void list_all(struct nn_optimizer *o, const struct nn_net *net,
		     bool count_only)
{
	struct listing l = { .o = o, .last = SIZE_MAX,
			     .groups = count_only ? NULL : o->groups,
			     .matrices = count_only ? NULL : o->matrices };

	each_range(net, o->table, find_last, &l);
	o->n_groups = o->n_matrices = 0;
	each_range(net, o->table, list, &l);
}

static bool scratch_of(struct nn_optimizer *o, struct arena *a)
{
	for (size_t k = 0; k < o->n_matrices; k++) {
		struct nn_matrix *w = &o->matrices[k];

		w->scratch = ARENA_NEW(a, float,
				       nn_muon_scratch(w->rows, w->cols));
		if (!w->scratch)
			return false;
	}
	return true;
}

/* Tasks for the rows that were touched, or may be. */
static size_t table_groups(const struct nn_optimizer *o, bool at_most)
{
	if (!o->table)
		return 0;
	return par_chunks(at_most ? o->table->rows : o->table->all.n, GROUP_ROWS);
}

/* sgd's v is never looked at, hence not made. */
int nn_optimizer_init(struct nn_optimizer *o, const struct nn_net *net,
		      struct arena *a, struct error *err)
{
	o->beta1 = o->beta1 > 0 ? o->beta1 : 0.9;
	o->beta2 = o->beta2 > 0 ? o->beta2 : 0.999;
	o->eps = o->eps > 0 ? o->eps : 1e-8;
	list_all(o, net, true);
	o->steps = 0;
	o->m = ARENA_NEW(a, float, net->params);
	o->v = ARENA_NEW(a, float, o->rule == NN_SGD ? 0 : net->params);
	o->ema = ARENA_NEW(a, float, o->average > 0 ? net->params : 0);
	o->squares = ARENA_NEW(a, double, o->n_groups + table_groups(o, true));
	o->groups = ARENA_NEW(a, struct nn_group, o->n_groups);
	o->matrices = ARENA_NEW(a, struct nn_matrix, o->n_matrices);
	if (!o->m || !o->v || !o->ema || !o->squares || !o->groups || !o->matrices)
		return arena_error(a, err);
	list_all(o, net, false);
	if (!scratch_of(o, a))
		return arena_error(a, err);
	if (o->average > 0)
		memcpy(o->ema, net->theta, net->params * sizeof(float));
	return 0;
}

struct job {
	struct nn_optimizer *o;
	float *grad;
	struct nn_update update; /* of the whole vector */
};

/* Of the rows that a task has, the gradients of all shards become the first one's. */
static double add_rows(const struct job *job, size_t chunk, struct par_range *r)
{
	const struct nn_table *t = job->o->table;

	*r = par_range(t->all.n, GROUP_ROWS, chunk);
	return nn_table_add(t, job->grad, job->update.stride, job->update.shards,
			    r->begin, r->end);
}

/* All shards' gradients of a group become the first one's. */
static float *add_shards(const struct job *job, const struct nn_group *g)
{
	float *sum = job->grad + g->at;

	for (size_t s = 1; s < job->update.shards; s++)
		simd_vec()->axpy(1.0f, sum + s * job->update.stride, sum, g->n);
	return sum;
}

static double squares_of(const float *x, size_t n)
{
	double sum = 0;

	for (size_t k = 0; k < n; k++)
		sum += (double)x[k] * (double)x[k];
	return sum;
}

/* And their squares a sum. Tasks behind the groups are the table's. */
static void add_group(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	const struct nn_group *g;
	struct par_range r;

	(void)worker;
	if (chunk >= job->o->n_groups) {
		job->o->squares[chunk] = add_rows(job, chunk - job->o->n_groups, &r);
		return;
	}
	g = &job->o->groups[chunk];
	job->o->squares[chunk] = squares_of(add_shards(job, g), g->n);
}

/* Pascanu, Mikolov & Bengio 2013, Algorithm 1: the gradient as a whole. */
static void clip(struct job *job, int threads)
{
	struct nn_optimizer *o = job->o;
	double norm = 0;

	par_for(threads, o->n_groups + o->table_groups, add_group, job);
	for (size_t k = 0; k < o->n_groups + o->table_groups; k++)
		norm += o->squares[k];
	norm = sqrt(norm);
	job->update.shards = 1;
	job->update.scale = norm > o->clip ? (float)(o->clip / norm) : 1.0f;
}

/* The running mean goes a little towards the weights [at, at + n). */
static void follow(struct nn_optimizer *o, const float *theta, size_t at, size_t n)
{
	float share = (float)(1 - o->average);

	for (size_t k = at; o->average > 0 && k < at + n; k++)
		o->ema[k] += share * (theta[k] - o->ema[k]);
}

/* A part of a matrix: its momentum alone, left where the gradient was. */
static void move_group(const struct job *job, const struct nn_group *g)
{
	float *sum = add_shards(job, g), scale = job->update.scale;

	for (size_t k = 0; scale != 1.0f && k < g->n; k++)
		sum[k] *= scale;
	nn_muon_momentum(job->update.m + g->at, sum, g->n);
}

static void update_run(const struct job *job, const struct nn_group *g, size_t shards)
{
	struct nn_optimizer *o = job->o;
	struct nn_update u = job->update;

	u.shards = shards;
	u.theta += g->at;
	u.m += g->at;
	u.v += o->rule == NN_SGD ? 0 : g->at;
	u.grad += g->at;
	u.n = g->n;
	u.lr *= g->lr;
	u.decay *= g->decay;
	if (o->rule == NN_SGD)
		nn_kernels_pick()->sgd(&u);
	else
		nn_kernels_pick()->adam(&u);
	follow(o, job->update.theta, g->at, g->n);
}

/* Whole matrices, once all of their groups have moved. */
static void update_matrix(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	const struct nn_matrix *w = &job->o->matrices[chunk];

	(void)worker;
	nn_muon_update(w, job->update.theta + w->at, job->grad + w->at,
		       job->update.lr, job->update.decay);
	follow(job->o, job->update.theta, w->at, w->rows * w->cols);
}

/* Rows of the table: where clipping has added the shards up already, they are one. */
static void update_rows(const struct job *job, size_t chunk)
{
	const struct nn_table *t = job->o->table;
	struct par_range r = par_range(t->all.n, GROUP_ROWS, chunk);
	float rest = job->o->rule == NN_MUON ? NN_MUON_REST : 1;

	if (job->update.shards > 1)
		add_rows(job, chunk, &r);
	for (size_t k = r.begin; k < r.end; k++)
		update_run(job,
			   &(struct nn_group){ .at = t->at + t->all.row[k] * t->cols,
					       .n = t->cols, .lr = t->lr * rest,
					       .decay = t->decay }, 1);
}

static void update_group(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	size_t groups = job->o->n_groups;

	(void)worker;
	if (chunk >= groups)
		update_rows(job, chunk - groups);
	else if (job->o->groups[chunk].matrix)
		move_group(job, &job->o->groups[chunk]);
	else
		update_run(job, &job->o->groups[chunk], job->update.shards);
}

/* The corrections for moments that began at 0 (Kingma & Ba 2015, section 3)
 * are the same for all weights, hence worked out once, in double. */
void nn_optimizer_step(struct nn_optimizer *o, struct nn_net *net, float *grad,
		       size_t shards, double lr, int threads)
{
	double t = (double)++o->steps;
	struct job job = {
		.o = o, .grad = grad,
		.update = { .theta = net->theta, .m = o->m, .v = o->v,
			    .grad = grad, .shards = shards, .scale = 1,
			    .stride = net->params, .lr = (float)lr,
			    .decay = (float)o->decay,
			    .beta1 = (float)o->beta1,
			    .beta2 = (float)o->beta2, .eps = (float)o->eps,
			    .fix1 = (float)(1.0 / (1.0 - pow(o->beta1, t))),
			    .fix2 = (float)(1.0 /
					    sqrt(1.0 - pow(o->beta2, t))) },
	};

	if (o->table)
		nn_table_meet(o->table, shards);
	o->table_groups = table_groups(o, false);
	if (o->clip > 0)
		clip(&job, threads);
	par_for(threads, o->n_groups + o->table_groups, update_group, &job);
	par_for(threads, o->n_matrices, update_matrix, &job);
	if (o->table)
		nn_table_clear(o->table, shards);
}
