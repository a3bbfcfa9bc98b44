/* Convolutions whose channels and units fall in groups (Krizhevsky et al. 2012,
 * section 3.1; Xie et al. 2017, "Aggregated residual transformations"): units of
 * one group read its channels alone. With as many groups as channels and units
 * they are depthwise (Chollet 2017, "Xception"). For nn_conv2d and nn_conv1d where
 * l->groups is above 1.
 *
 * Weights are (taps, channels / groups, units): group g has the units
 * [g, g + 1) * units / groups.
 */
#ifndef TRIARCH_NN_GROUPED_H
#define TRIARCH_NN_GROUPED_H

#include "learners/nn/nn_layer.h"

static inline bool nn_grouped(const struct nn_layer *l)
{
	return l->groups > 1;
}

/* As the functions of struct nn_layer_type; groups divide channels and units. */
void nn_grouped_plan(struct nn_layer *l, size_t rows);
void nn_grouped_forward(const struct nn_layer *l, const struct nn_pass *p);
void nn_grouped_backward(const struct nn_layer *l, const struct nn_pass *p);

#endif
