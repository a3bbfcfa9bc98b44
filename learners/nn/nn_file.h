/* Nets in model files: a learner's options, from which its recipe builds the net
 * again, the scaling of its data, and the weights.
 *
 * A learner that builds its net with nn_model_build needs `.save = nn_file_save`
 * and a load() that calls nn_file_load with its recipe; what else predict uses of
 * struct nn_model (a field more of struct nn_scaling) is a line in both.
 *
 * The names of the layers are kept as well: a learner whose later version builds
 * another net refuses a file of the former, rather than to read its weights as
 * those of other layers. */
#ifndef TRIARCH_NN_FILE_H
#define TRIARCH_NN_FILE_H

#include "learners/model/model_reader.h"
#include "learners/nn/nn_model.h"

/* struct learner's save, of a struct nn_model. ERR_MEMORY shows in
 * model_writer_finish. */
void nn_file_save(const void *model, const struct dataset *data,
		  struct model_writer *w);

/* A struct nn_model in r->arena. ERR_DATA for what does not fit together: options
 * beyond their ranges, shapes that are not the data's, another number of weights,
 * weights that are no numbers; and for a net that the recipe makes no longer.
 * ERR_MEMORY; ERR_UNSUPPORTED by the recipe. */
int nn_file_load(const struct nn_recipe *recipe, struct model_reader *r,
		 const struct dataset *data, void **model, struct error *err);

#endif
