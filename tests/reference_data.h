/* The data set of tests/learner_reference.h, as a learner is lent it. */
#ifndef TRIARCH_REFERENCE_DATA_H
#define TRIARCH_REFERENCE_DATA_H

#include "datasets/dataset.h"
#include "tests/learner_reference.h"

static inline struct dataset reference_data(enum task task)
{
	bool classes = task == TASK_CLASSIFICATION;

	return (struct dataset){
		.name = "reference",
		.task = task,
		.view = VIEW_DENSE,
		.classes = classes ? REF_CLASSES : 0,
		.cols = REF_COLS,
		.train = {
			.rows = REF_ROWS,
			.x = ref_x,
			.label = classes ? ref_label : NULL,
			.target = classes ? NULL : ref_y,
		},
		.test = {
			.rows = REF_TEST,
			.x = ref_x + REF_ROWS * REF_COLS,
			.label = classes ? ref_label + REF_ROWS : NULL,
			.target = classes ? NULL : ref_y + REF_ROWS,
		},
	};
}

/* max |got - want| */
static inline double reference_error(const float *got, const float *want,
				     size_t n)
{
	double worst = 0;

	for (size_t i = 0; i < n; i++) {
		double d = (double)got[i] - (double)want[i];

		worst = d > worst ? d : -d > worst ? -d : worst;
	}
	return worst;
}

#endif
