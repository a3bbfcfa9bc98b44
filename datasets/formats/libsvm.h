/* Sparse rows as LIBSVM and its relatives write them
 * (https://www.csie.ntu.edu.tw/~cjlin/libsvm/, README, "Data format"):
 *
 *	LABEL INDEX:VALUE INDEX:VALUE ...	# comment
 *
 * one row a line, indices ascending. What a row leaves out is 0. The table has
 * the column `label` first, a number, and then f1, f2 ... up to the largest index
 * (f0 ... where the base is 0).
 */
#ifndef TRIARCH_LIBSVM_H
#define TRIARCH_LIBSVM_H

#include "datasets/table.h"

#define LIBSVM_COLUMNS_MAX 65536

/* A file, or bytes that are called `path` in messages. */
struct libsvm_text {
	const char *bytes;
	size_t size;
	const char *path;
};

struct libsvm_options {
	size_t base;	/* of the indices: 1 as LIBSVM has it, or 0 */
	size_t columns; /* features; 0: as many as the largest index says */
};

/* Several files as one table, rows in their order; end[k] is the row behind the
 * last of file k. Errors are "path:line: ..."; ERR_DATA, ERR_MEMORY. Cells take
 * memory only when all of the files is right, and there are at most
 * TABLE_SPARSE_MAX of them. */
int libsvm_parse(const struct libsvm_text *texts, size_t n,
		 const struct libsvm_options *options, struct arena *a,
		 struct table *out, size_t *end /* (n) */, struct error *err);

#endif
