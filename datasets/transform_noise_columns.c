/* A probe of tables: columns that say nothing are added.
 *
 * Grinsztajn et al. 2022 (finding 2) add Gaussian columns with the mean and
 * interquartile range of real columns drawn at random; their multiplier m of
 * the total {1, 1.5, 2} is our severity m - 1 {0, 0.5, 1}. Means and ranges are
 * those of the training rows; the numbers are addressed by row and column, so
 * that a larger severity has the columns of a smaller one. */
#include <math.h>
#include <stdlib.h>

#include "datasets/twins/column_set.h"
#include "harness/base/par.h"

/* Interquartile range over standard deviation of a normal law: 2 z(0.75). */
#define IQR_OF_NORMAL 1.3489795003921634

/* Of one added column, in the units of the column it imitates. */
struct law {
	double mean, sd;
};

struct noise {
	struct rng rng;
	const struct law *law; /* (added) */
	float **cell;	       /* (added) of (n) */
	size_t n;
};

/* Only finite values come here, so the order is total. */
static int by_value(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

/* Over n and not n - 1: a scale of noise, no estimate that is reported. */
static double sd_of(const float *x, size_t n, double mean)
{
	double square = 0;

	for (size_t i = 0; i < n; i++)
		square += ((double)x[i] - mean) * ((double)x[i] - mean);
	return n ? sqrt(square / (double)n) : 0;
}

/* Where half of the values are equal the range is 0: the standard deviation
 * stands in for it, and a standard normal law for a column without any spread. */
static struct law law_of(float *x, size_t n)
{
	struct law l = { 0, 0 };

	for (size_t i = 0; i < n; i++)
		l.mean += (double)x[i] / (double)n;
	qsort(x, n, sizeof(*x), by_value);
	if (n)
		l.sd = ((double)x[3 * (n - 1) / 4] - (double)x[(n - 1) / 4]) / IQR_OF_NORMAL;
	if (!(l.sd > 0))
		l.sd = sd_of(x, n, l.mean);
	if (!(l.sd > 0) || !isfinite(l.sd))
		l.sd = 1;
	return l;
}

/* A stream a column and an address a row, hence the same bits on any number of threads
 * and with any number of columns. Test rows have noise too: a column that is there
 * only in training would be a shift. */
static void fill_column(void *ctx, size_t c, size_t worker)
{
	const struct noise *f = ctx;
	struct rng r = rng_sub(f->rng, c);

	(void)worker;
	for (size_t i = 0; i < f->n; i++)
		f->cell[c][i] = (float)(f->law[c].mean + f->law[c].sd * rng_normal(r, i));
}

/* Without a numeric column there is no law to copy: standard normal. Which column is
 * imitated is drawn by the number of the new column alone, so the first noise column
 * is the same at any severity. */
static int make_laws(const struct transform_job *job, const struct items *items, size_t added,
		     struct law *law, struct error *err)
{
	float *values = ARENA_RAW(job->a, float, job->split->n_train);
	struct column_set set;

	if (!values)
		return arena_error(job->a, err);
	if (column_set_numeric(&set, items, job->a, err))
		return (int)err->code;
	for (size_t c = 0; c < added; c++) {
		size_t n = 0;

		if (set.n) {
			size_t k = (size_t)rng_below(rng_sub(job->rng, 0), c, set.n);

			n = column_finite(items->cell[set.at[k]], job->split->train,
					  job->split->n_train, values);
		}
		law[c] = law_of(values, n);
	}
	return 0;
}

/* Lists of columns and cells with room for more behind the old ones. */
static int widen(struct items *items, size_t added, struct arena *a, float ***cell,
		 struct error *err)
{
	size_t cols = items->cols;
	struct column *columns = ARENA_NEW(a, struct column, cols + added);
	float **list = ARENA_NEW(a, float *, cols + added);

	if (!columns || !list)
		return arena_error(a, err);
	for (size_t j = 0; j < cols; j++) {
		columns[j] = items->columns[j];
		list[j] = (float *)(size_t)items->cell[j]; /* read only, as before */
	}
	for (size_t c = 0; c < added; c++) {
		columns[cols + c].name = arena_printf(a, "noise%zu", c + 1);
		list[cols + c] = ARENA_RAW(a, float, items->n);
		if (!columns[cols + c].name || !list[cols + c])
			return arena_error(a, err);
	}
	items->columns = columns;
	items->cell = (const float *const *)list;
	items->cols = cols + added;
	*cell = list + cols;
	return 0;
}

/* Columns of categories count in "as many as there are", though only numeric ones are
 * copied in law. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	size_t added = (size_t)floor(job->severity * (double)items->cols + 0.5);
	struct law *law = ARENA_NEW(job->a, struct law, added);
	struct noise f = { .rng = rng_sub(job->rng, 1), .law = law, .n = items->n };

	if (!law)
		return arena_error(job->a, err);
	if (make_laws(job, items, added, law, err) ||
	    widen(items, added, job->a, &f.cell, err))
		return (int)err->code;
	par_for(job->threads, added, fill_column, &f);
	return 0;
}

const struct transform transform_noise_columns = {
	.name = "noise_columns",
	.summary = "columns of normal noise are added, each like a real one in mean and range",
	.severity = "added columns as a multiple of those there are",
	.version = 1,
	.modalities = 1u << MODALITY_TABULAR,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 10,
	.usual = 1,
	.items = apply,
};
