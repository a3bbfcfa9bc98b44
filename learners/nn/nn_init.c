#include "learners/nn/nn_layer.h"

#include <math.h>
#include <string.h>

/* He et al. 2015, eq. 10: variance 2 / fan_in keeps the size of a signal
 * through ReLUs; gain 1 keeps it through a linear output. */
void nn_init_weights(const struct nn_layer *l, size_t fan_in, struct rng r,
		     float *theta)
{
	double gain = l->gain > 0.0 ? l->gain : 2.0;
	float sd = (float)sqrt(gain / (double)fan_in);
	size_t weights = l->decayed;

	rng_fill_normal(r, 0, weights, theta);
	for (size_t i = 0; i < weights; i++)
		theta[i] *= sd;
	memset(theta + weights, 0, (l->params - weights) * sizeof(*theta));
}
