/* New waves in place of those of the test rows, for probes of shift. */
#ifndef TRIARCH_WAVE_EDIT_H
#define TRIARCH_WAVE_EDIT_H

#include "datasets/transform.h"

/* Edit one wave of n samples; `row` addresses random numbers. `to` is all 0. */
typedef void wave_fn(const struct transform_job *job, uint32_t row, const float *from,
		     size_t n, double rate, float *to);

/* Waves of training and validation rows are copied, those of test rows edited.
 * ERR_MEMORY. */
int wave_edit(const struct transform_job *job, struct items *items, wave_fn *fn,
	      struct error *err);

#endif
