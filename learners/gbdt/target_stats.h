/* Numbers in place of levels: what the target is on average where a category
 * has a level (target statistics), for columns with so many levels that bins
 * and subsets of them say little.
 *
 * A training row must not see its own target. So its number comes from rows
 * before it in a random order alone, (sum + a p) / (n + a) with the prior p =
 * the mean of all and a = the weight of the prior: the ordered statistics of
 * Prokhorenkova et al. 2018, "CatBoost: unbiased boosting with categorical
 * features", section 3.2. Other rows get the same from all training rows; a
 * level that was not seen gets the prior. One order serves all columns:
 * averaging several would tell a row's target by what its neighbours lack.
 */
#ifndef TRIARCH_GBDT_TARGET_STATS_H
#define TRIARCH_GBDT_TARGET_STATS_H

#include "datasets/dataset.h"

struct target_stats {
	size_t columns; /* categorical columns that have them */
	size_t outputs; /* numbers each: classes, 1 for two or regression */
	const uint32_t *column; /* (columns) of the data set */
	const uint64_t *start;	/* (columns + 1) rows of `mean`; each column's
				 * are its levels, then missing, then unseen */
	const float *mean; /* (start[columns], outputs) */
};

struct target_stats_options {
	size_t levels;	/* columns with more of them */
	size_t classes; /* none for tasks with more of them */
	double prior;	/* its weight, > 0, in rows of weight 1 */
	uint64_t seed;
};

/* How many numbers a row gets. */
static inline size_t target_stats_extras(const struct target_stats *t)
{
	return t->columns * t->outputs;
}

/* The column of the data set (of `cols`) that column `k` of a row with the numbers
 * behind it is, or was made of. */
static inline uint32_t target_stats_source(const struct target_stats *t, size_t cols,
					   size_t k)
{
	return k < cols ? (uint32_t)k : t->column[(k - cols) / t->outputs];
}

/* Learn them from the training rows of a table. *ordered <- (extras, rows) the
 * training rows' own. t->columns is 0 when no column has so many levels.
 * Everything lives in the arena. ERR_MEMORY. */
int target_stats_make(struct target_stats *t, const struct dataset *data,
		      const struct target_stats_options *o, float **ordered,
		      int threads, struct arena *a, struct error *err);

/* out <- (extras) for one raw row. */
void target_stats_row(const struct target_stats *t, const float *x, float *out);

#endif
