/* A tree as masks, for many rows at once: Lucchese et al. 2015, "QuickScorer",
 * and 2016, "Exploiting CPU SIMD extensions to speed-up document scoring with
 * tree ensembles".
 *
 * Leaves are numbered from left to right, one bit each. A cut that a row fails
 * (it goes right) takes away the leaves of its left subtree, in any order of
 * the cuts; the row ends in the leftmost leaf that remains. So there is no path
 * to follow and nothing to wait for: each cut is a compare, an or and an and
 * for 8 or 16 rows. Its price grows with the leaves and not with the depth, and
 * a walk is cheaper from some 200 leaves on.
 *
 * Leaf values stay in the tree, where they may be changed.
 *
 * Bits are kept in words of 32; a cut stands in the list of each word from
 * which it takes leaves.
 */
#ifndef TRIARCH_GBDT_SIEVE_H
#define TRIARCH_GBDT_SIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/simd.h"

struct tree;
struct tree_set;
struct bins_column;
struct arena;

enum {
	SIEVE_LEAVES = 192, /* trees with more of them have no sieve */
	SIEVE_ROWS = 256,   /* of a turned block */
	SIEVE_WORDS = SIEVE_LEAVES / 32,
};

/* Rows are sifted 32 at a time. */
#define SIEVE_PAD(n) (((n) + 31) / 32 * 32)

struct sieve_cut {
	float threshold;
	uint32_t column; /* of the turned block */
	uint32_t keep;	 /* leaves of this word that stay when it fails */
	int32_t set;	 /* categorical: number of the tree's set */
};

/* Cuts of word w, by what passes: x <= threshold [first[3 w], ...), that or a
 * missing value [first[3 w + 1], ...), a bin of the set [first[3 w + 2], ...). */
struct sieve {
	size_t words;
	uint32_t first[3 * SIEVE_WORDS + 1];
	struct sieve_cut *cut;
	uint8_t *leaf; /* (leaves) numbers in the tree, from left to right */
};

/* The sieve of a complete tree; false when it has too many leaves or out of
 * memory. Room: see sieve_allocate. */
bool sieve_make(struct sieve *s, const struct tree *t);

/* Room for any tree of up to `leaves`; false when out of memory. No room is
 * made for trees above SIEVE_LEAVES. */
bool sieve_allocate(struct sieve *s, size_t leaves, struct arena *a);

/* No more room than this sieve takes. */
bool sieve_copy(struct sieve *to, const struct sieve *from, size_t leaves,
		struct arena *a);

struct turned;

/* out[i * stride] += value of row i, by the tree's sets and leaf values. */
void sieve_add(const struct sieve *s, const struct tree *t,
	       const struct turned *rows, float *out, size_t stride);

struct sieve_kernels {
	/* at[i] = the leaf, from the left, of row i < n; `at` and the turned
	 * rows have room for SIEVE_PAD(n). */
	void (*sift)(const struct sieve *s, const struct tree_set *set,
		     const float *x, size_t n, int32_t *at);
};
SIMD_TABLES(sieve_kernels);

#endif
