/* A chain: layout of its vectors, the gradient through all of it, memory. */
#include "learners/nn/nn_net.h"

#include "harness/base/blas.h"
#include "learners/nn/nn_loss.h"

#include "tests/tap.h"

#define ROWS 6
#define CLASSES 3

static const int32_t label[ROWS] = { 0, 1, 2, 2, 1, 0 };

/* Residual blocks, one within another, one with a way of its own beside. */
static void build_branches(struct nn_net *net)
{
	nn_net_init(net, (struct nn_shape){ 6, 6, 2 }, ROWS);
	nn_net_add(net, (struct nn_layer){ .type = &nn_conv2d, .units = 4,
					   .window = 3, .pad = 1 });
	nn_net_fork(net);
	nn_net_add(net, (struct nn_layer){ .type = &nn_batch_norm });
	nn_net_add(net, (struct nn_layer){ .type = &nn_tanh });
	nn_net_fork(net);
	nn_net_add(net, (struct nn_layer){ .type = &nn_conv2d, .units = 4,
					   .window = 3, .pad = 1 });
	nn_net_next(net);
	nn_net_join(net);
	nn_net_add(net, (struct nn_layer){ .type = &nn_tanh });
	nn_net_next(net);
	nn_net_join(net);
	nn_net_fork(net);
	nn_net_next(net);
	nn_net_add(net, (struct nn_layer){ .type = &nn_conv2d, .units = 4,
					   .window = 1 });
	nn_net_join(net);
	nn_net_add(net, (struct nn_layer){ .type = &nn_tanh });
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear,
					   .units = CLASSES });
}

/* The net begins with a fork: nothing below it wants a gradient. */
static void build_fork_first(struct nn_net *net)
{
	nn_net_init(net, (struct nn_shape){ 6, 6, 2 }, ROWS);
	nn_net_fork(net);
	nn_net_add(net, (struct nn_layer){ .type = &nn_conv2d, .units = 2,
					   .window = 3, .pad = 1 });
	nn_net_next(net);
	nn_net_join(net);
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear,
					   .units = CLASSES });
}

static void build(struct nn_net *net)
{
	nn_net_init(net, (struct nn_shape){ 6, 6, 2 }, ROWS);
	nn_net_add(net, (struct nn_layer){ .type = &nn_conv2d, .units = 4,
					   .window = 3, .pad = 1 });
	nn_net_add(net, (struct nn_layer){ .type = &nn_average_pool,
					   .window = 2 });
	nn_net_add(net, (struct nn_layer){ .type = &nn_batch_norm });
	nn_net_add(net, (struct nn_layer){ .type = &nn_tanh });
	nn_net_add(net, (struct nn_layer){ .type = &nn_dropout, .rate = 0.3 });
	nn_net_add(net, (struct nn_layer){ .type = &nn_conv2d, .units = 5,
					   .window = 3 });
	nn_net_add(net, (struct nn_layer){ .type = &nn_global_pool });
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear,
					   .units = CLASSES });
}

static void test_layout(void)
{
	struct nn_net net;

	build(&net);
	ok(net.params == (9 * 2 * 4 + 4) + 8 + (9 * 4 * 5 + 5) + (5 * 3 + 3),
	   "net: weights of all layers, one after another");
	ok(net.state == 8 && net.layers[5].theta_at == 9 * 2 * 4 + 4 + 8,
	   "net: each layer knows its place");
	ok(nn_shape_size(net.out) == CLASSES, "net: knows its outputs");
}

static double loss_of(struct nn_net *net, struct nn_worker *w, const float *x,
		      float *batch_state, float *d_scores)
{
	struct nn_shard s = { .rows = ROWS, .train = true,
			      .rng = rng_make(1, "net"),
			      .batch_state = batch_state };
	struct nn_loss l = { .rows = ROWS, .outputs = CLASSES, .label = label,
			     .scale = 1, .d_scores = d_scores };

	memcpy(w->input, x, ROWS * nn_shape_size(net->in) * sizeof(float));
	l.scores = nn_net_forward(net, w, &s);
	return nn_loss_softmax(&l);
}

static void test_gradient(void (*make)(struct nn_net *), const char *what)
{
	static float x[ROWS * 72], batch_state[8], grad[1000];
	struct nn_shard s = { .rows = ROWS, .train = true,
			      .rng = rng_make(1, "net"),
			      .batch_state = batch_state };
	struct nn_net net;
	struct nn_worker *w;
	struct arena a;
	struct error err;
	double worst = 0, size = 0;

	arena_init(&a, 0);
	make(&net);
	nn_net_start(&net, 2, &a, &err);
	w = nn_workers_new(&net, 1, true, &a);
	rng_fill_normal(rng_make(3, "x"), 0, ROWS * 72, x);
	loss_of(&net, w, x, batch_state, w->delta[0]);
	nn_net_backward(&net, w, &s, grad);
	for (size_t k = 0; k < net.params; k++) {
		float was = net.theta[k];
		double up, down;

		net.theta[k] = was + 5e-3f;
		up = loss_of(&net, w, x, batch_state, NULL);
		net.theta[k] = was - 5e-3f;
		down = loss_of(&net, w, x, batch_state, NULL);
		net.theta[k] = was;
		worst = fmax(worst, fabs((up - down) / 1e-2 -
					 (double)grad[k]));
		size = fmax(size, fabs((double)grad[k]));
	}
	/* the step's own curvature, about h^2 times a third derivative */
	if (!ok(worst < 2e-3 * size, "net: gradient through %s", what))
		printf("# off by %g of %g\n", worst, size);
	arena_clear(&a);
}

static void test_memory(void)
{
	struct nn_net net;
	struct arena a;
	struct error err;
	size_t refused = 0, i;

	for (i = 1; i < 200; i++) {
		bool good;

		arena_init(&a, 0);
		a.fail_at = i;
		build_branches(&net);
		good = !nn_net_start(&net, 1, &a, &err) &&
		       nn_workers_new(&net, 2, true, &a);
		arena_clear(&a);
		if (good)
			break;
		refused++;
	}
	ok(refused > 10 && i < 200, "net: each of %zu failures is reported",
	   refused);
}

int main(void)
{
	blas_init();
	test_layout();
	test_gradient(build, "all layers");
	test_gradient(build_branches, "branches and branches within");
	test_gradient(build_fork_first, "a branch over the input");
	test_memory();
	return tap_done();
}
