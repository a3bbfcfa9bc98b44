/* Drawing is a list of columns, cut into blocks of equal width, and one pass
 * over their bins. Blocks of a line are of equal width, so that none straddles
 * it. */
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

/* The bytes that a row of so many bins takes: lines, and a part of one that does
 * not straddle two. */
static size_t row_bytes(size_t bins)
{
	size_t rest = bins % DRAWN_LINE;
	size_t part = rest > 32 ? DRAWN_LINE : rest > 16 ? 32 : rest ? 16 : 0;

	return bins - rest + part;
}

int drawn_init(struct drawn *d, const struct bins *bins, size_t most,
	       struct arena *a, struct error *err)
{
	size_t width, bytes;

	*d = (struct drawn){ .bins = bins,
			     .most = most < bins->stores ? most : bins->stores };
	width = block_width(d->most);
	bytes = row_bytes(par_chunks(d->most, width) * width);
	if (bytes && bins->rows > SIZE_MAX / bytes)
		return arena_error(a, err);
	d->block = ARENA_NEW(a, struct drawn_block, par_chunks(d->most, HIST_WIDTH));
	d->storage = ARENA_RAW(a, uint8_t, bins->rows * bytes);
	d->column = ARENA_RAW(a, uint32_t, bins->cols);
	if (!d->block || !d->storage || !d->column)
		return arena_error(a, err);
	arena_read_at_random(d->storage, bins->rows * bytes);
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
		from[j] = bins->bin + b->store[j] * bins->pitch;
	SIMD_PICK(row_kernels)->weave(from, b->width, r.begin, r.end - r.begin,
				      b->bin + r.begin * b->pitch, b->pitch);
}

/* The block's place once its columns are known; the next one's first cell. */
static size_t close_block(const struct drawn *d, struct drawn_block *b,
			  size_t offset)
{
	size_t cells = 1;

	for (size_t j = 0; j < b->live; j++) {
		size_t of = d->bins->store[b->store[j]].cells;

		cells = of > cells ? of : cells;
	}
	b->width = par_chunks(b->live, 4) * 4;
	b->stride = hist_stride(cells);
	b->cells = b->stride * b->width;
	b->offset = offset;
	return offset + b->cells;
}

/* As many blocks to a line as fit, all of them of the first one's width. */
static void lay_lines(struct drawn *d, size_t width)
{
	size_t each = d->per_line = DRAWN_LINE / width;
	uint8_t *at = d->storage;

	d->n_lines = par_chunks(d->n_blocks, each);
	for (size_t k = 0; k < d->n_blocks; k++) {
		struct drawn_block *b = &d->block[k];
		size_t rest = d->n_blocks - k / each * each;

		b->pitch = row_bytes((rest < each ? rest : each) * width);
		b->bin = at + k % each * width;
		if (k % each == each - 1)
			at += d->bins->rows * b->pitch;
	}
}

/* Add a store to its block if one of its columns is drawn: a store may have
 * hundreds, and every leaf's search passes over the list that is made here. */
static void add_store(const struct bins *bins, struct drawn_block *b,
		      size_t store, const uint8_t *use)
{
	const struct bins_store *s = &bins->store[store];
	uint32_t n = b->first[b->live];

	for (size_t m = 0; m < s->members; m++)
		if (!use || use[s->column[m]])
			b->column[n++] = s->column[m];
	if (n == b->first[b->live])
		return;
	b->store[b->live++] = (uint32_t)store;
	b->first[b->live] = n;
}

static bool is_drawn(const struct bins_store *s, const uint8_t *use)
{
	for (size_t m = 0; m < s->members; m++)
		if (!use || use[s->column[m]])
			return true;
	return false;
}

void drawn_take(struct drawn *d, const uint8_t *use, int threads)
{
	const struct bins *bins = d->bins;
	struct weave w = { .d = d, .chunks = par_chunks(bins->rows, ROWS) };
	size_t live = 0, width, store = 0;
	uint32_t *column = d->column;

	if (!use && d->woven)
		return;
	for (size_t s = 0; s < bins->stores; s++)
		live += is_drawn(&bins->store[s], use);
	assert(live <= d->most);
	width = block_width(live);
	d->live = live;
	d->n_blocks = par_chunks(live, width);
	d->cells = 0;
	for (size_t k = 0; k < d->n_blocks; k++) {
		struct drawn_block *b = &d->block[k];

		b->column = column;
		b->first[0] = 0;
		for (b->live = 0; b->live < width && store < bins->stores; store++)
			add_store(bins, b, store, use);
		column += b->first[b->live];
		d->cells = close_block(d, b, d->cells);
	}
	lay_lines(d, width);
	par_for(threads, d->n_blocks * w.chunks, weave_chunk, &w);
	d->woven = !use;
}
