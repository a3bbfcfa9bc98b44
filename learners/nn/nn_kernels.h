/* The hot loops of the nets, a table for each instruction-set level. All are
 * plain float loops over rows of `cols` values or over n values; the arrays of
 * one call do not overlap. */
#ifndef TRIARCH_NN_KERNELS_H
#define TRIARCH_NN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/rng.h"
#include "harness/base/simd.h"

/* One update of n weights from the gradients of some shards. */
struct nn_update {
	float *theta, *m, *v; /* (n); sgd does not touch v */
	const float *grad;    /* (shards, stride), the n values first */
	size_t n, shards, stride;
	float scale; /* of the gradient */
	float lr, decay, beta1, beta2, eps;
	float fix1, fix2; /* adam: 1 / (1 - beta1^t), 1 / sqrt(1 - beta2^t) */
};

/* Where the windows of a channels-last image lie; steps count floats. */
struct nn_windows {
	size_t window;	/* rows of a window */
	size_t run;	/* floats of one of its rows: width * channels */
	size_t pitch;	/* from a row of the image to the next */
	size_t across;	/* from a window to the next on its right */
	size_t down;	/* from a window to the next below */
	size_t height, width; /* windows down and across: the output */
};

struct nn_kernels {
	/* x += b on each row */
	void (*add_bias)(float *x, const float *b, size_t rows, size_t cols);
	/* out = sum of the rows */
	void (*col_sum)(const float *x, size_t rows, size_t cols, float *out);
	/* out = sum over rows of (x - mean)^2 */
	void (*col_spread)(const float *x, const float *mean, size_t rows,
			   size_t cols, float *out);
	/* out = sum over rows of d * (x - mean) */
	void (*col_cross)(const float *d, const float *x, const float *mean,
			  size_t rows, size_t cols, float *out);
	/* y = a x + b, a and b a column each */
	void (*affine)(const float *x, const float *a, const float *b,
		       size_t rows, size_t cols, float *y);
	/* y = a d + b x + c, columns likewise */
	void (*affine2)(const float *d, const float *x, const float *a,
			const float *b, const float *c, size_t rows,
			size_t cols, float *y);
	void (*relu)(float *x, size_t n);
	/* d = 0 where the output y was not positive */
	void (*relu_back)(const float *y, float *d, size_t n);
	/* word (blocks, 4) = rng_philox at counters first, first + 1 ... */
	void (*philox)(struct rng r, uint64_t first, size_t blocks,
		       uint32_t *word);
	/* y = 0 where byte < below, else x * scale */
	void (*drop)(const float *x, const uint8_t *byte, unsigned below,
		     float scale, size_t n, float *y);
	/* out (height * width, channels) = the largest of each window */
	void (*max_pool)(const struct nn_windows *s, const float *image,
			 size_t channels, float *out);
	/* d_image += d (height * width, channels), where the first of each
	 * window's largest values lies */
	void (*max_back)(const struct nn_windows *s, const float *image,
			 const float *d, size_t channels, float *d_image);
	void (*adam)(const struct nn_update *u);
	void (*sgd)(const struct nn_update *u);
};
SIMD_TABLES(nn_kernels);

static inline const struct nn_kernels *nn_kernels_pick(void)
{
	return SIMD_PICK(nn_kernels);
}

#endif
