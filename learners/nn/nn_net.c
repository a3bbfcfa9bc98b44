/* The chain: where each layer's weights and buffers lie, and the order in which
 * its functions run.
 *
 * Backward needs two buffers only, however deep the net is: layer i reads
 * d_out from one and writes d_in to the other, then they change places. Outputs
 * are all kept, for backward reads its layer's input.
 */
#include "learners/nn/nn_net.h"

#include <assert.h>

#include "learners/nn/nn_branch.h"

void nn_net_init(struct nn_net *net, struct nn_shape in, size_t shard_rows)
{
	*net = (struct nn_net){ .in = in, .out = in, .shard_rows = shard_rows };
}

/* Layers are planned as they come, each from the shape the last one left. Two
 * in-place layers in a row would spoil what the first one's backward reads. */
void nn_net_add(struct nn_net *net, struct nn_layer layer)
{
	assert(net->n < NN_LAYERS_MAX);
	assert(!net->n || !layer.type->in_place ||
	       (!net->layers[net->n - 1].type->in_place &&
		(!nn_is_branch(&net->layers[net->n - 1]) ||
		 net->layers[net->n - 1].type == &nn_join)));
	layer.in = net->out;
	layer.type->plan(&layer, net->shard_rows);
	layer.theta_at = net->params;
	layer.state_at = net->state;
	net->params += layer.params;
	net->state += layer.state;
	net->out = layer.out;
	net->layers[net->n++] = layer;
}

/* Each layer draws from a stream of its own: adding one at the end leaves the
 * first weights of the others as they were. */
int nn_net_start(struct nn_net *net, uint64_t seed, struct arena *a,
		 struct error *err)
{
	struct rng r = rng_make(seed, "nn/init");

	net->theta = ARENA_NEW(a, float, net->params);
	net->running = ARENA_NEW(a, float, net->state);
	if (!net->theta || !net->running)
		return arena_error(a, err);
	for (size_t i = 0; i < net->n; i++) {
		const struct nn_layer *l = &net->layers[i];

		if (l->type->init)
			l->type->init(l, rng_sub(r, i),
				      net->theta + l->theta_at,
				      net->running + l->state_at);
	}
	return 0;
}

/* The buffers of layer i; false when out of memory. An in-place layer shares
 * the one below it. */
static bool layer_buffers(const struct nn_net *net, struct nn_worker *w,
			  size_t i, struct arena *a)
{
	const struct nn_layer *l = &net->layers[i];

	if (l->type == &nn_next)
		w->out[i] = w->out[l->fork];
	else if (l->type->in_place || l->type == &nn_fork)
		w->out[i] = i ? w->out[i - 1] : w->input;
	else
		w->out[i] = ARENA_NEW(a, float,
				      net->shard_rows * nn_shape_size(l->out));
	w->save[i] = ARENA_NEW(a, float, l->save);
	return w->out[i] && w->save[i];
}

/* Scratch and the two gradient buffers are as large as the neediest layer
 * wants; false when out of memory. */
static bool worker_init(const struct nn_net *net, struct nn_worker *w,
			bool train, struct arena *a)
{
	size_t rows = net->shard_rows, widest = 0, scratch = 0;

	w->input = ARENA_NEW(a, float, rows * nn_shape_size(net->in));
	w->start = ARENA_NEW(a, uint32_t, net->packed ? rows + 1 : 0);
	w->label = ARENA_NEW(a, int32_t, rows);
	w->target = ARENA_NEW(a, float, rows);
	w->weight = ARENA_NEW(a, float, rows);
	if (!w->input || !w->start || !w->label || !w->target || !w->weight)
		return false;
	for (size_t i = 0; i < net->n; i++) {
		size_t size = nn_shape_size(net->layers[i].out);

		if (!layer_buffers(net, w, i, a))
			return false;
		widest = size > widest ? size : widest;
		if (net->layers[i].scratch > scratch)
			scratch = net->layers[i].scratch;
	}
	w->scratch = ARENA_NEW(a, float, scratch);
	for (size_t k = 0; train && k < 2; k++) {
		w->delta[k] = ARENA_NEW(a, float, rows * widest);
		if (!w->delta[k])
			return false;
	}
	return w->scratch &&
	       (!train || nn_branch_allocate(net, w, rows * widest, a));
}

struct nn_worker *nn_workers_new(const struct nn_net *net, size_t n, bool train,
				 struct arena *a)
{
	struct nn_worker *w = ARENA_NEW(a, struct nn_worker, n);

	for (size_t i = 0; w && i < n; i++)
		if (!worker_init(net, &w[i], train, a))
			return NULL;
	return w;
}

/* The fields that forward and backward of layer i share. */
static struct nn_pass pass_of(const struct nn_net *net,
			      const struct nn_worker *w,
			      const struct nn_shard *s, size_t i)
{
	const struct nn_layer *l = &net->layers[i];

	return (struct nn_pass){
		.rows = s->rows,
		.train = s->train,
		.theta = net->theta + l->theta_at,
		.state = net->running + l->state_at,
		.batch_state = s->train ? s->batch_state + l->state_at : NULL,
		.in = i ? w->out[i - 1] : w->input,
		.out = w->out[i],
		.save = w->save[i],
		.scratch = w->scratch,
		.rng = rng_sub(s->rng, i),
		.fade = s->fade,
		.first_row = s->first_row,
		.start = net->packed ? w->start : NULL,
	};
}

const float *nn_net_forward(const struct nn_net *net, struct nn_worker *w,
			    const struct nn_shard *s)
{
	assert(net->n && s->rows <= net->shard_rows);
	for (size_t i = 0; i < net->n; i++) {
		struct nn_pass p = pass_of(net, w, s, i);

		if (nn_is_branch(&net->layers[i]))
			nn_branch_forward(net, w, i, s->rows);
		else
			net->layers[i].type->forward(&net->layers[i], &p);
	}
	return w->out[net->n - 1];
}

void nn_net_start_on(struct nn_net *net, struct nn_worker *w, size_t rows,
		     uint64_t seed)
{
	struct nn_shard s = { .rows = rows, .rng = rng_make(seed, "nn/start") };

	for (size_t i = 0; i < net->n; i++) {
		const struct nn_layer *l = &net->layers[i];
		struct nn_pass p = pass_of(net, w, &s, i);

		if (nn_is_branch(l)) {
			nn_branch_forward(net, w, i, rows);
			continue;
		}
		if (l->type->start)
			l->type->start(l, &p, net->theta + l->theta_at);
		l->type->forward(l, &p);
	}
}

/* Down the chain until the first layer with weights, whose input needs no
 * gradient: for an image's first convolution that is half of its backward. */
void nn_net_backward(const struct nn_net *net, struct nn_worker *w,
		     const struct nn_shard *s, float *grad)
{
	float *d = w->delta[0], *other = w->delta[1];

	for (size_t i = net->n; i-- > 0;) {
		const struct nn_layer *l = &net->layers[i];
		struct nn_pass p = pass_of(net, w, s, i);

		if (nn_is_branch(l)) {
			nn_branch_backward(net, w, i, s->rows, d);
			continue;
		}
		p.grad = grad + l->theta_at;
		p.d_out = d;
		/* Layers below the first weights need no gradient. */
		p.d_in = l->theta_at == 0 ? NULL : other;
		if (l->type->in_place)
			p.d_in = d;
		l->type->backward(l, &p);
		if (!l->type->in_place) {
			other = d;
			d = p.d_in;
		}
		if (!d)
			return;
	}
}
