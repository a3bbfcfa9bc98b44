/* Forests as saved models: files, dumps, importance and contributions. The functions
 * of a learner's table; the model is a struct grove. */
#ifndef TRIARCH_FOREST_GROVE_MODEL_H
#define TRIARCH_FOREST_GROVE_MODEL_H

#include "learners/forest/grove.h"
#include "learners/model/model_reader.h"

void grove_save(const void *model, const struct dataset *data, struct model_writer *w);
int grove_load(struct model_reader *r, const struct dataset *data, void **model,
	       struct error *err);

/* JSON: {"trees": [{"tree": tree_dump.h} ...]}; scores are the mean over trees, for
 * two classes of the second. */
int grove_dump(const void *model, const struct dataset *data, enum dump_format format,
	       struct text *out, struct error *err);

/* Of scores: classes, but 1 for two of them (the second's) and for a regression. */
size_t grove_raw_outputs(const void *model);
int grove_explain(const void *model, const struct part *rows, struct run *run,
		  float *contributions, struct error *err);

#endif
