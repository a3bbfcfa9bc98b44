/* What is kept of a fit beyond its row: the model as a file, and what the columns
 * contributed to the predictions. Used by a cell's process (measure.c), and by the
 * verbs that read models. */
#ifndef TRIARCH_KEEP_H
#define TRIARCH_KEEP_H

#include "harness/cell.h"
#include "learners/model/model_file.h"

/* Where what was fitted came from. */
struct keep {
	const struct cell *cell;
	const struct cell_place *place;
	const struct dataset *data;   /* encoded, with the training rows */
	const struct items *items;    /* raw; NULL: those of the cell's entry */
	const void *config, *model;
	struct run *run;
};

/* Do what the place asks for: place->save, place->contributions (of the test rows).
 * ERR_IO, ERR_MEMORY, ERR_UNSUPPORTED. */
int keep_fit(const struct keep *k, const struct part *test, struct error *err);

/* Can the learner do what the place asks for? ERR_UNSUPPORTED before a fit that
 * would be for nothing. */
int keep_check(const struct learner *l, bool save, bool explain, struct error *err);

/* Contributions of every row as CSV: row, class where there are several raw scores,
 * one column a column of the data, base. Names may be NULL: f0, f1 ... */
int keep_contributions(const char *path, const struct model_file *m,
		       const struct part *rows, struct run *run, struct error *err);

/* A field of a CSV file, in quotes where it needs them. */
void keep_csv_field(struct text *t, const char *s);

/* Columns by what they did for the model, the most gain first, as [{"column",
 * "gain", "splits"}]; columns without a cut are left out. A new reference; NULL with
 * the error set. */
json_t *keep_importance(const struct model_file *m, struct arena *a, struct error *err);

#endif
