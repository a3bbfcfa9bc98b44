/* Cutting the columns of a table into bins, and its cells into their places.
 *
 * Rows are read as they lie, several columns of one at a time; going down one
 * column of a large table after another would fetch all of it for each.
 */
#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "learners/gbdt/bins_draft.h"
#include "learners/gbdt/bins_kernels.h"
#include "learners/gbdt/quantile.h"

enum { GROUP = 8, FILL_ROWS = 1024, AHEAD = 16 };

/* Of one thread. Which of the two halves is used depends on the weights. */
struct scratch {
	uint32_t *key[GROUP];  /* (sample) each, of rows without weights */
	uint64_t *word[GROUP]; /* (sample) each, with */
	size_t n[GROUP];       /* keys or words */
	struct quantile quantile;
	double *count; /* (most levels of a group) weight of each level */
};

struct job {
	struct bins_draft *d;
	size_t groups;	      /* of the data set's columns */
	float *edge;	      /* (cols, max_bins) */
	uint8_t **level_bin;  /* (cols) of (levels), NULL if numeric */
	uint8_t *missing;     /* (threads, data's columns) has it any? */
	struct scratch *scratch; /* (threads) */
};

/* The weight of a row; one that is not above 0 leaves it out. */
static float weight_of(const struct part *rows, size_t i)
{
	return rows->weight ? rows->weight[i] : 1.0f;
}

/* ---------------------------------------------------------------- missing */

/* Whether a column has holes must be known of all rows, not from a sample: it
 * decides whether the column is worth keeping. Most tables have none, which one
 * look at a chunk's cells tells, whatever column they are in. */
static void find_missing(void *ctx, size_t chunk, size_t worker)
{
	struct job *job = ctx;
	size_t cols = job->d->data->cols;
	struct par_range r = par_range(job->d->data->train.rows, FILL_ROWS, chunk);
	uint8_t *missing = job->missing + worker * cols;
	const float *x = job->d->data->train.x;

	if (!SIMD_PICK(bins_kernels)->any_nan(x + r.begin * cols,
					      (r.end - r.begin) * cols))
		return;
	for (size_t i = r.begin; i < r.end; i++)
		for (size_t j = 0; j < cols; j++)
			missing[j] |= x[i * cols + j] != x[i * cols + j];
}

/* ---------------------------------------------------------------- edges */

/* The sampled values of numeric columns first .. first + n - 1. A key that is
 * written for a missing value is written over by the next. */
static void gather_keys(const struct job *job, size_t first, size_t n,
			struct scratch *s)
{
	const float *x = job->d->data->train.x + first;
	size_t cols = job->d->data->cols, at[GROUP] = { 0 };

	for (size_t i = 0; i < job->d->sample; i++) {
		const float *row = x + bins_sample_row(job->d, i) * cols;

		if (i + AHEAD < job->d->sample)
			__builtin_prefetch(x + bins_sample_row(job->d, i + AHEAD) * cols);
		for (size_t j = 0; j < n; j++) {
			s->key[j][at[j]] = quantile_key(row[j]);
			at[j] += row[j] == row[j];
		}
	}
	memcpy(s->n, at, sizeof(at));
}

static void gather_words(const struct job *job, size_t first, size_t n,
			 struct scratch *s)
{
	const struct part *rows = &job->d->data->train;

	memset(s->n, 0, sizeof(s->n));
	for (size_t i = 0; i < job->d->sample; i++) {
		size_t row = bins_sample_row(job->d, i);
		const float *x = rows->x + row * job->d->data->cols + first;
		float w = rows->weight[row];

		for (size_t j = 0; j < n && w > 0; j++) {
			s->word[j][s->n[j]] = quantile_word(quantile_key(x[j]), w);
			s->n[j] += x[j] == x[j];
		}
	}
}

/* The sampled values of a column that lies by itself. */
static void gather_extra(const struct job *job, const float *x, struct scratch *s)
{
	const struct part *rows = &job->d->data->train;

	s->n[0] = 0;
	for (size_t i = 0; i < job->d->sample; i++) {
		size_t row = bins_sample_row(job->d, i);
		uint32_t key = quantile_key(x[row]);

		if (!rows->weight)
			s->key[0][s->n[0]++] = key;
		else if (rows->weight[row] > 0)
			s->word[0][s->n[0]++] = quantile_word(key, rows->weight[row]);
	}
}

static void cut_numeric(struct job *job, size_t j, struct scratch *s, size_t k)
{
	struct bins_column *c = &job->d->all[j];
	float *edge = job->edge + j * job->d->o->max_bins;

	if (job->d->data->train.weight)
		quantile_sort_weighed(&s->quantile, s->word[k], s->n[k]);
	else
		quantile_sort(&s->quantile, s->key[k], s->n[k]);
	c->bins = quantile_edges(&s->quantile, job->d->o->max_bins, edge);
	c->edge = edge;
}

/* ---------------------------------------------------------------- levels */

/* What each level of the categorical columns of a group weighs, one column
 * after the other. */
static void count_levels(struct job *job, size_t first, size_t n, double *count)
{
	const struct part *rows = &job->d->data->train;
	size_t start[GROUP], sum = 0;

	for (size_t k = 0; k < n; k++) {
		start[k] = sum;
		sum += job->d->all[first + k].levels;
	}
	memset(count, 0, sum * sizeof(*count));
	for (size_t i = 0; sum && i < rows->rows; i++) {
		const float *x = rows->x + i * job->d->data->cols + first;
		double w = (double)weight_of(rows, i);

		for (size_t k = 0; k < n; k++) {
			struct bins_column *c = &job->d->all[first + k];

			if (!c->is_cat)
				continue;
			if (x[k] >= 0 && x[k] < (float)c->levels)
				count[start[k] + (size_t)x[k]] += w;
			else
				c->has_missing = true;
		}
	}
}

/* How many levels weigh at least `least`. */
static size_t levels_with(const double *count, size_t levels, double least)
{
	size_t n = 0;

	for (size_t l = 0; l < levels; l++)
		n += count[l] >= least;
	return n;
}

/* The least weight, above 0, for which no more than `max` levels remain. The
 * bits of positive numbers ascend with them, so the search is by bits. */
static double least_count(const double *count, size_t levels, size_t max)
{
	uint64_t low = 1, high = (uint64_t)0x7ff << 52; /* infinity */
	double least;

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;

		memcpy(&least, &mid, sizeof(least));
		if (levels_with(count, levels, least) <= max)
			high = mid;
		else
			low = mid + 1;
	}
	memcpy(&least, &low, sizeof(least));
	return least;
}

/* Bins of one categorical column, in the order of codes, so that the result
 * depends on which levels are frequent but not on ties between them. */
static void cut_categorical(struct job *job, size_t j, const double *count)
{
	struct bins_column *c = &job->d->all[j];
	uint8_t *bin = job->level_bin[j];
	double least = least_count(count, c->levels, job->d->o->max_bins);

	for (size_t l = 0; l < c->levels; l++) {
		if (count[l] >= least)
			bin[l] = (uint8_t)c->bins++;
		else if (count[l] > 0)
			c->has_missing = true;
	}
	for (size_t l = 0; l < c->levels; l++)
		if (!(count[l] >= least))
			bin[l] = (uint8_t)c->bins;
	c->level_bin = bin;
}

static void cut_own(struct job *job, size_t group, struct scratch *s)
{
	struct par_range r = par_range(job->d->data->cols, GROUP, group);
	const double *count = s->count;

	if (job->d->data->train.weight)
		gather_words(job, r.begin, r.end - r.begin, s);
	else
		gather_keys(job, r.begin, r.end - r.begin, s);
	count_levels(job, r.begin, r.end - r.begin, s->count);
	for (size_t j = r.begin; j < r.end; j++) {
		if (!job->d->all[j].is_cat) {
			cut_numeric(job, j, s, j - r.begin);
			continue;
		}
		cut_categorical(job, j, count);
		count += job->d->all[j].levels;
	}
}

/* A group of columns of the table, or behind them an extra one. */
static void cut_group(void *ctx, size_t group, size_t worker)
{
	struct job *job = ctx;
	struct scratch *s = &job->scratch[worker];
	size_t k = group - job->groups;

	if (group < job->groups) {
		cut_own(job, group, s);
		return;
	}
	gather_extra(job, job->d->o->extra + k * job->d->rows, s);
	cut_numeric(job, job->d->data->cols + k, s, 0);
}

/* ---------------------------------------------------------------- cells */

static void fill_numeric(const struct bins_column *c, const float *x,
			 size_t stride, size_t n, uint8_t *out)
{
	float edge[256] __attribute__((aligned(64)));
	struct bins_table t = { .steps = BINS_STEPS, .bins = c->bins, .edge = edge };

	while (1u << t.steps < c->bins)
		t.steps++;
	for (uint32_t b = 0; b < 1u << t.steps; b++)
		edge[b] = b < c->bins ? c->edge[b] : INFINITY;
	SIMD_PICK(bins_kernels)->find(&t, x, stride, n, out, 1);
}

/* A column at a time, over so few rows that they stay in the cache. */
static void fill_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct bins_draft *d = ctx;
	struct par_range r = par_range(d->rows, FILL_ROWS, chunk);
	size_t cols = d->data->cols, n = r.end - r.begin;

	(void)worker;
	for (size_t j = 0; j < d->n_kept; j++) {
		const struct bins_column *c = &d->kept[j];
		bool own = c->source >= cols;
		size_t stride = own ? 1 : cols;
		const float *x = own ? d->o->extra + (c->source - cols) * d->rows :
				       d->data->train.x + c->source;
		uint8_t *out = d->bin + j * d->pitch + r.begin;

		x += r.begin * stride;
		if (!c->is_cat && c->bins)
			fill_numeric(c, x, stride, n, out);
		else
			for (size_t i = 0; i < n; i++)
				out[i] = (uint8_t)bins_find(c, x[i * stride]);
	}
}

void bins_table_fill(const struct bins_draft *d)
{
	par_for(d->threads, par_chunks(d->rows, FILL_ROWS), fill_rows, (void *)d);
}

/* ---------------------------------------------------------------- memory */

/* What stays: edges and levels. */
static bool allocate(struct job *job, struct arena *a)
{
	const struct bins_draft *d = job->d;

	job->edge = ARENA_RAW(a, float, d->cols * d->o->max_bins);
	job->level_bin = ARENA_NEW(a, uint8_t *, d->cols);
	if (!job->edge || !job->level_bin)
		return false;
	for (size_t j = 0; j < d->cols; j++) {
		size_t levels = d->all[j].levels;

		job->level_bin[j] = levels ? ARENA_NEW(a, uint8_t, levels) : NULL;
		if (levels && !job->level_bin[j])
			return false;
	}
	return true;
}

/* A key more than there are rows: where NaN is written before it is passed
 * over. */
static bool allocate_keys(struct scratch *s, size_t n, bool weighed,
			  struct arena *a)
{
	for (size_t k = 0; k < GROUP; k++) {
		s->key[k] = ARENA_RAW(a, uint32_t, weighed ? 0 : n + 1);
		s->word[k] = ARENA_RAW(a, uint64_t, weighed ? n + 1 : 0);
		if (!s->key[k] || !s->word[k])
			return false;
	}
	return quantile_init(&s->quantile, n, weighed, a);
}

/* All that the workers need, as nothing may be allocated while they run. */
static bool allocate_scratch(struct job *job, size_t threads, struct arena *a)
{
	const struct bins_draft *d = job->d;
	size_t cols = d->data->cols, most = 0;

	for (size_t j = 0; j < cols; j += GROUP) {
		size_t levels = 0;

		for (size_t k = j; k < cols && k < j + GROUP; k++)
			levels += d->all[k].levels;
		most = levels > most ? levels : most;
	}
	job->missing = ARENA_NEW(a, uint8_t, threads * cols);
	job->scratch = ARENA_NEW(a, struct scratch, threads);
	if (!job->missing || !job->scratch)
		return false;
	for (size_t t = 0; t < threads; t++) {
		struct scratch *s = &job->scratch[t];

		s->count = ARENA_RAW(a, double, most);
		if (!s->count || !allocate_keys(s, d->sample,
						d->data->train.weight, a))
			return false;
	}
	return true;
}

/* The scratch is given back, so that it does not stand beside the cells. */
int bins_table_cut(struct bins_draft *d, struct arena *a, struct error *err)
{
	size_t cols = d->data->cols, threads = (size_t)d->threads;
	struct job job = { .d = d, .groups = par_chunks(cols, GROUP) };
	size_t chunks = job.groups + d->o->extras;
	struct arena_mark mark;

	threads = chunks && chunks < threads ? chunks : chunks ? threads : 1;
	if (!allocate(&job, a))
		return arena_error(a, err);
	mark = arena_mark(a);
	if (!allocate_scratch(&job, threads, a))
		return arena_error(a, err);
	par_for((int)threads, par_chunks(d->rows, FILL_ROWS), find_missing, &job);
	par_for((int)threads, chunks, cut_group, &job);
	for (size_t j = 0; j < cols; j++)
		for (size_t t = 0; t < threads; t++)
			d->all[j].has_missing |= job.missing[t * cols + j];
	arena_rewind(a, mark);
	return 0;
}
