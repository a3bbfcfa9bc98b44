/* "did you mean ...?" */
#ifndef TRIARCH_SUGGEST_H
#define TRIARCH_SUGGEST_H

#include <stddef.h>

/* The name nearest to `word` by edit distance (Damerau, optimal string
 * alignment), or NULL when none is within a third of its length. */
const char *suggest_nearest(const char *word, const char *const *names, size_t n);

/* " (did you mean 'x'?)" or "" into out; returns out. */
const char *suggest_text(const char *word, const char *const *names, size_t n,
			 char *out, size_t size);

#endif
