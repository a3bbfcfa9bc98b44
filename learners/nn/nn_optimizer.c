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
#include <string.h>

#include "harness/base/par.h"
#include "harness/base/simd.h"
#include "learners/nn/nn_kernels.h"

#define GROUP_MAX 16384 /* weights of one task: some microseconds */

const char *const nn_rule_names[] = { "adamw", "sgd", NULL };

/* Cut a range in groups; counts only when `out` is NULL. */
static size_t cut(size_t at, const struct nn_range *range, struct nn_group *out)
{
	size_t chunks = par_chunks(range->n, GROUP_MAX);

	for (size_t k = 0; out && k < chunks; k++) {
		struct par_range r = par_range(range->n, GROUP_MAX, k);

		out[k] = (struct nn_group){ .at = at + r.begin,
					    .n = r.end - r.begin,
					    .lr = range->lr,
					    .decay = range->decay };
	}
	return chunks;
}

/* The ranges of a layer that named none: what decays, and what does not. */
static size_t ranges_of(const struct nn_layer *l,
			struct nn_range out[NN_RANGES_MAX])
{
	if (l->ranges) {
		memcpy(out, l->range, l->ranges * sizeof(*out));
		return l->ranges;
	}
	out[0] = (struct nn_range){ .n = l->decayed, .lr = 1, .decay = 1 };
	out[1] = (struct nn_range){ .n = l->params - l->decayed, .lr = 1 };
	return 2;
}

/* All groups of a net; counts only when `out` is NULL. */
static size_t cut_net(const struct nn_net *net, struct nn_group *out)
{
	size_t n = 0;

	for (size_t i = 0; i < net->n; i++) {
		struct nn_range range[NN_RANGES_MAX];
		size_t at = net->layers[i].theta_at;
		size_t ranges = ranges_of(&net->layers[i], range);

		for (size_t k = 0; k < ranges; k++) {
			n += cut(at, &range[k], out ? out + n : NULL);
			at += range[k].n;
		}
	}
	return n;
}

/* sgd's v is never looked at, hence not made. */
int nn_optimizer_init(struct nn_optimizer *o, const struct nn_net *net,
		      struct arena *a, struct error *err)
{
	o->beta1 = o->beta1 > 0 ? o->beta1 : 0.9;
	o->beta2 = o->beta2 > 0 ? o->beta2 : 0.999;
	o->eps = o->eps > 0 ? o->eps : 1e-8;
	o->n_groups = cut_net(net, NULL);
	o->steps = 0;
	o->m = ARENA_NEW(a, float, net->params);
	o->v = ARENA_NEW(a, float, o->rule == NN_SGD ? 0 : net->params);
	o->ema = ARENA_NEW(a, float, o->average > 0 ? net->params : 0);
	o->squares = ARENA_NEW(a, double, o->n_groups);
	o->groups = ARENA_NEW(a, struct nn_group, o->n_groups);
	if (!o->m || !o->v || !o->ema || !o->squares || !o->groups)
		return arena_error(a, err);
	if (o->average > 0)
		memcpy(o->ema, net->theta, net->params * sizeof(float));
	cut_net(net, o->groups);
	return 0;
}

struct job {
	struct nn_optimizer *o;
	float *grad;
	struct nn_update update; /* of the whole vector */
};

/* All shards' gradients become the first one's, and their squares a sum. */
static void add_group(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	const struct nn_group *g = &job->o->groups[chunk];
	float *sum = job->grad + g->at;
	double squares = 0;

	(void)worker;
	for (size_t s = 1; s < job->update.shards; s++)
		simd_vec()->axpy(1.0f, sum + s * job->update.stride, sum, g->n);
	for (size_t k = 0; k < g->n; k++)
		squares += (double)sum[k] * (double)sum[k];
	job->o->squares[chunk] = squares;
}

/* Pascanu, Mikolov & Bengio 2013, Algorithm 1: the gradient as a whole. */
static void clip(struct job *job, int threads)
{
	struct nn_optimizer *o = job->o;
	double norm = 0;

	par_for(threads, o->n_groups, add_group, job);
	for (size_t k = 0; k < o->n_groups; k++)
		norm += o->squares[k];
	norm = sqrt(norm);
	job->update.shards = 1;
	job->update.scale = norm > o->clip ? (float)(o->clip / norm) : 1.0f;
}

static void update_group(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	const struct nn_optimizer *o = job->o;
	const struct nn_group *g = &o->groups[chunk];
	struct nn_update u = job->update;
	float share = (float)(1 - o->average);

	(void)worker;
	u.theta += g->at;
	u.m += g->at;
	u.v += o->rule == NN_SGD ? 0 : g->at;
	u.grad += g->at;
	u.n = g->n;
	u.lr *= g->lr;
	u.decay *= g->decay;
	if (o->rule == NN_ADAMW)
		nn_kernels_pick()->adam(&u);
	else
		nn_kernels_pick()->sgd(&u);
	for (size_t k = 0; o->average > 0 && k < g->n; k++)
		o->ema[g->at + k] += share * (u.theta[k] - o->ema[g->at + k]);
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

	if (o->clip > 0)
		clip(&job, threads);
	par_for(threads, o->n_groups, update_group, &job);
}
