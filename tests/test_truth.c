/* Targets and weights as integers. */
#include "learners/forest/truth.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { ROWS = 1000 };

static float target[ROWS], weight[ROWS];
static int32_t label[ROWS];
static struct arena arena;

static int make(struct truth *t, size_t classes, bool weighted, bool balanced,
		struct error *err)
{
	struct dataset d = { .classes = classes, .task = classes ?
			     TASK_CLASSIFICATION : TASK_REGRESSION };
	struct part p = { .rows = ROWS, .target = target, .label = label,
			  .weight = weighted ? weight : NULL };

	return truth_make(t, &d, &p, balanced, &arena, err);
}

static void test_numbers(void)
{
	struct truth t;
	struct error err;
	double worst = 0, sum = 0;
	int64_t total = 0;

	for (size_t i = 0; i < ROWS; i++)
		target[i] = 1e6f + (float)rng_normal(rng_make(1, "t"), i);
	ok(!make(&t, 0, false, false, &err) && t.outputs == 1 && t.total == ROWS,
	   "truth: without weights each row weighs 1");
	for (size_t i = 0; i < ROWS; i++) {
		worst = fmax(worst, fabs(t.centre + t.unit * (double)t.value[i] -
					 (double)target[i]));
		total += t.value[i];
		sum += fabs((double)t.value[i]);
	}
	ok(worst < 1e-9, "truth: targets come back (off by %.1e)", worst);
	ok(fabs((double)total) < 1e-6 * sum, "truth: around their mean");
	ok(sum < TRUTH_VALUES * 1.01, "truth: the sum of all is bounded");
	for (size_t i = 0; i < ROWS; i++)
		target[i] = 5;
	ok(!make(&t, 0, false, false, &err) && t.value[0] == 0 &&
		   t.value[ROWS - 1] == 0,
	   "truth: a constant target is no difference at all");
	target[3] = NAN;
	ok(make(&t, 0, false, false, &err) == ERR_DATA && strstr(err.text, "row 4"),
	   "truth: a target that is no number is refused: %s", err.text);
	for (size_t i = 0; i < ROWS; i++)
		weight[i] = i != 3;
	ok(!make(&t, 0, true, false, &err), "truth: unless its row has no weight");
	target[3] = 5;
}

static void test_weights(void)
{
	struct truth t;
	struct error err;
	double worst = 0;

	for (size_t i = 0; i < ROWS; i++)
		weight[i] = (float)rng_uniform_open(rng_make(2, "w"), i) * 1e-20f;
	weight[0] = 0;
	weight[1] = weight[2] = 0;
	weight[3] = 1e-35f;
	ok(!make(&t, 0, true, false, &err) && t.weight[0] == 0 &&
		   t.weight[1] == 0 && t.weight[2] == 0 && t.weight[3] == 1,
	   "truth: a weight of 0 is no row, the lightest other counts at least 1");
	for (size_t i = 4; i < ROWS; i++)
		worst = fmax(worst, fabs(t.weight_unit * t.weight[i] -
					 (double)weight[i]) / (double)weight[i]);
	ok(worst < 0.01 && fabs((double)t.total / TRUTH_WEIGHTS - 1) < 1e-4,
	   "truth: weights keep their ratios, whatever their unit");
	for (int k = 0; k < 2; k++) {
		weight[4] = k ? NAN : -1;
		ok(make(&t, 0, true, false, &err) == ERR_DATA &&
			   strstr(err.text, "row 5"),
		   "truth: a weight of %g is refused by its row", (double)weight[4]);
	}
	weight[4] = 1e-20f;
	for (size_t i = 0; i < ROWS; i++)
		weight[i] = 0;
	ok(make(&t, 2, true, false, &err) == ERR_DATA &&
		   make(&t, 2, true, true, &err) == ERR_DATA,
	   "truth: no weight at all: %s", err.text);
}

static void test_classes(void)
{
	struct truth t;
	struct error err;
	uint64_t sum[3] = { 0 };

	for (size_t i = 0; i < ROWS; i++)
		label[i] = i % 10 < 7 ? 0 : i % 10 < 9 ? 1 : 2;
	ok(!make(&t, 3, false, true, &err) && t.outputs == 3 && !t.value,
	   "truth: three classes are three outputs");
	for (size_t i = 0; i < ROWS; i++)
		sum[label[i]] += t.weight[i];
	ok(llabs((int64_t)(sum[0] - sum[2])) < ROWS &&
		   llabs((int64_t)(sum[0] - sum[1])) < ROWS,
	   "truth: balanced classes weigh the same");
	for (size_t i = 0; i < ROWS; i++)
		label[i] = i % 3 == 0;
	ok(!make(&t, 2, false, false, &err) && t.outputs == 1 && t.value[0] == 1 &&
		   t.value[1] == 0,
	   "truth: two classes are the numbers 0 and 1");
	for (size_t k = 1; k <= 3; k++) {
		arena.fail_at = arena.calls + k;
		ok(make(&t, 2, false, true, &err) == ERR_MEMORY,
		   "truth: allocation %zu may fail", k);
	}
	arena.fail_at = 0;
}

int main(void)
{
	arena_init(&arena, 0);
	test_numbers();
	test_weights();
	test_classes();
	arena_clear(&arena);
	return tap_done();
}
