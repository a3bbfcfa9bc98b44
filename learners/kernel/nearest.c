/* Neighbours by brute force: a tile of distances by a matrix product, then each
 * row of it is merged into the row's list of the k best so far. Most distances
 * are above the k-th best, so the scan is one comparison each.
 */
#include "learners/kernel/nearest.h"

#include <math.h>

#include "harness/base/blas.h"

#define ROWS 128
#define COLS 2048 /* with ROWS: 1 MiB of distances */

struct find_job {
	const struct nearest *s;
	struct gram_rows at;
	float *scratch; /* (workers, ROWS, COLS) */
	struct neighbour *out;
};

/* Keep best[0..k) sorted by distance; rows come in ascending order, so a tie
 * leaves the earlier one in front. */
static void insert(struct neighbour *best, size_t k, float d2, uint32_t row)
{
	size_t j = k - 1;

	for (; j > 0 && best[j - 1].d2 > d2; j--)
		best[j] = best[j - 1];
	best[j] = (struct neighbour){ d2, row };
}

/* Strictly below the worst kept: an equal distance further down loses. */
static void scan(struct neighbour *best, size_t k, const float *d2,
		 struct par_range cols)
{
	for (size_t j = cols.begin; j < cols.end; j++)
		if (d2[j - cols.begin] < best[k - 1].d2)
			insert(best, k, d2[j - cols.begin], (uint32_t)j);
}

/* A chunk of query rows against all tiles, in order; its lists are its own. */
static void find_rows(void *ctx, size_t chunk, size_t worker)
{
	static const struct gram_kernel distance = { .kind = GRAM_DISTANCE };
	const struct find_job *job = ctx;
	const struct nearest *s = job->s;
	struct par_range r = par_range(job->at.n, ROWS, chunk);
	struct neighbour *out = job->out + r.begin * s->k;
	float *d2 = job->scratch + worker * ROWS * COLS;

	/* Row 0 stands in until k were found: distances that overflow to
	 * infinity, or are NaN, then still name a row. */
	for (size_t e = 0; e < (r.end - r.begin) * s->k; e++)
		out[e] = (struct neighbour){ INFINITY, 0 };
	for (size_t c = 0; c < par_chunks(s->rows.n, COLS); c++) {
		struct par_range cols = par_range(s->rows.n, COLS, c);

		gram_block(&distance, &job->at, r, &s->rows, cols, d2, COLS);
		for (size_t i = 0; i < r.end - r.begin; i++)
			scan(out + i * s->k, s->k, d2 + i * COLS, cols);
	}
}

int nearest_find(const struct nearest *s, const float *x, size_t n, int threads,
		 struct arena *a, struct neighbour *out, struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	struct find_job job = { .s = s, .out = out };

	threads = blas_threads(threads);
	job.at = gram_rows_make(threads, x, n, s->rows.cols, a);
	job.scratch = ARENA_RAW(a, float, (size_t)threads * ROWS * COLS);
	if (!job.at.norm || !job.scratch) {
		arena_rewind(a, mark);
		return arena_error(a, err);
	}
	par_for(threads, par_chunks(n, ROWS), find_rows, &job);
	arena_rewind(a, mark);
	return 0;
}
