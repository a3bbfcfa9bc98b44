/* datasets/catalog.yaml: every data set the project knows. */
#ifndef TRIARCH_CATALOG_H
#define TRIARCH_CATALOG_H

#include "datasets/origin.h"
#include "datasets/reader.h"
#include "datasets/split.h"

struct dropped {
	const char *column, *reason;
};

/* What must come out of the reader; SIZE_MAX where the catalogue is silent. */
struct expected {
	size_t rows, columns, classes, missing;
};

struct entry {
	const char *name; /* lower case with hyphens: "mpls-stops" */
	const char *title;
	enum modality modality;
	enum task task;
	const struct origin_file *origins; /* (n_origins) in the reader's
					    * order; none where it needs none */
	size_t n_origins;
	const struct reader *reader;
	const struct yaml *options; /* for the reader, or NULL */
	const char *target;	    /* NULL where implied */
	const struct dropped *drops; /* (n_drops) */
	size_t n_drops;
	bool log_target;
	struct split_rule split;
	const char *group, *time, *fold; /* columns for the split, or NULL */
	const char *const *categorical;  /* (n_categorical) numbers that are names */
	size_t n_categorical;
	const char *metric; /* "accuracy" or "r2" */
	struct expected expect;
	const char *identity; /* what it is a copy of; its own name by default */
	bool synthetic;	      /* made by a formula: counts as no real data */
	const char *licence, *citation, *notes;
	const struct yaml *at; /* for messages */
};

struct catalog {
	const struct entry *entries; /* (n), in file order */
	size_t n;
};

/* Read and check the file: unknown keys, values and readers are errors with
 * file:line:column. Everything lives in the arena. ERR_IO, ERR_CONFIG,
 * ERR_MEMORY. */
int catalog_read(struct catalog *c, struct arena *a, const char *path,
		 struct error *err);

/* The `split` of an entry; what it does not say has 0.2 of all rows to test, 0.2
 * of the fitted to validate. ERR_CONFIG. */
int catalog_split(const struct yaml *map, struct split_rule *out, struct error *err);

/* NULL when there is none of that name. */
const struct entry *catalog_find(const struct catalog *c, const char *name);

/* The entry, or ERR_USAGE with "did you mean". */
int catalog_get(const struct catalog *c, const char *name,
		const struct entry **out, struct error *err);

#endif
