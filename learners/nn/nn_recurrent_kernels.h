/* One step of a recurrent cell for one row, forth and back, a table for each
 * instruction-set level. All arrays are of n values unless said otherwise, and do not
 * overlap but where they are the same. */
#ifndef TRIARCH_NN_RECURRENT_KERNELS_H
#define TRIARCH_NN_RECURRENT_KERNELS_H

#include <stddef.h>

#include "harness/base/simd.h"

struct nn_cell_step {
	size_t n;
	float *gate;	/* (gates, n): what the input gives -> gates after their
			 * functions; going back -> d loss / d what the input gives */
	const float *u; /* (gates, n): what the last state gives; NULL: zeros, as in
			 * the first step */
	const float *bias; /* gru: of the new state's part of u */
	float *kept;	/* lstm: the cell; gru: that part of u, and going back its d */
	const float *kept_before; /* lstm: the last step's */
	const float *h_before;	  /* gru */
	float *h;		  /* the new state */
	const float *d_h;	  /* d loss / dh, all of it */
	float *carry; /* lstm: d loss / d cell, of the next step -> of this one's past;
		       * gru: set to what of d_h goes straight to the last state */
	float *d_u;   /* (gates, n): set to d loss / du */
};

struct nn_recurrent_kernels {
	void (*lstm)(const struct nn_cell_step *s);
	void (*lstm_back)(const struct nn_cell_step *s);
	void (*gru)(const struct nn_cell_step *s);
	void (*gru_back)(const struct nn_cell_step *s);
};
SIMD_TABLES(nn_recurrent_kernels);

static inline const struct nn_recurrent_kernels *nn_recurrent_kernels_pick(void)
{
	return SIMD_PICK(nn_recurrent_kernels);
}

#endif
