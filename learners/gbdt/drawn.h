/* The columns that a round's trees may cut, laid out for histograms.
 *
 * struct bins keeps a column's bins side by side, which is what parting rows
 * wants; a histogram wants a row's bins side by side. So the drawn columns are
 * woven into blocks once a round, for all its trees: 0.1 ns a bin against some
 * 1.5 ns that the trees spend on it. All columns are woven only once. */
#ifndef TRIARCH_GBDT_DRAWN_H
#define TRIARCH_GBDT_DRAWN_H

#include "learners/gbdt/bins.h"
#include "learners/gbdt/hist_kernels.h"

/* Up to four blocks share a line: a row's bins of all of them lie in one cache
 * line, which is fetched once for them all. */
enum { DRAWN_LINE = 64 };

struct drawn_block {
	uint8_t *bin;	      /* (rows, pitch), columns beyond `live` are 0 */
	size_t pitch;	      /* of the line: 16, 32 or 64 */
	size_t live;	      /* stores, the columns of a block */
	size_t width;	      /* `live` up to a multiple of 4 */
	size_t stride, cells; /* of a column and of the block in a histogram */
	size_t offset;	      /* of its first cell */
	uint32_t store[HIST_WIDTH]; /* (live) of struct bins, ascending */
	/* the drawn columns of the k-th store: column[first[k] .. first[k + 1]) */
	uint32_t *column;
	uint32_t first[HIST_WIDTH + 1];
};

struct drawn {
	const struct bins *bins;
	size_t n_blocks, cells, live;
	struct drawn_block *block;
	size_t n_lines, per_line; /* blocks, in the last one perhaps fewer */
	size_t most;	  /* stores that can be drawn */
	uint8_t *storage; /* (rows, bytes of all lines) */
	uint32_t *column; /* (bins->cols) the drawn ones, by block and store */
	bool woven;	  /* all columns are, and stay */
};

/* Room for `most` columns at a time. ERR_MEMORY. */
int drawn_init(struct drawn *d, const struct bins *bins, size_t most,
	       struct arena *a, struct error *err);

/* The most cells that a histogram of `most` columns has. */
size_t drawn_most_cells(const struct drawn *d);

/* Draw the stores of the columns with use[column] (NULL: all), which are at most
 * `most`. */
void drawn_take(struct drawn *d, const uint8_t *use, int threads);

#endif
