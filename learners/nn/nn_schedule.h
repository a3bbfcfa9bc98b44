/* How the learning rate changes over a fit. */
#ifndef TRIARCH_NN_SCHEDULE_H
#define TRIARCH_NN_SCHEDULE_H

#include <stddef.h>

enum nn_schedule {
	NN_CONSTANT, NN_COSINE, NN_LINEAR,
	NN_COSLOG4,  /* four cosine waves, ever longer: Holzmueller et al. 2024 */
	NN_ONE_CYCLE, /* up to 30 % of the steps and down: Smith & Topin 2019 */
	NN_FLAT_COS, /* constant for the first half, then cosine */
};

/* For a PARAM_CHOICE, in the order of the enum; NULL ends it. */
extern const char *const nn_schedule_names[];

/* The factor on the learning rate before step `step` of `total`; the first
 * `warmup` steps rise linearly. Greater than 0 for every step < total. */
double nn_schedule_at(enum nn_schedule s, size_t step, size_t total,
		      size_t warmup);

#endif
