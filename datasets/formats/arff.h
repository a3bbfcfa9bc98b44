/* Tables in Weka's attribute-relation file format, ARFF
 * (https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/).
 *
 * numeric, real and integer are numeric columns; nominal attributes are
 * categorical, with their values as levels in the order in which they are
 * declared; so are strings, with their distinct texts in byte order. Dates in
 * ISO 8601 become days since 1970-01-01. Rows may be sparse, {index value, ...}:
 * what they leave out is 0, or the first value of a nominal attribute, and
 * missing in a string or a date. Unknown: relational attributes, weights of
 * rows, other formats of dates.
 */
#ifndef TRIARCH_ARFF_H
#define TRIARCH_ARFF_H

#include "datasets/table.h"

#define ARFF_COLUMNS_MAX 65536

/* Errors are "path:line: ..."; ERR_DATA, ERR_MEMORY. All that comes out lives in
 * the arena. The file is gone through twice, so cells take memory only when all
 * of it is right; sparse rows at most TABLE_SPARSE_MAX cells. */
int arff_parse(const char *bytes, size_t size, const char *path, struct arena *a,
	       struct table *out, struct error *err);

/* The same from a file; ERR_IO too. */
int arff_read(const char *path, struct arena *a, struct table *out, struct error *err);

#endif
