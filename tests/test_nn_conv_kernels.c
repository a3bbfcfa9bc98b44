/* The products of a convolution, at every level this machine runs, against
 * plain loops in double. */
#include "learners/nn/nn_conv_kernels.h"

#include "harness/base/rng.h"

#include "tests/tap.h"

#define PANEL_MAX 32
#define SIDE 9
#define CHANNELS_MAX 19
#define COLS_MAX 70
#define FAN_MAX (9 * CHANNELS_MAX)
#define PIXELS_MAX (SIDE * SIDE)
#define WIDE (COLS_MAX + PANEL_MAX)

static float image[PIXELS_MAX * CHANNELS_MAX], w[FAN_MAX * COLS_MAX];
static float bias[COLS_MAX], d[PIXELS_MAX * COLS_MAX];
static float packed_w[FAN_MAX * WIDE], packed_bias[WIDE];
static float packed_d[PIXELS_MAX * WIDE];
static float out[PIXELS_MAX * COLS_MAX + 1], grad[FAN_MAX * COLS_MAX + 1];

static struct nn_windows windows_of(size_t window, size_t channels,
				    size_t stride, size_t height, size_t width)
{
	return (struct nn_windows){ .window = window,
				    .run = window * channels,
				    .pitch = SIDE * channels,
				    .across = stride * channels,
				    .down = stride * SIDE * channels,
				    .height = height, .width = width };
}

/* Value t of the window of output pixel k. */
static double value(const struct nn_windows *s, size_t k, size_t t)
{
	return (double)image[k / s->width * s->down +
			     k % s->width * s->across +
			     t / s->run * s->pitch + t % s->run];
}

static double worst_apply(const struct nn_windows *s, size_t cols)
{
	double worst = 0;

	for (size_t i = 0; i < s->height * s->width * cols; i++) {
		double sum = (double)bias[i % cols];

		for (size_t t = 0; t < s->window * s->run; t++)
			sum += value(s, i / cols, t) *
			       (double)w[t * cols + i % cols];
		worst = fmax(worst, fabs(sum - (double)out[i]));
	}
	return worst;
}

/* grad was 1 everywhere before: the product is added. */
static double worst_weigh(const struct nn_windows *s, size_t cols)
{
	double worst = 0;

	for (size_t i = 0; i < s->window * s->run * cols; i++) {
		double sum = 1;

		for (size_t k = 0; k < s->height * s->width; k++)
			sum += value(s, k, i / cols) *
			       (double)d[k * cols + i % cols];
		worst = fmax(worst, fabs(sum - (double)grad[i]));
	}
	return worst;
}

/* One window at a time gives what all at once give. */
static bool same_alone(const struct nn_conv_kernels *kernels,
		       const struct nn_windows *s, size_t cols)
{
	struct nn_windows one = *s;
	float alone[COLS_MAX];
	bool same = true;

	one.height = one.width = 1;
	for (size_t k = 0; k < s->height * s->width; k++) {
		kernels->apply(&one,
			       image + k / s->width * s->down +
				       k % s->width * s->across,
			       packed_w, packed_bias, cols, alone);
		same &= !memcmp(alone, out + k * cols, cols * sizeof(float));
	}
	return same;
}

static void test_shape(const struct nn_conv_kernels *kernels,
		       const char *level, const struct nn_windows *s,
		       size_t cols)
{
	size_t pixels = s->height * s->width, fan = s->window * s->run;
	char what[96];

	snprintf(what, sizeof(what), "%s: %zu windows of %zu to %zu columns",
		 level, pixels, fan, cols);
	kernels->pack(w, fan, cols, packed_w);
	kernels->pack(bias, 1, cols, packed_bias);
	kernels->pack(d, pixels, cols, packed_d);
	out[pixels * cols] = 77;
	kernels->apply(s, image, packed_w, packed_bias, cols, out);
	/* float sums of at most 54 values of size 1 */
	ok(worst_apply(s, cols) < 2e-5 && out[pixels * cols] == 77,
	   "%s: as plain loops, and not a float more", what);
	ok(same_alone(kernels, s, cols),
	   "%s: same bits however windows are grouped", what);
	for (size_t i = 0; i < fan * cols; i++)
		grad[i] = 1;
	grad[fan * cols] = 77;
	kernels->weigh(s, image, packed_d, cols, grad);
	/* of at most 81 */
	ok(worst_weigh(s, cols) < 5e-5 && grad[fan * cols] == 77,
	   "%s: gradient as plain loops, and not a float more", what);
}

/* The three depthwise loops against plain ones in double: w, d and bias are the
 * first floats of the arrays; slopes and gradients were 1 before. */
static void worst_depth(const struct nn_windows *s, size_t channels, double worst[3])
{
	static double want[PIXELS_MAX * CHANNELS_MAX], sums[FAN_MAX];

	for (size_t i = 0; i < PIXELS_MAX * CHANNELS_MAX; i++)
		want[i] = 1;
	for (size_t i = 0; i < FAN_MAX; i++)
		sums[i] = 1;
	for (size_t i = 0; i < s->height * s->width * channels; i++) {
		size_t k = i / channels, c = i % channels;
		double sum = (double)bias[c];

		for (size_t t = c; t < s->window * s->run; t += channels) {
			size_t at = k / s->width * s->down +
				    k % s->width * s->across +
				    t / s->run * s->pitch + t % s->run;

			sum += value(s, k, t) * (double)w[t];
			sums[t] += value(s, k, t) * (double)d[i];
			want[at] += (double)w[t] * (double)d[i];
		}
		worst[0] = fmax(worst[0], fabs(sum - (double)out[i]));
	}
	for (size_t t = 0; t < s->window * s->run; t++)
		worst[1] = fmax(worst[1], fabs(sums[t] - (double)grad[t]));
	for (size_t i = 0; i < PIXELS_MAX * channels; i++)
		worst[2] = fmax(worst[2], fabs(want[i] - (double)packed_d[i]));
}

static void test_depth(const struct nn_conv_kernels *kernels, const char *level,
		       const struct nn_windows *s, size_t channels)
{
	double worst[3] = { 0 };

	for (size_t i = 0; i < FAN_MAX; i++)
		grad[i] = 1;
	for (size_t i = 0; i < PIXELS_MAX * CHANNELS_MAX; i++)
		packed_d[i] = 1;
	kernels->depth(s, image, w, bias, channels, out);
	kernels->depth_weigh(s, image, d, channels, grad);
	kernels->depth_back(s, w, d, channels, packed_d);
	worst_depth(s, channels, worst);
	ok(worst[0] < 2e-5 && worst[1] < 5e-5 && worst[2] < 2e-5,
	   "%s: depthwise, %zu channels, as plain loops", level, channels);
}

/* Columns that fill a panel or not, fewer windows than a tile, runs that tiles
 * of 6 and 3 cover or not. */
static void test_level(const struct nn_conv_kernels *kernels,
		       const char *level)
{
	const struct nn_windows shapes[] = {
		windows_of(3, 1, 1, 7, 7), windows_of(3, 6, 1, 7, 7),
		windows_of(3, 2, 2, 4, 3), windows_of(3, 3, 1, 1, 5),
		windows_of(1, 5, 1, 9, 9), windows_of(2, 4, 3, 2, 1),
	};
	const struct nn_windows deep[] = {
		windows_of(3, 1, 1, 7, 7), windows_of(3, 19, 1, 7, 7),
		windows_of(2, 8, 3, 2, 3), windows_of(1, 16, 2, 5, 5),
	};
	const size_t cols[] = { 1, 32, 67 };

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		for (size_t k = 0; k < 3; k++)
			test_shape(kernels, level, &shapes[i], cols[k]);
	for (size_t i = 0; i < sizeof(deep) / sizeof(deep[0]); i++)
		test_depth(kernels, level, &deep[i], deep[i].run / deep[i].window);
}

static void test_no_bias(const struct nn_conv_kernels *kernels,
			 const char *level)
{
	const struct nn_windows s = windows_of(3, 2, 1, 7, 7);
	static float without[49 * 40];
	double worst = 0;

	kernels->pack(w, 18, 40, packed_w);
	kernels->pack(bias, 1, 40, packed_bias);
	kernels->apply(&s, image, packed_w, packed_bias, 40, out);
	kernels->apply(&s, image, packed_w, NULL, 40, without);
	for (size_t i = 0; i < 49 * 40; i++)
		worst = fmax(worst, fabs((double)out[i] - (double)without[i] -
					 (double)bias[i % 40]));
	ok(worst < 1e-5, "%s: without a bias sums begin at 0", level);
}

int main(void)
{
	struct rng r = rng_make(6, "conv");

	rng_fill_normal(r, 0, PIXELS_MAX * CHANNELS_MAX, image);
	rng_fill_normal(rng_sub(r, 1), 0, FAN_MAX * COLS_MAX, w);
	rng_fill_normal(rng_sub(r, 2), 0, COLS_MAX, bias);
	rng_fill_normal(rng_sub(r, 3), 0, PIXELS_MAX * COLS_MAX, d);
	for (int l = SIMD_BASE; l <= (int)simd_level(); l++) {
		const struct nn_conv_kernels *kernels =
			SIMD_AT(nn_conv_kernels, l);
		const char *level = simd_level_name((enum simd_level)l);

		ok(kernels->panel <= PANEL_MAX, "%s: a panel's width", level);
		test_level(kernels, level);
		test_no_bias(kernels, level);
	}
	return tap_done();
}
