/* One pass over the rows in a random order, column by column: read the sums of
 * the row's level, then add the row to them. */
#include "learners/gbdt/target_stats.h"

#include <math.h>
#include <string.h>

#include "harness/base/par.h"
#include "harness/base/rng.h"

struct job {
	struct target_stats *t;
	const struct dataset *data;
	const struct target_stats_options *o;
	const uint32_t *order; /* (rows) */
	double *prior;	       /* (outputs) */
	double *sum; /* (start[columns], outputs + 1) the last: weight */
	float *mean; /* (start[columns], outputs) */
	float *ordered; /* (extras, rows) */
};

static double weight_of(const struct part *rows, size_t i)
{
	double w = rows->weight ? (double)rows->weight[i] : 1;

	return w > 0 ? w : 0;
}

/* What is averaged: the target, or whether the class is k (1 of two). */
static double target_of(const struct job *job, size_t i, size_t k)
{
	const struct part *rows = &job->data->train;

	if (!job->data->classes)
		return (double)rows->target[i];
	return rows->label[i] == (int32_t)(job->t->outputs > 1 ? k : 1);
}

/* The row of `mean` of a value: its level, or the one for missing. What is no
 * level at all was not seen. */
static uint64_t place_of(const struct target_stats *t, size_t c, float x)
{
	uint64_t levels = t->start[c + 1] - t->start[c] - 2;

	if (isnan(x))
		return t->start[c] + levels;
	return t->start[c] + (x >= 0 && x < (float)levels ? (uint64_t)x :
							     levels + 1);
}

static double mean_of(const struct job *job, const double *sum, size_t k)
{
	double a = job->o->prior;

	return (sum[k] + a * job->prior[k]) / (sum[job->t->outputs] + a);
}

static void learn_column(void *ctx, size_t c, size_t worker)
{
	const struct job *job = ctx;
	const struct target_stats *t = job->t;
	const struct part *rows = &job->data->train;
	size_t outputs = t->outputs;

	(void)worker;
	for (size_t i = 0; i < rows->rows; i++) {
		size_t row = job->order[i];
		double w = weight_of(rows, row);
		float x = rows->x[row * job->data->cols + t->column[c]];
		double *sum = job->sum + place_of(t, c, x) * (outputs + 1);

		for (size_t k = 0; k < outputs; k++)
			job->ordered[(c * outputs + k) * rows->rows + row] =
				(float)mean_of(job, sum, k);
		for (size_t k = 0; k < outputs; k++)
			sum[k] += w * target_of(job, row, k);
		sum[outputs] += w;
	}
	for (uint64_t p = t->start[c]; p < t->start[c + 1]; p++)
		for (size_t k = 0; k < outputs; k++)
			job->mean[p * outputs + k] = (float)mean_of(
				job, job->sum + p * (outputs + 1), k);
}

static void find_prior(const struct job *job)
{
	const struct part *rows = &job->data->train;
	double all = 0;

	for (size_t i = 0; i < rows->rows; i++) {
		double w = weight_of(rows, i);

		all += w;
		for (size_t k = 0; k < job->t->outputs; k++)
			job->prior[k] += w * target_of(job, i, k);
	}
	for (size_t k = 0; k < job->t->outputs; k++)
		job->prior[k] /= all > 0 ? all : 1;
}

static size_t outputs_of(const struct dataset *data)
{
	return data->classes > 2 ? data->classes : 1;
}

/* Columns with enough levels, and the places of their levels. */
static bool choose(struct target_stats *t, const struct dataset *data,
		   const struct target_stats_options *o, struct arena *a)
{
	uint32_t *column = ARENA_RAW(a, uint32_t, data->cols);
	uint64_t *start = ARENA_NEW(a, uint64_t, data->cols + 1);

	if (!column || !start)
		return false;
	for (size_t j = 0; data->columns && j < data->cols; j++) {
		const struct column *c = &data->columns[j];

		if (!c->is_cat || c->levels <= o->levels)
			continue;
		column[t->columns] = (uint32_t)j;
		start[t->columns + 1] = start[t->columns] + c->levels + 2;
		t->columns++;
	}
	t->column = column;
	t->start = start;
	return true;
}

static bool allocate(struct job *job, struct arena *a)
{
	const struct target_stats *t = job->t;
	size_t rows = job->data->train.rows, places = t->start[t->columns];
	uint32_t *order;

	job->mean = ARENA_RAW(a, float, places * t->outputs);
	job->ordered = ARENA_RAW(a, float, target_stats_extras(t) * rows);
	if (!job->mean || !job->ordered)
		return false;
	job->prior = ARENA_NEW(a, double, t->outputs);
	job->sum = ARENA_NEW(a, double, places * (t->outputs + 1));
	order = ARENA_RAW(a, uint32_t, rows);
	if (!job->prior || !job->sum || !order)
		return false;
	rng_permutation(rng_make(job->o->seed, "gbdt/target stats"), rows, order);
	job->order = order;
	return true;
}

int target_stats_make(struct target_stats *t, const struct dataset *data,
		      const struct target_stats_options *o, float **ordered,
		      int threads, struct arena *a, struct error *err)
{
	struct job job = { .t = t, .data = data, .o = o };

	*t = (struct target_stats){ .outputs = outputs_of(data) };
	*ordered = NULL;
	if (data->classes > o->classes)
		return 0;
	if (!choose(t, data, o, a))
		return arena_error(a, err);
	if (!t->columns)
		return 0;
	if (!allocate(&job, a))
		return arena_error(a, err);
	find_prior(&job);
	par_for(threads, t->columns, learn_column, &job);
	t->mean = job.mean;
	*ordered = job.ordered;
	return 0;
}

void target_stats_row(const struct target_stats *t, const float *x, float *out)
{
	for (size_t c = 0; c < t->columns; c++) {
		const float *mean = t->mean + place_of(t, c, x[t->column[c]]) *
						      t->outputs;

		memcpy(out + c * t->outputs, mean, t->outputs * sizeof(*out));
	}
}
