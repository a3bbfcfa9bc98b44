/* A table cut into bins, column by column: what the trees of a forest see.
 *
 * A node of a forest looks at a few columns, each on its own, and mostly at few
 * rows; a column's bins side by side are then what stays in the cache.
 *
 * The levels of a categorical column are ordered once, before any tree is
 * grown: by their mean target, or with more than two classes by the first
 * principal component of their class shares (Coppersmith, Hong & Hosking 1999,
 * "Partitioning nominal attributes in decision trees"). From then on "bin <= b"
 * is a subset of levels, and the column costs what a numeric one costs. Wright
 * & Koenig 2019, "Splitting on categorical predictors in random forests", find
 * this as good as ordering anew in each node. */
#ifndef TRIARCH_FOREST_COLBINS_H
#define TRIARCH_FOREST_COLBINS_H

#include "learners/forest/truth.h"
#include "learners/gbdt/tree.h"

struct colbins {
	size_t rows, cols; /* cols: those that are kept */
	const struct bins_column *column; /* (cols), levels' bins in order */
	size_t pitch;	    /* bytes from one store to the next */
	const uint8_t *bin; /* (stores, pitch): colbins_of */
	/* Every cut of every categorical column as the set it is: that of
	 * column j, bin b, missing rows on side m is number
	 * first_set[j] + 2 b + m; m = 1: they go left. */
	const struct tree_set *set; /* (n_sets) */
	const uint32_t *first_set;  /* (cols) */
	size_t n_sets;
};

/* Bins of data->train. The arena keeps what trees need later (column, set) and
 * the bins. ERR_MEMORY. */
int colbins_make(struct colbins *c, const struct dataset *data,
		 const struct truth *t, size_t max_bins, int threads,
		 struct arena *a, struct error *err);

/* The rows' bins in one column; one of them. */
static inline const uint8_t *colbins_of(const struct colbins *c, size_t column)
{
	return c->bin + c->column[column].store * c->pitch;
}

static inline uint8_t colbins_at(const struct colbins *c, size_t column, size_t row)
{
	return colbins_of(c, column)[row];
}

#endif
