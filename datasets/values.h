/* The distinct numbers of a column: classes 0/1, folds 1..5, codes that are
 * names. */
#ifndef TRIARCH_VALUES_H
#define TRIARCH_VALUES_H

#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

struct values {
	size_t n;
	const float *value; /* (n) ascending, none twice, none NaN */
};

/* Those of x (n), holes left out; in the arena. -0 and 0 are one. ERR_MEMORY. */
int values_of(struct values *v, const float *x, size_t n, struct arena *a,
	      struct error *err);

/* The place of a number that is among them. */
size_t values_find(const struct values *v, float x);

/* The shortest texts that read back as the same floats, in the arena. */
int values_names(const struct values *v, struct arena *a,
		 const char *const **names /* (n) */, struct error *err);

#endif
