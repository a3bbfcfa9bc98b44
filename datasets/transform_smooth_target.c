/* A probe of tables: the target of the training rows becomes a smooth function.
 *
 * Grinsztajn et al. 2022 (finding 1): y_i becomes sum_j y_j w_ij / sum_j w_ij
 * over the training rows, w_ij = exp(-d_ij / 2), d_ij the squared Mahalanobis
 * distance under lambda times the covariance of the five most important numeric
 * columns (all of them when nobody can say). Columns are normal scores by rank
 * first, holes the training median; those have no outliers, so the plain
 * covariance stands in for their robust one. Classes: the largest smoothed
 * indicator, a row's own class where it is among the largest. Validation and
 * test rows keep their targets. */
#include <math.h>
#include <string.h>

#include "datasets/twins/column_rank.h"
#include "datasets/twins/column_set.h"
#include "harness/base/par.h"

#define TOP 5
#define ROWS_MAX 20000 /* n^2 weights: some seconds */
#define ROW_GRAIN 64
/* Of the mean variance, added to each: columns that are copies of each other
 * have a singular covariance. */
#define RIDGE 1e-6

struct smoothing {
	const struct items *items;
	const struct split *split;
	size_t n, d;
	double *x;    /* (n, d) whitened: distances are Euclidean */
	double *sum;  /* (threads, outputs) */
	size_t outputs;
	int32_t *label; /* (items) or NULL */
	float *target;	/* (items) or NULL */
};

/* ------------------------------------------------------------ coordinates */

/* The five numeric columns that stand first in the ranking. Fewer than five numeric
 * columns need no ranking: all are taken. */
static int choose_columns(const struct transform_job *job, const struct items *items,
			  struct column_set *set, struct error *err)
{
	uint32_t *order;

	if (column_set_numeric(set, items, job->a, err))
		return (int)err->code;
	if (!set->n)
		return error_set(err, ERR_UNSUPPORTED,
				 "smoothing needs a numeric column, there is none");
	if (!job->ranking || set->n <= TOP)
		return 0;
	if (column_rank(job, items, &order, err))
		return (int)err->code;
	set->n = 0;
	for (size_t k = 0; k < items->cols && set->n < TOP; k++)
		if (!items->columns[order[k]].is_cat)
			set->at[set->n++] = order[k];
	return 0;
}

/* Scores less their means, a row after another. */
static void fill_scores(struct smoothing *s, const struct column_set *set,
			const struct column_score *score)
{
	for (size_t j = 0; j < s->d; j++) {
		const float *cell = s->items->cell[set->at[j]];
		double mean = 0;

		for (size_t i = 0; i < s->n; i++)
			mean += s->x[i * s->d + j] =
				column_score_of(&score[j], cell[s->split->train[i]]);
		for (size_t i = 0; i < s->n; i++)
			s->x[i * s->d + j] -= mean / (double)s->n;
	}
}

/* The lower factor of lambda times the covariance, in place of it: (d, d). Cholesky, a
 * row after another; d is 5, or all columns where nobody ranks. */
static void factor(const struct smoothing *s, double lambda, double *l)
{
	double trace = 0;

	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j < s->d; j++)
			for (size_t k = 0; k <= j; k++)
				l[j * s->d + k] += lambda * s->x[i * s->d + j] *
						   s->x[i * s->d + k] / (double)s->n;
	for (size_t j = 0; j < s->d; j++)
		trace += l[j * s->d + j];
	for (size_t j = 0; j < s->d; j++) /* all columns constant: any scale will do */
		l[j * s->d + j] += trace > 0 ? RIDGE * trace / (double)s->d : 1;
	for (size_t j = 0; j < s->d; j++) {
		for (size_t k = 0; k <= j; k++) {
			double sum = l[j * s->d + k];

			for (size_t m = 0; m < k; m++)
				sum -= l[j * s->d + m] * l[k * s->d + m];
			l[j * s->d + k] = k == j ? sqrt(sum) : sum / l[k * s->d + k];
		}
	}
}

/* x becomes L^-1 x, whose dot products are Mahalanobis'. */
static void whiten(struct smoothing *s, const double *l)
{
	for (size_t i = 0; i < s->n; i++) {
		double *x = s->x + i * s->d;

		for (size_t j = 0; j < s->d; j++) {
			for (size_t k = 0; k < j; k++)
				x[j] -= l[j * s->d + k] * x[k];
			x[j] /= l[j * s->d + j];
		}
	}
}

/* ------------------------------------------------------------ smoothing */

/* Of whitened rows, so that this is exp(-d^2 / 2) under the scaled covariance.
 * Symmetric, but computed twice: storing n^2 weights would take 3 GB at the limit. */
static double weight(const struct smoothing *s, size_t i, size_t j)
{
	double square = 0;

	for (size_t k = 0; k < s->d; k++) {
		double diff = s->x[i * s->d + k] - s->x[j * s->d + k];

		square += diff * diff;
	}
	return exp(-square / 2);
}

/* Ties go to the row's own class first, then to the lowest number: a smoothing that
 * has nothing to say must not change labels. */
static int32_t largest(const double *sum, size_t n, int32_t own)
{
	int32_t best = own;

	for (size_t c = 0; c < n; c++)
		if (sum[c] > sum[best])
			best = (int32_t)c;
	return best;
}

/* The old targets are read, the new ones written; a row weighs itself with 1,
 * so that the sum of weights is never 0. */
static void smooth_row(const struct smoothing *s, size_t i, double *sum)
{
	uint32_t row = s->split->train[i];
	double total = 0, value = 0;

	memset(sum, 0, s->outputs * sizeof(*sum));
	for (size_t j = 0; j < s->n; j++) {
		double w = weight(s, i, j);
		uint32_t other = s->split->train[j];

		total += w;
		if (s->label)
			sum[s->items->label[other]] += w;
		else
			value += w * (double)s->items->target[other];
	}
	if (s->label)
		s->label[row] = largest(sum, s->outputs, s->items->label[row]);
	else
		s->target[row] = (float)(value / total);
}

/* Each worker has its own sums; sums run over rows in their order, hence the same bits
 * on any number of threads. */
static void smooth_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct smoothing *s = ctx;
	struct par_range r = par_range(s->n, ROW_GRAIN, chunk);

	for (size_t i = r.begin; i < r.end; i++)
		smooth_row(s, i, s->sum + worker * s->outputs);
}

/* All that the rows need, in the job's arena. */
static int prepare(struct smoothing *s, const struct transform_job *job, struct error *err)
{
	struct column_score *score;
	struct column_set set;
	double *l;

	if (choose_columns(job, s->items, &set, err) ||
	    column_set_scores(&set, s->items, job->split, job->threads, job->a, &score, err))
		return (int)err->code;
	s->d = set.n;
	s->x = ARENA_RAW(job->a, double, s->n * s->d);
	l = ARENA_NEW(job->a, double, s->d * s->d);
	s->sum = ARENA_NEW(job->a, double, (size_t)job->threads * s->outputs);
	if (s->items->label)
		s->label = arena_copy(job->a, s->items->label,
				      s->items->n * sizeof(*s->label));
	else
		s->target = arena_copy(job->a, s->items->target,
				       s->items->n * sizeof(*s->target));
	if (!s->x || !l || !s->sum || (!s->label && !s->target))
		return arena_error(job->a, err);
	fill_scores(s, &set, score);
	factor(s, job->severity, l);
	whiten(s, l);
	return 0;
}

/* `before` keeps the old targets readable while new ones are written. lambda 0 would
 * be a division by nothing and means no smoothing. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	const struct items before = *items;
	struct smoothing s = { .items = &before, .split = job->split,
			       .n = job->split->n_train, .outputs = items->classes };

	if (!(job->severity > 0))
		return 0;
	if (s.n > ROWS_MAX)
		return error_set(err, ERR_UNSUPPORTED,
				 "smoothing takes the square of the rows in time: %zu training "
				 "rows are above %d (take fewer with n=)", s.n, ROWS_MAX);
	if (prepare(&s, job, err))
		return (int)err->code;
	par_for(job->threads, par_chunks(s.n, ROW_GRAIN), smooth_rows, &s);
	if (s.label)
		items->label = s.label;
	else
		items->target = s.target;
	return 0;
}

const struct transform transform_smooth_target = {
	.name = "smooth_target",
	.summary = "targets of training rows smoothed by a Gaussian kernel",
	.severity = "kernel width lambda: covariance of the kernel over that of the columns",
	.version = 1,
	.modalities = 1u << MODALITY_TABULAR,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 10,
	.usual = 0.1,
	.items = apply,
};
