/* Least squares on classes: each class is a 0/1 target of its own, centred by its
 * share (Rifkin, Yeo & Poggio 2003, "Regularized least-squares classification").
 * Fitted values are not probabilities; a softmax with one temperature, chosen on
 * rows the model did not see, makes them so (Guo et al. 2017, "On calibration of
 * modern neural networks").
 */
#include "learners/kernel/targets.h"

#include <math.h>

#include "harness/base/simd.h"

/* Rows without weights count one each. */
static double weight_of(const struct part *rows, size_t i)
{
	return rows->weight ? (double)rows->weight[i] : 1.0;
}

/* The 0/1 code of a class, or the target itself. */
static double raw_value(const struct targets *t, const struct part *rows,
			size_t i, size_t c)
{
	if (t->classes)
		return (size_t)rows->label[i] == c;
	return (double)rows->target[i];
}

/* Weights of 0 throughout leave nothing to average: then the mean is 0. */
static double weighted_mean(const struct targets *t, const struct part *rows,
			    size_t c)
{
	double sum = 0, total = 0;

	for (size_t i = 0; i < rows->rows; i++) {
		sum += weight_of(rows, i) * raw_value(t, rows, i, c);
		total += weight_of(rows, i);
	}
	return total > 0 ? sum / total : 0;
}

/* The standard deviation of a real target around its mean. */
static double weighted_deviation(const struct targets *t,
				 const struct part *rows, double mean)
{
	double sum = 0, total = 0;

	for (size_t i = 0; i < rows->rows; i++) {
		double d = raw_value(t, rows, i, 0) - mean;

		sum += weight_of(rows, i) * d * d;
		total += weight_of(rows, i);
	}
	return total > 0 ? sqrt(sum / total) : 0;
}

/* Classes keep their scale: a code's size says how sure the class is. A real
 * target is standardised, so that one range of ridges suits all units. */
int targets_encode(struct targets *t, const struct dataset *data,
		   const struct part *rows, struct arena *a, float **y,
		   struct error *err)
{
	bool classes = data->task == TASK_CLASSIFICATION;
	size_t outputs = classes ? data->classes : 1;
	double mean, scale = 1;

	*t = (struct targets){
		.outputs = outputs,
		.classes = classes,
		.temperature = 1,
		.centre = ARENA_NEW(a, float, outputs),
	};
	*y = ARENA_RAW(a, float, rows->rows * outputs);
	if (!t->centre || !*y)
		return arena_error(a, err);
	for (size_t c = 0; c < outputs; c++) {
		mean = weighted_mean(t, rows, c);
		if (!classes)
			scale = weighted_deviation(t, rows, mean);
		if (!(scale > 0)) /* a constant target: nothing to scale */
			scale = 1;
		t->centre[c] = (float)mean;
		for (size_t i = 0; i < rows->rows; i++)
			(*y)[i * outputs + c] = (float)(
				(raw_value(t, rows, i, c) - mean) / scale);
	}
	t->scale = (float)scale;
	return 0;
}

/* The temperature divides centre + fitted value, so it cannot change which
 * class is the largest. */
void targets_decode(const struct targets *t, float *scores, size_t rows)
{
	float inverse = 1.0f / t->temperature;

	for (size_t i = 0; i < rows; i++) {
		float *row = scores + i * t->outputs;

		for (size_t c = 0; c < t->outputs; c++) {
			row[c] = row[c] * t->scale + t->centre[c];
			if (t->classes)
				row[c] *= inverse;
		}
	}
	if (t->classes)
		simd_vec()->softmax(scores, rows, t->outputs);
}

/* Mean log loss of softmax(beta (centre + held)); convex in beta. */
static double log_loss(const struct targets *t, const float *held,
		       const int32_t *label, size_t rows, double beta)
{
	double loss = 0;

	for (size_t i = 0; i < rows; i++) {
		const float *f = held + i * t->outputs;
		double truth = beta * (double)(f[label[i]] + t->centre[label[i]]);
		double sum = 0;

		for (size_t c = 0; c < t->outputs; c++)
			sum += exp(beta * (double)(f[c] + t->centre[c]) - truth);
		loss += log(sum);
	}
	return loss / (double)rows;
}

/* Golden-section search over log beta. Sharper than 100 would say more than so
 * few rows can; flatter than 0.1 is no better than knowing nothing. */
#define LOG_BETA_MIN -2.3
#define LOG_BETA_MAX 4.6

void targets_calibrate(struct targets *t, const float *held,
		       const int32_t *label, size_t rows)
{
	const double golden = 0.61803398874989485;
	double lo = LOG_BETA_MIN, hi = LOG_BETA_MAX;

	if (!t->classes || rows == 0)
		return;
	while (hi - lo > 1e-3) {
		double a = hi - golden * (hi - lo), b = lo + golden * (hi - lo);

		if (log_loss(t, held, label, rows, exp(a)) <=
		    log_loss(t, held, label, rows, exp(b)))
			hi = b;
		else
			lo = a;
	}
	t->temperature = (float)exp(-(lo + hi) / 2);
}
