/* Which columns share a store: exclusive feature bundling (Ke et al. 2017,
 * "LightGBM: a highly efficient gradient boosting decision tree", Algorithm 3),
 * without conflicts, so that nothing is lost. */
#ifndef TRIARCH_GBDT_BUNDLE_H
#define TRIARCH_GBDT_BUNDLE_H

#include "learners/gbdt/bins_draft.h"

/* Share out the columns of `e`, column k of which needs need[k] <= 255 bytes
 * besides the common one: group[k] <- its group; two columns of a group never
 * list the same row, and a group needs 255 bytes at most. Greedy: the first
 * group that fits, columns with many rows first. *groups <- how many. Scratch
 * memory is given back. ERR_MEMORY. */
int bundle_plan(const struct bins_entries *e, size_t columns, size_t rows,
		const uint32_t *need, uint32_t *group, size_t *groups,
		struct arena *a, struct error *err);

/* Give d->kept stores by the plan: first and store of each column, the
 * list of stores in the order of their lowest columns. Column k of d->kept is
 * in group[k] (of `groups`), which may be its own; the home bins are known. Scratch
 * memory is given back. ERR_MEMORY. */
int bundle_apply(struct bins_draft *d, const uint32_t *group, size_t groups,
		 struct arena *a, struct error *err);

/* Let the columns of a table that are mostly at home share stores; d->bin holds
 * one store a column and is moved together. Scratch memory is given back.
 * ERR_MEMORY. */
int bundle_table(struct bins_draft *d, struct arena *a, struct error *err);

/* The bytes of a column besides the common one. */
static inline uint32_t bundle_need(const struct bins_column *c)
{
	return c->bins - 1 + c->has_missing;
}

#endif
