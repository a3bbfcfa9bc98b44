/* What a model must remember of the data that it was fitted on, so that rows of
 * another file can be given to it: the columns and levels as codes knew them, the
 * classes, and how the files were laid out.
 *
 * Rows of the `table` view need no more than that. Other views have numbers of
 * their own that were fitted (scales, terms, directions) and are not kept: their
 * frames describe, and have an obstacle. */
#ifndef TRIARCH_FRAME_H
#define TRIARCH_FRAME_H

#include "datasets/catalog.h"

struct frame {
	/* Without rows. The columns of a table have level_names, unless an
	 * obstacle says why not. */
	struct dataset data;
	enum view view; /* as it was asked for; data.view is its form */
	/* (cols) of (levels): 1 where a training row had the level, NULL for
	 * numeric columns; NULL when there are no columns */
	const uint8_t *const *seen;
	const char *const *class_names; /* (data.classes) or NULL */
	const char *target;   /* the column, or "" */
	bool log_target;      /* the model gives the natural log of it */
	const char *layout;   /* options of the csv reader, as YAML; or "" */
	const char *obstacle; /* why no other file's rows can be taken; or "" */
};

/* What a frame is made from. */
struct frame_source {
	const struct dataset *data; /* encoded, with its training rows */
	enum view view;
	const struct items *items; /* the raw rows, before any transform */
	const struct entry *entry; /* NULL for a user's training and test file */
	const char *target;	   /* where there is no entry */
	const char *transform;	   /* twins and probes as text; NULL: none */
};

/* Strings are copied or lent by the catalogue; all else goes to the arena.
 * ERR_MEMORY. */
int frame_make(struct frame *f, const struct frame_source *from, struct arena *a,
	       struct error *err);

/* The rows of a CSV file, encoded as the training rows were: columns by name, in
 * any order, others passed over; a level that no training row had is missing.
 * ERR_UNSUPPORTED for the obstacle; ERR_DATA for a column that is not there or a
 * text among numbers (path:line); ERR_IO, ERR_CONFIG, ERR_MEMORY. */
int frame_read_csv(const struct frame *f, const char *path, int threads, struct arena *a,
		   struct part *rows, struct error *err);

#endif
