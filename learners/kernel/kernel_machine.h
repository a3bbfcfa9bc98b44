/* A kernel machine: kernel ridge regression between encoded targets and scores,
 * with a width in units of the data's own distances. */
#ifndef TRIARCH_KERNEL_MACHINE_H
#define TRIARCH_KERNEL_MACHINE_H

#include "learners/kernel/ridge.h"
#include "learners/kernel/targets.h"

struct kernel_machine {
	struct kernel_ridge ridge;
	struct targets targets;
};

/* Fit the training part, which must outlive the model; `bandwidth` is in median
 * distances of its rows. All memory is run->arena's. Errors as of
 * kernel_ridge_fit. */
int kernel_machine_fit(struct kernel_machine *m, enum gram_kind kind,
		       double bandwidth, double ridge,
		       const struct dataset *data, struct run *run,
		       struct error *err);

/* Scores as struct learner says. ERR_MEMORY. */
int kernel_machine_predict(const struct kernel_machine *m,
			   const struct part *rows, struct run *run,
			   float *scores, struct error *err);

#endif
