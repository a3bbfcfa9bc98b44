/* Drawn columns, laid out for histograms. */
#include "learners/gbdt/drawn.h"
#include "learners/gbdt/gbdt_kernels.h"
#include "tests/gbdt_sample.h"
#include "tests/tap.h"

enum { COLS = 70, ROWS = 700 };

static struct sample sample;
static struct bins bins;
static struct error err;

/* 70 columns, of which some have few bins and some few levels, so that blocks
 * differ in stride. */
static bool make(void)
{
	struct sample_shape shape = { .train = ROWS, .numeric = 60,
				      .categories = 10, .levels = 7,
				      .missing = .05, .seed = 4 };

	sample_make(&sample, &shape);
	for (size_t i = 0; i < ROWS; i++)
		for (size_t j = 17; j < 40; j++) {
			float *x = (float *)&sample.data.train.x[i * COLS + j];

			*x = floorf(*x * (j < 34 ? 16 : 40));
		}
	return !bins_make(&bins, &sample.data, 255, 1, &sample.arena, &err) &&
	       bins.cols == COLS && bins.stores == COLS;
}

/* The column's histogram by itself is what the block's is for it. */
static bool same_histogram(const struct drawn_block *b, size_t j)
{
	static int64_t hist[HIST_CELLS];
	static int32_t fast[HIST_CELLS];
	uint32_t rows[200];
	int64_t gh[ROWS], want[257] = { 0 };
	int32_t narrow[200], want_narrow[257] = { 0 };
	size_t w = hist_width_index(b->width), s = hist_stride_index(b->stride);
	const struct hist_kernels *k = SIMD_PICK(hist_kernels);
	const uint8_t *bin = bins.bin + b->store[j] * bins.pitch;
	size_t bytes = bins.column[b->store[j]].bins + 1;

	for (uint32_t i = 0; i < ROWS; i++)
		gh[i] = gh_pack((int32_t)i - 350, (int32_t)i + 1);
	for (uint32_t i = 0; i < 200; i++) {
		rows[i] = 3 * i + i % 2;
		narrow[i] = narrow_pack((int32_t)i - 100, (int32_t)i);
		want[bin[rows[i]]] += gh[rows[i]];
		want_narrow[bin[rows[i]]] += narrow[i];
	}
	memset(hist, 0, sizeof(hist));
	memset(fast, 0, sizeof(fast));
	k->wide[w][s](hist, b->bin, b->pitch, rows, gh, 200);
	k->narrow[w][s](fast, b->bin, b->pitch, rows, narrow, 200);
	return !memcmp(hist + j * b->stride, want, bytes * sizeof(*want)) &&
	       !memcmp(fast + j * b->stride, want_narrow,
		       bytes * sizeof(*want_narrow));
}

struct seen {
	bool columns, cells, widths, places, zeros;
};

/* Everything that a block promises; the number of columns before it. */
static size_t check_block(const struct drawn *d, const struct drawn_block *b,
			  size_t at, size_t offset, struct seen *all)
{
	const uint8_t *end = b->bin + bins.rows * b->pitch;

	all->widths &= b->live && b->live <= b->width && b->width % 4 == 0 &&
		       b->width < b->live + 4 && b->width <= HIST_WIDTH;
	all->places &= b->offset == offset && b->cells == b->stride * b->width &&
		       b->bin >= d->storage;
	for (size_t j = 0; j < b->live; j++) {
		all->places &= bins.column[b->store[j]].bins < b->stride;
		all->columns &= !at || !j || b->store[j - 1] < b->store[j];
		all->columns &= b->first[j + 1] == b->first[j] + 1 &&
				b->column[b->first[j]] == b->store[j];
		all->cells &= same_histogram(b, j);
	}
	for (const uint8_t *row = b->bin; row < end; row += b->pitch)
		for (size_t j = b->live; j < b->width; j++)
			all->zeros &= row[j] == 0;
	return at + b->live;
}

static void check(const struct drawn *d, const uint8_t *use, const char *what)
{
	struct seen all = { true, true, true, true, true };
	size_t at = 0, offset = 0, wanted = 0;
	uint8_t seen[COLS] = { 0 };

	for (size_t k = 0; k < d->n_blocks; k++) {
		const struct drawn_block *b = &d->block[k];

		at = check_block(d, b, at, offset, &all);
		offset += b->cells;
		for (size_t j = 0; j < b->live; j++)
			seen[b->store[j]]++;
		/* blocks but the last are of equal width */
		all.widths &= k + 1 == d->n_blocks ||
			      b->width == d->block[0].width;
	}
	for (size_t j = 0; j < COLS; j++) {
		wanted += !use || use[j];
		all.columns &= seen[j] == (!use || use[j]);
	}
	all.places &= offset == d->cells && d->cells <= drawn_most_cells(d);
	ok(all.columns && at == wanted && d->live == wanted,
	   "drawn: each column once, in order: %s", what);
	ok(all.cells, "drawn: with the histogram it has by itself: %s", what);
	ok(all.widths && all.places && all.zeros,
	   "drawn: blocks are as narrow as can be, side by side: %s", what);
}

static void draw(uint64_t seed, size_t n, uint8_t use[COLS])
{
	uint32_t order[COLS];

	memset(use, 0, COLS);
	rng_permutation(rng_make(seed, "drawn"), COLS, order);
	for (size_t k = 0; k < n; k++)
		use[order[k]] = 1;
}

/* Any number of columns, in room for just as many (the address sanitizer sees
 * to the bounds) and in room for more. */
static void test_subsets(void)
{
	static const size_t sizes[] = { 0, 1, 2, 4, 5, 12, 15, 16, 17, 24, 25,
					32, 33, 48, 49, 50, 69, 70 };
	uint8_t use[COLS];
	char what[40];

	for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
		struct arena a;
		struct drawn d, e;
		size_t n = sizes[k];

		arena_init(&a, 0);
		if (drawn_init(&d, &bins, n, &a, &err) ||
		    drawn_init(&e, &bins, COLS + 5, &a, &err))
			return;
		for (uint64_t round = 0; round < 2; round++) {
			draw(10 * n + round, n, use);
			snprintf(what, sizeof(what), "%zu of 70, round %d", n,
				 (int)round + 1);
			drawn_take(&d, use, 2);
			check(&d, use, what);
			drawn_take(&e, use, 1);
			check(&e, use, "in more room");
		}
		arena_clear(&a);
	}
}

/* All columns are woven once; a draw in between is forgotten. */
static void test_once(void)
{
	struct arena a;
	struct drawn d;
	uint8_t use[COLS], *first;

	arena_init(&a, 0);
	if (drawn_init(&d, &bins, SIZE_MAX, &a, &err))
		return;
	ok(d.most == COLS, "drawn: no more than there are");
	drawn_take(&d, NULL, 2);
	check(&d, NULL, "all");
	first = d.block[0].bin;
	first[3] ^= 0x55;
	drawn_take(&d, NULL, 2);
	first[3] ^= 0x55;
	check(&d, NULL, "all are woven only once");
	draw(3, 20, use);
	drawn_take(&d, use, 2);
	check(&d, use, "20 after all");
	drawn_take(&d, NULL, 2);
	check(&d, NULL, "all again");
	arena_clear(&a);
}

/* Many chunks of rows, on threads. */
static void test_threads(void)
{
	enum { MANY = 30000, WIDE = 20, PITCH = MANY + 64 };
	static uint8_t bin[WIDE * PITCH];
	struct bins_column columns[WIDE];
	struct bins_store stores[WIDE];
	uint32_t member[WIDE];
	struct bins b = { .rows = MANY, .cols = WIDE, .column = columns,
			  .stores = WIDE, .store = stores,
			  .pitch = PITCH, .bin = bin };
	struct arena a;
	struct drawn d;
	bool same = true;

	for (uint32_t j = 0; j < WIDE; j++) {
		columns[j] = (struct bins_column){ .bins = 255, .store = j };
		member[j] = j;
		stores[j] = (struct bins_store){ .members = 1, .cells = 256,
						 .column = &member[j] };
	}
	for (size_t i = 0; i < sizeof(bin); i++)
		bin[i] = (uint8_t)(i * 2654435761u >> 13);
	arena_init(&a, 0);
	if (drawn_init(&d, &b, WIDE, &a, &err))
		return;
	drawn_take(&d, NULL, 4);
	for (size_t k = 0; k < d.n_blocks; k++)
		for (size_t i = 0; i < MANY; i++)
			for (size_t j = 0; j < d.block[k].live; j++)
				same &= d.block[k].bin[i * d.block[k].pitch + j] ==
					bin[d.block[k].store[j] * PITCH + i];
	ok(same && d.n_blocks == 2 && d.block[0].width == 12,
	   "drawn: 30,000 rows of 20 columns, by 4 threads");
	arena_clear(&a);
}

static void test_memory(void)
{
	size_t calls = 0, wrong = 0;
	int rc = -1;
	struct bins huge = { .rows = SIZE_MAX / 8, .cols = 100, .stores = 100 };
	struct drawn d;
	struct arena a;

	for (; rc; calls++) {
		arena_init(&a, 0);
		a.fail_at = calls + 1;
		rc = drawn_init(&d, &bins, COLS, &a, &err);
		wrong += rc && rc != ERR_MEMORY;
		arena_clear(&a);
	}
	ok(!wrong && calls == 4, "drawn: each failing allocation is told");
	arena_init(&a, 0);
	ok(drawn_init(&d, &huge, 100, &a, &err) == ERR_MEMORY,
	   "drawn: more bytes than can be counted are refused");
	arena_clear(&a);
}

int main(void)
{
	if (!ok(make(), "drawn: a table of 70 columns"))
		return tap_done();
	test_subsets();
	test_once();
	test_threads();
	test_memory();
	arena_clear(&sample.arena);
	return tap_done();
}
