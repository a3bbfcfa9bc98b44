/* Bags of embeddings in model files. Buckets of pairs that no document had stay 0,
 * and they are most: only rows of the table that are not 0 are written. */
#ifndef TRIARCH_NN_BAG_FILE_H
#define TRIARCH_NN_BAG_FILE_H

#include "learners/model/model_reader.h"
#include "learners/nn/nn_bag.h"

/* ERR_MEMORY shows in model_writer_finish. */
void nn_bag_file_save(const struct nn_bag *b, struct model_writer *w);

/* All of it goes to r->arena. ERR_DATA for sizes that are not the data's or not
 * each other's, and for weights that are no numbers; ERR_MEMORY. */
int nn_bag_file_load(struct nn_bag *b, const struct dataset *data,
		     struct model_reader *r, struct error *err);

#endif
