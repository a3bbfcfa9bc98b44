/* Subsets of official files, made by a rule that leaves nothing to choose. */
#ifndef TRIARCH_DERIVE_H
#define TRIARCH_DERIVE_H

#include "datasets/origin.h"
#include "harness/base/hash.h"

/* Copy the first `lines` lines of `from` to `to` (created). ERR_DATA when there
 * are fewer; ERR_IO. */
int derive_lines(const char *from, size_t lines, const char *to,
		 struct error *err);

/* Copy the records with the lowest SHA-256 (of their bytes after l->skip) from
 * `from` to `to`, in the order of these digests; equal ones in the order of the
 * file. The arena is scratch. ERR_DATA when the file is no whole number of
 * records or has too few; ERR_IO, ERR_MEMORY. */
int derive_lowest(const char *from, const struct lowest *l, const char *to,
		  struct arena *a, struct error *err);

#endif
