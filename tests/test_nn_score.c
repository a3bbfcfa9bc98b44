/* Scores of many rows and their quality: against sums by hand, weights, ties,
 * independence of neighbours and of threads. */
#include "learners/nn/nn_score.h"

#include "harness/base/blas.h"

#include "tests/tap.h"

#define ROWS 53
#define COLS 5
#define OUTPUTS 3

static const struct nn_scaling plain = { .shape = { 1, 1, COLS },
					 .target_sd = 1, .weight_mean = 1 };

static void test_error(void)
{
	const float scores[] = { 2, 1, 0, 0, 1, 1, 0, 0, 5 };
	const int32_t label[] = { 0, 2, 2 };
	const float weight[] = { 1, 2, 1 };
	struct part rows = { .rows = 3, .label = label };
	struct nn_quality q = nn_score_quality(&plain, &rows, 3, scores);
	double e = exp(1), a, b, c;

	ok_near(q.error, 1.0 / 3, 1e-12,
		"error: of equal scores the first class is meant");
	a = log(e * e + e + 1) - 2;
	b = log(1 + 2 * e) - 1;
	c = log(2 + exp(5)) - 5;
	ok_near(q.loss, (a + b + c) / 3, 1e-6, "loss: the mean of the rows'");
	rows.weight = weight;
	q = nn_score_quality(&plain, &rows, 3, scores);
	ok_near(q.error, 0.5, 1e-12, "error: by the rows' weights");
	ok_near(q.loss, (a + 2 * b + c) / 4, 1e-6, "loss: likewise");
}

static void test_regression(void)
{
	const struct nn_scaling s = { .target_mean = 10, .target_sd = 2 };
	const float scores[] = { 1, -1 }, target[] = { 12, 10 };
	const struct part rows = { .rows = 2, .target = target };
	struct nn_quality q = nn_score_quality(&s, &rows, 1, scores);

	ok(q.error == 0, "regression: no error, so losses decide");
	ok_near(q.loss, 0.25, 1e-12,
		"regression: half the mean square, in standard deviations");
}

static void test_none(void)
{
	const struct part rows = { .rows = 0 };
	struct nn_quality q = nn_score_quality(&plain, &rows, 3, NULL);

	ok(q.error == 0 && q.loss == 0, "no rows: zero, not NaN");
}

static struct nn_net make_net(size_t shard_rows, struct arena *a)
{
	struct nn_net net;
	struct error err;

	nn_net_init(&net, plain.shape, shard_rows);
	nn_net_add(&net, (struct nn_layer){ .type = &nn_batch_norm });
	nn_net_add(&net, (struct nn_layer){ .type = &nn_linear, .units = 8 });
	nn_net_add(&net, (struct nn_layer){ .type = &nn_relu });
	nn_net_add(&net, (struct nn_layer){ .type = &nn_linear,
					    .units = OUTPUTS });
	nn_net_start(&net, 3, a, &err);
	return net;
}

static void test_rows(void)
{
	static float x[ROWS * COLS], all[ROWS * OUTPUTS], two[ROWS * OUTPUTS];
	struct arena a;
	struct nn_net net;
	struct part rows = { .rows = ROWS, .x = x };
	float alone[OUTPUTS];
	double worst = 0;

	arena_init(&a, 0);
	rng_fill_normal(rng_make(1, "score"), 0, ROWS * COLS, x);
	net = make_net(8, &a);
	nn_score(&net, &plain, &rows, nn_workers_new(&net, 1, false, &a), 1,
		 all);
	nn_score(&net, &plain, &rows, nn_workers_new(&net, 2, false, &a), 2,
		 two);
	ok(!memcmp(all, two, sizeof(all)), "scores: same bits on 2 threads");
	rows.rows = 1;
	for (size_t i = 0; i < ROWS; i++) {
		rows.x = x + i * COLS;
		nn_score(&net, &plain, &rows,
			 nn_workers_new(&net, 1, false, &a), 1, alone);
		for (size_t c = 0; c < OUTPUTS; c++)
			worst = fmax(worst,
				     fabs((double)(alone[c] -
						   all[i * OUTPUTS + c])));
	}
	/* products of another shape may round otherwise */
	ok(worst < 1e-5, "scores: a row's do not depend on its neighbours");
	arena_clear(&a);
}

/* Two members of a row that are its two positions: what they say together. */
static void test_members(void)
{
	const float x[] = { 2, 0, 0, 1 }; /* one row: two positions of two */
	struct nn_scaling s = { .shape = { 2, 1, 2 }, .classes = 2, .target_sd = 1,
				.weight_mean = 1 };
	struct part rows = { .rows = 1, .x = x };
	struct arena a;
	struct error err;
	struct nn_net net;
	float out[2];
	double p = 0.5 * (1 / (1 + exp(-2)) + 1 / (1 + exp(1)));

	arena_init(&a, 0);
	nn_net_init(&net, s.shape, 1);
	nn_net_add(&net, (struct nn_layer){ .type = &nn_dropout, .rate = 0.5 });
	nn_net_start(&net, 1, &a, &err);
	nn_score(&net, &s, &rows, nn_workers_new(&net, 1, false, &a), 1, out);
	ok_near(exp((double)out[0]), p, 1e-6,
		"scores: an ensemble's are its mean probabilities");
	s.classes = 0;
	nn_score(&net, &s, &rows, nn_workers_new(&net, 1, false, &a), 1, out);
	ok_near(out[0], 1, 1e-6, "scores: or the mean of its values");
	arena_clear(&a);
}

int main(void)
{
	blas_init();
	test_members();
	test_error();
	test_regression();
	test_none();
	test_rows();
	return tap_done();
}
