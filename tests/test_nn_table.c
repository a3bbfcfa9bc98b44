/* Tables of which a step touches few rows: what they are updated to, beside nets that
 * are updated whole. */
#include <stdlib.h>

#include "harness/base/blas.h"
#include "learners/nn/nn_optimizer.h"

#include "tests/tap.h"

#define VOCAB 40
#define SHARDS 3

/* A net of an embedding and a linear layer, gradients of three shards, and, for the
 * twin, the same gradients as a whole. */
struct bench {
	struct arena a;
	struct nn_net net;
	struct nn_table table;
	struct nn_optimizer o;
	float *grad; /* (SHARDS, params) */
};

static void build(struct nn_net *net, struct arena *a)
{
	struct error err;

	nn_net_init(net, (struct nn_shape){ 6, 1, 1 }, 4);
	net->packed = true;
	nn_net_add(net, (struct nn_layer){ .type = &nn_embedding, .vocab = VOCAB,
					   .units = 5 });
	nn_net_add(net, (struct nn_layer){ .type = &nn_token_mean });
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .units = 2 });
	nn_net_start(net, 1, a, &err);
}

static void bench_init(struct bench *b, struct nn_optimizer o, bool apart)
{
	struct error err;

	memset(b, 0, sizeof(*b));
	arena_init(&b->a, 0);
	build(&b->net, &b->a);
	b->o = o;
	if (apart && nn_table_init(&b->table, &b->net, SHARDS, &b->a, &err))
		abort();
	b->o.table = apart ? &b->table : NULL;
	if (nn_optimizer_init(&b->o, &b->net, &b->a, &err))
		abort();
	b->grad = ARENA_NEW(&b->a, float, SHARDS * b->net.params);
	/* what a step left behind in the rows that the next does not touch */
	for (size_t k = 0; apart && k < SHARDS * b->net.params; k++)
		b->grad[k] = 1e6f;
}

/* Shard s of step t: documents of one to three of the words from `low` on. */
static void run_shard(struct bench *b, struct nn_worker *w, size_t s, size_t t,
		      uint32_t low)
{
	struct nn_shard shard = { .rows = 3, .train = true, .batch_state = b->grad };
	struct rng r = rng_sub(rng_make(5, "table"), t * SHARDS + s);

	shard.touched = b->o.table ? &b->table.shard[s] : NULL;
	for (uint32_t i = 0; i < 3; i++) {
		w->start[i + 1] = w->start[i] + i + 1;
		for (uint32_t k = w->start[i]; k < w->start[i + 1]; k++)
			w->input[k] = (float)(low + rng_below(r, k, 7));
	}
	nn_net_forward(&b->net, w, &shard);
	rng_fill_normal(r, 100, 6, w->delta[0]);
	nn_net_backward(&b->net, w, &shard, b->grad + s * b->net.params);
}

static void step(struct bench *b, size_t t, uint32_t low, size_t shards, int threads)
{
	struct nn_worker *w = nn_workers_new(&b->net, 1, true, &b->a);

	for (size_t s = 0; s < shards; s++)
		run_shard(b, w, s, t, low);
	nn_optimizer_step(&b->o, &b->net, b->grad, shards, 0.01, threads);
}

static double apart_by(const struct bench *a, const struct bench *b)
{
	double worst = 0;

	for (size_t k = 0; k < a->net.params; k++)
		worst = fmax(worst, fabs((double)a->net.theta[k] -
					 (double)b->net.theta[k]));
	return worst;
}

/* Of rows that each step touches an update is what it always was; after one step
 * that is so of all, for moments begin at 0. */
static void test_twin(struct nn_optimizer o, const char *what)
{
	struct bench few, all;

	bench_init(&few, o, true);
	bench_init(&all, o, false);
	step(&few, 0, 0, SHARDS, 2);
	step(&all, 0, 0, SHARDS, 1);
	ok(apart_by(&few, &all) < 1e-7, "%s: a step is that on the whole table", what);
	step(&few, 1, 20, 1, 2);
	step(&all, 1, 20, 1, 1);
	ok(few.table.all.n == 0 && few.table.shard[0].n == 0,
	   "%s: nothing is touched after a step", what);
	arena_clear(&few.a);
	arena_clear(&all.a);
}

/* Where dense rules go on moving a row by its momentum, it rests. */
static void test_rest(void)
{
	struct bench b;
	float was[VOCAB * 5];
	size_t moved = 0, rested = 0;

	bench_init(&b, (struct nn_optimizer){ .rule = NN_ADAMW }, true);
	step(&b, 0, 0, SHARDS, 1);
	memcpy(was, b.net.theta, sizeof(was));
	step(&b, 1, 20, SHARDS, 1);
	for (size_t k = 0; k < VOCAB * 5; k++) {
		bool in = k / 5 >= 20 && k / 5 < 27;

		moved += in && was[k] != b.net.theta[k];
		rested += !in && was[k] == b.net.theta[k];
	}
	ok(moved > 0 && rested == (VOCAB - 7) * 5,
	   "table: rows that a step does not touch are as they were");
	arena_clear(&b.a);
}

static void test_threads(void)
{
	struct nn_optimizer o = { .rule = NN_ADAMW, .clip = 0.1, .decay = 0.1 };
	struct bench one, four;

	bench_init(&one, o, true);
	bench_init(&four, o, true);
	for (size_t t = 0; t < 5; t++) {
		step(&one, t, (uint32_t)t * 5, SHARDS, 1);
		step(&four, t, (uint32_t)t * 5, SHARDS, 4);
	}
	ok(!memcmp(one.net.theta, four.net.theta, one.net.params * sizeof(float)),
	   "table: same bits on 1 and 4 threads");
	arena_clear(&one.a);
	arena_clear(&four.a);
}

static void test_lists(void)
{
	struct bench b;
	float grad[4] = { 7, 7, 7, 7 };
	struct nn_touched *t;

	bench_init(&b, (struct nn_optimizer){ .rule = NN_SGD }, true);
	t = &b.table.shard[1];
	nn_touch(t, grad, 1, 2)[0] += 1;
	nn_touch(t, grad, 1, 2)[0] += 1;
	ok(t->n == 1 && grad[0] == 7 && grad[2] == 2 && grad[3] == 0,
	   "table: a row is cleared at its first touch");
	nn_touch(&b.table.shard[2], grad, 0, 2)[0] += 1;
	nn_touch(&b.table.shard[2], grad, 1, 2)[0] += 1;
	nn_table_meet(&b.table, 3);
	ok(b.table.all.n == 2 && b.table.all.row[0] == 1 && b.table.all.row[1] == 0,
	   "table: shards' rows meet in order of their first touch");
	nn_table_clear(&b.table, 3);
	ok(!t->seen[1] && !b.table.all.seen[0] && !b.table.all.n,
	   "table: and are forgotten");
	arena_clear(&b.a);
}

static void test_memory(void)
{
	struct arena net_arena, a;
	struct nn_table t;
	struct nn_net net;
	struct error err;
	size_t bad = 0, total;

	arena_init(&net_arena, 0);
	build(&net, &net_arena);
	arena_init(&a, 0);
	bad += nn_table_init(&t, &net, SHARDS, &a, &err) != 0;
	total = a.calls;
	for (size_t at = 1; at <= total; at++) {
		arena_clear(&a);
		arena_init(&a, 0);
		a.fail_at = at;
		bad += nn_table_init(&t, &net, SHARDS, &a, &err) != ERR_MEMORY;
	}
	ok(total > 5 && !bad, "table: each of %zu allocations may fail", total);
	nn_net_init(&net, (struct nn_shape){ 1, 1, 3 }, 4);
	nn_net_add(&net, (struct nn_layer){ .type = &nn_linear, .units = 2 });
	ok(!net.table && !nn_table_init(&t, &net, 1, &a, &err) && !t.rows,
	   "table: a net may have none");
	arena_clear(&a);
	arena_clear(&net_arena);
}

int main(void)
{
	blas_init();
	test_twin((struct nn_optimizer){ .rule = NN_ADAMW, .decay = 0.1 }, "adamw");
	test_twin((struct nn_optimizer){ .rule = NN_SGD }, "sgd");
	test_twin((struct nn_optimizer){ .rule = NN_ADAMW, .clip = 0.05 }, "clipped");
	test_rest();
	test_threads();
	test_lists();
	test_memory();
	return tap_done();
}
