/* Rows that no grower has sorted into leaves go down a round's trees. */
#ifndef TRIARCH_GBDT_WALK_H
#define TRIARCH_GBDT_WALK_H

#include "learners/gbdt/expand.h"
#include "learners/gbdt/turner.h"

struct walk {
	const struct bins_column *column; /* of the bins */
	const struct tree *tree;	  /* (outputs) */
	size_t outputs;
	const struct part *part;
	const float *ordered; /* of training rows: see expand_open */
	const struct expand *expand;
	float *score; /* (outputs, rows) += the trees' values */
	struct turner *turner;
	int threads;
};

void walk_trees(const struct walk *w);

/* How trees get their rows. Of sparse rows it is the turner that makes them,
 * unless it has no room. */
struct walk_rows {
	const struct expand *expand;
	const struct turner *turner;
	const struct part *part;
	const float *ordered;
};

/* Both for rows of `part`, whose trees have at most `leaves`. ERR_MEMORY. */
int walk_init(struct expand *e, struct turner *t, size_t cols, bool sparse,
	      size_t leaves, const struct target_stats *stats, int threads,
	      struct arena *a, struct error *err);

/* Rows [r.begin, r.end), at most expand->grain: turned, and *x as they are,
 * (rows, expand->width), for trees without a sieve. Until walk_close. */
const struct turned *walk_open(const struct walk_rows *w, struct par_range r,
			       size_t worker, const float **x);
void walk_close(const struct walk_rows *w, struct par_range r, size_t worker);

#endif
