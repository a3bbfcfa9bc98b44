/* The inner loops of boosted trees: histograms, parting rows, rounding their
 * gradients and weaving columns. */
#include "tests/bench/bench_list.h"

#include <stdlib.h>

#include "harness/base/rng.h"
#include "learners/gbdt/gbdt_kernels.h"
#include "learners/gbdt/hist_kernels.h"
#include "learners/gbdt/row_kernels.h"
#include "tests/bench/bench.h"

/* Rows of a leaf and random bins of a block of `width` columns, 255 each. */
struct leaf {
	size_t rows, width, n;
	uint8_t *bin;
	uint32_t *row;
	int32_t *narrow; /* (n) */
	int64_t *wide;	 /* (rows) */
};

static void *fresh(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		abort();
	return p;
}

/* args: rows of the table, columns, and every how many-th row is in the leaf:
 * 1 is the root, 4 a leaf two cuts below it. */
static struct leaf make_leaf(struct bench *b)
{
	struct leaf l = { .rows = bench_arg(b, 0), .width = bench_arg(b, 1) };
	size_t step = bench_arg(b, 2);
	struct rng r = rng_make(1, "bench/bins");

	l.n = l.rows / step;
	l.bin = fresh(l.rows, l.width);
	l.row = fresh(l.n, sizeof(*l.row));
	l.narrow = fresh(l.n, sizeof(*l.narrow));
	l.wide = fresh(l.rows, sizeof(*l.wide));
	for (size_t i = 0; i < l.rows * l.width; i++)
		l.bin[i] = (uint8_t)rng_below(r, i, 255);
	for (size_t i = 0; i < l.n; i++) {
		int32_t g = (int32_t)(i % 49) - 24, h = (int32_t)(i % 48);

		l.row[i] = (uint32_t)(i * step);
		l.narrow[i] = narrow_pack(g, h);
		l.wide[i * step] = gh_pack(g, h);
	}
	return l;
}

static void drop_leaf(struct leaf *l)
{
	free(l->bin);
	free(l->row);
	free(l->narrow);
	free(l->wide);
}

/* Items are cells, (row, column) pairs; emptying narrow cells is part of it. */
static void narrow_histogram(struct bench *b)
{
	struct leaf l = make_leaf(b);
	const struct hist_kernels *k = SIMD_PICK(hist_kernels);
	narrow_fn *build = k->narrow[hist_width_index(l.width)][2];
	int64_t *hist = fresh(HIST_CELLS, sizeof(*hist));
	int32_t *fast = fresh(HIST_CELLS, sizeof(*fast));

	while (bench_keep_running(b)) {
		for (size_t at = 0; at < l.n;) {
			size_t some = k->span(l.narrow + at, l.n - at);

			build(fast, l.bin, l.row + at, l.narrow + at, some);
			k->empty(hist, fast, l.width * HIST_STRIDE_MAX, true);
			at += some;
		}
		bench_keep(hist);
	}
	bench_items(b, (double)(l.n * l.width));
	free(hist);
	free(fast);
	drop_leaf(&l);
}

static void wide_histogram(struct bench *b)
{
	struct leaf l = make_leaf(b);
	wide_fn *build = SIMD_PICK(hist_kernels)
				 ->wide[hist_width_index(l.width)][2];
	int64_t *hist = fresh(HIST_CELLS, sizeof(*hist));

	while (bench_keep_running(b)) {
		build(hist, l.bin, l.row, l.wide, l.n);
		bench_keep(hist);
	}
	bench_items(b, (double)(l.n * l.width));
	free(hist);
	drop_leaf(&l);
}

/* Items are rows, with their words; half of them go left, at random. */
static void part(struct bench *b)
{
	struct leaf l = make_leaf(b);
	uint32_t *row[2] = { fresh(l.n, sizeof(**row)), fresh(l.n, sizeof(**row)) };
	int32_t *gh[2] = { fresh(l.n, sizeof(**gh)), fresh(l.n, sizeof(**gh)) };
	uint8_t left[256] = { 0 };

	for (size_t k = 0; k < 127; k++)
		left[k] = 1;
	while (bench_keep_running(b)) {
		SIMD_PICK(row_kernels)->part(l.bin, left, l.row, l.narrow, l.n,
					     row[0], gh[0], row[1], gh[1]);
		bench_keep(row[0]);
	}
	bench_items(b, (double)l.n);
	for (size_t k = 0; k < 2; k++) {
		free(row[k]);
		free(gh[k]);
	}
	drop_leaf(&l);
}

/* Items are rows. */
static void quantize(struct bench *b)
{
	struct leaf l = make_leaf(b);
	struct row_scale scale = { 12, 24, 12345 };
	float *g = fresh(l.rows, sizeof(*g)), *h = fresh(l.rows, sizeof(*h));

	for (size_t i = 0; i < l.rows; i++) {
		g[i] = (float)(i % 97) / 48 - 1;
		h[i] = (float)(i % 31) / 16;
	}
	while (bench_keep_running(b)) {
		SIMD_PICK(row_kernels)->quantize(&scale, g, h, l.row, l.n,
						 l.narrow);
		bench_keep(l.narrow);
	}
	bench_items(b, (double)l.n);
	free(g);
	free(h);
	drop_leaf(&l);
}

/* Items are cells. */
static void weave(struct bench *b)
{
	struct leaf l = make_leaf(b);
	uint8_t *to = fresh(l.rows, l.width);
	const uint8_t *from[HIST_WIDTH];

	for (size_t j = 0; j < l.width; j++)
		from[j] = l.bin + j * l.rows;
	while (bench_keep_running(b)) {
		SIMD_PICK(row_kernels)->weave(from, l.width, 0, l.rows, to);
		bench_keep(to);
	}
	bench_items(b, (double)(l.rows * l.width));
	free(to);
	drop_leaf(&l);
}

void bench_hist(void)
{
	static const struct {
		const char *name;
		bench_fn *fn;
		size_t args[3];
	} all[] = {
		{ "histogram_narrow", narrow_histogram, { 200000, 16, 1 } },
		{ "histogram_narrow", narrow_histogram, { 200000, 16, 4 } },
		{ "histogram_narrow", narrow_histogram, { 200000, 16, 16 } },
		{ "histogram_narrow", narrow_histogram, { 200000, 8, 1 } },
		{ "histogram_wide", wide_histogram, { 30000, 16, 1 } },
		{ "histogram_wide", wide_histogram, { 30000, 16, 4 } },
		{ "part_rows", part, { 200000, 4, 1 } },
		{ "part_rows", part, { 200000, 4, 16 } },
		{ "quantize", quantize, { 200000, 4, 1 } },
		{ "weave", weave, { 200000, 16, 1 } },
	};

	for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
		bench_add(all[k].name, all[k].fn, 3, all[k].args);
}
