/* Making bins, in three steps, each parallel.
 *
 *	edges    a column a chunk: sort its values, cut them into quantiles
 *	layout   leave out what cannot be cut
 *	cells    some rows a chunk: find the bin of each value
 *
 * Sorting is by radix on the bits of the floats, three passes of 11 bits, and
 * cells are found by a binary search without branches: both cost a few
 * nanoseconds a value, whatever the values are.
 */
#include "learners/gbdt/bins.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "harness/base/par.h"

/* Quantiles come from so many rows at most, evenly spaced (LightGBM takes as
 * many): the rank of an edge is then off by about 0.1 %. */
enum { SAMPLE_ROWS = 200000, FILL_ROWS = 1024, RADIX = 11 };

struct scratch {
	uint32_t *key, *spare; /* (SAMPLE_ROWS or rows) */
	uint32_t *count;       /* (most levels of a column) */
};

struct job {
	const struct dataset *data;
	size_t max_bins, sample;
	struct bins_column *all; /* (data->cols) */
	struct bins_column *kept;
	uint8_t *bin; /* (kept columns, pitch) */
	size_t cols, pitch;
	float *edge;	      /* (data->cols, max_bins) */
	uint8_t **level_bin;  /* (data->cols) of (levels), NULL if numeric */
	struct scratch *scratch; /* (threads) */
};

/* ---------------------------------------------------------------- sorting */

/* Unsigned keys in the order of the floats; -0 equals 0. */
static uint32_t key_of(float x)
{
	uint32_t u;

	x += 0.0f;
	memcpy(&u, &x, sizeof(u));
	return u & 0x80000000u ? ~u : u | 0x80000000u;
}

static float value_of(uint32_t key)
{
	uint32_t u = key & 0x80000000u ? key & 0x7fffffffu : ~key;
	float x;

	memcpy(&x, &u, sizeof(x));
	return x;
}

/* A stable counting sort by 11 bits of the keys. */
static void radix_pass(const uint32_t *from, uint32_t *to, size_t n, int shift)
{
	size_t at[1 << RADIX] = { 0 };
	const uint32_t mask = (1u << RADIX) - 1;
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		at[from[i] >> shift & mask]++;
	for (size_t d = 0; d <= mask; d++) {
		size_t count = at[d];

		at[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i] >> shift & mask]++] = from[i];
}

/* Sort s->key[0..n); afterwards the sorted keys are in s->key. */
static void sort_keys(struct scratch *s, size_t n)
{
	for (int shift = 0; shift < 32; shift += RADIX) {
		uint32_t *swap = s->key;

		radix_pass(s->key, s->spare, n, shift);
		s->key = s->spare;
		s->spare = swap;
	}
}

/* ---------------------------------------------------------------- edges */

/* Where the run of equal keys that starts at i ends. */
static size_t run_end(const uint32_t *key, size_t n, size_t i)
{
	size_t end = i;

	while (end < n && key[end] == key[i])
		end++;
	return end;
}

/* Distinct keys, or any number above `enough` when there are more. */
static size_t count_distinct(const uint32_t *key, size_t n, size_t enough)
{
	size_t runs = 0;

	for (size_t i = 0; i < n && runs <= enough; i = run_end(key, n, i))
		runs++;
	return runs;
}

/* What is still to be cut. A heavy value holds more than an even share of the
 * rows and gets a bin to itself, or it would swallow its neighbours. */
struct quantile {
	size_t n, max;
	size_t rest; /* rows of light values not yet in a bin */
	size_t left; /* bins for them */
};

static bool is_heavy(const struct quantile *q, size_t rows)
{
	return rows * q->max > q->n;
}

static struct quantile begin_quantiles(const uint32_t *key, size_t n, size_t max)
{
	struct quantile q = { .n = n, .max = max, .rest = n, .left = max };

	for (size_t i = 0, end; i < n; i = end) {
		end = run_end(key, n, i);
		if (is_heavy(&q, end - i)) {
			q.rest -= end - i;
			q.left--; /* fewer than max values are heavy */
		}
	}
	return q;
}

/* Does the bin [begin, end) end here, before a run of `next` rows? */
static bool closes(struct quantile *q, size_t begin, size_t end, size_t next)
{
	size_t size = end - begin;

	if (end < q->n && size * q->left < q->rest &&
	    !(is_heavy(q, next) && q->left > 1))
		return false;
	q->rest -= size;
	q->left -= q->left > 1;
	return true;
}

/* Edges from sorted keys: each value its own bin while there are few of them,
 * else bins of about equal weight. */
static uint32_t find_edges(const uint32_t *key, size_t n, size_t max, float *edge)
{
	bool each = count_distinct(key, n, max) <= max;
	struct quantile q = begin_quantiles(key, n, max);
	size_t begin = 0;
	uint32_t bins = 0;

	for (size_t i = 0, end; i < n; i = end) {
		end = run_end(key, n, i);
		if (!each && is_heavy(&q, end - i))
			q.rest -= i - begin;
		else if (!each &&
			 !closes(&q, begin, end, run_end(key, n, end) - end))
			continue;
		edge[bins++] = value_of(key[i]);
		begin = end;
	}
	return bins;
}

/* Edges of one numeric column. Whether it has holes must be known exactly, not
 * from a sample: it decides whether the column is worth keeping. */
static void cut_numeric(struct job *job, size_t j, struct scratch *s)
{
	const struct part *rows = &job->data->train;
	struct bins_column *c = &job->all[j];
	float *edge = job->edge + j * job->max_bins;
	size_t n = 0;

	for (size_t i = 0; i < job->sample; i++) {
		size_t row = i * rows->rows / job->sample;
		float x = rows->x[row * job->data->cols + j];

		if (isnan(x))
			c->has_missing = true;
		else
			s->key[n++] = key_of(x);
	}
	for (size_t i = 0; i < rows->rows && !c->has_missing; i++)
		c->has_missing = isnan(rows->x[i * job->data->cols + j]);
	sort_keys(s, n);
	c->bins = find_edges(s->key, n, job->max_bins, edge);
	c->edge = edge;
}

/* ---------------------------------------------------------------- levels */

/* How many levels have at least `least` rows. */
static size_t levels_with(const uint32_t *count, size_t levels, uint32_t least)
{
	size_t n = 0;

	for (size_t l = 0; l < levels; l++)
		n += count[l] >= least;
	return n;
}

/* The least count for which no more than `max` levels remain. */
static uint32_t least_count(const uint32_t *count, size_t levels, size_t rows,
			    size_t max)
{
	uint32_t low = 1, high = (uint32_t)rows + 1;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (levels_with(count, levels, mid) <= max)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* Bins of one categorical column, in the order of codes, so that the result
 * depends on which levels are frequent but not on ties between them. */
static void cut_categorical(struct job *job, size_t j, struct scratch *s)
{
	const struct part *rows = &job->data->train;
	struct bins_column *c = &job->all[j];
	uint8_t *bin = job->level_bin[j];
	uint32_t least;

	memset(s->count, 0, c->levels * sizeof(*s->count));
	for (size_t i = 0; i < rows->rows; i++) {
		float x = rows->x[i * job->data->cols + j];

		if (x >= 0 && x < (float)c->levels)
			s->count[(size_t)x]++;
		else
			c->has_missing = true;
	}
	least = least_count(s->count, c->levels, rows->rows, job->max_bins);
	for (size_t l = 0; l < c->levels; l++) {
		if (s->count[l] >= least)
			bin[l] = (uint8_t)c->bins++;
		else if (s->count[l])
			c->has_missing = true;
	}
	for (size_t l = 0; l < c->levels; l++)
		if (s->count[l] < least)
			bin[l] = (uint8_t)c->bins;
	c->level_bin = bin;
}

static void cut_column(void *ctx, size_t j, size_t worker)
{
	struct job *job = ctx;

	if (job->all[j].is_cat)
		cut_categorical(job, j, &job->scratch[worker]);
	else
		cut_numeric(job, j, &job->scratch[worker]);
}

/* ---------------------------------------------------------------- cells */

/* The first edge that is not below x, the last one if all are. Branch-free. */
static uint32_t find_edge(const float *edge, uint32_t n, float x)
{
	const float *base = edge;

	while (n > 1) {
		uint32_t half = n / 2;

		base += base[half - 1] < x ? half : 0;
		n -= half;
	}
	return (uint32_t)(base - edge);
}

uint32_t bins_find(const struct bins_column *c, float x)
{
	if (c->is_cat)
		return x >= 0 && x < (float)c->levels ?
			       c->level_bin[(size_t)x] : c->bins;
	return isnan(x) || !c->bins ? c->bins : find_edge(c->edge, c->bins, x);
}

/* A column at a time, over so few rows that they stay in the cache. */
static void fill_rows(void *ctx, size_t chunk, size_t worker)
{
	struct job *job = ctx;
	struct par_range r = par_range(job->data->train.rows, FILL_ROWS, chunk);

	(void)worker;
	for (size_t j = 0; j < job->cols; j++) {
		const struct bins_column *c = &job->kept[j];
		const float *x = job->data->train.x + c->source;
		uint8_t *out = job->bin + j * job->pitch;

		for (size_t i = r.begin; i < r.end; i++)
			out[i] = (uint8_t)bins_find(c, x[i * job->data->cols]);
	}
}

/* ---------------------------------------------------------------- columns */

/* A column with a single bin, missing included, has nothing to cut. */
static size_t keep_columns(struct job *job)
{
	size_t n = 0;

	for (size_t j = 0; j < job->data->cols; j++)
		if (job->all[j].bins + job->all[j].has_missing > 1)
			job->kept[n++] = job->all[j];
	return n;
}

/* Views other than a table have no description: all columns are numbers. */
static void describe_columns(struct job *job)
{
	for (size_t j = 0; j < job->data->cols; j++) {
		const struct column *c =
			job->data->columns ? &job->data->columns[j] : NULL;

		job->all[j].source = (uint32_t)j;
		job->all[j].is_cat = c && c->is_cat;
		job->all[j].levels = c && c->is_cat ? (uint32_t)c->levels : 0;
	}
}

/* All that the workers need, as nothing may be allocated while they run. */
static bool allocate(struct job *job, int threads, struct arena *a)
{
	size_t cols = job->data->cols, most_levels = 0;

	job->all = ARENA_NEW(a, struct bins_column, cols);
	job->kept = ARENA_NEW(a, struct bins_column, cols);
	job->edge = ARENA_RAW(a, float, cols * job->max_bins);
	job->level_bin = ARENA_NEW(a, uint8_t *, cols);
	job->scratch = ARENA_NEW(a, struct scratch, (size_t)threads);
	if (!job->all || !job->kept || !job->edge || !job->level_bin ||
	    !job->scratch)
		return false;
	describe_columns(job);
	for (size_t j = 0; j < cols; j++) {
		size_t levels = job->all[j].levels;

		most_levels = levels > most_levels ? levels : most_levels;
		job->level_bin[j] = levels ? ARENA_NEW(a, uint8_t, levels) : NULL;
		if (levels && !job->level_bin[j])
			return false;
	}
	for (int t = 0; t < threads; t++) {
		struct scratch *s = &job->scratch[t];

		s->key = ARENA_RAW(a, uint32_t, job->sample);
		s->spare = ARENA_RAW(a, uint32_t, job->sample);
		s->count = ARENA_RAW(a, uint32_t, most_levels);
		if (!s->key || !s->spare || !s->count)
			return false;
	}
	return true;
}

int bins_make(struct bins *b, const struct dataset *data, size_t max_bins,
	      int threads, struct arena *a, struct error *err)
{
	size_t rows = data->train.rows;
	struct job job = {
		.data = data,
		.max_bins = max_bins < rows ? max_bins : rows,
		.sample = rows < SAMPLE_ROWS ? rows : SAMPLE_ROWS,
	};

	assert(rows && max_bins && max_bins <= BINS_MAX);
	*b = (struct bins){ .rows = rows };
	if (!allocate(&job, threads, a))
		return arena_error(a, err);
	par_for(threads, data->cols, cut_column, &job);
	b->cols = keep_columns(&job);
	b->column = job.kept;
	/* Whole cache lines, and room behind the last for vector loads. */
	b->pitch = job.pitch = par_chunks(rows + 32, 64) * 64;
	job.cols = b->cols;
	b->bin = job.bin = ARENA_RAW(a, uint8_t, b->pitch * b->cols);
	if (!job.bin)
		return arena_error(a, err);
	par_for(threads, par_chunks(rows, FILL_ROWS), fill_rows, &job);
	return 0;
}
