/* Pools against plain loops, their gradients, windows larger than images. */
#include "tests/nn_check.h"

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The slow twin: one output value of a maximum or mean over a window. */
static double plain(const struct check *c, size_t i, bool largest)
{
	const struct nn_layer *l = &c->l;
	struct nn_shape in = l->in, out = l->out;
	size_t channel = i % out.channels, pixel = i / out.channels;
	size_t x = pixel % out.width * l->stride;
	size_t y = pixel / out.width % out.height * l->stride;
	size_t row = pixel / out.width / out.height;
	size_t h = least(l->window, in.height), w = least(l->window, in.width);
	double top = -INFINITY, sum = 0;

	for (size_t k = 0; k < h * w; k++) {
		size_t at = ((row * in.height + y + k / w) * in.width + x +
			     k % w) * in.channels + channel;

		top = fmax(top, (double)c->x[at]);
		sum += (double)c->x[at];
	}
	return largest ? top : sum / (double)(h * w);
}

static void test_shape(const struct nn_layer_type *type, size_t window,
		       size_t stride, struct nn_shape in)
{
	struct nn_layer l = { .type = type, .window = window,
			      .stride = stride };
	struct check c;
	double worst = 0;
	char what[96];

	check_init(&c, l, in, 3);
	c.h = 1e-3; /* a step must not change which value is the largest */
	snprintf(what, sizeof(what), "%s %zu/%zu of %zux%zux%zu", type->name,
		 window, stride, in.height, in.width, in.channels);
	check_forward(&c, true);
	for (size_t i = 0; i < 3 * nn_shape_size(c.l.out); i++)
		worst = fmax(worst, fabs(plain(&c, i, type == &nn_max_pool) -
					 (double)c.out[i]));
	ok(worst < 1e-6, "%s: as plain loops", what);
	check_gradients(&c, what);
	check_free(&c);
}

static void test_global(void)
{
	struct nn_layer l = { .type = &nn_global_pool };
	struct check c;
	double sum = 0;

	check_init(&c, l, (struct nn_shape){ 4, 3, 5 }, 2);
	check_forward(&c, true);
	for (size_t k = 0; k < 12; k++)
		sum += (double)c.x[60 + k * 5 + 2];
	ok_near(c.out[5 + 2], sum / 12, 1e-6,
		"global_pool: the mean of a channel's pixels");
	check_gradients(&c, "global_pool");
	check_free(&c);
}

/* After a ReLU many values of a window are 0 together. */
static void test_ties(void)
{
	struct nn_layer l = { .type = &nn_max_pool, .window = 2 };
	struct check c;
	double sum = 0, want = 0;

	check_init(&c, l, (struct nn_shape){ 4, 4, 3 }, 1);
	memset(c.x, 0, 48 * sizeof(float));
	check_backward(&c);
	for (size_t i = 0; i < 48; i++)
		sum += (double)c.d_in[i];
	for (size_t i = 0; i < 12; i++)
		want += (double)c.coefficient[i];
	ok_near(sum, want, 1e-5, "max_pool: of equal values one takes it all");
	check_free(&c);
}

int main(void)
{
	test_shape(&nn_max_pool, 2, 2, (struct nn_shape){ 6, 4, 3 });
	test_shape(&nn_max_pool, 2, 0, (struct nn_shape){ 5, 7, 1 });
	test_shape(&nn_max_pool, 3, 2, (struct nn_shape){ 7, 7, 2 });
	test_shape(&nn_max_pool, 2, 2, (struct nn_shape){ 1, 1, 4 });
	test_shape(&nn_max_pool, 3, 3, (struct nn_shape){ 2, 9, 2 });
	test_shape(&nn_average_pool, 2, 2, (struct nn_shape){ 6, 4, 3 });
	test_shape(&nn_average_pool, 3, 1, (struct nn_shape){ 5, 2, 2 });
	test_global();
	test_ties();
	return tap_done();
}
