/* Cutting sparse rows into bins: the entries are turned round, from rows of
 * columns into columns of rows, and each column is cut by its values and the
 * weight of the zeros that nobody listed. */
#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "learners/gbdt/bins_draft.h"
#include "learners/gbdt/quantile.h"

struct scratch {
	uint32_t *key; /* (most entries of a column) */
	uint64_t *word;
	struct quantile quantile;
};

struct job {
	struct bins_draft *d;
	struct bins_entries *e;
	float *value;	/* of the entries */
	float *edge;	/* of all columns */
	uint64_t *edges; /* (cols) where a column's begin */
	double weight;	/* of the sampled rows */
	size_t weighed; /* sampled rows with a weight */
	struct scratch *scratch; /* (threads) */
};

/* Is a row in the sample? */
static bool is_sampled(const struct bins_draft *d, size_t row)
{
	size_t i = (row * d->sample + d->rows - 1) / d->rows;

	return d->sample == d->rows ||
	       (i < d->sample && bins_sample_row(d, i) == row);
}

static size_t column_limit(const struct bins_draft *d)
{
	size_t some = d->o->sparse_bins;

	return some && some < d->o->max_bins ? some : d->o->max_bins;
}

/* ---------------------------------------------------------------- turning */

static void count_entries(const struct part *rows, struct bins_entries *e,
			  size_t cols)
{
	uint64_t n = rows->row_start[rows->rows], first = rows->row_start[0];

	for (uint64_t k = first; k < n; k++)
		e->count[rows->index[k]]++;
	e->start[0] = 0;
	for (size_t j = 0; j < cols; j++)
		e->start[j + 1] = e->start[j] + e->count[j];
	memset(e->count, 0, cols * sizeof(*e->count));
}

/* Rows of a column ascend, as rows are gone through in order. */
static void turn_round(const struct part *rows, struct bins_entries *e,
		       float *value)
{
	for (size_t i = 0; i < rows->rows; i++) {
		for (uint64_t k = rows->row_start[i]; k < rows->row_start[i + 1];
		     k++) {
			uint32_t j = rows->index[k];
			uint64_t at = e->start[j] + e->count[j]++;

			e->row[at] = (uint32_t)i;
			value[at] = rows->value[k];
		}
	}
}

/* ---------------------------------------------------------------- a column */

/* The distinct values of a column, zeros that are not listed included. */
static void find_runs(const struct job *job, struct bins_column *c,
		      struct scratch *s)
{
	const struct bins_draft *d = job->d;
	const float *weight = d->data->train.weight;
	uint64_t at = job->e->start[c->source];
	size_t n = 0, listed = 0;
	double rest = job->weight;

	for (size_t i = 0; i < job->e->count[c->source]; i++, at++) {
		float x = job->value[at], w;
		size_t row = job->e->row[at];

		c->has_missing |= isnan(x);
		w = weight ? weight[row] : 1.0f;
		if (!(w > 0) || !is_sampled(d, row))
			continue;
		rest -= (double)w;
		listed++;
		if (weight)
			s->word[n] = quantile_word(quantile_key(x), w);
		else
			s->key[n] = quantile_key(x);
		n += isnan(x) ? 0 : 1;
	}
	if (weight)
		quantile_sort_weighed(&s->quantile, s->word, n);
	else
		quantile_sort(&s->quantile, s->key, n);
	if (listed < job->weighed)
		quantile_add(&s->quantile, 0, fmax(rest, 0));
}

/* Entries become bins; those in the home bin, that of zero, are dropped. */
static void find_bins(struct bins_column *c, struct bins_entries *e,
		      const float *value)
{
	uint64_t from = e->start[c->source], to = from;

	c->home = bins_find(c, 0);
	for (size_t i = 0; i < e->count[c->source]; i++) {
		uint32_t bin = bins_find(c, value[from + i]);

		e->row[to] = e->row[from + i];
		e->bin[to] = (uint8_t)bin;
		to += (uint64_t)(bin != c->home);
	}
	e->count[c->source] = (uint32_t)(to - from);
}

static void cut_column(void *ctx, size_t j, size_t worker)
{
	struct job *job = ctx;
	struct bins_column *c = &job->d->all[j];
	float *edge = job->edge + job->edges[j];

	find_runs(job, c, &job->scratch[worker]);
	c->edge = edge;
	c->bins = quantile_edges(&job->scratch[worker].quantile,
				 column_limit(job->d), edge);
	/* A column of nothing but missing values has no home for zeros. */
	if (!c->bins) {
		c->has_missing = false;
		return;
	}
	find_bins(c, job->e, job->value);
}

/* ---------------------------------------------------------------- memory */

/* Edges first, which stay. No column has more bins than values and a zero. */
static bool allocate(struct job *job, size_t entries, struct arena *a)
{
	struct bins_draft *d = job->d;
	struct bins_entries *e = job->e;
	size_t limit = column_limit(d), n = 0;

	for (size_t j = 0; j < d->cols; j++) {
		size_t most = e->start[j + 1] - e->start[j] + 1;

		job->edges[j] = n;
		n += most < limit ? most : limit;
	}
	job->edge = ARENA_RAW(a, float, n);
	e->row = ARENA_RAW(a, uint32_t, entries);
	e->bin = ARENA_RAW(a, uint8_t, entries);
	return job->edge && e->row && e->bin;
}

static bool allocate_scratch(struct job *job, size_t entries, struct arena *a)
{
	const struct bins_entries *e = job->e;
	bool weighed = job->d->data->train.weight;
	size_t most = 0, threads = (size_t)job->d->threads;

	for (size_t j = 0; j < job->d->cols; j++)
		if (e->start[j + 1] - e->start[j] > most)
			most = e->start[j + 1] - e->start[j];
	job->value = ARENA_RAW(a, float, entries);
	job->scratch = ARENA_NEW(a, struct scratch, threads);
	for (size_t t = 0; job->scratch && t < threads; t++) {
		struct scratch *s = &job->scratch[t];

		s->key = ARENA_RAW(a, uint32_t, weighed ? 0 : most + 1);
		s->word = ARENA_RAW(a, uint64_t, weighed ? most + 1 : 0);
		if (!s->key || !s->word ||
		    !quantile_init(&s->quantile, most, weighed, a))
			return false;
	}
	return job->value && job->scratch;
}

static void weigh_sample(struct job *job)
{
	const float *weight = job->d->data->train.weight;

	for (size_t i = 0; i < job->d->sample; i++) {
		size_t row = bins_sample_row(job->d, i);
		float w = weight ? weight[row] : 1.0f;

		job->weight += w > 0 ? (double)w : 0;
		job->weighed += w > 0;
	}
}

int bins_sparse_cut(struct bins_draft *d, struct bins_entries *e,
		    struct arena *a, struct error *err)
{
	const struct part *rows = &d->data->train;
	size_t entries = rows->row_start[rows->rows] - rows->row_start[0];
	struct job job = { .d = d, .e = e };
	struct arena_mark mark;

	*e = (struct bins_entries){
		.start = ARENA_RAW(a, uint64_t, d->cols + 1),
		.count = ARENA_NEW(a, uint32_t, d->cols),
	};
	job.edges = ARENA_RAW(a, uint64_t, d->cols);
	if (!e->start || !e->count || !job.edges)
		return arena_error(a, err);
	count_entries(rows, e, d->cols);
	if (!allocate(&job, entries, a))
		return arena_error(a, err);
	mark = arena_mark(a);
	if (!allocate_scratch(&job, entries, a))
		return arena_error(a, err);
	turn_round(rows, e, job.value);
	weigh_sample(&job);
	par_for(d->threads, d->cols, cut_column, &job);
	arena_rewind(a, mark);
	return 0;
}
