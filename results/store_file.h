/* Where the files of a store stand, and the reading and writing of one cell
 * file. Private to results/. */
#ifndef TRIARCH_STORE_FILE_H
#define TRIARCH_STORE_FILE_H

#include <limits.h>
#include <stdbool.h>

#include "results/record.h"

#define STORE_STEM_MAX 200 /* a file name without its ending, and the NUL */

/* <key>-<build>-<fingerprint[0:12]>-<repetition>; what a file name should not
 * hold becomes '_'. */
void store_stem(const struct record *r, char stem[STORE_STEM_MAX]);

/* DIR/<kind>/<key[0:2]>, and a file in it. ERR_IO when too long. */
int store_folder(const char *dir, const char *kind, const char *key,
		 char out[PATH_MAX], struct error *err);
int store_cell_path(const char *dir, const struct record *r,
		    char out[PATH_MAX], struct error *err);
int store_predictions_path(const char *dir, const struct record *r, bool test,
			   char out[PATH_MAX], struct error *err);

/* Publish; the first wins. */
int store_write_cell(const char *path, const struct record *r, bool *existed,
		     struct error *err);

/* Read one; ERR_DATA when it is no row, or not the one its name says. The
 * messages do not repeat the path. */
int store_read_cell(const char *path, struct arena *a, struct record *r,
		    struct error *err);

/* The repetition in the name of a cell file of this key and fingerprint; -1 for
 * any other name. */
int64_t store_name_repetition(const char *name, const char *key,
			      const char *fingerprint);

#endif
