/* Activations: values, gradients, and NaN not swallowed. */
#include "tests/nn_check.h"

static void test_gradient(const struct nn_layer_type *type)
{
	struct nn_layer l = { .type = type };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 1, 1, 37 }, 4);
	/* keep off the kink of the ReLU by more than the step */
	for (size_t i = 0; i < 4 * 37; i++)
		c.x[i] += c.x[i] < 0.0f ? -0.05f : 0.05f;
	check_gradients(&c, type->name);
	check_free(&c);
}

static void test_relu(void)
{
	struct nn_layer l = { .type = &nn_relu };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 1, 1, 4 }, 1);
	c.x[0] = -2.0f;
	c.x[1] = 3.0f;
	c.x[2] = 0.0f;
	c.x[3] = NAN;
	check_forward(&c, true);
	ok(c.out[0] == 0.0f && c.out[1] == 3.0f && c.out[2] == 0.0f,
	   "relu: max(x, 0)");
	ok(isnan(c.out[3]), "relu: NaN stays NaN, so that the loss shows it");
	check_free(&c);
}

static void test_tanh(void)
{
	struct nn_layer l = { .type = &nn_tanh };
	struct check c;

	check_init(&c, l, (struct nn_shape){ 1, 1, 1 }, 1);
	c.x[0] = 0.5f;
	check_forward(&c, true);
	ok_near(c.out[0], tanh(0.5), 1e-6, "tanh: as the library's");
	check_free(&c);
}

int main(void)
{
	test_gradient(&nn_relu);
	test_gradient(&nn_tanh);
	test_relu();
	test_tanh();
	return tap_done();
}
