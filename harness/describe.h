/* A saved model in words: JSON for programs, text for people. */
#ifndef TRIARCH_DESCRIBE_H
#define TRIARCH_DESCRIBE_H

#include "learners/model/model_file.h"

/* Append it. JSON is one object: learner, version, build, params, data, view, task,
 * target, classes, columns ([{"name", "type", "levels"?}]), importance, and the
 * learner's own under "model". ERR_UNSUPPORTED for a learner that has no dump;
 * ERR_MEMORY. */
int describe_model(const struct model_file *m, enum dump_format format, struct arena *a,
		   struct text *out, struct error *err);

#endif
