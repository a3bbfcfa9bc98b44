/* Local response normalisation: the paper's formula, its gradient, few channels. */
#include "tests/nn_check.h"

/* The slow twin: section 3.3 as it is written. */
static double plain(const struct check *c, size_t at, size_t i)
{
	int64_t n = (int64_t)c->l.window / 2, channels = (int64_t)c->l.in.channels;
	double sum = 0;

	for (int64_t j = (int64_t)i - n; j <= (int64_t)i + n; j++)
		if (j >= 0 && j < channels)
			sum += (double)c->x[at + (size_t)j] *
			       (double)c->x[at + (size_t)j];
	return (double)c->x[at + i] / pow(2 + c->l.rate * sum, 0.75);
}

static void test_shape(struct nn_shape in, size_t window, double alpha)
{
	struct nn_layer l = { .type = &nn_local_norm, .window = window,
			      .rate = alpha };
	struct check c;
	double worst = 0;
	char what[96];

	check_init(&c, l, in, 3);
	snprintf(what, sizeof(what), "local_norm: %zu channels, window %zu, alpha %g",
		 in.channels, window, alpha);
	check_forward(&c, true);
	for (size_t k = 0; k < 3 * nn_shape_size(in); k++)
		worst = fmax(worst, fabs((double)c.out[k] -
					 plain(&c, k / in.channels * in.channels,
					       k % in.channels)));
	ok(worst < 1e-6, "%s: as the paper has it", what);
	check_gradients(&c, what);
	check_free(&c);
}

int main(void)
{
	test_shape((struct nn_shape){ 2, 3, 8 }, 5, 0.3);
	test_shape((struct nn_shape){ 1, 1, 1 }, 5, 1);
	test_shape((struct nn_shape){ 1, 2, 3 }, 1, 0.1);
	test_shape((struct nn_shape){ 1, 4, 4 }, 9, 1e-4);
	return tap_done();
}
