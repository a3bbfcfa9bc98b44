/* What a forest says of the rows that its trees have not seen: an estimate of
 * its test error that costs no data (Breiman 1996, "Out-of-bag estimation"). */
#ifndef TRIARCH_FOREST_OOB_H
#define TRIARCH_FOREST_OOB_H

#include "learners/forest/builder.h"
#include "learners/learner.h"

struct oob {
	const struct builder_spec *spec;
	const struct dataset *data;
	float *sum;	 /* (rows, outputs) over trees that have not seen the row */
	uint32_t *trees; /* (rows) how many those are */
	uint32_t *times; /* (rows) the sample of the tree at hand */
};

/* ERR_MEMORY. */
int oob_init(struct oob *o, const struct builder_spec *s, const struct dataset *data,
	     struct arena *a, struct error *err);

/* Add tree number `k`; `column` are those of its bins. */
void oob_add(struct oob *o, const struct bins_column *column, const struct tree *t,
	     size_t k, int threads);

/* Share of wrong classes, or root of the mean squared error, over the rows that
 * some tree has not seen; NAN when there are none. */
double oob_loss(const struct oob *o);

/* Say so in run->note. */
void oob_note(const struct oob *o, struct run *run);

#endif
