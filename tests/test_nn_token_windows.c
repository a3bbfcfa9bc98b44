/* Windows over words: plain twin, gradients, packed rows, edges; and the maximum over
 * time of any sequence. */
#include "harness/base/blas.h"
#include "learners/nn/nn_conv_kernels.h"
#include "learners/nn/nn_token_kernels.h"

#include "tests/nn_check.h"

static const uint32_t packed[] = { 0, 3, 4, 9 };
static const struct nn_shape seq = { 5, 1, 7 };

static const struct nn_layer kim = { .type = &nn_token_windows, .window = 2,
				     .window_to = 4, .units = 20 };

/* The value of a unit on the window that ends at word t of n; words outside count 0. */
static double window_at(const float *x, size_t n, size_t c, const float *w, size_t size,
			size_t t)
{
	double sum = 0;

	for (size_t k = 0; k < size; k++)
		for (size_t j = 0; t + k + 1 >= size && t + k + 1 - size < n && j < c; j++)
			sum += (double)x[(t + k + 1 - size) * c + j] *
			       (double)w[k * c + j];
	return sum;
}

/* Largest difference between row i of the layer's output and plain loops. */
static double row_off(const struct check *c, const float *x, size_t n, size_t i)
{
	const float *w = c->theta, *bias = c->theta + c->l.decayed;
	const float *out = c->out + i * c->l.out.channels;
	size_t d = c->l.in.channels, k = 0;
	double worst = 0;

	for (size_t h = c->l.window; h <= c->l.window_to; h++)
		for (size_t u = 0; u < c->l.units; u++, k++, w += h * d) {
			double top = -INFINITY;

			for (size_t t = 0; t < n + h - 1; t++)
				top = fmax(top, window_at(x, n, d, w, h, t));
			worst = fmax(worst, fabs(top + (double)bias[k] -
						 (double)out[k]));
		}
	return worst;
}

static void test_twin(void)
{
	struct check c;
	double worst = 0;

	check_init(&c, kim, seq, 3);
	for (size_t k = c.l.decayed; k < c.l.params; k++)
		c.theta[k] = 0.01f * (float)(k % 13);
	check_forward(&c, true);
	for (size_t i = 0; i < 3; i++)
		worst = fmax(worst, row_off(&c, c.x + i * 35, 5, i));
	ok(worst < 1e-5, "token_windows: as plain loops");
	c.start = packed;
	check_forward(&c, true);
	for (size_t i = 0; i < 3; i++)
		worst = fmax(worst, row_off(&c, c.x + packed[i] * 7,
					    packed[i + 1] - packed[i], i));
	ok(worst < 1e-5, "token_windows: packed rows do not see each other");
	check_free(&c);
}

/* Of small steps, and with units none of which has two windows that close: where
 * one takes the place of another within a step, there is a kink. */
static void test_gradients(void)
{
	struct check c;

	check_init(&c, kim, seq, 3);
	c.h = 1e-3;
	check_gradients(&c, "token_windows");
	c.start = packed;
	memset(c.d_in, 0, 3 * 35 * sizeof(float));
	check_gradients(&c, "token_windows of packed rows");
	check_free(&c);
	check_init(&c, (struct nn_layer){ .type = &nn_token_windows, .window = 1,
					  .window_to = 1, .units = 3 }, seq, 2);
	c.h = 1e-3;
	check_gradients(&c, "token_windows of single words");
	check_free(&c);
}

static void test_edges(void)
{
	static const uint32_t empty[] = { 0, 0, 1 };
	struct check c;
	bool zero = true;

	check_init(&c, kim, seq, 2);
	c.start = empty;
	check_backward(&c);
	for (size_t k = 0; k < c.l.out.channels; k++)
		zero &= c.out[k] == 0.0f;
	ok(zero, "token_windows: no words, nothing but zeros in each window");
	ok(row_off(&c, c.x, 1, 1) < 1e-5,
	   "token_windows: one word fewer than any window has");
	check_free(&c);
}

static void test_no_d_in(void)
{
	struct check c;
	struct nn_pass p;
	float *with;

	check_init(&c, kim, seq, 3);
	check_backward(&c);
	with = malloc(c.l.params * sizeof(float));
	memcpy(with, c.grad, c.l.params * sizeof(float));
	p = check_pass(&c);
	p.d_in = NULL;
	c.l.type->backward(&c.l, &p);
	ok(!memcmp(with, c.grad, c.l.params * sizeof(float)),
	   "token_windows: weights' gradient when nobody asks for the input's");
	free(with);
	check_free(&c);
}

static void test_max(void)
{
	static const uint32_t gap[] = { 0, 3, 3, 8 };
	struct nn_layer l = { .type = &nn_token_max };
	struct check c;
	bool zero = true;

	check_init(&c, l, seq, 3);
	c.h = 1e-3;
	check_gradients(&c, "token_max");
	c.start = gap;
	memset(c.d_in, 0, 3 * 35 * sizeof(float));
	check_gradients(&c, "token_max of packed rows");
	for (size_t j = 0; j < 7; j++)
		zero &= c.out[7 + j] == 0.0f;
	ok(zero, "token_max: an empty row gives zeros");
	check_forward(&c, true);
	ok_near((double)c.out[0],
		fmax(fmax((double)c.x[0], (double)c.x[7]), (double)c.x[14]), 0,
		"token_max: the largest of the row's positions");
	check_free(&c);
}

/* The transposing pack is the convolution's own, after a transposition. */
static void test_pack(void)
{
	size_t panel = nn_conv_kernels_pick()->panel, rows = panel + 3, cols = 5;
	static float x[64 * 5], t[64 * 5], a[2 * 64 * 5], b[2 * 64 * 5];

	rng_fill_normal(rng_make(1, "pack"), 0, rows * cols, x);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < cols; j++)
			t[j * rows + i] = x[i * cols + j];
	memset(b, 1, sizeof(b));
	nn_conv_kernels_pick()->pack(t, cols, rows, a);
	nn_token_kernels_pick()->pack_rows(x, rows, cols, panel, b);
	ok(!memcmp(a, b, 2 * panel * cols * sizeof(float)),
	   "token_kernels: rows are packed as convolutions want columns");
}

static void test_top(void)
{
	const float x[] = { 1, 5, 2, 3, 5, 2, 3, 4, 9 };
	float top[3];
	uint32_t at[3];

	nn_token_kernels_pick()->col_top(x, 3, 3, top, at);
	ok(top[0] == 3 && top[1] == 5 && top[2] == 9 && at[0] == 1 && at[1] == 0 &&
		   at[2] == 2,
	   "token_kernels: of equal values the first is the top");
}

int main(void)
{
	blas_init();
	test_twin();
	test_gradients();
	test_edges();
	test_no_d_in();
	test_max();
	test_pack();
	test_top();
	return tap_done();
}
