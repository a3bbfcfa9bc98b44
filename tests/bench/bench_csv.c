/* Reading CSV text: the readers' share of a cell's first start. */
#include "tests/bench/bench_list.h"

#include <stdio.h>
#include <stdlib.h>

#include "datasets/csv/csv.h"
#include "harness/base/rng.h"
#include "tests/bench/bench.h"

#define CELL_SIZE 12 /* of "-1.234567," and its like, with room */

/* A header and rows of uniform numbers with six decimals; every `texts`-th column
 * holds one of 26 words instead (0: none). */
static char *make_text(size_t rows, size_t cols, size_t texts, size_t *size)
{
	char *text = malloc((rows + 1) * cols * CELL_SIZE), *p = text;
	struct rng r = rng_make(1, "bench/csv");

	if (!text)
		abort();
	for (size_t j = 0; j < cols; j++)
		p += sprintf(p, "f%zu%c", j, j + 1 < cols ? ',' : '\n');
	for (size_t k = 0; k < rows * cols; k++) {
		size_t j = k % cols;

		if (texts && j % texts == 0)
			p += sprintf(p, "word-%c", 'a' + (int)rng_below(r, k, 26));
		else
			p += sprintf(p, "%.6f", 3 * rng_uniform(r, k) - 1);
		*p++ = j + 1 < cols ? ',' : '\n';
	}
	*size = (size_t)(p - text);
	return text;
}

/* args: rows, columns, every how many-th column is of texts */
static void csv(struct bench *b)
{
	const struct csv_options options = { 0 };
	size_t size;
	char *text = make_text(bench_arg(b, 0), bench_arg(b, 1), bench_arg(b, 2), &size);

	while (bench_keep_running(b)) {
		struct arena a;
		struct error err;
		struct csv out;

		arena_init(&a, 0);
		if (csv_parse(text, size, "bench", &options, NULL, &a, &out, &err))
			abort();
		bench_keep(out.table.cell);
		arena_clear(&a);
	}
	bench_bytes(b, (double)size);
	free(text);
}

void bench_csv(void)
{
	bench_add("csv", csv, 3, (size_t[]){ 100000, 28, 0 });
	bench_add("csv", csv, 3, (size_t[]){ 100000, 28, 2 });
	bench_add("csv", csv, 3, (size_t[]){ 1000, 28, 0 });
}
