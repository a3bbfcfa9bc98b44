/* The columns that trees may cut, as the parameters ask for them: bins, and
 * numbers in place of many levels. */
#ifndef TRIARCH_GBDT_COLUMNS_H
#define TRIARCH_GBDT_COLUMNS_H

#include "learners/gbdt/boost.h"

/* Fill b->stats and b->bins from the training rows. *ordered <- the statistics
 * of training rows (target_stats.h). ERR_MEMORY. */
int columns_make(struct boost *b, const struct gbdt_config *c,
		 const struct dataset *data, const struct run *run,
		 float **ordered, struct error *err);

/* How many of the b->bins.cols a tree may cut, at least one where there are any. */
size_t columns_wanted(const struct boost *b, const struct gbdt_config *c,
		      enum view view);

#endif
