/* The learning rate over a fit, as a share of the one asked for. Warmup rises on
 * a straight line from step 0, never at 0; the fall begins after it. */
#include "learners/nn/nn_schedule.h"

#include <math.h>

const char *const nn_schedule_names[] = { "constant", "cosine", "linear", NULL };

double nn_schedule_at(enum nn_schedule s, size_t step, size_t total,
		      size_t warmup)
{
	double t;

	if (step < warmup)
		return (double)(step + 1) / (double)(warmup + 1);
	t = (double)(step - warmup) / (double)(total - warmup);
	if (s == NN_COSINE) /* Loshchilov & Hutter 2017, eq. 5, no restarts */
		return 0.5 * (1.0 + cos(M_PI * t));
	return s == NN_LINEAR ? 1.0 - t : 1.0;
}
