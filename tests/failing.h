/* Which allocation fails next, where there are thousands of them. */
#ifndef TRIARCH_FAILING_H
#define TRIARCH_FAILING_H

#include <stddef.h>

/* After `at` of `total`: each of the first and the last 300, and every 97th of
 * those between, which come from the same lines entry after entry. */
static inline size_t failing_next(size_t at, size_t total)
{
	if (at < 300 || at + 300 >= total)
		return at + 1;
	return at + 97 + 300 < total ? at + 97 : total - 300;
}

#endif
