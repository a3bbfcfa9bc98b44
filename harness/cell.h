/* A cell: one task at one size under one protocol with one learner and seed,
 * run from loading to publishing in a process of its own (`triarch cell`). */
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
	const struct spec *spec;
	enum view view;
	size_t n;	 /* rows fitted on, 0: all */
	bool first;	 /* the first n rows instead of drawn ones */
	unsigned repeat; /* split and subsample */
	uint64_t seed;
	const struct protocol *protocol;
	char key[HASH_HEX]; /* "" for files */
};

/* Where the answer goes and what it is made with. */
struct cell_place {
	const char *catalog; /* path of catalog.yaml */
	const char *cache;   /* folder of the data */
	const char *store;	 /* results folder, NULL: do not publish */
	const char *predictions; /* CSV file for the test predictions, NULL */
	int64_t repetition;	 /* of the row, when published */
};

/* {"cell": ..., "place": ...}, all that the child must know; a new reference,
 * NULL when out of memory. And back, into the arena (`catalog` is filled from
 * place->catalog unless the cell is about files). */
json_t *cell_to_json(const struct cell *c, const struct cell_place *place);
int cell_from_json(struct cell *c, struct cell_place *place,
		   struct catalog *catalog, struct arena *a,
		   const json_t *object, struct error *err);

/* Fill in the question's half of a record, and machine and build: for rows of
 * cells that did not live to write their own. The strings are borrowed from
 * the cell and the machine. ERR_MEMORY. */
int cell_record(const struct cell *c, const struct machine *m,
		struct record *r, struct error *err);

/* What a run of a cell needs beyond the question. */
struct cell_run {
	struct arena *arena; /* with the cell's limit */
	const struct cell_place *place;
	const volatile int *stop; /* non-zero: a signal asks to stop; or NULL */
};

/* Load, tune, fit, predict, measure, publish. 0: *r is filled, whatever its
 * status; the record belongs to the caller (record_clear). An error is one of
 * the place, not of the learner (no data, disk full, interrupted): nothing was
 * published and nothing may be recorded. */
int cell_do(const struct cell *c, const struct cell_run *run, struct record *r,
	    struct error *err);

#endif
