/* datasets/catalog.yaml: every data set the project knows. */
#ifndef TRIARCH_CATALOG_H
#define TRIARCH_CATALOG_H

#include "datasets/reader.h"
#include "datasets/split.h"

/* One file of a data set and where it comes from. */
struct origin_file {
	const char *path;   /* inside the package or archive */
	const char *sha256; /* of the content; NULL for a folder of files, whose
			     * digest is `tree_sha256` */
	const char *tree_sha256;
};

struct entry {
	const char *name;  /* lower case with hyphens: "mpls-stops" */
	const char *title;
	enum modality modality;
	enum task task;
	const char *package; /* Debian package that has the files */
	const struct origin_file *files; /* (n_files) */
	size_t n_files;
	const struct reader *reader;
	const struct yaml *options; /* for the reader */
	const char *target;
	const char *const *drop;
	size_t n_drop;
	bool log_target;
	struct split_rule split;
	const char *metric; /* "accuracy" or "r2" */
	/* what must come out of the reader: checked on load */
	size_t rows, classes, columns, missing;
	const char *licence, *citation, *notes;
	const struct yaml *at; /* for messages */
};

struct catalog {
	const struct entry *entries; /* (n), in file order */
	size_t n;
};

/* Read and check the file; unknown keys are errors with a place. */
int catalog_read(struct catalog *c, struct arena *a, const char *path,
		 struct error *err);

/* NULL when there is none of that name. */
const struct entry *catalog_find(const struct catalog *c, const char *name);

#endif
