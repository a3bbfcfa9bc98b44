/* What least squares is fitted to, and back: classes as centred 0/1 codes that
 * become probabilities by a softmax with a temperature, a real target
 * standardised. */
#ifndef TRIARCH_KERNEL_TARGETS_H
#define TRIARCH_KERNEL_TARGETS_H

#include "datasets/dataset.h"

struct targets {
	size_t outputs;
	bool classes;
	float scale;	   /* real target: its standard deviation; else 1 */
	float temperature; /* > 0; 1 until it is chosen */
	float *centre;	   /* (outputs) class shares, or the mean */
};

/* Learn centre and scale from `rows` and encode it into y (rows, outputs); both
 * arrays go to the arena. Rows count by their weights. ERR_MEMORY. */
int targets_encode(struct targets *t, const struct dataset *data,
		   const struct part *rows, struct arena *a, float **y,
		   struct error *err);

/* Fitted values -> probabilities or the target's own units, in place. The
 * largest probability is where centre + fitted value is largest. */
void targets_decode(const struct targets *t, float *scores /* (rows, outputs) */,
		    size_t rows);

/* Set the temperature that gives fitted values of rows the model did not see,
 * held (rows, outputs), the least log loss under their labels. */
void targets_calibrate(struct targets *t, const float *held,
		       const int32_t *label, size_t rows);

#endif
