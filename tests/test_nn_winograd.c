/* Winograd's convolution against plain loops in double: outputs, slopes, shapes
 * that tiles do not cover; and the maps at every level. */
#include "learners/nn/nn_winograd.h"

#include <string.h>

#include "harness/base/rng.h"
#include "learners/nn/nn_conv_kernels.h"
#include "learners/nn/nn_winograd_kernels.h"

#include "tests/tap.h"

#define SIDE_MAX 13
#define CHANNELS 64
#define ROWS_MAX 5
#define IMAGES (ROWS_MAX * SIDE_MAX * SIDE_MAX * CHANNELS)

static float x[IMAGES], d[IMAGES], y[IMAGES], again[IMAGES];
static float w[9 * CHANNELS * CHANNELS], grad[9 * CHANNELS * CHANNELS];
static float bias[CHANNELS];
static float scratch[2000000];

/* Value (row, y, x, c) of the rimmed input. */
static double value(const struct nn_winograd *g, size_t row, size_t v, size_t u,
		    size_t c)
{
	size_t at_y = v - g->rim, at_x = u - g->rim;

	if (v < g->rim || u < g->rim || at_y >= g->in.height ||
	    at_x >= g->in.width)
		return 0.0;
	return (double)x[((row * g->in.height + at_y) * g->in.width + at_x) *
				 g->in.channels + c];
}

/* The slow twin of apply. */
static double worst_apply(const struct nn_winograd *g, size_t rows)
{
	size_t pixels = g->out.height * g->out.width;
	double worst = 0.0;

	for (size_t i = 0; i < rows * pixels * g->out.channels; i += 7) {
		size_t u = i % g->out.channels, k = i / g->out.channels;
		double sum = (double)bias[u];

		for (size_t t = 0; t < 9; t++)
			for (size_t c = 0; c < g->in.channels; c++)
				sum += value(g, k / pixels,
					     k % pixels / g->out.width + t / 3,
					     k % g->out.width + t % 3, c) *
				       (double)w[(t * g->in.channels + c) *
							 g->out.channels + u];
		worst = fmax(worst, fabs(sum - (double)y[i]));
	}
	return worst;
}

/* The slow twin of weigh. */
static double worst_weigh(const struct nn_winograd *g, size_t rows)
{
	size_t pixels = g->out.height * g->out.width;
	double worst = 0.0;

	for (size_t i = 0; i < 9 * g->in.channels * g->out.channels; i += 13) {
		size_t u = i % g->out.channels;
		size_t c = i / g->out.channels % g->in.channels;
		size_t t = i / g->out.channels / g->in.channels;
		double sum = 0.0;

		for (size_t k = 0; k < rows * pixels; k++)
			sum += value(g, k / pixels,
				     k % pixels / g->out.width + t / 3,
				     k % g->out.width + t % 3, c) *
			       (double)d[k * g->out.channels + u];
		worst = fmax(worst, fabs(sum - (double)grad[i]));
	}
	return worst;
}

/* Row by row gives what all rows at once give: the tiles fall otherwise. */
static bool same_alone(const struct nn_winograd *g, size_t rows)
{
	for (size_t i = 0; i < rows; i++)
		nn_winograd_apply(g, 1, x + i * nn_shape_size(g->in), w, bias,
				  again + i * nn_shape_size(g->out), scratch);
	return !memcmp(y, again, rows * nn_shape_size(g->out) * sizeof(*y));
}

static void test_shape(const struct nn_winograd *g, size_t rows)
{
	size_t n = rows * nn_shape_size(g->out);
	char what[96];

	snprintf(what, sizeof(what), "winograd: %zu of %zux%zux%zu, rim %zu",
		 rows, g->in.height, g->in.width, g->in.channels, g->rim);
	ok(nn_winograd_fits(g), "%s: is one for it", what);
	if (!ok(nn_winograd_scratch(g) <= sizeof(scratch) / sizeof(*scratch),
		"%s: scratch", what))
		return;
	y[n] = 77;
	nn_winograd_apply(g, rows, x, w, bias, y, scratch);
	/* sums of up to 576 values of size 1; the maps grow rounding tenfold */
	ok(worst_apply(g, rows) < 5e-4 && y[n] == 77,
	   "%s: as plain loops, and not a float more", what);
	ok(same_alone(g, rows), "%s: same bits however tiles are grouped", what);
	nn_winograd_weigh(g, rows, x, d, grad, scratch);
	ok(worst_weigh(g, rows) < 1e-3, "%s: gradient as plain loops", what);
}

static void test_fits(void)
{
	size_t panel = nn_conv_kernels_pick()->panel;
	struct nn_winograd g = { .in = { 8, 8, panel }, .out = { 8, 8, panel },
				 .rim = 1 };

	ok(nn_winograd_fits(&g), "winograd: takes whole panels");
	g.in.channels = 3;
	ok(!nn_winograd_fits(&g), "winograd: not an image of 3 channels");
	g.in.channels = panel;
	g.out = (struct nn_shape){ 1, 1, panel };
	ok(!nn_winograd_fits(&g), "winograd: not a single pixel");
	g.out = (struct nn_shape){ 0, 0, panel };
	ok(!nn_winograd_fits(&g), "winograd: not an empty image");
}

/* weights and input of a level, then output: one tile of one channel's worth,
 * against the definition; and grad and slope as their adjoints. */
static void test_level(const struct nn_winograd_kernels *maps, size_t panel,
		       const char *level)
{
	static float v[36 * 32], u[36 * 32], m[36 * 32], out[16 * 32], g[9 * 32];
	struct nn_planes to = { panel, panel };
	double worst = 0.0, left = 0.0, right = 0.0;

	maps->input(x, 6 * panel, panel, &to, v);
	maps->weights(w, 1, panel, panel, u);
	for (size_t k = 0; k < 36 * panel; k++)
		m[k] = v[k] * u[k];
	maps->output(m, panel, NULL, panel, 4, 4, 4 * panel, out);
	for (size_t i = 0; i < 16 * panel; i++) {
		size_t c = i % panel, r = i / panel / 4, s = i / panel % 4;
		double sum = 0.0;

		for (size_t t = 0; t < 9; t++)
			sum += (double)x[((r + t / 3) * 6 + s + t % 3) * panel +
					 c] * (double)w[t * panel + c];
		worst = fmax(worst, fabs(sum - (double)out[i]));
		left += (double)out[i] * (double)d[i];
	}
	ok(worst < 1e-4, "%s: a tile is its nine products", level);
	maps->slope(d, 4 * panel, panel, &to, m);
	for (size_t k = 0; k < 36 * panel; k++)
		m[k] *= v[k];
	maps->grad(m, panel, panel, g);
	for (size_t k = 0; k < 9 * panel; k++)
		right += (double)g[k] * (double)w[k];
	ok(fabs(left - right) < 1e-3 * (1 + fabs(left)),
	   "%s: slope and grad are the adjoint", level);
}

int main(void)
{
	struct rng r = rng_make(6, "winograd");

	rng_fill_normal(r, 0, IMAGES, x);
	rng_fill_normal(rng_sub(r, 1), 0, 9 * CHANNELS * CHANNELS, w);
	rng_fill_normal(rng_sub(r, 2), 0, CHANNELS, bias);
	rng_fill_normal(rng_sub(r, 3), 0, IMAGES, d);
	test_fits();
	test_shape(&(struct nn_winograd){ { 8, 8, 32 }, { 8, 8, 64 }, 1 }, 3);
	test_shape(&(struct nn_winograd){ { 7, 11, 64 }, { 7, 11, 32 }, 1 }, 5);
	test_shape(&(struct nn_winograd){ { 6, 6, 32 }, { 4, 4, 32 }, 0 }, 1);
	test_shape(&(struct nn_winograd){ { 6, 6, 32 }, { 8, 8, 32 }, 2 }, 2);
	for (int l = SIMD_BASE; l <= (int)simd_level(); l++)
		test_level(SIMD_AT(nn_winograd_kernels, l),
			   SIMD_AT(nn_conv_kernels, l)->panel,
			   simd_level_name((enum simd_level)l));
	return tap_done();
}
