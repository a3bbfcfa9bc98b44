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

#include "harness/base/par.h"
#include "learners/nn/nn_kernels.h"

#define GROUP_MAX 16384 /* weights of one task: some microseconds */

const char *const nn_rule_names[] = { "adamw", "sgd", NULL };

/* Cut [at, at + n) in groups; counts only when `out` is NULL. */
static size_t cut(size_t at, size_t n, bool decayed, struct nn_group *out)
{
	size_t chunks = par_chunks(n, GROUP_MAX);

	for (size_t k = 0; out && k < chunks; k++) {
		struct par_range r = par_range(n, GROUP_MAX, k);

		out[k] = (struct nn_group){ .at = at + r.begin,
					    .n = r.end - r.begin,
					    .decayed = decayed };
	}
	return chunks;
}

/* All groups of a net; counts only when `out` is NULL. */
static size_t cut_net(const struct nn_net *net, struct nn_group *out)
{
	size_t n = 0;

	for (size_t i = 0; i < net->n; i++) {
		const struct nn_layer *l = &net->layers[i];

		n += cut(l->theta_at, l->decayed, true, out ? out + n : NULL);
		n += cut(l->theta_at + l->decayed, l->params - l->decayed,
			 false, out ? out + n : NULL);
	}
	return n;
}

int nn_optimizer_init(struct nn_optimizer *o, const struct nn_net *net,
		      enum nn_rule rule, double decay, struct arena *a,
		      struct error *err)
{
	*o = (struct nn_optimizer){ .rule = rule, .decay = decay,
				    .beta1 = 0.9, .beta2 = 0.999,
				    .n_groups = cut_net(net, NULL) };
	o->m = ARENA_NEW(a, float, net->params);
	o->v = ARENA_NEW(a, float, net->params);
	o->groups = ARENA_NEW(a, struct nn_group, o->n_groups);
	if (!o->m || !o->v || !o->groups)
		return arena_error(a, err);
	cut_net(net, o->groups);
	return 0;
}

struct job {
	const struct nn_optimizer *o;
	struct nn_update update; /* of the whole vector */
};

static void update_group(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	const struct nn_group *g = &job->o->groups[chunk];
	struct nn_update u = job->update;

	(void)worker;
	u.theta += g->at;
	u.m += g->at;
	u.v += g->at;
	u.grad += g->at;
	u.n = g->n;
	u.decay = g->decayed ? u.decay : 0.0f;
	if (job->o->rule == NN_ADAMW)
		nn_kernels_pick()->adam(&u);
	else
		nn_kernels_pick()->sgd(&u);
}

/* The corrections for moments that began at 0 (Kingma & Ba 2015, section 3)
 * are the same for all weights, hence worked out once, in double. */
void nn_optimizer_step(struct nn_optimizer *o, struct nn_net *net,
		       const float *grad, size_t shards, double lr,
		       int threads)
{
	double t = (double)++o->steps;
	struct job job = {
		.o = o,
		.update = { .theta = net->theta, .m = o->m, .v = o->v,
			    .grad = grad, .shards = shards,
			    .stride = net->params, .lr = (float)lr,
			    .decay = (float)o->decay,
			    .beta1 = (float)o->beta1,
			    .beta2 = (float)o->beta2, .eps = 1e-8f,
			    .fix1 = (float)(1.0 / (1.0 - pow(o->beta1, t))),
			    .fix2 = (float)(1.0 /
					    sqrt(1.0 - pow(o->beta2, t))) },
	};

	par_for(threads, o->n_groups, update_group, &job);
}
