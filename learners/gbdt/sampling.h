/* The rows that a round's trees are grown on.
 *
 * uniform  each with probability row_sample (Friedman 2002, "Stochastic gradient
 *          boosting"); all trees of a round share the draw, as in LightGBM
 * goss     gradient-based one-side sampling (Ke et al. 2017, "LightGBM: a highly
 *          efficient gradient boosting decision tree", Algorithm 2): the
 *          goss_top share of rows with the largest |gradient|, and of the others
 *          a draw of goss_rest of all rows, whose derivatives are multiplied by
 *          (1 - goss_top) / goss_rest. As in LightGBM the first 1 / shrinkage
 *          rounds take all rows, as gradients tell little before.
 *
 * Draws are addressed by (seed, round, row): the same on any number of threads.
 */
#ifndef TRIARCH_GBDT_SAMPLING_H
#define TRIARCH_GBDT_SAMPLING_H

#include "harness/base/rng.h"
#include "learners/gbdt/objective.h"

enum sampling_kind { SAMPLING_UNIFORM, SAMPLING_GOSS };

struct sampling {
	const struct gbdt_config *config;
	size_t total;	/* rows there are */
	uint32_t *rows; /* (n) drawn for this round, ascending; NULL: all */
	size_t n;
	float *factor; /* (total) of a drawn row's derivatives; NULL: all 1 */
	int threads;
	/* private */
	uint32_t *room;	   /* (total) */
	size_t *count;	   /* (chunks) */
	uint32_t *size;	   /* (total) goss: |gradient| over all outputs, as bits */
	float *multiple;   /* (total) goss */
	size_t *ties;	   /* (chunks) goss */
	uint32_t *tally;   /* (chunks, 2048) goss */
};

/* Room for draws from `total` rows, if any are to be made. ERR_MEMORY. */
int sampling_init(struct sampling *s, const struct gbdt_config *config,
		  size_t total, int threads, struct arena *a, struct error *err);

/* Draw for a round, at least one row. Goss looks at the gradients, (outputs,
 * total). */
void sampling_draw(struct sampling *s, uint64_t seed, size_t round,
		   const float *gradient, size_t outputs);

/* Multiply the derivatives (outputs, total) of drawn rows by their factors. */
void sampling_amplify(const struct sampling *s, float *gradient, float *hessian,
		      size_t outputs);

#endif
