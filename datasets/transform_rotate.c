/* The twin of a table: numeric columns are made normal by rank and rotated.
 *
 * Grinsztajn et al. 2022 (finding 3): trees live on the orientation of the
 * columns, rotation-invariant learners do not. Columns become normal scores
 * first (fitted on the training rows), so that rotating does not mix units;
 * severity 0 stops there and is the control to compare with. A rotation has no
 * word for a missing cell: holes become the training median, in the control
 * too. Categorical columns stay as they are.
 *
 * The columns are marked as sharing one unit (is_scaled), in the control too:
 * where columns go together, rotated ones differ in variance, and a view that
 * gave each the same would change the distances that a rotation keeps. */
#include <math.h>

#include "datasets/twins/column_set.h"
#include "datasets/views/haar.h"
#include "harness/base/par.h"

#define ROW_GRAIN 256

struct rotation {
	struct column_set set;	    /* all numeric columns, those that turn first */
	struct column_score *score; /* (set.n) */
	struct haar haar;	    /* d = 0: none turns */
	const struct items *items;
	float **cell;
	double *scratch; /* (threads, 2 set.n) */
};

/* One row: scores into x, the turned ones into y. Sums are in double and stored as
 * float once: a rotation keeps lengths to 24 bits then. */
static void turn_row(const struct rotation *t, size_t i, double *x, double *y)
{
	for (size_t k = 0; k < t->set.n; k++)
		x[k] = column_score_of(&t->score[k], t->items->cell[t->set.at[k]][i]);
	if (t->haar.d)
		haar_rotate(&t->haar, 1, x, 1, y);
	for (size_t k = 0; k < t->set.n; k++)
		t->cell[t->set.at[k]][i] = (float)(k < t->haar.d ? y[k] : x[k]);
}

/* The scratch is a worker's own, two rows of it; what a row becomes does not depend on
 * who computes it. */
static void turn_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct rotation *t = ctx;
	struct par_range r = par_range(t->items->n, ROW_GRAIN, chunk);
	double *x = t->scratch + worker * 2 * t->set.n;

	for (size_t i = r.begin; i < r.end; i++)
		turn_row(t, i, x, x + t->set.n);
}

/* How many columns turn. A single one cannot. Rounded to the nearest; what rounds to
 * one column or none turns two, since a rotation of one dimension is a sign. */
static size_t turning(double severity, size_t n)
{
	size_t k = (size_t)floor(severity * (double)n + 0.5);

	return severity > 0 && k < 2 ? 2 : k;
}

/* A copy of the columns' descriptions, with the mark. */
static int mark_scaled(const struct column_set *set, struct items *items, struct arena *a,
		       struct error *err)
{
	struct column *columns =
		arena_copy(a, items->columns, items->cols * sizeof(*columns));

	if (!columns)
		return arena_error(a, err);
	for (size_t k = 0; k < set->n; k++)
		columns[set->at[k]].is_scaled = true;
	items->columns = columns;
	return 0;
}

/* The columns in a random order: a smaller severity turns some of those that a
 * larger one turns. */
static int prepare(struct rotation *t, const struct transform_job *job, struct error *err)
{
	struct arena *a = job->a;
	size_t d;

	if (column_set_numeric(&t->set, t->items, a, err))
		return (int)err->code;
	if (t->set.n < 2)
		return error_set(err, ERR_UNSUPPORTED,
				 "a rotation needs two numeric columns, there are %zu",
				 t->set.n);
	d = turning(job->severity, t->set.n);
	if (column_set_draw(&t->set, rng_sub(job->rng, 0), 1, 0, a, err) ||
	    column_set_scores(&t->set, t->items, job->split, job->threads, a, &t->score,
			      err) ||
	    column_set_cells(&t->set, t->items, a, &t->cell, err) ||
	    (d && haar_init(&t->haar, d, rng_sub(job->rng, 1), a, err)))
		return (int)err->code;
	t->scratch = ARENA_RAW(a, double, (size_t)job->threads * 2 * t->set.n);
	return t->scratch ? 0 : arena_error(a, err);
}

/* All n rows are turned and not only those of the split: it costs little and rows of
 * no part stay readable. */
static int apply(const struct transform_job *job, struct items *items, struct error *err)
{
	struct rotation t = { .items = items };

	if (prepare(&t, job, err) || mark_scaled(&t.set, items, job->a, err))
		return (int)err->code;
	par_for(job->threads, par_chunks(items->n, ROW_GRAIN), turn_rows, &t);
	items->cell = (const float *const *)t.cell;
	return 0;
}

const struct transform transform_rotate = {
	.name = "rotate",
	.summary = "numeric columns made normal by rank, then rotated at random",
	.severity = "share of the numeric columns that turn; 0: only made normal, the control",
	.version = 2,
	.modalities = 1u << MODALITY_TABULAR,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.min = 0,
	.max = 1,
	.usual = 1,
	.items = apply,
};
