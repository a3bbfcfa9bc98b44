/* Columns of a table that a transform changes: which they are, and new arrays
 * for them beside the old ones, which are not to be written. */
#ifndef TRIARCH_COLUMN_SET_H
#define TRIARCH_COLUMN_SET_H

#include "datasets/transform.h"
#include "datasets/views/gauss_map.h"

struct column_set {
	uint32_t *at; /* (n) columns of the items */
	size_t n;
};

/* All numeric columns in their order. ERR_MEMORY. */
int column_set_numeric(struct column_set *s, const struct items *items, struct arena *a,
		       struct error *err);

/* Keep round(share * n) of them, at random: a smaller share's columns are among
 * a larger share's. Above a share of 0 at least `least` are kept, if there are
 * so many. ERR_MEMORY. */
int column_set_draw(struct column_set *s, struct rng r, double share, size_t least,
		    struct arena *a, struct error *err);

/* A list of the items' columns in which those of the set are new arrays, not yet
 * filled. (items->cols) of (items->n); ERR_MEMORY. */
int column_set_cells(const struct column_set *s, const struct items *items, struct arena *a,
		     float ***cell, struct error *err);

/* A column's map to a standard normal law, fitted on the training rows. */
struct column_score {
	struct gauss_map map;
	double hole; /* what a missing cell becomes: the training median's z */
};

/* One a column of the set: (s->n). Same bits on any number of threads. ERR_MEMORY. */
int column_set_scores(const struct column_set *s, const struct items *items,
		      const struct split *split, int threads, struct arena *a,
		      struct column_score **out, struct error *err);

/* z of one cell, finite for any float. */
double column_score_of(const struct column_score *s, float cell);

/* The finite values of a column on some rows; returns how many. */
size_t column_finite(const float *cell, const uint32_t *rows, size_t n,
		     float *out /* (n) */);

#endif
