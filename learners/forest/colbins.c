/* Bins by column, levels in order.
 *
 *	bins_make	edges, a bin for each level, the bins of all rows
 *	order		the bins of levels renumbered by rank
 *	sets		each cut of a categorical column as a set of bins
 */
#include "learners/forest/colbins.h"

#include "learners/forest/level_order.h"

/* ---------------------------------------------------------------- levels */

/* Number the bins of a categorical column by rank. */
static int order_column(const struct colbins *c, struct bins_column *column,
			uint8_t *bin, struct level_order *o, struct arena *a,
			struct error *err)
{
	uint8_t rank[256], *level_bin;

	level_bin = ARENA_RAW(a, uint8_t, column->levels);
	if (!level_bin)
		return arena_error(a, err);
	level_order_rank(o, bin, column->bins, rank);
	rank[column->bins] = (uint8_t)column->bins; /* missing stays last */
	for (size_t l = 0; l < column->levels; l++)
		level_bin[l] = rank[column->level_bin[l]];
	for (size_t i = 0; i < c->rows; i++)
		bin[i] = rank[bin[i]];
	column->level_bin = level_bin;
	return 0;
}

/* The two sets of each bin b: all bins up to it, without and with missing. */
static void fill_sets(const struct bins_column *column, struct tree_set *set)
{
	struct tree_set first = { { 0 } };

	for (uint32_t b = 0; b < column->bins; b++) {
		tree_set_put(&first, b);
		set[2 * b] = set[2 * b + 1] = first;
		tree_set_put(&set[2 * b + 1], column->bins);
	}
}

static int make_sets(struct colbins *c, struct arena *a, struct error *err)
{
	uint32_t *first = ARENA_NEW(a, uint32_t, c->cols);
	struct tree_set *set;

	for (size_t j = 0; first && j < c->cols; j++) {
		first[j] = (uint32_t)c->n_sets;
		if (c->column[j].is_cat)
			c->n_sets += 2 * (size_t)c->column[j].bins;
	}
	set = ARENA_RAW(a, struct tree_set, c->n_sets);
	if (!first || !set)
		return arena_error(a, err);
	for (size_t j = 0; j < c->cols; j++)
		if (c->column[j].is_cat)
			fill_sets(&c->column[j], set + first[j]);
	c->first_set = first;
	c->set = set;
	return 0;
}

/* ---------------------------------------------------------------- all */

int colbins_make(struct colbins *c, const struct dataset *data,
		 const struct truth *t, size_t max_bins, int threads,
		 struct arena *a, struct error *err)
{
	struct level_order order = { 0 };
	struct bins bins;
	struct bins_column *column;

	*c = (struct colbins){ .rows = data->train.rows };
	if (bins_make(&bins, data, max_bins, threads, a, err))
		return err->code;
	c->cols = bins.cols;
	c->pitch = bins.pitch;
	c->bin = bins.bin; /* a store a column, as no view of ours is sparse */
	c->column = column = arena_copy(a, bins.column,
					c->cols * sizeof(*column));
	if (!column)
		return arena_error(a, err);
	for (size_t j = 0; j < c->cols; j++) {
		if (!column[j].is_cat)
			continue;
		if (!order.share && level_order_init(&order, t, a, err))
			return err->code;
		if (order_column(c, &column[j], (uint8_t *)colbins_of(c, j),
				 &order, a, err)) /* the bins are ours alone */
			return err->code;
	}
	return make_sets(c, a, err);
}
