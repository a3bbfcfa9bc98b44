/* The linear maps of Winograd's F(4 x 4, 3 x 3), channel by channel: a table for
 * each instruction-set level.
 *
 * Lavin & Gray 2016, "Fast algorithms for convolutional neural networks", eq. 8:
 * a tile of 4 x 4 outputs is Y = A' [(G g G') * (B' d B)] A, with g the 3 x 3
 * weights and d the 6 x 6 inputs below the tile: 36 products instead of 144. The
 * matrices are theirs (section 4.3, points 0, 1, -1, 2, -2). The gradient of g
 * is the adjoint of the same map: G' [(A dY A') * (B' d B)] G.
 *
 * Channels are whole vectors: a multiple of nn_conv_kernels' panel. A tile's 36
 * values of a channel lie `plane` floats apart.
 */
#ifndef TRIARCH_NN_WINOGRAD_KERNELS_H
#define TRIARCH_NN_WINOGRAD_KERNELS_H

#include <stddef.h>

#include "harness/base/simd.h"

#define WINOGRAD_TILE 4	  /* outputs down and across */
#define WINOGRAD_READ 6	  /* inputs down and across */
#define WINOGRAD_PLANES 36

/* Where the values of one tile go: channel c of value k at
 * k * plane + c / panel * group + c % panel. */
struct nn_planes {
	size_t plane, group;
};

struct nn_winograd_kernels {
	/* B' d B of the 6 x 6 pixels at `image` (rows `pitch` floats apart) */
	void (*input)(const float *image, size_t pitch, size_t channels,
		      const struct nn_planes *to, float *out);
	/* A d A' of the 4 x 4 pixels at `image` */
	void (*slope)(const float *image, size_t pitch, size_t channels,
		      const struct nn_planes *to, float *out);
	/* A' m A + bias -> the first height x width pixels at `image` */
	void (*output)(const float *m, size_t plane, const float *bias,
		       size_t channels, size_t height, size_t width,
		       size_t pitch, float *image);
	/* G g G' of w (9, rows, cols), each plane in panels (panels, rows, panel) */
	void (*weights)(const float *w, size_t rows, size_t cols, size_t plane,
			float *out);
	/* grad (9, n) = G' u G of 36 planes u (n) */
	void (*grad)(const float *u, size_t plane, size_t n, float *grad);
};
SIMD_TABLES(nn_winograd_kernels);

static inline const struct nn_winograd_kernels *nn_winograd_kernels_pick(void)
{
	return SIMD_PICK(nn_winograd_kernels);
}

#endif
