/* The histogram of boosted trees: the inner loop of their training. */
#include "tests/bench/bench_list.h"

#include <stdlib.h>

#include "harness/base/rng.h"
#include "learners/gbdt/gbdt_kernels.h"
#include "tests/bench/bench.h"

/* A block of `width` columns with 255 bins each, uniformly filled. */
static struct bins_block random_block(size_t rows, size_t width)
{
	struct bins_block block = { .width = width, .live = width };
	struct rng r = rng_make(1, "bench/bins");
	uint8_t *bin = malloc(rows * width);

	if (!bin)
		abort();
	for (size_t i = 0; i < rows * width; i++)
		bin[i] = (uint8_t)rng_below(r, i, 255);
	for (size_t j = 0; j < width; j++) {
		block.place[j] = (uint8_t)j;
		block.start[j] = (uint32_t)(j * 256);
	}
	block.cells = width * 256;
	block.bin = bin;
	return block;
}

/* args: rows of the table, columns, and every how many-th row is in the leaf:
 * 1 is the root, 4 a leaf two splits below it. Items are cells, (row, column)
 * pairs. */
static void histogram(struct bench *b)
{
	size_t rows = bench_arg(b, 0), width = bench_arg(b, 1);
	size_t step = bench_arg(b, 2), n = rows / step;
	struct bins_block block = random_block(rows, width);
	uint32_t *row = malloc(n * sizeof(*row));
	int64_t *gh = malloc(n * sizeof(*gh));
	int64_t *hist = calloc(block.cells, sizeof(*hist));

	if (!row || !gh || !hist)
		abort();
	for (size_t i = 0; i < n; i++) {
		row[i] = (uint32_t)(i * step);
		gh[i] = gh_pack((int32_t)(i % 31) - 15, (int32_t)(i % 7));
	}
	while (bench_keep_running(b)) {
		SIMD_PICK(gbdt_kernels)->build(hist, &block, row, gh, n);
		bench_keep(hist);
	}
	bench_items(b, (double)(n * width));
	free(row);
	free(gh);
	free(hist);
	free((void *)(uintptr_t)block.bin);
}

void bench_hist(void)
{
	bench_add("histogram", histogram, 3, (size_t[]){ 200000, 28, 1 });
	bench_add("histogram", histogram, 3, (size_t[]){ 200000, 28, 4 });
	bench_add("histogram", histogram, 3, (size_t[]){ 200000, 8, 1 });
}
