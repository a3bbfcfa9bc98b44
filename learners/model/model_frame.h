/* Frames in model files: private to model_file.c. */
#ifndef TRIARCH_MODEL_FRAME_H
#define TRIARCH_MODEL_FRAME_H

#include "datasets/frame.h"
#include "learners/model/model_reader.h"

void model_frame_save(const struct frame *f, struct model_writer *w);

/* Checked: what it says is of the kinds that this program knows and agrees with
 * itself. ERR_DATA, ERR_MEMORY. */
int model_frame_load(struct frame *f, struct model_reader *r, struct error *err);

#endif
