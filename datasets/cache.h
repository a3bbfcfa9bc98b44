/* Items and encoded views as one flat file each, mapped read-only.
 *
 * A file is a header, a stream of small values, and arrays aligned to 64
 * bytes. The header says how long the file must be and carries the SHA-256 of
 * itself and the small values, so a file that was cut short or comes from
 * another version is noticed (ERR_DATA) and can be made again. The format is
 * that of this machine: a cache is not carried to another. */
#ifndef TRIARCH_CACHE_H
#define TRIARCH_CACHE_H

#include "datasets/dataset.h"
#include "harness/base/file.h"

/* Write the file in one step (file_replace). ERR_IO, ERR_MEMORY. */
int cache_save_items(const char *path, const struct items *items,
		     struct error *err);
int cache_save_dataset(const char *path, const struct dataset *data,
		       struct error *err);

/* Map the file: the arrays point into *m, which the caller unmaps; lists of
 * pointers and columns live in the arena. The name of a data set is not kept.
 * ERR_IO when it is not there, ERR_DATA when it is not whole, ERR_MEMORY. */
int cache_open_items(const char *path, struct arena *a, struct items *items,
		     struct file_map *m, struct error *err);
int cache_open_dataset(const char *path, struct arena *a, struct dataset *data,
		       struct file_map *m, struct error *err);

#endif
