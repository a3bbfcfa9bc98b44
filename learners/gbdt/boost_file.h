/* Boosted trees in model files: all that boost_predict needs. */
#ifndef TRIARCH_GBDT_BOOST_FILE_H
#define TRIARCH_GBDT_BOOST_FILE_H

#include "learners/gbdt/boost.h"
#include "learners/model/model_reader.h"

/* ERR_MEMORY shows in model_writer_finish. */
void boost_file_save(const struct boost *b, struct model_writer *w);

/* ERR_DATA: as in tree_file.h, and for outputs that do not fit the data. */
int boost_file_load(struct boost *b, const struct dataset *data, struct model_reader *r,
		    struct error *err);

#endif
