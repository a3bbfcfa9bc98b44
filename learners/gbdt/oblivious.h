/* Oblivious (symmetric) trees: one cut a level, through all of its leaves
 * (Kohavi 1994, "Bottom-up induction of oblivious read-once decision graphs";
 * Prokhorenkova et al. 2018, "CatBoost: unbiased boosting with categorical
 * features"). 2^d leaves from d cuts: strongly regularised, and the leaf of a
 * row is d bits.
 *
 * The cut is the one with the largest sum of gains. A leaf in which a side
 * would be too light (or empty) takes no part in the sum, but is cut as well,
 * for symmetry: the light half then keeps the value of the leaf it came from.
 * Leaf numbers are those bits: bit k is set in leaves right of the cut of level
 * k. Levels of a categorical column have the tree's order (cut_levels.c) and
 * the root's groups. min_gain bounds the sum of a
 * level; col_sample_node has no meaning. */
#ifndef TRIARCH_GBDT_OBLIVIOUS_H
#define TRIARCH_GBDT_OBLIVIOUS_H

#include "learners/gbdt/grower.h"

/* Workspace of g->oblivious; false when out of memory. */
bool oblivious_allocate(struct grower *g, struct arena *a);

/* Forget the level before: to be called before leaves are looked at. */
void oblivious_begin_level(struct grower *g);

/* In place of a search: add what each cut of `n` columns of a block, from its
 * column `first`, would gain in one leaf to the level's sums. `hist` is the
 * block's part. Its answer has a gain, so that the histogram is kept. */
struct cut oblivious_add(struct grower *g, const struct drawn_block *block,
			 size_t first, size_t n, const int64_t *hist,
			 const struct cut_leaf *leaf);

/* All levels, from a root that has been looked at. */
void oblivious_grow(struct grower *g);

/* Would a half with this sum be too light? */
bool oblivious_is_light(const struct grower *g, const struct grower_leaf *leaf,
			int64_t half);

#endif
