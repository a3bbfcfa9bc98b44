/* The temperature of a classifier's scores (Guo, Pleiss, Sun & Weinberger 2017,
 * "On calibration of modern neural networks", section 4.2). A net that knows
 * its training rows by heart is right no less often, but far too sure; dividing
 * its scores by one number, measured on rows it has not seen, mends that and
 * leaves every decision as it is. */
#ifndef TRIARCH_NN_TEMPERATURE_H
#define TRIARCH_NN_TEMPERATURE_H

#include "datasets/dataset.h"

/* The factor (1 / temperature) on scores (rows, classes), before the softmax,
 * that gives the rows' labels the least log loss. Between 1/64 and 64; 1
 * without rows. */
double nn_temperature_factor(const struct part *rows, const float *scores,
			     size_t classes);

#endif
