/* Rows of a part as a net wants them: channels last, scaled, with targets. */
#ifndef TRIARCH_NN_SOURCE_H
#define TRIARCH_NN_SOURCE_H

#include "datasets/dataset.h"
#include "learners/nn/nn_augment.h"
#include "learners/nn/nn_net.h"
#include "learners/nn/nn_prepare.h"

/* How values and targets are scaled: measured on the training rows. */
struct nn_scaling {
	struct nn_shape shape;
	bool by_channel;     /* false: inputs are taken as they are */
	float *shift, *gain; /* (channels): input = gain * value + shift */
	const struct nn_prepare *prepare; /* of a table's rows, else NULL */
	size_t classes; /* 0: regression */
	size_t limit;	/* tokens: the most positions of a row; 0: no tokens */
	size_t vocab;	/* tokens: their ids are below it */
	double target_mean, target_sd;
	double target_low, target_high; /* in standard deviations */
	double weight_mean;
};

/* Measure. Dense rows are scaled by their encoder already; grids get mean 0
 * and variance 1 a channel; a table's are what `prepare` makes of them. `prepare`
 * is kept. ERR_MEMORY; ERR_DATA for a value that is not finite, but in a table. */
int nn_scaling_init(struct nn_scaling *s, const struct dataset *data,
		    const struct nn_prepare *prepare, struct arena *a,
		    struct error *err);

/* ERR_DATA when a value of the rows is not finite: names row and column. A table
 * may have holes. */
int nn_source_check(const struct nn_scaling *s, const struct part *rows, size_t cols,
		    struct error *err);

/* Copy the rows order[0..n) (order NULL: first .. first + n - 1) into the
 * worker's input, and, when `targets`, their targets. */
struct nn_fetch {
	const struct part *rows;
	const uint32_t *order;
	size_t first, n;
	bool targets;
	const struct nn_augment *augment; /* NULL: rows as they are */
	struct rng rng;	  /* of the step, for augment; a row has its own by */
	size_t first_row; /* its place in the minibatch */
};
void nn_source_fetch(const struct nn_scaling *s, const struct nn_fetch *f,
		     struct nn_worker *w);

#endif
