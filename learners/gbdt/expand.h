/* Rows as trees walk them: floats of all columns side by side.
 *
 * A table's rows are so already. Sparse rows, and those that get numbers for
 * their categories (target_stats.h), are written out some at a time; of sparse
 * ones only what is listed is touched, before and after. */
#ifndef TRIARCH_GBDT_EXPAND_H
#define TRIARCH_GBDT_EXPAND_H

#include "harness/base/par.h"
#include "learners/gbdt/target_stats.h"

struct expand {
	size_t cols;  /* of the data set */
	size_t width; /* floats of a row: columns and numbers for categories */
	size_t grain; /* the most rows at a time */
	const struct target_stats *stats;
	float *buffer; /* (threads, grain, width), or NULL: nothing to do */
};

/* Buffers for as many workers; `sparse` if the rows will be. `stats` may have
 * no columns. ERR_MEMORY. */
int expand_init(struct expand *e, size_t cols, bool sparse,
		const struct target_stats *stats, int threads, struct arena *a,
		struct error *err);

/* Rows [r.begin, r.end), at most `grain` of them: (rows, width). `ordered` are
 * the statistics of training rows, (extras, part->rows), NULL for other rows.
 * Valid until expand_close for the same rows. */
const float *expand_open(const struct expand *e, const struct part *part,
			 const float *ordered, struct par_range r, size_t worker);
void expand_close(const struct expand *e, const struct part *part,
		  struct par_range r, size_t worker);

#endif
