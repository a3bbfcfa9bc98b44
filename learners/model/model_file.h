/* A fitted model with all that is needed to use it again, as one file.
 *
 *	learner, its version and parameters; the build that wrote it
 *	the frame of its data (datasets/frame.h)
 *	what the learner's own save() wrote
 */
#ifndef TRIARCH_MODEL_FILE_H
#define TRIARCH_MODEL_FILE_H

#include "datasets/frame.h"
#include "learners/learner.h"

struct model_file {
	const struct learner *learner;
	int version;	    /* the learner's when it was fitted */
	const char *params; /* as JSON text: what it was fitted with */
	const char *build;  /* of the program that fitted it */
	struct frame frame;
	void *model; /* for learner->predict, with &frame.data */
};

/* Write it in one step (file_replace). ERR_UNSUPPORTED when the learner cannot be
 * saved; ERR_IO, ERR_MEMORY. */
int model_file_write(const char *path, const struct model_file *m, struct arena *a,
		     struct error *err);

/* Read it back; all of it lies in the arena, and the file may go. ERR_IO; ERR_DATA
 * for a file that is damaged, no model, or made by a newer triarch, each said so;
 * ERR_MEMORY. */
int model_file_read(struct model_file *m, const char *path, struct arena *a,
		    struct error *err);

/* The same from and to bytes; they must stay until the call is over. */
int model_file_parse(struct model_file *m, const void *bytes, size_t size,
		     const char *path, struct arena *a, struct error *err);
int model_file_format(const struct model_file *m, struct arena *a, struct text *out,
		      struct error *err);

#endif
