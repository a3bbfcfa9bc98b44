/* Rows of a table for nets: places, the three scalings against their formulas, and
 * what has no number. */
#include "learners/nn/nn_prepare.h"

#include <math.h>
#include <stdlib.h>

#include "datasets/views/gauss_map.h"

#include "tests/tap.h"

enum { ROWS = 8, COLS = 6 };

static const struct column columns[COLS] = {
	{ .name = "number" },
	{ .name = "few", .is_cat = true, .levels = 3 },
	{ .name = "holes" },
	{ .name = "many", .is_cat = true, .levels = 20 },
	{ .name = "two", .is_cat = true, .levels = 2 },
	{ .name = "constant" },
};

/* number: 0 1 2 ... 7; holes: every fourth; categories by row. */
static void fill(float *x)
{
	for (size_t i = 0; i < ROWS; i++) {
		float *row = x + i * COLS;

		row[0] = (float)i;
		row[1] = (float)(i % 3);
		row[2] = i % 4 ? (float)(10 * i) : NAN;
		row[3] = (float)(2 * i);
		row[4] = (float)(i % 2);
		row[5] = 3;
	}
}

struct fixture {
	float x[ROWS * COLS];
	struct dataset data;
	struct arena arena;
	struct error err;
	struct nn_prepare p;
	float out[32];
};

static void setup(struct fixture *f)
{
	fill(f->x);
	f->data = (struct dataset){ .task = TASK_REGRESSION, .view = VIEW_TABLE,
				    .cols = COLS, .columns = columns,
				    .train = { .rows = ROWS, .x = f->x } };
	arena_init(&f->arena, 0);
}

static int prepare(struct fixture *f, enum nn_scaling_kind kind, size_t onehot)
{
	return nn_prepare_fit(&f->p, &f->data, kind, onehot, &f->arena, &f->err);
}

static void row(struct fixture *f, size_t i)
{
	nn_prepare_row(&f->p, f->x + i * COLS, f->out);
}

static void test_places(void)
{
	static struct fixture f;

	setup(&f);
	ok(!prepare(&f, NN_STANDARD, 9) && f.p.n_num == 3 && f.p.n_onehot == 5 &&
		   f.p.n_codes == 1 && f.p.width == 9 && f.p.slots[0] == 21,
	   "prepare: numbers, an indicator, 3 + 1 one-hot, a code");
	row(&f, 5);
	ok(f.out[3] == 0.0f && f.out[4] == 0.0f && f.out[5] == 0.0f &&
		   f.out[6] == 1.0f,
	   "prepare: a level is a 1 in its column");
	ok(f.out[7] == 1.0f, "prepare: of two levels one column of signs");
	ok(f.out[8] == 11.0f, "prepare: a code is its level + 1");
	row(&f, 4);
	ok(f.out[3] == 1.0f && f.out[1] == 0.0f && f.out[7] == -1.0f,
	   "prepare: a hole is 0 and says so");
	ok(!prepare(&f, NN_STANDARD, 3) && f.p.n_codes == 2 && f.p.n_onehot == 2,
	   "prepare: levels are counted with the missing one");
	arena_clear(&f.arena);
}

static void test_unknown(void)
{
	static struct fixture f;
	static const float odd[] = { NAN, -1, 20, 1e30f, INFINITY };
	bool zero = true;

	setup(&f);
	prepare(&f, NN_ROBUST, 9);
	for (size_t k = 0; k < 5; k++) {
		float x[COLS] = { odd[k], odd[k], odd[k], odd[k], odd[k], odd[k] };

		nn_prepare_row(&f.p, x, f.out);
		for (size_t j = 0; j < f.p.width; j++)
			zero &= isfinite(f.out[j]);
		zero &= f.out[8] == 0.0f || f.out[8] == 1.0f;
	}
	ok(zero, "prepare: whatever stands in a cell, a finite row comes out");
	arena_clear(&f.arena);
}

static double clip(double x)
{
	return x / sqrt(1 + x * x / 9);
}

static void test_scalings(void)
{
	static struct fixture f;

	setup(&f);
	prepare(&f, NN_STANDARD, 9);
	row(&f, 7);
	ok_near((double)f.out[0], 3.5 / sqrt(5.25), 1e-6, "standard: mean, deviation");
	ok(f.out[2] == 0.0f, "standard: a constant is 0");
	prepare(&f, NN_ROBUST, 9);
	row(&f, 7);
	/* NumPy's quartiles of 0 .. 7: 1.75 and 5.25 */
	ok_near((double)f.out[0], clip(3.5 / 3.5), 1e-6, "robust: median, quartiles");
	/* holes: 0 0 0 0 0 0 1 1; quartiles 0 and .25 */
	ok_near((double)f.out[3], clip(0.0), 1e-6, "robust: an indicator's 0");
	row(&f, 0);
	ok_near((double)f.out[3], clip(4.0), 1e-6, "robust: indicators as well");
	/* signs -1 1 -1 1 ...: median 0, quartiles -1 and 1 */
	ok_near((double)f.out[7], clip(-0.5), 1e-6, "robust: signs as well");
	prepare(&f, NN_QUANTILE, 9);
	row(&f, 7);
	ok_near((double)f.out[0], gauss_quantile(7.5 / 8), 1e-6,
		"quantile: normal scores");
	arena_clear(&f.arena);
}

/* Quartiles that meet: half the range instead. */
static void test_spikes(void)
{
	static struct fixture f;

	setup(&f);
	for (size_t i = 0; i < ROWS; i++)
		f.x[i * COLS] = i == 7 ? 4.0f : 0.0f;
	prepare(&f, NN_ROBUST, 9);
	row(&f, 7);
	ok_near((double)f.out[0], clip(2), 1e-6,
		"robust: half the range where quartiles meet");
	f.x[7 * COLS] = 3e38f;
	f.x[0] = -3e38f;
	prepare(&f, NN_ROBUST, 9);
	row(&f, 7);
	ok(isfinite(f.out[0]), "robust: huge ranges stay finite");
	for (size_t i = 0; i < ROWS; i++)
		f.x[i * COLS] = NAN;
	for (int kind = NN_STANDARD; kind <= NN_QUANTILE; kind++) {
		prepare(&f, (enum nn_scaling_kind)kind, 9);
		row(&f, 3);
		ok(f.out[0] == 0.0f, "kind %d: a column without values is 0", kind);
	}
	f.data.train.rows = 1;
	for (int kind = NN_STANDARD; kind <= NN_QUANTILE; kind++) {
		prepare(&f, (enum nn_scaling_kind)kind, 9);
		row(&f, 3);
		ok(isfinite(f.out[0]) && isfinite(f.out[4]), "kind %d: one row", kind);
	}
	arena_clear(&f.arena);
}

static void test_quantile(void)
{
	static const float x[] = { 1, 2, 4, 8 };

	ok_near(nn_prepare_quantile(x, 4, 0.5), 3, 1e-12, "quantile: between ranks");
	ok_near(nn_prepare_quantile(x, 4, 1), 8, 1e-12, "quantile: the last");
	ok_near(nn_prepare_quantile(x, 1, 0.3), 1, 1e-12, "quantile: of one");
}

static void test_memory(void)
{
	static struct fixture f;
	size_t calls, wrong = 0;

	setup(&f);
	prepare(&f, NN_QUANTILE, 9);
	calls = f.arena.calls;
	for (size_t k = 1; k <= calls; k++) {
		f.arena.fail_at = f.arena.calls + k;
		wrong += prepare(&f, NN_QUANTILE, 9) != ERR_MEMORY;
	}
	ok(!wrong, "prepare: each of %zu failing allocations is reported", calls);
	arena_clear(&f.arena);
}

int main(void)
{
	test_places();
	test_unknown();
	test_scalings();
	test_spikes();
	test_quantile();
	test_memory();
	return tap_done();
}
