/* Parting in two passes, both parallel: chunks do not know where their halves
 * belong before all have counted. The kernel writes a chunk's left rows from
 * the front and its right rows from the back of one range, so that it needs no
 * branch and no second buffer; the right half is turned round when placed.
 */
#include "learners/gbdt/partition.h"

#include <string.h>

#include "harness/base/par.h"

enum { CHUNK = 32768 };

struct job {
	struct partition *p;
	const struct gbdt_kernels *kernels;
	size_t begin, n;
	const uint8_t *bin, *left;
	size_t stride, all_left;
};

/* Twice the rows: parting is not done in place, it keeps the order. */
bool partition_allocate(struct partition *p, size_t capacity, struct arena *a)
{
	*p = (struct partition){
		.rows = ARENA_RAW(a, uint32_t, capacity),
		.gh = ARENA_RAW(a, int64_t, capacity),
		.rows_spare = ARENA_RAW(a, uint32_t, capacity),
		.gh_spare = ARENA_RAW(a, int64_t, capacity),
		.lefts = ARENA_RAW(a, size_t, par_chunks(capacity, CHUNK)),
	};
	return p->rows && p->gh && p->rows_spare && p->gh_spare && p->lefts;
}

/* Each chunk is parted into its own range of the spare arrays ... */
static void part_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct job *job = ctx;
	struct partition *p = job->p;
	struct par_range r = par_range(job->n, CHUNK, chunk);
	size_t at = job->begin + r.begin;

	(void)worker;
	p->lefts[chunk] = job->kernels->part(
		job->bin, job->stride, job->left, p->rows + at, p->gh + at,
		r.end - r.begin, p->rows_spare + at, p->gh_spare + at);
}

/* ... and then knows from the counts before it where its two halves belong. */
static void place_chunk(void *ctx, size_t chunk, size_t worker)
{
	struct job *job = ctx;
	struct partition *p = job->p;
	struct par_range r = par_range(job->n, CHUNK, chunk);
	const uint32_t *rows = p->rows_spare + job->begin + r.begin;
	const int64_t *gh = p->gh_spare + job->begin + r.begin;
	size_t n = r.end - r.begin, lefts = p->lefts[chunk], before = 0, to;

	(void)worker;
	for (size_t c = 0; c < chunk; c++)
		before += p->lefts[c];
	to = job->begin + before;
	memcpy(p->rows + to, rows, lefts * sizeof(*rows));
	memcpy(p->gh + to, gh, lefts * sizeof(*gh));
	to = job->begin + job->all_left + r.begin - before;
	for (size_t k = n; k-- > lefts; to++) {
		p->rows[to] = rows[k];
		p->gh[to] = gh[k];
	}
}

/* Rows stay ascending in every leaf, so histograms read the bins forward. */
size_t partition_split(struct partition *p, size_t begin, size_t end,
		       const uint8_t *bin, size_t stride,
		       const uint8_t left[256], int threads)
{
	size_t n = end - begin, chunks = par_chunks(n, CHUNK);
	struct job job = {
		.p = p, .kernels = SIMD_PICK(gbdt_kernels), .begin = begin,
		.n = n, .bin = bin, .left = left, .stride = stride,
	};

	par_for(threads, chunks, part_chunk, &job);
	for (size_t c = 0; c < chunks; c++)
		job.all_left += p->lefts[c];
	par_for(threads, chunks, place_chunk, &job);
	return job.all_left;
}

/* Integers, so that no order matters. */
int64_t partition_sum(const struct partition *p, size_t begin, size_t end)
{
	int64_t sum = 0;

	for (size_t k = begin; k < end; k++)
		sum += p->gh[k];
	return sum;
}
