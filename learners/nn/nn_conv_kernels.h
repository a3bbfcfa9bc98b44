/* Direct convolution of one channels-last image, a table for each
 * instruction-set level: what nn_conv2d runs forward and backward.
 *
 * Weights are laid out in panels of `panel` columns, (panels, rows, panel),
 * zeros behind the last column, so that a panel stays in the first-level cache
 * while a few pixels' sums stay in registers (Georganas et al. 2018, "Anatomy
 * of high-performance deep learning convolutions on SIMD architectures"). No
 * patches are copied as im2col does: a window's row is a run of
 * window * channels neighbouring floats of the padded image already.
 */
#ifndef TRIARCH_NN_CONV_KERNELS_H
#define TRIARCH_NN_CONV_KERNELS_H

#include <stddef.h>

#include "harness/base/simd.h"
#include "learners/nn/nn_kernels.h"

struct nn_conv_kernels {
	size_t panel; /* columns of a panel */
	/* x (rows, cols) -> panels (panels, rows, panel) */
	void (*pack)(const float *x, size_t rows, size_t cols, float *panels);
	/* out (height * width, cols) = windows * w + bias, both packed;
	 * bias NULL: none */
	void (*apply)(const struct nn_windows *s, const float *image,
		      const float *w, const float *bias, size_t cols,
		      float *out);
	/* grad (window * run, cols) += windows' * d, d (height * width, cols)
	 * packed */
	void (*weigh)(const struct nn_windows *s, const float *image,
		      const float *d, size_t cols, float *grad);
	/* Depthwise, each channel by itself: out (height * width, channels) =
	 * the windows' sum of image * w + bias, w (taps, channels) as it is */
	void (*depth)(const struct nn_windows *s, const float *image,
		      const float *w, const float *bias, size_t channels,
		      float *out);
	/* d_image += what depth's slope d (height * width, channels) gives */
	void (*depth_back)(const struct nn_windows *s, const float *w,
			   const float *d, size_t channels, float *d_image);
	/* grad (taps, channels) += windows' * d */
	void (*depth_weigh)(const struct nn_windows *s, const float *image,
			    const float *d, size_t channels, float *grad);
};
SIMD_TABLES(nn_conv_kernels);

static inline const struct nn_conv_kernels *nn_conv_kernels_pick(void)
{
	return SIMD_PICK(nn_conv_kernels);
}

#endif
