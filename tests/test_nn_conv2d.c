/* Convolution: against plain loops, its gradient, odd shapes. */
#include "harness/base/blas.h"

#include "tests/nn_check.h"

/* The slow twin: one output value. */
static double plain(const struct check *check, size_t row, size_t y, size_t x,
		    size_t unit)
{
	const struct nn_layer *l = &check->l;
	const float *image = check->x + row * nn_shape_size(l->in);
	double sum = (double)check->theta[l->decayed + unit];
	size_t groups = l->groups ? l->groups : 1, c = l->in.channels / groups;
	size_t group = unit / (l->units / groups);

	/* conv1d: windows of one column, one apart, without a rim */
	bool flat = l->type == &nn_conv1d;
	size_t wide = flat ? 1 : l->window, rim = flat ? 0 : l->pad;

	for (size_t k = 0; k < l->window * wide; k++) {
		size_t v = y * l->stride + k / wide;
		size_t u = x * (flat ? 1 : l->stride) + k % wide;

		if (v < l->pad || u < rim || v >= l->in.height + l->pad ||
		    u >= l->in.width + rim)
			continue;
		for (size_t j = 0; j < c; j++) {
			size_t at = (v - l->pad) * l->in.width + u - rim;
			size_t w = k * c + j;

			sum += (double)image[at * l->in.channels + group * c + j] *
			       (double)check->theta[w * l->units + unit];
		}
	}
	return sum;
}

static double worst_of(const struct check *c)
{
	struct nn_shape out = c->l.out;
	double worst = 0;

	for (size_t i = 0; i < c->rows * nn_shape_size(out); i++) {
		size_t unit = i % out.channels, pixel = i / out.channels;
		size_t x = pixel % out.width, y = pixel / out.width;

		worst = fmax(worst, fabs(plain(c, y / out.height,
					       y % out.height, x, unit) -
					 (double)c->out[i]));
	}
	return worst;
}

static void test_shape(struct nn_layer l, struct nn_shape in, size_t rows)
{
	struct check c;
	char what[112];

	if (!l.type)
		l.type = &nn_conv2d;
	check_init(&c, l, in, rows);
	snprintf(what, sizeof(what),
		 "%s %zu of %zux%zux%zu, window %zu, stride %zu, pad %zu, groups %zu",
		 l.type->name, rows, in.height, in.width, in.channels, c.l.window,
		 c.l.stride, c.l.pad, c.l.groups);
	check_forward(&c, true);
	/* float sums of at most some hundreds of values of size 1 */
	ok(worst_of(&c) < 5e-5, "%s: as plain loops", what);
	check_gradients(&c, what);
	check_free(&c);
}

static void test_sizes(void)
{
	struct nn_layer l = { .type = &nn_conv2d, .units = 8, .window = 3,
			      .pad = 1, .in = { 5, 7, 2 } };

	l.type->plan(&l, 4);
	ok(l.out.height == 5 && l.out.width == 7 && l.out.channels == 8,
	   "conv2d: a 3x3 window with a rim of 1 keeps the size");
	ok(l.params == 3 * 3 * 2 * 8 + 8 && l.decayed == 3 * 3 * 2 * 8,
	   "conv2d: counts its weights");
}

/* Groups of some channels, one by one; and depthwise, with channels that fill
 * vectors or not. */
static void test_groups(void)
{
	struct nn_layer l = { .type = &nn_conv2d, .units = 12, .window = 3,
			      .pad = 1, .groups = 4, .in = { 5, 7, 8 } };

	l.type->plan(&l, 4);
	ok(l.params == 3 * 3 * 2 * 12 + 12 && l.out.channels == 12,
	   "conv2d: a unit has weights for its group's channels alone");
	test_shape((struct nn_layer){ .units = 6, .window = 3, .pad = 1,
				      .groups = 2 },
		   (struct nn_shape){ 5, 6, 4 }, 3);
	test_shape((struct nn_layer){ .units = 9, .window = 3, .stride = 2,
				      .groups = 3 },
		   (struct nn_shape){ 6, 7, 3 }, 2);
	test_shape((struct nn_layer){ .units = 64, .window = 3, .pad = 1,
				      .groups = 2 },
		   (struct nn_shape){ 8, 7, 64 }, 2);
	test_shape((struct nn_layer){ .units = 4, .window = 1, .groups = 2 },
		   (struct nn_shape){ 1, 1, 2 }, 1);
	test_shape((struct nn_layer){ .type = &nn_conv1d, .units = 4, .window = 3,
				      .pad = 1, .stride = 2, .groups = 4 },
		   (struct nn_shape){ 9, 1, 4 }, 2);
	test_shape((struct nn_layer){ .units = 5, .window = 3, .pad = 1,
				      .groups = 5 },
		   (struct nn_shape){ 6, 5, 5 }, 3);
	test_shape((struct nn_layer){ .units = 35, .window = 5, .pad = 2,
				      .stride = 2, .groups = 35 },
		   (struct nn_shape){ 7, 8, 35 }, 2);
	test_shape((struct nn_layer){ .units = 2, .window = 3, .pad = 1,
				      .groups = 2 },
		   (struct nn_shape){ 1, 1, 2 }, 1);
}

int main(void)
{
	blas_init();
	test_sizes();
	test_groups();
	test_shape((struct nn_layer){ .units = 4, .window = 3, .pad = 1 },
		   (struct nn_shape){ 6, 5, 2 }, 3);
	test_shape((struct nn_layer){ .units = 3, .window = 3 },
		   (struct nn_shape){ 5, 4, 1 }, 2);
	test_shape((struct nn_layer){ .units = 5, .window = 5, .pad = 2,
				      .stride = 2 },
		   (struct nn_shape){ 9, 8, 3 }, 2);
	test_shape((struct nn_layer){ .units = 2, .window = 3, .pad = 1 },
		   (struct nn_shape){ 1, 1, 1 }, 4);
	test_shape((struct nn_layer){ .units = 3, .window = 1 },
		   (struct nn_shape){ 3, 3, 4 }, 1);
	/* so many rows that the patches are laid out in several blocks */
	test_shape((struct nn_layer){ .units = 2, .window = 3, .pad = 1 },
		   (struct nn_shape){ 20, 20, 4 }, 11);
	/* Winograd's way: there, back, and back alone */
	test_shape((struct nn_layer){ .units = 32, .window = 3, .pad = 1 },
		   (struct nn_shape){ 8, 7, 32 }, 2);
	test_shape((struct nn_layer){ .units = 32, .window = 3, .pad = 1,
				      .stride = 2 },
		   (struct nn_shape){ 7, 8, 32 }, 2);
	test_shape((struct nn_layer){ .units = 32, .window = 3 },
		   (struct nn_shape){ 6, 6, 32 }, 2);
	/* strides: phases without taps, of unequal size, beyond the last window */
	test_shape((struct nn_layer){ .units = 3, .window = 1, .stride = 2 },
		   (struct nn_shape){ 7, 6, 4 }, 2);
	test_shape((struct nn_layer){ .units = 3, .window = 2, .stride = 3 },
		   (struct nn_shape){ 10, 7, 2 }, 2);
	test_shape((struct nn_layer){ .units = 2, .window = 4, .pad = 3,
				      .stride = 3 },
		   (struct nn_shape){ 6, 9, 3 }, 2);
	test_shape((struct nn_layer){ .units = 20, .window = 3, .pad = 1,
				      .stride = 2 },
		   (struct nn_shape){ 8, 8, 18 }, 2);
	test_shape((struct nn_layer){ .units = 2, .window = 3, .pad = 2,
				      .stride = 4 },
		   (struct nn_shape){ 1, 2, 2 }, 2);
	test_shape((struct nn_layer){ .type = &nn_conv1d, .units = 4,
				      .window = 9, .pad = 4, .stride = 4 },
		   (struct nn_shape){ 50, 1, 3 }, 2);
	test_shape((struct nn_layer){ .type = &nn_conv1d, .units = 3,
				      .window = 3, .pad = 1, .stride = 2 },
		   (struct nn_shape){ 9, 1, 2 }, 2);
	test_shape((struct nn_layer){ .type = &nn_conv1d, .units = 2,
				      .window = 1 },
		   (struct nn_shape){ 1, 1, 1 }, 2);
	return tap_done();
}
