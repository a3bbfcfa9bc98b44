/* Targets of least squares: there and back, weights, temperature. */
#include "learners/kernel/targets.h"
#include "tests/tap.h"

#include <math.h>

static struct arena arena;
static struct error err;

static void test_real(void)
{
	const float y[] = { 10, 20, 30, 40 }, weight[] = { 1, 0, 0, 1 };
	struct part rows = { .rows = 4, .target = y };
	struct dataset d = { .task = TASK_REGRESSION, .train = rows };
	struct targets t;
	float *code;
	double sum = 0, squares = 0;
	bool back = true;

	targets_encode(&t, &d, &rows, &arena, &code, &err);
	for (size_t i = 0; i < 4; i++) {
		sum += (double)code[i];
		squares += (double)code[i] * (double)code[i];
	}
	ok(t.outputs == 1 && !t.classes, "targets: one output");
	ok_near(sum, 0, 1e-6, "targets: centred");
	ok_near(squares, 4, 1e-5, "targets: of unit variance");
	targets_decode(&t, code, 4);
	for (size_t i = 0; i < 4; i++)
		back &= fabs((double)code[i] - (double)y[i]) < 1e-4;
	ok(back, "targets: decoding undoes encoding");
	rows.weight = weight;
	targets_encode(&t, &d, &rows, &arena, &code, &err);
	ok_near(t.centre[0], 25, 1e-5, "targets: weights choose the rows");
	ok_near(t.scale, 15, 1e-5, "targets: in the deviation as well");
}

static void test_constant(void)
{
	const float y[] = { 7, 7, 7 };
	struct part rows = { .rows = 3, .target = y };
	struct dataset d = { .task = TASK_REGRESSION, .train = rows };
	struct targets t;
	float *code;

	targets_encode(&t, &d, &rows, &arena, &code, &err);
	ok((double)t.scale == 1 && (double)code[1] == 0,
	   "targets: a constant target is not divided by 0");
	targets_calibrate(&t, code, NULL, 3);
	ok((double)t.temperature == 1,
	   "targets: a real target has no temperature");
}

static void test_classes(void)
{
	const int32_t label[] = { 0, 1, 1, 2 };
	struct part rows = { .rows = 4, .label = label };
	struct dataset d = { .task = TASK_CLASSIFICATION, .classes = 3,
			     .train = rows };
	struct targets t;
	float *code;
	bool best = true;

	targets_encode(&t, &d, &rows, &arena, &code, &err);
	ok((double)t.centre[0] == 0.25 && (double)t.centre[1] == 0.5,
	   "targets: the centre is the classes' shares");
	ok((double)code[0] == 0.75 && (double)code[1] == -0.5,
	   "targets: codes are 0 and 1 less the shares");
	targets_decode(&t, code, 4);
	for (size_t i = 0; i < 4; i++) {
		const float *p = code + 3 * i;
		double sum = (double)p[0] + (double)p[1] + (double)p[2];

		best &= fabs(sum - 1) < 1e-6;
		for (int32_t c = 0; c < 3; c++)
			best &= c == label[i] || p[c] < p[label[i]];
	}
	ok(best, "targets: perfect fits decode to their own class");
}

/* Held values that are right make the softmax sharp, wrong ones flat. */
static void test_temperature(void)
{
	const int32_t label[] = { 0, 1, 0, 1 };
	const float right[] = { .5f, -.5f, -.5f, .5f, .5f, -.5f, -.5f, .5f };
	const float wrong[] = { -.5f, .5f, .5f, -.5f, -.5f, .5f, .5f, -.5f };
	/* three of four right: probability 3/4, so exp(-beta) = 1/3 */
	const float mixed[] = { .5f, -.5f, -.5f, .5f, .5f, -.5f, .5f, -.5f };
	struct part rows = { .rows = 4, .label = label };
	struct dataset d = { .task = TASK_CLASSIFICATION, .classes = 2,
			     .train = rows };
	struct targets t;
	float *code;

	targets_encode(&t, &d, &rows, &arena, &code, &err);
	targets_calibrate(&t, right, label, 4);
	/* beyond 1 / 37 the loss is 0 in double, and nothing is gained */
	ok(t.temperature < 0.03f, "targets: sharp where held rows are right");
	targets_calibrate(&t, wrong, label, 4);
	ok(t.temperature > 9, "targets: flat where held rows are wrong");
	targets_calibrate(&t, mixed, label, 4);
	ok_near(t.temperature, 1 / log(3), 1e-3,
		"targets: the temperature of the least log loss");
	t.temperature = 3;
	targets_calibrate(&t, mixed, label, 0);
	ok((double)t.temperature == 3, "targets: kept when no row is held out");
}

static void test_memory(void)
{
	const float y[] = { 1, 2 };
	struct part rows = { .rows = 2, .target = y };
	struct dataset d = { .task = TASK_REGRESSION, .train = rows };
	struct targets t;
	float *code;

	for (size_t k = 1; k <= 2; k++) {
		struct arena a;

		arena_init(&a, 0);
		a.fail_at = k;
		ok(targets_encode(&t, &d, &rows, &a, &code, &err) == ERR_MEMORY,
		   "targets: allocation %zu may fail", k);
		arena_clear(&a);
	}
}

int main(void)
{
	arena_init(&arena, 0);
	test_real();
	test_constant();
	test_classes();
	test_temperature();
	test_memory();
	arena_clear(&arena);
	return tap_done();
}
