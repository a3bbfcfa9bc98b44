/* The option `official: [train, test]`: which part each file of a set is, one
 * word (train, valid, test) a file. For readers of several files. */
#ifndef TRIARCH_OFFICIAL_H
#define TRIARCH_OFFICIAL_H

#include "datasets/reader.h"

/* The parts of n files (or pairs of files); OFFICIAL_NONE for all when the
 * option is absent. In the arena. ERR_CONFIG at the option's place: an unknown
 * word, another number of them, no train or no test. */
int official_parts(const struct source *src, size_t n, struct arena *a,
		   enum official **part /* (n) */, struct error *err);

/* Mark the rows: those of file k end before row end[k]. Nothing is set where
 * the parts are OFFICIAL_NONE. ERR_MEMORY. */
int official_mark(const enum official *part, const size_t *end /* (n) */, size_t n,
		  struct arena *a, struct items *out, struct error *err);

#endif
