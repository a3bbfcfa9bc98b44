/* From a name to the data set a learner is lent.
 *
 * fetch -> read -> split -> encode, with two caches by content key beside the
 * files: the items a reader made, and each encoded view, mapped read-only, so
 * that a cell starts in milliseconds.
 */
#ifndef TRIARCH_LOAD_H
#define TRIARCH_LOAD_H

#include "datasets/encode.h"
#include "datasets/fetch/fetch.h"
#include "datasets/transform.h"
#include "harness/base/file.h"
#include "harness/base/hash.h"

struct load_request {
	const struct entry *entry;
	enum view view;
	size_t n;	 /* rows fitted on; 0: all */
	unsigned repeat; /* split, subsample and seed */
	bool first;	 /* the first n training rows, in file order */
	struct transform_chain chain;  /* twins and probes, in their order */
	const struct ranking *ranking; /* for those that ask, or NULL */
	int threads;
};

/* A loaded data set; keep it until load_close, the arrays point into it. */
struct loaded {
	struct dataset data;
	char digest[HASH_HEX]; /* of files, reader and rule: names the data */
	void *map;		/* private */
	size_t map_size;
};

/* Metadata structs go to the arena, rows are mapped. ERR_MISSING with the
 * command that would fetch it; what catalog.h, split.h and encode.h say. */
int load_dataset(const struct fetch *f, const struct load_request *req,
		 struct arena *a, struct loaded *out, struct error *err);
void load_close(struct loaded *l);

/* The raw rows behind an entry, through the same cache: read and held against
 * the catalogue's counts when they are not there yet. The arrays lie in *m
 * (file_unmap), lists of pointers in the arena. Errors as load_dataset. */
int load_items(const struct fetch *f, const struct entry *e, int threads, struct arena *a,
	       struct items *items, struct file_map *m, struct error *err);

/* Read the entry's files anew, past the caches, and split them as repeat 0 on all
 * rows; for those who look at raw rows. What reader.h and split.h say. */
int load_raw(const struct fetch *f, const struct entry *e, int threads, struct arena *a,
	       struct items *items, struct split *split, struct error *err);

/* The digest without loading anything: for keys of cells. It covers the file
 * digests, the reader and its version and options, target, drops, split rule
 * and the encoder's version. */
void load_digest(const struct entry *e, enum view view, char hex[HASH_HEX]);

/* A user's own files: train and test as CSV. All training rows are fitted on
 * unless `valid_share` > 0 keeps some back. Levels, classes and scaling come
 * from the training rows; a class or target that is wrong in test is an error.
 * *raw: the rows as they were read, training first. */
struct load_files {
	const char *train, *test, *target;
	enum task task;
	bool guess_task; /* numeric target with > 20 values: regression */
	enum view view;
	double valid_share;
	int threads;
};
int load_from_files(const struct load_files *req, struct arena *a,
		    struct dataset *out, struct items *raw, struct error *err);

/* The views that a modality has, as bits. */
unsigned load_views(enum modality m);

#endif
