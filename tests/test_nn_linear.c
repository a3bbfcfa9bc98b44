/* y = x W + b, its gradient and its first weights. */
#include "harness/base/blas.h"

#include "tests/nn_check.h"

/* The slow twin. */
static double plain(const struct check *c, size_t row, size_t unit)
{
	size_t in = nn_shape_size(c->l.in), out = c->l.units;
	double sum = (double)c->theta[in * out + unit];

	for (size_t j = 0; j < in; j++)
		sum += (double)c->x[row * in + j] *
		       (double)c->theta[j * out + unit];
	return sum;
}

static void test_shape(size_t rows, size_t in, size_t units)
{
	struct nn_layer l = { .type = &nn_linear, .units = units };
	struct check c;
	double worst = 0;
	char what[64];

	snprintf(what, sizeof(what), "linear %zu x %zu -> %zu", rows, in,
		 units);
	check_init(&c, l, (struct nn_shape){ 1, 1, in }, rows);
	for (size_t k = 0; k < units; k++) /* biases start at 0 */
		c.theta[in * units + k] = 0.1f * (float)k;
	check_forward(&c, true);
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < units; k++)
			worst = fmax(worst, fabs(plain(&c, i, k) -
						 (double)c.out[i * units + k]));
	/* float sums of some dozens of values of size 1 */
	ok(worst < 1e-5, "%s: as plain loops", what);
	check_gradients(&c, what);
	check_free(&c);
}

static void test_init(void)
{
	struct nn_layer l = { .type = &nn_linear, .units = 200 };
	struct check c;
	double square = 0;

	check_init(&c, l, (struct nn_shape){ 1, 1, 50 }, 1);
	for (size_t i = 0; i < c.l.decayed; i++)
		square += (double)c.theta[i] * (double)c.theta[i];
	/* 10,000 draws: the variance is known to 1.4 % */
	ok_near(square / (double)c.l.decayed, 2.0 / 50, 0.06 * 2.0 / 50,
		"linear: weights have variance 2 / inputs");
	ok(c.l.decayed == 10000 && c.l.params == 10200 &&
		   c.theta[10000] == 0.0f && c.theta[10199] == 0.0f,
	   "linear: biases come last, are 0 and do not decay");
	check_free(&c);
	l.gain = 1.0;
	check_init(&c, l, (struct nn_shape){ 1, 1, 50 }, 1);
	square = 0;
	for (size_t i = 0; i < c.l.decayed; i++)
		square += (double)c.theta[i] * (double)c.theta[i];
	ok_near(square / (double)c.l.decayed, 1.0 / 50, 0.06 / 50,
		"linear: gain sets it");
	check_free(&c);
}

static void test_uniform(void)
{
	struct nn_layer l = { .type = &nn_linear, .units = 200, .gain = 1,
			      .uniform = true };
	struct check c;
	double square = 0, biases = 0, bound = sqrt(3.0 / 50), widest = 0;

	check_init(&c, l, (struct nn_shape){ 1, 1, 50 }, 1);
	for (size_t i = 0; i < c.l.params; i++) {
		double w = (double)c.theta[i];

		widest = fmax(widest, fabs(w));
		square += w * w;
		biases += i < c.l.decayed ? 0 : w * w;
	}
	ok_near(square / (double)c.l.params, 1.0 / 50, 0.06 / 50,
		"linear: uniform weights have the gain's variance");
	/* 200 draws: known to 6 % */
	ok_near(biases / 200, 1.0 / 50, 0.25 / 50, "linear: and so have biases");
	ok(widest < bound && widest > 0.99 * bound, "linear: within their bound");
	check_free(&c);
}

int main(void)
{
	blas_init();
	test_shape(7, 5, 3);
	test_shape(1, 1, 1);
	test_shape(33, 40, 17);
	test_init();
	test_uniform();
	return tap_done();
}
