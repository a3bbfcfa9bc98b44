/* DART: a round's trees are fitted with some earlier rounds left out, so that
 * late trees do not just mend the last digits (Vinayak & Gilad-Bachrach 2015,
 * "DART: dropouts meet multiple additive regression trees").
 *
 * With k rounds left out the new trees are fitted to what these would explain,
 * so both together would overshoot; the new trees are multiplied by 1 / (k + e)
 * and the k by k / (k + e), or with drop_norm=forest all by 1 / (1 + e). e is
 * the shrinkage: with e = 1 this is the paper's Algorithm 1, and with another it
 * is XGBoost's. A round that leaves something out leaves out one at least.
 *
 * A round's trees therefore change after they were grown. The model of the best
 * round is the trees up to it with the weights that they had then: dart_mark
 * keeps those, and dart_finish multiplies them in.
 */
#ifndef TRIARCH_GBDT_DART_H
#define TRIARCH_GBDT_DART_H

#include "learners/gbdt/config.h"
#include "learners/gbdt/tree.h"

enum dart_norm { DART_TREE, DART_FOREST };

struct dart {
	const struct gbdt_config *config;
	size_t rounds;	   /* so far */
	size_t *dropped;   /* (n_dropped) rounds, ascending */
	size_t n_dropped;
	float *lost;	   /* (outputs, rows) what those give: the caller's use */
	float *lost_valid; /* (outputs, rows) */
	/* private */
	double *weight, *best; /* (rounds at most) */
	size_t outputs;
	struct tree *tree; /* (outputs) see dart_weighed */
	float *value;	   /* (outputs, leaves) */
};

/* `cells`, `valid_cells`: outputs times rows. ERR_MEMORY. */
int dart_init(struct dart *d, const struct gbdt_config *config, size_t outputs,
	      size_t cells, size_t valid_cells, struct arena *a,
	      struct error *err);

/* Choose what this round leaves out. */
void dart_drop(struct dart *d, uint64_t seed);

/* The trees of an earlier round (outputs) with their weights multiplied in:
 * lent until the next call. */
const struct tree *dart_weighed(struct dart *d, const struct tree *round,
				size_t which);

/* What the new trees' values are to be multiplied by. */
double dart_newborn(const struct dart *d);

/* What those left out are multiplied by, now that the new ones are there. */
double dart_settle(struct dart *d);

/* Remember the weights of this moment as those of the best round. */
void dart_mark(struct dart *d);

/* Multiply the weights at the last mark into the first `rounds` rounds; for
 * all rounds there are, the present ones. */
void dart_finish(const struct dart *d, struct tree **round, size_t rounds);

#endif
