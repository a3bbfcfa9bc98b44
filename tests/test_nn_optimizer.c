/* Five steps of a small net against scikit-learn (nn_reference.h), decay,
 * shards and threads. */
#include "learners/nn/nn_optimizer.h"

#include "harness/base/blas.h"
#include "learners/nn/nn_loss.h"

#include "tests/nn_reference.h"
#include "tests/tap.h"

struct fixture {
	struct arena arena;
	struct nn_net net;
	struct nn_worker *worker;
	struct nn_optimizer o;
	struct error err;
	float *grad;
};

static void setup(struct fixture *f, size_t outputs, const float *start,
		  enum nn_rule rule)
{
	arena_init(&f->arena, 0);
	nn_net_init(&f->net, (struct nn_shape){ 1, 1, REF_COLS }, REF_ROWS);
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_linear,
					       .units = REF_HIDDEN });
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_relu });
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_linear,
					       .units = outputs });
	nn_net_start(&f->net, 1, &f->arena, &f->err);
	memcpy(f->net.theta, start, f->net.params * sizeof(float));
	f->worker = nn_workers_new(&f->net, 1, true, &f->arena);
	f->grad = ARENA_NEW(&f->arena, float, f->net.params);
	f->o = (struct nn_optimizer){ .rule = rule };
	nn_optimizer_init(&f->o, &f->net, &f->arena, &f->err);
}

static double step(struct fixture *f, bool classify)
{
	struct nn_shard s = { .rows = REF_ROWS, .train = true };
	struct nn_loss l = { .rows = REF_ROWS, .label = ref_label,
			     .outputs = nn_shape_size(f->net.out),
			     .target = ref_target, .scale = 1.0f / REF_ROWS,
			     .d_scores = f->worker->delta[0] };
	double loss;

	memcpy(f->worker->input, ref_x, sizeof(ref_x));
	l.scores = nn_net_forward(&f->net, f->worker, &s);
	loss = classify ? nn_loss_softmax(&l) : nn_loss_squared(&l);
	nn_net_backward(&f->net, f->worker, &s, f->grad);
	nn_optimizer_step(&f->o, &f->net, f->grad, 1, REF_LR, 1);
	return loss / REF_ROWS;
}

static void test_reference(const char *what, size_t outputs, enum nn_rule rule,
			   const float *start, const float *end,
			   const double *loss)
{
	struct fixture f = { 0 };
	double worst = 0;

	setup(&f, outputs, start, rule);
	for (size_t k = 0; k < REF_STEPS; k++) {
		double got = step(&f, outputs > 1);

		/* float weights against double */
		ok_near(got, loss[k], 1e-5, "%s: loss before step %zu", what,
			k + 1);
	}
	for (size_t k = 0; k < f.net.params; k++)
		worst = fmax(worst, fabs((double)(f.net.theta[k] - end[k])));
	/* Adam divides by the square root of tiny second moments, which
	 * magnifies the rounding of the gradient */
	if (!ok(worst < 1e-4, "%s: weights after %d steps", what, REF_STEPS))
		printf("# off by %g\n", worst);
	arena_clear(&f.arena);
}

static void test_decay(enum nn_rule rule)
{
	struct fixture f = { 0 };
	size_t bias = REF_COLS * REF_HIDDEN;
	float weight_was, bias_was;

	setup(&f, REF_CLASSES, ref_adam_start, rule);
	f.o.decay = 0.5;
	weight_was = f.net.theta[3];
	bias_was = f.net.theta[bias];
	nn_optimizer_step(&f.o, &f.net, f.grad, 1, 0.1, 1);
	ok_near(f.net.theta[3], weight_was * 0.95, 1e-6,
		"%s: with no gradient weights decay by lr * decay",
		nn_rule_names[rule]);
	ok(f.net.theta[bias] == bias_was, "%s: biases do not",
	   nn_rule_names[rule]);
	arena_clear(&f.arena);
}

/* Some 100,000 weights, so that there are several groups. */
static void run_with(struct nn_optimizer o, int threads, size_t shards, float *out,
		     size_t n)
{
	struct arena a;
	struct error err;
	struct nn_net net;
	float *grad;

	arena_init(&a, 0);
	nn_net_init(&net, (struct nn_shape){ 1, 1, 300 }, 1);
	nn_net_add(&net, (struct nn_layer){ .type = &nn_linear,
					    .units = 300 });
	nn_net_start(&net, 1, &a, &err);
	nn_optimizer_init(&o, &net, &a, &err);
	grad = ARENA_NEW(&a, float, shards * net.params);
	for (size_t k = 0; k < 3; k++) {
		rng_fill_normal(rng_make(k, "grad"), 0, shards * net.params,
				grad);
		nn_optimizer_step(&o, &net, grad, shards, 1e-2, threads);
	}
	memcpy(out, net.theta, n * sizeof(float));
	arena_clear(&a);
}

static void run_big(int threads, size_t shards, float *out, size_t n)
{
	run_with((struct nn_optimizer){ .rule = NN_ADAMW, .decay = 0.1 }, threads,
		 shards, out, n);
}

static void test_clip(void)
{
	static float one[300 * 301], many[300 * 301];
	struct nn_optimizer o = { .rule = NN_SGD, .clip = 0.5, .average = 0.9 };
	struct nn_optimizer never = { .rule = NN_SGD, .clip = 1e9 };

	run_with(o, 1, 4, one, 300 * 301);
	run_with(o, 4, 4, many, 300 * 301);
	ok(!memcmp(one, many, sizeof(one)),
	   "optimizer: clipped, the same bits on 4 threads");
	run_with(never, 1, 3, one, 300 * 301);
	never.clip = 0;
	run_with(never, 1, 3, many, 300 * 301);
	ok(!memcmp(one, many, sizeof(one)),
	   "optimizer: a norm below the bound changes nothing");
}

/* A net of three weights, two ranges: the second learns at half the rate. */
static void own_plan(struct nn_layer *l, size_t rows)
{
	(void)rows;
	l->out = l->in;
	l->params = 3;
	l->range[0] = (struct nn_range){ .n = 2, .lr = 1, .decay = 1 };
	l->range[1] = (struct nn_range){ .n = 1, .lr = 0.5f, .decay = 0 };
	l->ranges = 2;
}

static const struct nn_layer_type own = { .name = "own", .plan = own_plan };

static void test_by_hand(void)
{
	struct arena a;
	struct error err;
	struct nn_net net;
	struct nn_optimizer o = { .rule = NN_SGD, .decay = 0.5, .beta1 = 1e-9,
				  .clip = 1, .average = 0.75 };
	float grad[6] = { 1, 2, 0, 2, 2, 0 }; /* shards add up to 3, 4, 0 */

	arena_init(&a, 0);
	nn_net_init(&net, (struct nn_shape){ 1, 1, 1 }, 1);
	nn_net_add(&net, (struct nn_layer){ .type = &own });
	nn_net_start(&net, 1, &a, &err);
	for (size_t k = 0; k < 3; k++)
		net.theta[k] = 1;
	nn_optimizer_init(&o, &net, &a, &err);
	nn_optimizer_step(&o, &net, grad, 2, 0.1, 1);
	ok_near(net.theta[0], 0.95 - 0.06, 1e-6,
		"optimizer: 3, 4, 0 of norm 5 becomes .6, .8, 0");
	ok_near(net.theta[1], 0.95 - 0.08, 1e-6, "optimizer: decay is apart of it");
	ok_near(net.theta[2], 1, 1e-6, "optimizer: a range of its own does not decay");
	ok_near(o.ema[1], 0.75 + 0.25 * 0.87, 1e-6,
		"optimizer: the mean of weights follows by a quarter");
	grad[0] = grad[1] = 0;
	grad[2] = 1;
	nn_optimizer_step(&o, &net, grad, 1, 0.1, 1);
	ok_near(net.theta[2], 0.95, 1e-6, "optimizer: and learns at half the rate");
	arena_clear(&a);
}

static void test_threads(void)
{
	static float one[300 * 301], many[300 * 301];

	run_big(1, 3, one, 300 * 301);
	for (int threads = 2; threads <= 4; threads *= 2) {
		run_big(threads, 3, many, 300 * 301);
		ok(!memcmp(one, many, sizeof(one)),
		   "optimizer: same bits on %d threads", threads);
	}
}

int main(void)
{
	blas_init();
	test_reference("adamw", REF_CLASSES, NN_ADAMW, ref_adam_start,
		       ref_adam_end, ref_adam_loss);
	test_reference("sgd", REF_CLASSES, NN_SGD, ref_sgd_start, ref_sgd_end,
		       ref_sgd_loss);
	test_reference("squared loss", 1, NN_ADAMW, ref_squared_start,
		       ref_squared_end, ref_squared_loss);
	test_decay(NN_ADAMW);
	test_decay(NN_SGD);
	test_threads();
	test_clip();
	test_by_hand();
	return tap_done();
}
