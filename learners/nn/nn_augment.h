/* Training rows changed at random as they are fetched: images, spectrograms and
 * waves that stay of their class. Off unless a learner's parameters ask for it,
 * so that a comparison of biases is of rows as they are, and its row shows what
 * was done.
 *
 * Shifts are the padded random crops of He et al. 2016 (section 4.2), with the
 * rim repeated instead of zeros; crop is a window of random size and place
 * brought back to the whole size (Szegedy et al. 2015, section 6, without their
 * change of aspect); masks are SpecAugment's (Park et al. 2019, section 2), set
 * to the channel's mean.
 */
#ifndef TRIARCH_NN_AUGMENT_H
#define TRIARCH_NN_AUGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/rng.h"
#include "learners/nn/nn_layer.h"

struct nn_augment {
	int64_t shift;	  /* pixels (samples) each way at most */
	bool flip;	  /* left and right change places in half of the rows */
	double crop;	  /* share of the sides that is cut away at most */
	double mask_time; /* widest band of columns, a share of all; 0: none */
	double mask_bins; /* likewise of rows */
};

/* Does it change anything? */
bool nn_augment_on(const struct nn_augment *a);

/* x (channels, height, width) -> to (height, width, channels), changed and then
 * scaled: gain * value + shift (both (channels); NULL: as it is). `r` is the row's
 * own stream: the same one gives the same change. */
void nn_augment_row(const struct nn_augment *a, struct nn_shape shape,
		    const float *gain, const float *shift, struct rng r,
		    const float *x, float *to);

/* Their rows in the schema of a learner whose config has `struct nn_augment
 * augment`: shift, flip, crop, mask_time, mask_bins. */
#define NN_AUGMENT_PARAM(S, field, kind, most, text)              \
	{ .name = #field, .type = kind,                           \
	  .offset = offsetof(S, augment.field), .max = (most),    \
	  .help = "augmentation: " text }
#define NN_AUGMENT_PARAMS(S)                                              \
	NN_AUGMENT_PARAM(S, shift, PARAM_TYPE_INT, 65536,                 \
			 "pixels or samples that rows are moved by at most"), \
	NN_AUGMENT_PARAM(S, flip, PARAM_TYPE_BOOL, 1,                     \
			 "half of the rows are mirrored"),                \
	NN_AUGMENT_PARAM(S, crop, PARAM_TYPE_REAL, 0.9,                   \
			 "largest share of the sides that is cut away"),  \
	NN_AUGMENT_PARAM(S, mask_time, PARAM_TYPE_REAL, 0.9,              \
			 "widest band of columns set to the mean"),       \
	NN_AUGMENT_PARAM(S, mask_bins, PARAM_TYPE_REAL, 0.9,              \
			 "widest band of rows set to the mean")

#endif
