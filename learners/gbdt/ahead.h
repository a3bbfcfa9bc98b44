/* Leaves expanded ahead: how threads grow one tree without barriers.
 *
 * Expanding a leaf changes nothing of the tree. Each thread takes a leaf that
 * nobody has and expands it alone: the one that is to be cut next, or those that
 * will most likely be, below leaves that are not cut yet as well. Whoever is done
 * cuts what can be cut in the order of growth, as one thread would, so the tree
 * does not depend on who was when; expansions that the tree has no leaves left
 * for are undone, to the order of rows.
 *
 * A thread prefers leaves that it has made: their rows and histograms are in its
 * cache. */
#ifndef TRIARCH_GBDT_AHEAD_H
#define TRIARCH_GBDT_AHEAD_H

#include "learners/gbdt/grower.h"

/* With several threads: is there enough to do beside the leaf that is next? */
bool ahead_pays(const struct grower *g);

/* Cut leaves to the tree's end, or until it does not pay. */
void ahead_grow(struct grower *g);

/* Expansions of a complete tree that were in vain leave no trace. */
void ahead_undo(struct grower *g);

#endif
