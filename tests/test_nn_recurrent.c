/* LSTM and GRU: PyTorch's values, a plain twin, gradients, packed rows, edges. */
#include "harness/base/blas.h"
#include "learners/nn/nn_recurrent_kernels.h"

#include "tests/nn_check.h"
#include "tests/recurrent_reference.h"

static const uint32_t packed[] = { 0, 3, 4, 9 };

static struct nn_layer layer(const struct nn_layer_type *type, size_t units, bool both)
{
	return (struct nn_layer){ .type = type, .units = units, .both = both };
}

/* ---------------------------------------------------------------- PyTorch */

/* As numbers() of the maker has it. */
static float number(size_t k, size_t seed)
{
	return ((float)((k * 37 + seed * 11) % 101) - 50.0f) / 64.0f;
}

enum { IN = 4, UNITS = 3, POSITIONS = 9 };

/* Where element (k, j) of PyTorch's W (gates * units, in), direction d, is. */
static size_t wx_at(const struct check *c, size_t gates, size_t d, size_t k, size_t j)
{
	(void)c;
	return j * 2 * gates * UNITS + d * gates * UNITS + k;
}

static size_t wh_at(const struct check *c, size_t gates, size_t d, size_t k, size_t j)
{
	(void)c;
	return IN * 2 * gates * UNITS + d * UNITS * gates * UNITS + j * gates * UNITS + k;
}

static void fill(struct check *c, size_t gates)
{
	size_t g = gates * UNITS, bias = c->l.decayed;

	for (size_t d = 0; d < 2; d++)
		for (size_t k = 0; k < g; k++) {
			for (size_t j = 0; j < IN; j++)
				c->theta[wx_at(c, gates, d, k, j)] =
					number(k * IN + j, 1 + d);
			for (size_t j = 0; j < UNITS; j++)
				c->theta[wh_at(c, gates, d, k, j)] =
					number(k * UNITS + j, 3 + d);
			c->theta[bias + d * g + k] = number(k, 5 + d);
		}
	for (size_t d = 0; gates == 3 && d < 2; d++)
		for (size_t j = 0; j < UNITS; j++)
			c->theta[bias + 2 * g + d * UNITS + j] = number(j, 7 + d);
	for (size_t k = 0; k < POSITIONS * IN; k++)
		c->x[k] = number(k, 9);
	for (size_t k = 0; k < POSITIONS * 2 * UNITS; k++)
		c->coefficient[k] = number(k, 13);
}

static double off(const float *a, const float *b, size_t n)
{
	double worst = 0;

	for (size_t k = 0; k < n; k++)
		worst = fmax(worst, fabs((double)a[k] - (double)b[k]));
	return worst;
}

/* Weights' gradients of direction d against PyTorch's. */
static double weights_off(const struct check *c, size_t gates, size_t d, const float *wx,
			  const float *wh, const float *b)
{
	size_t g = gates * UNITS;
	double worst = off(c->grad + c->l.decayed + d * g, b, g);

	for (size_t k = 0; k < g; k++) {
		for (size_t j = 0; j < IN; j++)
			worst = fmax(worst, fabs((double)wx[k * IN + j] -
						 (double)c->grad[wx_at(c, gates, d,
								       k, j)]));
		for (size_t j = 0; j < UNITS; j++)
			worst = fmax(worst, fabs((double)wh[k * UNITS + j] -
						 (double)c->grad[wh_at(c, gates, d,
								       k, j)]));
	}
	return worst;
}

static void begin(struct check *c, const struct nn_layer_type *type, size_t gates)
{
	check_init(c, layer(type, UNITS, true), (struct nn_shape){ 5, 1, IN }, 3);
	c->start = packed;
	fill(c, gates);
	check_backward(c);
}

/* Sums of some dozen products in float against PyTorch's in double. */
static void test_reference(void)
{
	struct check c;
	double lstm, gru;

	begin(&c, &nn_lstm, 4);
	lstm = fmax(off(c.out, lstm_out, POSITIONS * 2 * UNITS),
		    off(c.d_in, lstm_d_in, POSITIONS * IN));
	lstm = fmax(lstm, weights_off(&c, 4, 0, lstm_d_wx0, lstm_d_wh0, lstm_d_b0));
	lstm = fmax(lstm, weights_off(&c, 4, 1, lstm_d_wx1, lstm_d_wh1, lstm_d_b1));
	check_free(&c);
	begin(&c, &nn_gru, 3);
	gru = fmax(off(c.out, gru_out, POSITIONS * 2 * UNITS),
		   off(c.d_in, gru_d_in, POSITIONS * IN));
	gru = fmax(gru, weights_off(&c, 3, 0, gru_d_wx0, gru_d_wh0, gru_d_b0));
	gru = fmax(gru, weights_off(&c, 3, 1, gru_d_wx1, gru_d_wh1, gru_d_b1));
	check_free(&c);
	ok(lstm < 2e-6, "lstm: PyTorch's outputs and gradients, off by %g", lstm);
	ok(gru < 2e-6, "gru: PyTorch's outputs and gradients, off by %g", gru);
}

/* ---------------------------------------------------------------- gradients */

static void test_gradients(const struct nn_layer_type *type, bool both, const char *what)
{
	struct check c;

	check_init(&c, layer(type, 19, both), (struct nn_shape){ 5, 1, 6 }, 3);
	check_gradients(&c, what);
	c.start = packed;
	memset(c.d_in, 0, 3 * 30 * sizeof(float));
	check_gradients(&c, what);
	check_free(&c);
}

/* ---------------------------------------------------------------- kernels */

static double sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

/* The cells in double, for sizes of whole vectors and others. */
static double lstm_off(size_t n)
{
	float gate[4 * 40], u[4 * 40], kept[40], before[40], h[40], was[4 * 40];
	struct nn_cell_step s = { .n = n, .gate = gate, .u = u, .kept = kept,
				  .kept_before = before, .h = h };
	struct rng r = rng_make(n, "cell");
	double worst = 0;

	rng_fill_normal(r, 0, 4 * n, gate);
	rng_fill_normal(rng_sub(r, 1), 0, 4 * n, u);
	rng_fill_normal(rng_sub(r, 2), 0, n, before);
	memcpy(was, gate, sizeof(was));
	nn_recurrent_kernels_pick()->lstm(&s);
	for (size_t j = 0; j < n; j++) {
		double i = sigmoid((double)was[j] + (double)u[j]);
		double f = sigmoid((double)was[n + j] + (double)u[n + j]);
		double g = tanh((double)was[2 * n + j] + (double)u[2 * n + j]);
		double o = sigmoid((double)was[3 * n + j] + (double)u[3 * n + j]);
		double c = f * (double)before[j] + i * g;

		worst = fmax(worst, fabs(c - (double)kept[j]));
		worst = fmax(worst, fabs(o * tanh(c) - (double)h[j]));
	}
	return worst;
}

static double gru_off(size_t n)
{
	float gate[3 * 40], u[3 * 40], kept[40], before[40], bias[40], h[40], was[3 * 40];
	struct nn_cell_step s = { .n = n, .gate = gate, .u = u, .kept = kept,
				  .h_before = before, .bias = bias, .h = h };
	struct rng r = rng_make(n, "cell");
	double worst = 0;

	rng_fill_normal(r, 0, 3 * n, gate);
	rng_fill_normal(rng_sub(r, 1), 0, 3 * n, u);
	rng_fill_normal(rng_sub(r, 2), 0, n, before);
	rng_fill_normal(rng_sub(r, 3), 0, n, bias);
	memcpy(was, gate, sizeof(was));
	nn_recurrent_kernels_pick()->gru(&s);
	for (size_t j = 0; j < n; j++) {
		double a = sigmoid((double)was[j] + (double)u[j]);
		double z = sigmoid((double)was[n + j] + (double)u[n + j]);
		double m = tanh((double)was[2 * n + j] +
				a * ((double)u[2 * n + j] + (double)bias[j]));

		worst = fmax(worst, fabs((1 - z) * m + z * (double)before[j] -
					 (double)h[j]));
	}
	return worst;
}

static void test_kernels(void)
{
	double lstm = 0, gru = 0;

	for (size_t n = 1; n <= 40; n++) {
		lstm = fmax(lstm, lstm_off(n));
		gru = fmax(gru, gru_off(n));
	}
	ok(lstm < 1e-6, "lstm: a step as plain loops in double, off by %g", lstm);
	ok(gru < 1e-6, "gru: a step as plain loops in double, off by %g", gru);
}

/* Gates at their ends: no NaN from exp's. */
static void test_far(void)
{
	float gate[4] = { 1e4f, -1e4f, 1e30f, 1e4f }, u[4] = { 0 };
	float kept, before = 1, h = 0;
	struct nn_cell_step s = { .n = 1, .gate = gate, .u = u, .kept = &kept,
				  .kept_before = &before, .h = &h };

	nn_recurrent_kernels_pick()->lstm(&s);
	ok(kept == 1.0f && fabsf(h - tanhf(1.0f)) < 1e-6f,
	   "lstm: sums far from 0 open and close gates");
}

/* ---------------------------------------------------------------- rows */

static void test_rows(const struct nn_layer_type *type, const char *what)
{
	static const uint32_t gap[] = { 0, 0, 4, 4, 5 }, alone[] = { 0, 4 };
	struct check all, one;
	bool same;

	check_init(&all, layer(type, 8, true), (struct nn_shape){ 4, 1, 3 }, 4);
	all.start = gap;
	check_backward(&all);
	check_init(&one, layer(type, 8, true), (struct nn_shape){ 4, 1, 3 }, 1);
	one.start = alone;
	memcpy(one.x, all.x, 12 * sizeof(float));
	memcpy(one.theta, all.theta, all.l.params * sizeof(float));
	memcpy(one.coefficient, all.coefficient, 64 * sizeof(float));
	check_backward(&one);
	same = off(all.out, one.out, 64) < 1e-6 && off(all.d_in, one.d_in, 12) < 1e-6;
	ok(same, "%s: rows do not see each other, empty ones are no harm", what);
	check_free(&all);
	check_free(&one);
}

static void test_backwards(void)
{
	static const uint32_t whole[] = { 0, 5 };
	struct check c;
	float first[8], last[8];

	check_init(&c, layer(&nn_lstm, 4, true), (struct nn_shape){ 5, 1, 3 }, 1);
	c.start = whole;
	check_forward(&c, false);
	memcpy(first, c.out, sizeof(first));
	memcpy(last, c.out + 32, sizeof(last));
	c.x[12] += 1; /* of the last word */
	check_forward(&c, false);
	ok(!memcmp(first, c.out, 4 * sizeof(float)) &&
		   memcmp(first + 4, c.out + 4, 4 * sizeof(float)) &&
		   memcmp(last, c.out + 32, 4 * sizeof(float)),
	   "lstm: the last word is seen by the first position from behind alone");
	check_free(&c);
}

static void test_memory_of(void)
{
	struct check c;

	check_init(&c, layer(&nn_lstm, 2, false), (struct nn_shape){ 3, 1, 1 }, 1);
	ok(c.theta[c.l.decayed + 2] == 1.0f && c.theta[c.l.decayed + 3] == 1.0f &&
		   c.theta[c.l.decayed] == 0.0f && c.l.out.channels == 2,
	   "lstm: at first it keeps what it has seen");
	check_free(&c);
}

int main(void)
{
	blas_init();
	test_reference();
	test_gradients(&nn_lstm, false, "lstm");
	test_gradients(&nn_lstm, true, "lstm, both ways");
	test_gradients(&nn_gru, false, "gru");
	test_gradients(&nn_gru, true, "gru, both ways");
	test_kernels();
	test_far();
	test_rows(&nn_lstm, "lstm");
	test_rows(&nn_gru, "gru");
	test_backwards();
	test_memory_of();
	return tap_done();
}
