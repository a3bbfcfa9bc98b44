/* A reader turns the files of a data set into `struct items`.
 *
 * One reader a file, datasets/read_<format>.c, which defines
 *	const struct reader reader_<format>;
 * the registry is made from the file names. Readers are bounded (no allocation
 * beyond a small multiple of the input), never crash on any bytes, and name
 * the place of what is wrong.
 */
#ifndef TRIARCH_READER_H
#define TRIARCH_READER_H

#include "datasets/dataset.h"
#include "harness/base/yaml.h"

/* What the catalogue says about the files, handed to the reader. */
struct source {
	const char *name;	  /* of the data set, for messages */
	const char *const *paths; /* (n_paths) verified files or folders */
	size_t n_paths;
	const struct yaml *options; /* the entry's `options:` map, or NULL */
	const char *target;	  /* target column, NULL where implied */
	const char *const *drop;  /* (n_drop) columns to leave out */
	size_t n_drop;
	/* Columns with a part to play, or NULL. The group and the fold are no
	 * features, the time is one unless it is dropped as well. */
	const char *group; /* several columns: "name+year" */
	const char *time, *fold;
	const char *const *categorical; /* (n_categorical) numbers are names */
	size_t n_categorical;
	enum task task;
	bool log_target; /* regression on the natural log of the target */
	int threads;
};

struct reader {
	const char *name;    /* "csv", "rdata" ... */
	const char *summary; /* one line */
	int version;	     /* raise when what it makes changes */
	const char *const *options; /* keys it accepts, NULL-terminated */
	bool no_files; /* makes its rows: the entry has no files */
	int (*read)(const struct source *src, struct arena *a,
		    struct items *out, struct error *err);
};

/* All readers, and one by name (NULL when unknown). */
const struct reader *const *reader_all(size_t *n);
const struct reader *reader_find(const char *name);

#endif
