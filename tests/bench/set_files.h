/* The sets of the benchmarks as files that Python reads as well: a folder
 * with x_train.npy (rows, cols), y_train.npy (rows), the same for test, all
 * float32 in C order, and set.json:
 *
 *	name, seed	which set, and which draw of it
 *	classes		0 for regression; else y is a label 0 .. classes - 1
 *	rounds		of boosting that the set is measured with
 *	levels		(cols) codes of a categorical column, 0 for a number
 *	valid		so many of the last rows of train are for validation
 *	digest		of the content in the catalogue; "" for made sets
 *	view		table (when it is not said), dense, grid or tokens
 *	shape		grid: channels, height, width
 *	vocab		tokens: ids are below it
 *
 * Missing cells are NaN. A document is a row of ids, padded with 0 to the longest
 * (float32 has every id below 2^24 exactly). make_sets.py and bench_export write them. */
#ifndef TRIARCH_SET_FILES_H
#define TRIARCH_SET_FILES_H

#include "datasets/dataset.h"
#include "harness/base/file.h"

struct set_files {
	struct dataset data; /* train and test */
	long long seed, rounds;
	const char *digest; /* NULL: none */
	struct file_map map[2]; /* private: x of train and test */
};

/* x is mapped and every page of it touched, so that it counts to the memory
 * before a fit; the rest is in the arena. ERR_IO, ERR_DATA with the file's
 * name, ERR_MEMORY. Close with set_files_close, also after an error. */
int set_files_open(struct set_files *s, const char *folder, struct arena *a, struct error *err);
void set_files_close(struct set_files *s);

/* Write `s` with its validation rows behind its training rows; documents cut to the
 * first SET_WORDS words. ERR_IO, ERR_MEMORY; ERR_UNSUPPORTED for a sparse view. */
#define SET_WORDS 128
int set_files_write(const struct set_files *s, const char *folder, struct arena *a,
		    struct error *err);

#endif
