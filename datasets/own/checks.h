/* What is suspicious about a data set before anything is fitted: rows that are
 * there twice, columns that give the target away, classes that are too small.
 * Nothing is changed; what was found comes back as lines. */
#ifndef TRIARCH_CHECKS_H
#define TRIARCH_CHECKS_H

#include "datasets/dataset.h"
#include "datasets/own/notes.h"

/* All checks below; `split` may be NULL, then nothing is said of its parts. The
 * arena is scratch, wound back; lines go to out->arena. ERR_MEMORY. */
int checks_run(const struct items *items, const struct split *split, struct arena *a,
	       struct notes *out, struct error *err);

/* Classes: too few rows, far apart in size, or missing in training; a target that
 * is constant, or sorted in the order of the rows. */
int checks_target(const struct items *items, const struct split *split,
		  struct arena *a, struct notes *out, struct error *err);

/* Columns: half or more of the cells missing, more levels than half the rows,
 * equal to another one. */
int checks_columns(const struct items *items, struct arena *a, struct notes *out,
		   struct error *err);

/* Rows whose contents are the same, byte by byte: within the data, with another
 * target, and between training and test. Groups on both sides. */
int checks_rows(const struct items *items, const struct split *split, struct arena *a,
		struct notes *out, struct error *err);

/* Columns that alone predict the target, by five folds of at most 20,000 rows:
 * the majority or mean of 2 to 256 bins of equal size, or of each level. */
int checks_leak(const struct items *items, struct arena *a, struct notes *out,
		struct error *err);

#endif
