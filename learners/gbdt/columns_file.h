/* What a saved model keeps of target_stats.h, and the data set as trees see it. */
#ifndef TRIARCH_GBDT_COLUMNS_FILE_H
#define TRIARCH_GBDT_COLUMNS_FILE_H

#include "learners/gbdt/boost.h"
#include "learners/model/model_reader.h"
#include "learners/model/model_writer.h"

void columns_file_save(const struct boost *b, struct model_writer *w);

/* Fill b->stats; b->cols is known. ERR_DATA for what does not fit the data. */
int columns_file_load(struct boost *b, const struct dataset *data,
		      struct model_reader *r, struct error *err);

/* *wide <- the data set with a column more for each number of b->stats, named
 * after its category, as nodes of trees count columns; in the arena.
 * ERR_MEMORY. */
int columns_describe(const struct boost *b, const struct dataset *data,
		     struct dataset *wide, struct arena *a, struct error *err);

#endif
