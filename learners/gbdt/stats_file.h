/* Target statistics in model files. */
#ifndef TRIARCH_GBDT_STATS_FILE_H
#define TRIARCH_GBDT_STATS_FILE_H

#include "learners/gbdt/target_stats.h"
#include "learners/model/model_reader.h"

/* Nothing where no column has them. */
void stats_file_save(const struct target_stats *t, struct model_writer *w);

/* ERR_DATA: of columns or levels that the data lacks; ERR_MEMORY. */
int stats_file_load(struct target_stats *t, const struct dataset *data,
		    struct model_reader *r, struct error *err);

#endif
