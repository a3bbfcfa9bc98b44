/* The columns of a table by importance, as a transform may ask for it. */
#ifndef TRIARCH_COLUMN_RANK_H
#define TRIARCH_COLUMN_RANK_H

#include "datasets/transform.h"

/* All columns of the items, the most important first, by job->ranking on the
 * training and validation rows; equal ones in their order. (items->cols), in
 * the job's arena. ERR_UNSUPPORTED when nobody can be asked; what the ranking
 * fails with; ERR_MEMORY. */
int column_rank(const struct transform_job *job, const struct items *items, uint32_t **order,
		struct error *err);

#endif
