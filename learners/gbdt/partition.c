/* One thread parts rows in place: what goes left moves forward over rows that
 * are done with, what goes right waits in scratch memory. Several do it in two
 * passes, as chunks do not know where their halves belong before all have
 * counted. */
#include "learners/gbdt/partition.h"

#include <string.h>

#include "harness/base/par.h"

enum { CHUNK = 32768 };

struct job {
	struct partition *p;
	size_t begin, n;
	const uint8_t *bin, *left;
	size_t all_left;
};

static bool allocate_rows(struct partition_rows *r, size_t n, bool with_gh,
			  struct arena *a)
{
	r->row = ARENA_RAW(a, uint32_t, n);
	r->gh = with_gh ? ARENA_RAW(a, int32_t, n) : NULL;
	return r->row && (r->gh || !with_gh);
}

bool partition_allocate(struct partition *p, size_t capacity, bool with_gh,
			int threads, struct arena *a)
{
	*p = (struct partition){
		.lefts = ARENA_RAW(a, size_t, par_chunks(capacity, CHUNK)),
	};
	return p->lefts && allocate_rows(&p->rows, capacity, with_gh, a) &&
	       allocate_rows(&p->right, capacity, with_gh, a) &&
	       (threads == 1 || allocate_rows(&p->left, capacity, with_gh, a));
}

static struct partition_rows rows_at(const struct partition_rows *r, size_t at)
{
	return (struct partition_rows){ .row = r->row + at,
					.gh = r->gh ? r->gh + at : NULL };
}

static void copy_rows(const struct partition_rows *to,
		      const struct partition_rows *from, size_t n)
{
	memcpy(to->row, from->row, n * sizeof(*to->row));
	if (to->gh)
		memcpy(to->gh, from->gh, n * sizeof(*to->gh));
}

/* Rows [at, at + n) to `left` and to the scratch of those that go right. */
static size_t part(const struct job *job, size_t at, size_t n,
		   const struct partition_rows *left)
{
	struct partition_rows rows = rows_at(&job->p->rows, at);
	struct partition_rows to = rows_at(left, at);
	struct partition_rows right = rows_at(&job->p->right, at);

	return SIMD_PICK(row_kernels)
		->part(job->bin, job->left, rows.row, rows.gh, n, to.row, to.gh,
		       right.row, right.gh);
}

/* Each chunk is parted into its own range of the scratch arrays ... */
static void part_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	struct par_range r = par_range(job->n, CHUNK, chunk);

	(void)worker;
	job->p->lefts[chunk] = part(job, job->begin + r.begin,
				    r.end - r.begin, &job->p->left);
}

/* ... and then knows from the counts before it where its two halves belong. */
static void place_chunk(void *ctx, size_t chunk, size_t worker)
{
	const struct job *job = ctx;
	struct partition *p = job->p;
	struct par_range r = par_range(job->n, CHUNK, chunk);
	size_t at = job->begin + r.begin, before = 0;
	struct partition_rows left = rows_at(&p->left, at), to;
	struct partition_rows right = rows_at(&p->right, at);

	(void)worker;
	for (size_t c = 0; c < chunk; c++)
		before += p->lefts[c];
	to = rows_at(&p->rows, job->begin + before);
	copy_rows(&to, &left, p->lefts[chunk]);
	to = rows_at(&p->rows, job->begin + job->all_left + r.begin - before);
	copy_rows(&to, &right, r.end - r.begin - p->lefts[chunk]);
}

static size_t split_alone(struct job *job)
{
	size_t lefts = part(job, job->begin, job->n, &job->p->rows);
	struct partition_rows to = rows_at(&job->p->rows, job->begin + lefts);
	struct partition_rows from = rows_at(&job->p->right, job->begin);

	copy_rows(&to, &from, job->n - lefts);
	return lefts;
}

/* Rows stay ascending in every leaf, so histograms read the bins forward. */
size_t partition_split(struct partition *p, size_t begin, size_t end,
		       const uint8_t *bin, const uint8_t left[256], int threads)
{
	struct job job = {
		.p = p, .begin = begin, .n = end - begin, .bin = bin,
		.left = left,
	};
	size_t chunks = par_chunks(job.n, CHUNK);

	if (threads == 1 || chunks <= 1)
		return split_alone(&job);
	par_for(threads, chunks, part_chunk, &job);
	for (size_t c = 0; c < chunks; c++)
		job.all_left += p->lefts[c];
	par_for(threads, chunks, place_chunk, &job);
	return job.all_left;
}

void partition_join(struct partition *p, size_t begin, size_t middle, size_t end)
{
	size_t r = middle, n = middle - begin;
	struct partition_rows from = rows_at(&p->right, begin);
	struct partition_rows left = rows_at(&p->rows, begin);

	copy_rows(&from, &left, n);
	for (size_t k = begin, i = 0; i < n; k++) {
		bool take = r == end || from.row[i] < p->rows.row[r];
		const struct partition_rows *of = take ? &from : &p->rows;
		size_t at = take ? i++ : r++;

		p->rows.row[k] = of->row[at];
		if (p->rows.gh)
			p->rows.gh[k] = of->gh[at];
	}
}
