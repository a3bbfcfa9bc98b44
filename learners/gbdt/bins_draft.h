/* Bins in the making: what bins.c shares with the two ways of cutting columns,
 * bins_table.c and bins_sparse.c. */
#ifndef TRIARCH_GBDT_BINS_DRAFT_H
#define TRIARCH_GBDT_BINS_DRAFT_H

#include "learners/gbdt/bins.h"

/* Quantiles come from so many rows at most, evenly spaced (LightGBM takes as
 * many): the rank of an edge is then off by about 0.1 %. */
enum { BINS_SAMPLE = 200000 };

/* The rows of some columns that are not in the column's home bin. */
struct bins_entries {
	uint64_t *start; /* (columns + 1) room of each column ... */
	uint32_t *count; /* (columns) ... and how many are there */
	uint32_t *row;	 /* ascending within a column */
	uint8_t *bin;
};

struct bins_draft {
	const struct dataset *data;
	const struct bins_options *o;
	size_t rows, cols; /* all columns, extras included */
	size_t sample;	   /* rows */
	int threads;
	struct bins_column *all; /* (cols) */
	struct bins_column *kept;
	size_t n_kept;
	struct bins_store *store; /* (stores), room for n_kept */
	uint32_t *member;	  /* (n_kept) the lists of all stores */
	size_t stores;
	uint8_t *bin; /* (stores, pitch) */
	size_t pitch;
};

/* The sampled row number i of `sample`, evenly spaced. */
static inline size_t bins_sample_row(const struct bins_draft *d, size_t i)
{
	return i * d->rows / d->sample;
}

/* Fill in edges, levels and holes of d->all from a table's training rows. */
int bins_table_cut(struct bins_draft *d, struct arena *a, struct error *err);

/* Fill d->bin from d->kept, one store a column. */
void bins_table_fill(const struct bins_draft *d);

/* The same cutting of sparse rows, with what of each column is not at home.
 * What stays lies in the arena before what `e` points at, which can go when the
 * stores are filled. */
int bins_sparse_cut(struct bins_draft *d, struct bins_entries *e,
		    struct arena *a, struct error *err);

#endif
