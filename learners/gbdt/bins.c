/* Making bins, in three steps, each parallel.
 *
 *	edges    some columns a chunk: gather a sample, sort, cut into quantiles
 *	layout   leave out what cannot be cut, deal the others into blocks
 *	cells    a block and some rows a chunk: find the bin of each value
 *
 * Rows are read as they lie, several columns of one at a time; going down one
 * column of a large table after another would fetch all of it for each.
 */
#include "learners/gbdt/bins.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "learners/gbdt/bins_kernels.h"
#include "learners/gbdt/quantile.h"

/* Quantiles come from so many rows at most, evenly spaced (LightGBM takes as
 * many): the rank of an edge is then off by about 0.1 %. */
enum { SAMPLE_ROWS = 200000, GROUP = 8, FILL_ROWS = 4096, TILE_ROWS = 128,
       AHEAD = 16 };

/* Of one thread. Which of the two halves is used depends on the weights. */
struct scratch {
	uint32_t *key[GROUP];  /* (sample) each, of rows without weights */
	uint64_t *word[GROUP]; /* (sample) each, with */
	size_t n[GROUP];       /* keys or words */
	struct quantile quantile;
	double *count; /* (most levels of a group) weight of each level */
};

struct job {
	const struct dataset *data;
	size_t max_bins, sample;
	struct bins_column *all; /* (data->cols) */
	struct bins_column *kept;
	struct bins_block *block;
	float *edge;	      /* (data->cols, max_bins) */
	uint8_t **level_bin;  /* (data->cols) of (levels), NULL if numeric */
	uint8_t *missing;     /* (threads, data->cols) has it any? */
	struct scratch *scratch; /* (threads) */
};

/* The weight of a row: of none, or of what cannot be one, it is left out. */
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
	size_t cols = job->data->cols;
	struct par_range r = par_range(job->data->train.rows, FILL_ROWS, chunk);
	uint8_t *missing = job->missing + worker * cols;
	const float *x = job->data->train.x;

	if (!SIMD_PICK(bins_kernels)->any_nan(x + r.begin * cols,
					      (r.end - r.begin) * cols))
		return;
	for (size_t i = r.begin; i < r.end; i++)
		for (size_t j = 0; j < cols; j++)
			missing[j] |= x[i * cols + j] != x[i * cols + j];
}

/* ---------------------------------------------------------------- edges */

/* The sampled row number i of `sample`, evenly spaced. */
static size_t sample_row(const struct job *job, size_t i)
{
	return i * job->data->train.rows / job->sample;
}

/* The sampled values of numeric columns first .. first + n - 1. A key that is
 * written for a missing value is written over by the next. */
static void gather_keys(const struct job *job, size_t first, size_t n,
			struct scratch *s)
{
	const float *x = job->data->train.x + first;
	size_t cols = job->data->cols, at[GROUP] = { 0 };

	for (size_t i = 0; i < job->sample; i++) {
		const float *row = x + sample_row(job, i) * cols;

		if (i + AHEAD < job->sample)
			__builtin_prefetch(x + sample_row(job, i + AHEAD) * cols);
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
	const struct part *rows = &job->data->train;

	memset(s->n, 0, sizeof(s->n));
	for (size_t i = 0; i < job->sample; i++) {
		size_t row = sample_row(job, i);
		const float *x = rows->x + row * job->data->cols + first;
		float w = rows->weight[row];

		for (size_t j = 0; j < n && w > 0; j++) {
			s->word[j][s->n[j]] = quantile_word(quantile_key(x[j]), w);
			s->n[j] += x[j] == x[j];
		}
	}
}

static void cut_numeric(struct job *job, size_t j, struct scratch *s, size_t k)
{
	struct bins_column *c = &job->all[j];
	float *edge = job->edge + j * job->max_bins;

	if (job->data->train.weight)
		quantile_sort_weighed(&s->quantile, s->word[k], s->n[k]);
	else
		quantile_sort(&s->quantile, s->key[k], s->n[k]);
	c->bins = quantile_edges(&s->quantile, job->max_bins, edge);
	c->edge = edge;
}

/* ---------------------------------------------------------------- levels */

/* What each level of the categorical columns of a group weighs, one column
 * after the other. */
static void count_levels(struct job *job, size_t first, size_t n, double *count)
{
	const struct part *rows = &job->data->train;
	size_t start[GROUP], sum = 0;

	for (size_t k = 0; k < n; k++) {
		start[k] = sum;
		sum += job->all[first + k].levels;
	}
	memset(count, 0, sum * sizeof(*count));
	for (size_t i = 0; sum && i < rows->rows; i++) {
		const float *x = rows->x + i * job->data->cols + first;
		double w = (double)weight_of(rows, i);

		for (size_t k = 0; k < n; k++) {
			struct bins_column *c = &job->all[first + k];

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
	struct bins_column *c = &job->all[j];
	uint8_t *bin = job->level_bin[j];
	double least = least_count(count, c->levels, job->max_bins);

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

static void cut_group(void *ctx, size_t group, size_t worker)
{
	struct job *job = ctx;
	struct scratch *s = &job->scratch[worker];
	struct par_range r = par_range(job->data->cols, GROUP, group);
	size_t n = r.end - r.begin;
	const double *count = s->count;

	if (job->data->train.weight)
		gather_words(job, r.begin, n, s);
	else
		gather_keys(job, r.begin, n, s);
	count_levels(job, r.begin, n, s->count);
	for (size_t j = r.begin; j < r.end; j++) {
		if (!job->all[j].is_cat) {
			cut_numeric(job, j, s, j - r.begin);
			continue;
		}
		cut_categorical(job, j, count);
		count += job->all[j].levels;
	}
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

/* The columns of a block, made ready for the search. */
struct tables {
	struct bins_table table[BINS_BLOCK];
	float edge[BINS_BLOCK][256] __attribute__((aligned(64)));
};

static void make_table(const struct bins_column *c, struct bins_table *t,
		       float edge[256])
{
	*t = (struct bins_table){
		.steps = BINS_STEPS, .bins = c->bins, .edge = edge,
	};
	if (c->is_cat)
		return;
	while (1u << t->steps < c->bins)
		t->steps++;
	for (uint32_t b = 0; b < 1u << t->steps; b++)
		edge[b] = b < c->bins ? c->edge[b] : INFINITY;
}

/* n rows of one column into the cells of a block. */
static void fill_column(const struct bins_column *c, const struct bins_table *t,
			const float *x, size_t cols, size_t n, uint8_t *out,
			size_t width)
{
	if (!c->is_cat && c->bins)
		SIMD_PICK(bins_kernels)
			->find(t, x + c->source, cols, n, out, width);
	else
		for (size_t i = 0; i < n; i++)
			out[i * width] = (uint8_t)bins_find(
				c, x[i * cols + c->source]);
}

/* Column by column over a few rows, which stay in the cache meanwhile. */
static void fill_block(void *ctx, size_t chunk, size_t worker)
{
	struct job *job = ctx;
	size_t chunks = par_chunks(job->data->train.rows, FILL_ROWS);
	const struct bins_block *b = &job->block[chunk / chunks];
	const struct bins_column *c = &job->kept[b->first];
	struct par_range r = par_range(job->data->train.rows, FILL_ROWS,
				       chunk % chunks);
	size_t cols = job->data->cols;
	uint8_t *out = (uint8_t *)b->bin; /* ours to fill */
	struct tables t;

	(void)worker;
	for (size_t j = 0; j < b->width; j++)
		make_table(&c[j], &t.table[j], t.edge[j]);
	for (size_t i = r.begin; i < r.end; i += TILE_ROWS) {
		size_t n = r.end - i < TILE_ROWS ? r.end - i : TILE_ROWS;

		for (size_t j = 0; j < b->width; j++)
			fill_column(&c[j], &t.table[j],
				    job->data->train.x + i * cols, cols, n,
				    out + i * b->width + j, b->width);
	}
}

/* ---------------------------------------------------------------- blocks */

/* A column with a single bin, missing included, has nothing to cut. */
static size_t keep_columns(struct job *job)
{
	size_t n = 0;

	for (size_t j = 0; j < job->data->cols; j++)
		if (job->all[j].bins + job->all[j].has_missing > 1)
			job->kept[n++] = job->all[j];
	return n;
}

void bins_draw(const struct bins *b, const struct bins_block *from,
	       const uint8_t *use, struct bins_block *to)
{
	*to = *from;
	to->live = to->cells = 0;
	for (size_t j = 0; j < from->width; j++) {
		size_t column = from->first + j;

		if (use && !use[column])
			continue;
		to->place[to->live] = (uint8_t)j;
		to->start[to->live++] = (uint32_t)to->cells;
		to->cells += b->column[column].bins + 1;
	}
}

/* Blocks of equal width, so that none is a narrow remainder. */
static size_t lay_out(struct job *job, struct bins *b, struct arena *a)
{
	size_t width = par_chunks(b->cols, b->n_blocks);

	for (size_t k = 0; k < b->n_blocks; k++) {
		struct bins_block *block = &job->block[k];
		struct par_range r = par_range(b->cols, width, k);

		block->first = r.begin;
		block->width = r.end - r.begin;
		block->offset = b->cells;
		bins_draw(b, block, NULL, block);
		b->cells += block->cells;
		block->bin = ARENA_RAW(a, uint8_t, b->rows * block->width);
		if (!block->bin)
			return k;
	}
	return b->n_blocks;
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

/* What stays: columns, their edges and levels. */
static bool allocate(struct job *job, struct arena *a)
{
	size_t cols = job->data->cols;

	job->all = ARENA_NEW(a, struct bins_column, cols);
	job->kept = ARENA_NEW(a, struct bins_column, cols);
	job->edge = ARENA_RAW(a, float, cols * job->max_bins);
	job->level_bin = ARENA_NEW(a, uint8_t *, cols);
	if (!job->all || !job->kept || !job->edge || !job->level_bin)
		return false;
	describe_columns(job);
	for (size_t j = 0; j < cols; j++) {
		size_t levels = job->all[j].levels;

		job->level_bin[j] = levels ? ARENA_NEW(a, uint8_t, levels) : NULL;
		if (levels && !job->level_bin[j])
			return false;
	}
	return true;
}

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

/* All that the workers need, as nothing may be allocated while they run. A key
 * more than there are rows: where NaN is written before it is passed over. */
static bool allocate_scratch(struct job *job, int threads, struct arena *a)
{
	size_t cols = job->data->cols, most = 0;

	for (size_t j = 0; j < cols; j += GROUP) {
		size_t levels = 0;

		for (size_t k = j; k < cols && k < j + GROUP; k++)
			levels += job->all[k].levels;
		most = levels > most ? levels : most;
	}
	job->missing = ARENA_NEW(a, uint8_t, (size_t)threads * cols);
	job->scratch = ARENA_NEW(a, struct scratch, (size_t)threads);
	if (!job->missing || !job->scratch)
		return false;
	for (int t = 0; t < threads; t++) {
		struct scratch *s = &job->scratch[t];

		s->count = ARENA_RAW(a, double, most);
		if (!s->count || !allocate_keys(s, job->sample,
						job->data->train.weight, a))
			return false;
	}
	return true;
}

/* Edges and levels of all columns. The scratch is given back, so that it does
 * not stand beside the cells. */
static int cut_columns(struct job *job, int threads, struct arena *a,
		       struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	size_t rows = job->data->train.rows, cols = job->data->cols;
	size_t groups = par_chunks(cols, GROUP);

	if (groups < (size_t)threads)
		threads = groups ? (int)groups : 1;
	if (!allocate_scratch(job, threads, a))
		return arena_error(a, err);
	par_for(threads, par_chunks(rows, FILL_ROWS), find_missing, job);
	par_for(threads, groups, cut_group, job);
	for (size_t j = 0; j < cols; j++)
		for (size_t t = 0; t < (size_t)threads; t++)
			job->all[j].has_missing |= job->missing[t * cols + j];
	arena_rewind(a, mark);
	return 0;
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
	if (!allocate(&job, a))
		return arena_error(a, err);
	if (cut_columns(&job, threads, a, err))
		return err->code;
	b->cols = keep_columns(&job);
	b->n_blocks = par_chunks(b->cols, BINS_BLOCK);
	job.block = ARENA_NEW(a, struct bins_block, b->n_blocks);
	b->column = job.kept;
	b->block = job.block;
	if (!job.block || (b->cols && lay_out(&job, b, a) < b->n_blocks))
		return arena_error(a, err);
	par_for(threads, b->n_blocks * par_chunks(rows, FILL_ROWS), fill_block,
		&job);
	return 0;
}
