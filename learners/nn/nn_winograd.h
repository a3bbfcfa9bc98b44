/* 3 x 3 convolutions with a quarter of the multiplications, for nn_conv2d.
 *
 * Forward, the gradient of the input (a convolution of d_out with turned
 * weights) and that of the weights, each as 36 matrix products over blocks
 * of tiles (nn_winograd_kernels.h has the maps). Sums are rounded otherwise
 * than by plain loops: relative errors are some 1e-6 (Lavin & Gray 2016, table
 * 4). An output does not depend on how tiles are grouped.
 */
#ifndef TRIARCH_NN_WINOGRAD_H
#define TRIARCH_NN_WINOGRAD_H

#include <stdbool.h>

#include "learners/nn/nn_layer.h"

/* A convolution of windows 3 x 3, one apart, of images that have `rim` zeros
 * before the first pixel and as many as are wanted behind the last. */
struct nn_winograd {
	struct nn_shape in, out; /* channels: whole panels */
	size_t rim;
};

/* Does it pay, and can it be done at all? */
bool nn_winograd_fits(const struct nn_winograd *w);

/* Floats of scratch that apply and weigh want. */
size_t nn_winograd_scratch(const struct nn_winograd *w);

/* y (rows, out) = x (rows, in) * weights (9, in.channels, out.channels) + bias
 * (NULL: none). */
void nn_winograd_apply(const struct nn_winograd *w, size_t rows, const float *x,
		       const float *weights, const float *bias, float *y,
		       float *scratch);

/* grad (9, in.channels, out.channels) = the weights' slope for d (rows, out). */
void nn_winograd_weigh(const struct nn_winograd *w, size_t rows, const float *x,
		       const float *d, float *grad, float *scratch);

#endif
