/* Each map is one line of a matrix on columns, then on rows; a tile of vectors
 * lies in between. */
#include "learners/nn/nn_winograd_kernels.h"

#include "harness/base/vec.h"

#define PANEL (2 * W) /* as nn_conv_kernels has it */
#define READ WINOGRAD_READ
#define TILE WINOGRAD_TILE
#define INLINE static inline __attribute__((always_inline))

/* A line of 6, 4 or 3 vectors, `step` apart. */

/* B' */
INLINE void input_line(const vf *x, size_t s, vf *y, size_t t)
{
	vf even = x[4 * s] - 4.0f * x[2 * s], odd = x[3 * s] - 4.0f * x[s];
	vf far = x[4 * s] - x[2 * s], near = 2.0f * (x[3 * s] - x[s]);

	y[0] = 4.0f * x[0] - 5.0f * x[2 * s] + x[4 * s];
	y[t] = even + odd;
	y[2 * t] = even - odd;
	y[3 * t] = far + near;
	y[4 * t] = far - near;
	y[5 * t] = 4.0f * x[s] - 5.0f * x[3 * s] + x[5 * s];
}

/* A' */
INLINE void output_line(const vf *x, size_t s, vf *y, size_t t)
{
	vf sum = x[s] + x[2 * s], minus = x[s] - x[2 * s];
	vf sum2 = x[3 * s] + x[4 * s], minus2 = x[3 * s] - x[4 * s];

	y[0] = x[0] + sum + sum2;
	y[t] = minus + 2.0f * minus2;
	y[2 * t] = sum + 4.0f * sum2;
	y[3 * t] = minus + 8.0f * minus2 + x[5 * s];
}

/* A */
INLINE void slope_line(const vf *x, size_t s, vf *y, size_t t)
{
	vf even = x[0] + x[2 * s], odd = x[s] + x[3 * s];
	vf even2 = x[0] + 4.0f * x[2 * s];
	vf odd2 = 2.0f * x[s] + 8.0f * x[3 * s];

	y[0] = x[0];
	y[t] = even + odd;
	y[2 * t] = even - odd;
	y[3 * t] = even2 + odd2;
	y[4 * t] = even2 - odd2;
	y[5 * t] = x[3 * s];
}

/* G */
INLINE void weights_line(const vf *x, size_t s, vf *y, size_t t)
{
	vf ends = (x[0] + x[2 * s]) * (-1.0f / 6.0f), mid = x[s] * (1.0f / 6.0f);
	vf ends2 = x[0] * (1.0f / 24.0f) + x[2 * s] * (1.0f / 6.0f);
	vf mid2 = x[s] * (1.0f / 12.0f);

	y[0] = x[0] * 0.25f;
	y[t] = ends - mid;
	y[2 * t] = ends + mid;
	y[3 * t] = ends2 + mid2;
	y[4 * t] = ends2 - mid2;
	y[5 * t] = x[2 * s];
}

/* G' */
INLINE void grad_line(const vf *x, size_t s, vf *y, size_t t)
{
	vf sum = (x[s] + x[2 * s]) * (-1.0f / 6.0f);
	vf minus = (x[2 * s] - x[s]) * (1.0f / 6.0f);
	vf sum2 = x[3 * s] + x[4 * s], minus2 = x[3 * s] - x[4 * s];

	y[0] = x[0] * 0.25f + sum + sum2 * (1.0f / 24.0f);
	y[t] = minus + minus2 * (1.0f / 12.0f);
	y[2 * t] = sum + sum2 * (1.0f / 6.0f) + x[5 * s];
}

/* The whole map of a `from` x `from` tile to a `to` x `to` one. */
#define MAP(name, line, from, to)                                    \
	INLINE void name(const vf *x, vf *y)                         \
	{                                                            \
		vf half[(to) * (from)];                              \
                                                                     \
		for (size_t j = 0; j < (from); j++)                  \
			line(x + j, from, half + j, from);           \
		for (size_t i = 0; i < (to); i++)                    \
			line(half + i * (from), 1, y + i * (to), 1); \
	}
MAP(input_map, input_line, READ, READ)
MAP(output_map, output_line, READ, TILE)
MAP(slope_map, slope_line, TILE, READ)
MAP(weights_map, weights_line, 3, READ)
MAP(grad_map, grad_line, READ, 3)

/* Where channel c lies in a plane. */
INLINE size_t place(const struct nn_planes *p, size_t c)
{
	return c / PANEL * p->group + c % PANEL;
}

/* One vector of channels of n x n pixels. */
INLINE void load_tile(const float *image, size_t pitch, size_t channels,
		      size_t n, vf *x)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			x[i * n + j] = load(image + i * pitch + j * channels);
}

static void input(const float *image, size_t pitch, size_t channels,
		  const struct nn_planes *to, float *out)
{
	for (size_t c = 0; c < channels; c += W) {
		vf x[READ * READ], y[WINOGRAD_PLANES];

		load_tile(image + c, pitch, channels, READ, x);
		input_map(x, y);
		for (size_t k = 0; k < WINOGRAD_PLANES; k++)
			store(out + k * to->plane + place(to, c), y[k]);
	}
}

static void slope(const float *image, size_t pitch, size_t channels,
		  const struct nn_planes *to, float *out)
{
	for (size_t c = 0; c < channels; c += W) {
		vf x[TILE * TILE], y[WINOGRAD_PLANES];

		load_tile(image + c, pitch, channels, TILE, x);
		slope_map(x, y);
		for (size_t k = 0; k < WINOGRAD_PLANES; k++)
			store(out + k * to->plane + place(to, c), y[k]);
	}
}

static void output(const float *m, size_t plane, const float *bias,
		   size_t channels, size_t height, size_t width, size_t pitch,
		   float *image)
{
	for (size_t c = 0; c < channels; c += W) {
		vf x[WINOGRAD_PLANES], y[TILE * TILE];
		vf b = bias ? load(bias + c) : (vf){ 0 };

		for (size_t k = 0; k < WINOGRAD_PLANES; k++)
			x[k] = load(m + k * plane + c);
		output_map(x, y);
		for (size_t i = 0; i < height; i++)
			for (size_t j = 0; j < width; j++)
				store(image + i * pitch + j * channels + c,
				      y[i * TILE + j] + b);
	}
}

/* Panel by panel, so that each of the 36 planes is written front to back. */
static void weights(const float *w, size_t rows, size_t cols, size_t plane,
		    float *out)
{
	for (size_t c = 0; c < cols; c += W) {
		float *to = out + c / PANEL * rows * PANEL + c % PANEL;

		for (size_t i = 0; i < rows; i++) {
			vf x[9], y[WINOGRAD_PLANES];

			for (size_t k = 0; k < 9; k++)
				x[k] = load(w + (k * rows + i) * cols + c);
			weights_map(x, y);
			for (size_t k = 0; k < WINOGRAD_PLANES; k++)
				store(to + k * plane + i * PANEL, y[k]);
		}
	}
}

static void grad(const float *u, size_t plane, size_t n, float *out)
{
	for (size_t i = 0; i < n; i += W) {
		vf x[WINOGRAD_PLANES], y[9];

		for (size_t k = 0; k < WINOGRAD_PLANES; k++)
			x[k] = load(u + k * plane + i);
		grad_map(x, y);
		for (size_t k = 0; k < 9; k++)
			store(out + k * n + i, y[k]);
	}
}

const struct nn_winograd_kernels SIMD_NAME(nn_winograd_kernels) = {
	.input = input,
	.slope = slope,
	.output = output,
	.weights = weights,
	.grad = grad,
};
