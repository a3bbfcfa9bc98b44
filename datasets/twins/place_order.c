/* Two permutations: one says which places take part, the other where they go. */
#include "datasets/twins/place_order.h"

#include <math.h>

/* k places are chosen and permuted among themselves, the others stay. A permutation
 * has fixed points, one on average, so a few of the chosen may stay as well. Of k the
 * nearest whole number; `from[j]` is where place j takes its value from. */
int place_order(size_t n, double share, struct rng r, struct arena *a, uint32_t **from,
		struct error *err)
{
	size_t k = (size_t)floor(share * (double)n + 0.5);
	uint32_t *order = ARENA_NEW(a, uint32_t, n);
	uint32_t *chosen = ARENA_NEW(a, uint32_t, n);
	uint32_t *moved = ARENA_NEW(a, uint32_t, n);

	if (!order || !chosen || !moved)
		return arena_error(a, err);
	rng_permutation(rng_sub(r, 0), n, chosen);
	rng_permutation(rng_sub(r, 1), k, moved);
	for (size_t j = 0; j < n; j++)
		order[j] = (uint32_t)j;
	for (size_t i = 0; i < k; i++)
		order[chosen[i]] = chosen[moved[i]];
	*from = order;
	return 0;
}
