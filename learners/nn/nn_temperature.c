/* With f the factor, a row's loss log sum exp(f z) - f z_label is convex in f,
 * and its slope is the mean of z under softmax(f z) minus z_label. So the sum
 * of slopes rises with f, and halving an interval finds where it is 0: unlike
 * Newton's method it cannot overshoot on scores that part the classes. */
#include "learners/nn/nn_temperature.h"

#include <math.h>

#define FACTOR_MAX 64.0
#define HALVINGS 24 /* of an interval of 12 octaves: to one part in a million */

/* d loss / d factor of one row. */
static double row_slope(const float *z, size_t n, int32_t label, double factor)
{
	double top = (double)z[0], sum = 0.0, mean = 0.0;

	for (size_t c = 1; c < n; c++)
		top = fmax(top, (double)z[c]);
	for (size_t c = 0; c < n; c++) {
		double e = exp(factor * ((double)z[c] - top));

		sum += e;
		mean += e * (double)z[c];
	}
	return mean / sum - (double)z[label];
}

static double slope(const struct part *rows, const float *scores, size_t n,
		    double factor)
{
	double sum = 0.0;

	for (size_t i = 0; i < rows->rows; i++) {
		double w = rows->weight ? (double)rows->weight[i] : 1.0;

		sum += w * row_slope(scores + i * n, n, rows->label[i],
				     factor);
	}
	return sum;
}

double nn_temperature_factor(const struct part *rows, const float *scores,
			     size_t classes)
{
	double low = 1.0 / FACTOR_MAX, high = FACTOR_MAX;

	if (!rows->rows)
		return 1.0;
	/* On a scale of logarithms, as a factor of 2 is to one of 1/2. */
	for (int k = 0; k < HALVINGS; k++) {
		double middle = sqrt(low * high);

		if (slope(rows, scores, classes, middle) > 0.0)
			high = middle;
		else
			low = middle;
	}
	return sqrt(low * high);
}
