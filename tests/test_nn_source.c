/* Rows as a net wants them: scaling, order of channels, targets, checks. */
#include "learners/nn/nn_source.h"

#include "tests/tap.h"

/* Two rows of two channels of 1 x 3 pixels, channel by channel. */
static const float grid[] = { 0, 2, 4, 10, 10, 10, 6, 8, 10, 10, 10, 10 };

static struct nn_worker worker(struct arena *a, size_t size)
{
	return (struct nn_worker){ .input = ARENA_NEW(a, float, 4 * size),
				   .label = ARENA_NEW(a, int32_t, 4),
				   .target = ARENA_NEW(a, float, 4),
				   .weight = ARENA_NEW(a, float, 4) };
}

static void test_grid(void)
{
	struct dataset data = { .view = VIEW_GRID, .channels = 2, .height = 1,
				.width = 3, .cols = 6, .classes = 2,
				.train = { .rows = 2, .x = grid } };
	const uint32_t order[] = { 1, 0 };
	struct nn_scaling s;
	struct nn_worker w;
	struct arena a;
	struct error err;
	double sd = sqrt(35.0 / 3); /* of 0 2 4 6 8 10 */

	arena_init(&a, 0);
	w = worker(&a, 6);
	ok(!nn_scaling_init(&s, &data, NULL, &a, &err), "grid: measured");
	nn_source_fetch(&s, &(struct nn_fetch){ .rows = &data.train,
						.order = order, .first = 0,
						.n = 2 }, &w);
	ok_near(w.input[0], (6 - 5) / sd, 1e-6,
		"grid: the row asked for, less the mean, over the deviation");
	ok_near(w.input[2], (8 - 5) / sd, 1e-6, "grid: channels come last");
	ok_near(w.input[6], (0 - 5) / sd, 1e-6, "grid: then the next row");
	ok_near(w.input[1], 0, 1e-6, "grid: a constant channel is 0");
	arena_clear(&a);
}

static void test_targets(void)
{
	const float x[] = { 1, 2, 3 }, y[] = { 10, 20, 60 };
	const float weight[] = { 1, 1, 4 };
	struct dataset data = { .view = VIEW_DENSE, .cols = 1,
				.task = TASK_REGRESSION,
				.train = { .rows = 3, .x = x, .target = y,
					   .weight = weight } };
	struct nn_scaling s;
	struct nn_worker w;
	struct arena a;
	struct error err;

	arena_init(&a, 0);
	w = worker(&a, 1);
	nn_scaling_init(&s, &data, NULL, &a, &err);
	nn_source_fetch(&s, &(struct nn_fetch){ .rows = &data.train, .n = 3,
						.targets = true }, &w);
	ok(w.input[0] == 1.0f && w.input[2] == 3.0f,
	   "dense: taken as it is");
	ok_near(w.target[0] + w.target[1] + w.target[2], 0, 1e-6,
		"targets: mean 0");
	ok_near(w.target[0] * w.target[0] + w.target[1] * w.target[1] +
			w.target[2] * w.target[2], 3, 1e-5,
		"targets: variance 1");
	ok_near(w.weight[2], 2, 1e-6, "weights: mean 1");
	arena_clear(&a);
}

static void test_check(void)
{
	struct nn_scaling s = { 0 };
	float x[] = { 0, 1, 2, 3, 4, 5 };
	const struct part rows = { .rows = 2, .x = x };
	struct error err;

	ok(!nn_source_check(&s, &rows, 3, &err), "check: finite rows pass");
	x[4] = -INFINITY;
	ok(nn_source_check(&s, &rows, 3, &err) == ERR_DATA &&
		   strstr(err.text, "row 1, column 1"),
	   "check: what is not finite is named: %s", err.text);
}

static void test_memory(void)
{
	struct dataset data = { .view = VIEW_GRID, .channels = 2, .height = 1,
				.width = 3, .cols = 6,
				.train = { .rows = 2, .x = grid } };
	struct nn_scaling s;
	struct arena a;
	struct error err;

	for (size_t i = 1; i <= 2; i++) {
		arena_init(&a, 0);
		a.fail_at = i;
		ok(nn_scaling_init(&s, &data, NULL, &a, &err) == ERR_MEMORY,
		   "memory: allocation %zu is reported", i);
		arena_clear(&a);
	}
}

int main(void)
{
	test_grid();
	test_targets();
	test_check();
	test_memory();
	return tap_done();
}
