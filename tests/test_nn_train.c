/* The training loop: threads, shards, early stopping, ticks, divergence. */
#include "learners/nn/nn_train.h"

#include "harness/base/blas.h"
#include "learners/nn/nn_score.h"

#include "tests/tap.h"

#define ROWS 150
#define COLS 5
#define VALID 40

/* Three classes by the sum of two columns, with noise in the labels. */
struct fixture {
	float x[ROWS + VALID][COLS];
	int32_t label[ROWS + VALID];
	struct dataset data;
	struct arena arena;
	struct run run;
	struct nn_scaling scaling;
	struct nn_net net;
	struct nn_train how;
	struct error err;
	size_t ticks, stop_after, last_total;
	bool rising;
};

static bool count(void *ctx, size_t done, size_t total, double loss)
{
	struct fixture *f = ctx;

	(void)loss;
	f->rising = f->rising && done == f->ticks + 1;
	f->last_total = total;
	return ++f->ticks != f->stop_after;
}

static void setup(struct fixture *f, int threads, size_t valid)
{
	struct rng r = rng_make(5, "train");

	*f = (struct fixture){ .rising = true };
	rng_fill_normal(r, 0, (ROWS + VALID) * COLS, &f->x[0][0]);
	for (size_t i = 0; i < ROWS + VALID; i++) {
		float s = f->x[i][0] + f->x[i][1];

		f->label[i] = s < -0.5f ? 0 : s < 0.5f ? 1 : 2;
		if (rng_uniform(rng_sub(r, 1), i) < 0.2)
			f->label[i] = (int32_t)rng_below(rng_sub(r, 2), i, 3);
	}
	f->data = (struct dataset){
		.view = VIEW_DENSE, .classes = 3, .cols = COLS,
		.train = { .rows = ROWS, .x = f->x[0], .label = f->label },
		.valid = { .rows = valid, .x = f->x[ROWS],
			   .label = f->label + ROWS } };
	arena_init(&f->arena, 0);
	f->run = (struct run){ .arena = &f->arena, .threads = threads,
			       .seed = 9, .tick = count, .tick_ctx = f };
	f->how = (struct nn_train){ .batch = 32, .epochs = 12, .patience = 100,
				    .lr = 0.02, .schedule = NN_COSINE };
	nn_scaling_init(&f->scaling, &f->data, NULL, &f->arena, &f->err);
	nn_net_init(&f->net, f->scaling.shape, 8);
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_linear,
					       .units = 24 });
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_batch_norm });
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_relu });
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_dropout,
					       .rate = 0.2 });
	nn_net_add(&f->net, (struct nn_layer){ .type = &nn_linear,
					       .units = 3 });
	nn_net_start(&f->net, 9, &f->arena, &f->err);
}

static int train(struct fixture *f)
{
	return nn_train(&f->net, &f->how, &f->data, &f->scaling, &f->run,
			&f->err);
}

static struct nn_quality quality(struct fixture *f, const struct part *rows)
{
	static float scores[ROWS * 3];
	struct nn_worker *w = nn_workers_new(&f->net, 1, false, &f->arena);

	nn_score(&f->net, &f->scaling, rows, w, 1, scores);
	return nn_score_quality(&f->scaling, rows, 3, scores);
}

static void test_learns(void)
{
	static struct fixture f;
	struct nn_quality before;

	setup(&f, 1, 0);
	before = quality(&f, &f.data.train);
	ok(!train(&f), "trains");
	ok(quality(&f, &f.data.train).error < before.error / 2,
	   "the error falls");
	ok(f.ticks == 12 * 5 && f.last_total == 60 && f.rising,
	   "a tick a step: ceil(150 / 32) of them an epoch");
	ok(f.run.steps == 60 && !f.run.stopped, "steps are told");
	arena_clear(&f.arena);
}

static void test_threads(void)
{
	static struct fixture one, many;

	setup(&one, 1, VALID);
	train(&one);
	for (int threads = 2; threads <= 4; threads *= 2) {
		setup(&many, threads, VALID);
		train(&many);
		ok(one.net.params == many.net.params &&
			   !memcmp(one.net.theta, many.net.theta,
				   one.net.params * sizeof(float)) &&
			   !memcmp(one.net.running, many.net.running,
				   one.net.state * sizeof(float)),
		   "same bits on %d threads", threads);
		arena_clear(&many.arena);
	}
	arena_clear(&one.arena);
}

static void test_early_stop(void)
{
	static struct fixture f, kept;

	setup(&f, 1, VALID);
	f.how.epochs = 500;
	f.how.patience = 10;
	f.how.schedule = NN_CONSTANT;
	train(&f);
	ok(f.ticks < 500 * 5, "patience ends a fit that overfits");
	ok(f.run.steps + 10 * 5 == f.ticks,
	   "the weights kept are those of the best epoch");
	/* stop a second fit right there: its last weights are the same */
	setup(&kept, 1, 0);
	kept.how = f.how;
	kept.stop_after = f.run.steps;
	train(&kept);
	ok(!memcmp(f.net.theta, kept.net.theta,
		   f.net.params * sizeof(float)),
	   "and not those of a later one");
	arena_clear(&f.arena);
	arena_clear(&kept.arena);
}

static void test_stop(void)
{
	static struct fixture f;

	setup(&f, 2, VALID);
	f.stop_after = 3;
	ok(!train(&f) && f.ticks == 3 && f.run.steps == 3 && f.run.stopped,
	   "a deadline is kept within a step");
	arena_clear(&f.arena);
	setup(&f, 2, VALID);
	f.stop_after = 57;
	train(&f);
	ok(f.run.stopped && f.run.steps % 5 == 0 && f.run.steps <= 55,
	   "after an epoch the best checkpoint is what a deadline leaves");
	arena_clear(&f.arena);
}

static void test_diverged(enum nn_rule rule)
{
	static struct fixture f;
	int rc;

	setup(&f, 2, VALID);
	f.net.n = 0; /* no norm: it would tame any rate */
	f.net.params = f.net.state = 0;
	f.net.out = f.net.in;
	for (size_t k = 0; k < 3; k++)
		nn_net_add(&f.net, (struct nn_layer){ .type = &nn_linear,
						      .units = 3 });
	nn_net_start(&f.net, 9, &f.arena, &f.err);
	f.how.rule = rule;
	f.how.lr = 1e5;
	rc = train(&f);
	ok(rc == ERR_DIVERGED && strstr(f.err.text, "step") &&
		   strstr(f.err.text, "lr"),
	   "%s: an exploding rate is told with its step: %s",
	   nn_rule_names[rule], f.err.text);
	arena_clear(&f.arena);
}

/* One step whose loss is fine and whose update is not. */
static void test_last_step(void)
{
	static struct fixture f;
	int rc;

	setup(&f, 1, 0);
	f.how.batch = 100000;
	f.how.epochs = 1;
	f.how.rule = NN_SGD;
	f.how.lr = 1e38;
	f.how.weight_decay = 1e6;
	rc = train(&f);
	ok(rc == ERR_DIVERGED && strstr(f.err.text, "step 1 of 1"),
	   "weights that overflow at the last step are told: %s", f.err.text);
	arena_clear(&f.arena);
}

static void test_shapes(void)
{
	static struct fixture f;

	setup(&f, 1, 0);
	f.how.batch = 100000;
	f.how.epochs = 3;
	ok(!train(&f) && f.ticks == 3, "a batch larger than the data is all");
	arena_clear(&f.arena);
	setup(&f, 1, 0);
	f.data.train.rows = 1;
	ok(!train(&f) && isfinite(quality(&f, &f.data.train).loss),
	   "one row can be trained on");
	arena_clear(&f.arena);
}

/* A weight of 0 is a row that is not there, but for the shuffle. */
static void test_weights(void)
{
	static struct fixture f;
	static float weight[ROWS];
	struct part half;

	setup(&f, 1, 0);
	for (size_t i = 0; i < ROWS; i++)
		weight[i] = i < ROWS / 2 ? 1.0f : 0.0f;
	for (size_t i = ROWS / 2; i < ROWS; i++)
		f.label[i] = (f.label[i] + 1) % 3;
	f.data.train.weight = weight;
	nn_scaling_init(&f.scaling, &f.data, NULL, &f.arena, &f.err);
	half = f.data.train;
	half.rows = ROWS / 2;
	ok(!train(&f) && quality(&f, &half).error < 0.3,
	   "rows of weight 0 teach nothing");
	arena_clear(&f.arena);
}

int main(void)
{
	blas_init();
	test_learns();
	test_threads();
	test_early_stop();
	test_stop();
	test_diverged(NN_ADAMW);
	test_diverged(NN_SGD);
	test_last_step();
	test_shapes();
	test_weights();
	return tap_done();
}
