/* Drawing is a list of columns, cut into blocks of equal width, and one pass
 * over their bins. */
#include "learners/gbdt/drawn.h"

#include <assert.h>

#include "harness/base/par.h"
#include "learners/gbdt/row_kernels.h"

enum { ROWS = 8192 }; /* of a chunk: 16 columns of them fit into the L2 cache */

/* So many columns in blocks of equal width, a multiple of 4. */
static size_t block_width(size_t columns)
{
	size_t blocks = par_chunks(columns, HIST_WIDTH);

	return blocks ? par_chunks(par_chunks(columns, blocks), 4) * 4 : 4;
}

size_t drawn_most_cells(const struct drawn *d)
{
	size_t width = block_width(d->most);

	return par_chunks(d->most, width) * width * HIST_STRIDE_MAX;
}

int drawn_init(struct drawn *d, const struct bins *bins, size_t most,
	       struct arena *a, struct error *err)
{
	size_t width;

	*d = (struct drawn){ .bins = bins,
			     .most = most < bins->cols ? most : bins->cols };
	width = par_chunks(d->most, block_width(d->most)) * block_width(d->most);
	d->block = ARENA_NEW(a, struct drawn_block, par_chunks(d->most, HIST_WIDTH));
	d->storage = ARENA_RAW(a, uint8_t, bins->rows * width);
	if (!d->block || !d->storage ||
	    (width && bins->rows > SIZE_MAX / width))
		return arena_error(a, err);
	return 0;
}

struct weave {
	const struct drawn *d;
	size_t chunks; /* of rows */
};

static void weave_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct weave *w = ctx;
	const struct bins *bins = w->d->bins;
	const struct drawn_block *b = &w->d->block[chunk / w->chunks];
	struct par_range r = par_range(bins->rows, ROWS, chunk % w->chunks);
	const uint8_t *from[HIST_WIDTH] = { NULL };

	(void)worker;
	for (size_t j = 0; j < b->live; j++)
		from[j] = bins->bin + b->column[j] * bins->pitch;
	SIMD_PICK(row_kernels)->weave(from, b->width, r.begin, r.end - r.begin,
				      b->bin + r.begin * b->width);
}

/* The block's place once its columns are known; the next one's first cell. */
static size_t close_block(struct drawn *d, struct drawn_block *b, size_t first,
			  size_t offset)
{
	size_t cells = 1;

	for (size_t j = 0; j < b->live; j++) {
		size_t of = d->bins->column[b->column[j]].bins + 1;

		cells = of > cells ? of : cells;
	}
	b->width = par_chunks(b->live, 4) * 4;
	b->stride = hist_stride(cells);
	b->cells = b->stride * b->width;
	b->offset = offset;
	b->bin = d->storage + d->bins->rows * first;
	return offset + b->cells;
}

void drawn_take(struct drawn *d, const uint8_t *use, int threads)
{
	struct weave w = { .d = d, .chunks = par_chunks(d->bins->rows, ROWS) };
	size_t live = 0, width, column = 0;

	if (!use && d->woven)
		return;
	for (size_t j = 0; j < d->bins->cols; j++)
		live += !use || use[j];
	assert(live <= d->most);
	width = block_width(live);
	d->live = live;
	d->n_blocks = par_chunks(live, width);
	d->cells = 0;
	for (size_t k = 0; k < d->n_blocks; k++) {
		struct drawn_block *b = &d->block[k];

		for (b->live = 0; b->live < width && column < d->bins->cols;
		     column++)
			if (!use || use[column])
				b->column[b->live++] = (uint32_t)column;
		d->cells = close_block(d, b, k * width, d->cells);
	}
	par_for(threads, d->n_blocks * w.chunks, weave_chunk, &w);
	d->woven = !use;
}
