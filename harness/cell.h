/* A cell: one task at one size under one protocol with one learner and seed.
 * It runs in a process of its own (`triarch cell`), to which it travels as
 * JSON; measure.h is what happens there. */
#ifndef TRIARCH_CELL_H
#define TRIARCH_CELL_H

#include "datasets/load.h"
#include "harness/config.h"
#include "harness/machine.h"
#include "results/record.h"

/* The question. */
struct cell {
	const struct entry *entry;	/* of the catalogue, or NULL for files */
	const struct load_files *files; /* a user's own, or NULL */
	const char *label;		/* of the task (taskspec.h); NULL: its name */
	const char *source;		/* what the child parses; NULL: the label */
	struct transform_chain chain;	/* twins and probes ... */
	const char *transform;		/* ... as text, NULL: none */
	const struct spec *spec;
	enum view view;
	size_t n;	 /* rows fitted on, 0: all */
	bool first;	 /* the first n rows instead of drawn ones */
	unsigned repeat; /* split and subsample */
	uint64_t seed;
	const struct protocol *protocol;
	char key[HASH_HEX]; /* "" for files */
};

/* "accuracy" or "r2": what decides in tuning and is the row's score. */
const char *cell_metric(const struct cell *c, enum task task);

/* The name of the task: its label, or the training file's. */
const char *cell_task(const struct cell *c);

/* What a fit will take, by the catalogue's sizes: columns as they are in the
 * files, rows by the split rule where the cell names none. False when its learner makes no
 * forecast or the sizes are not known. */
bool cell_forecast(const struct cell *c, struct forecast *out);

/* Where the answer goes and what it is made with. */
struct cell_place {
	const char *catalog; /* path of catalog.yaml */
	const char *cache;   /* folder of the data */
	const char *store;	 /* results folder, NULL: do not publish */
	const char *predictions; /* CSV file for the test predictions, NULL */
	const char *save;	 /* file for the model, NULL: none */
	const char *contributions; /* CSV file for those of the test rows, NULL */
	int64_t repetition;	 /* of the row, when published */
};

/* {"cell": ..., "place": ...}, all that the child must know; a new reference,
 * NULL when out of memory. And back, into the arena (`catalog` is filled from
 * place->catalog unless the cell is about files). */
json_t *cell_to_json(const struct cell *c, const struct cell_place *place);
int cell_from_json(struct cell *c, struct cell_place *place,
		   struct catalog *catalog, struct arena *a,
		   const json_t *object, struct error *err);

/* Set up a record with the question's half of a row, machine and build; the
 * answer's half says `crashed` until somebody knows better. Strings are borrowed
 * from the cell and the machine. ERR_MEMORY. */
int cell_record(const struct cell *c, const struct machine *m,
		struct record *r, struct error *err);

#endif
