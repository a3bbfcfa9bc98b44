/* The learning rate over a fit, as a share of the one asked for. Warmup rises on
 * a straight line from step 0, never at 0; the fall begins after it. */
#include "learners/nn/nn_schedule.h"

#include <math.h>

const char *const nn_schedule_names[] = { "constant", "cosine", "linear", "coslog4",
					  "one_cycle", "flat_cos", NULL };

/* Down from 1 to 0, as t goes from 0 to 1 (Loshchilov & Hutter 2017, eq. 5). */
static double cosine(double t)
{
	return 0.5 * (1.0 + cos(M_PI * t));
}

/* From 1/25 up and then down to nearly nothing, both by cosine. */
static double one_cycle(double t)
{
	const double top = 0.3, start = 0.04, end = 4e-6;

	if (t < top)
		return 1 - (1 - start) * cosine(t / top);
	return end + (1 - end) * cosine((t - top) / (1 - top));
}

/* Never 0, at t = 0 either: an update that does nothing would not even count. */
static double coslog4(double t)
{
	return fmax(0.5 * (1 - cos(2 * M_PI * log2(1 + 15 * t))), 1e-6);
}

double nn_schedule_at(enum nn_schedule s, size_t step, size_t total,
		      size_t warmup)
{
	double t;

	if (step < warmup)
		return (double)(step + 1) / (double)(warmup + 1);
	t = (double)(step - warmup) / (double)(total - warmup);
	switch (s) {
	case NN_CONSTANT: return 1.0;
	case NN_COSINE: return cosine(t);
	case NN_LINEAR: return 1.0 - t;
	case NN_COSLOG4: return coslog4(t);
	case NN_ONE_CYCLE: return one_cycle(t);
	case NN_FLAT_COS: return t < 0.5 ? 1.0 : cosine(2 * t - 1);
	}
	return 1.0;
}
