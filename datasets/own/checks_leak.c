/* A column that alone predicts the target is most often the target under another
 * name, or something that is known only once the target is.
 *
 * Each column is cut into bins, levels as they are and numbers at quantiles, and
 * a bin predicts the majority or mean of its training rows: a tree of one column
 * (OneR, Holte 1993, with folds so that many levels do not help by themselves). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/own/checks.h"
#include "harness/base/rng.h"

#define ROWS_MOST  20000
#define ROWS_LEAST 30
#define BINS_MOST  256
#define FOLDS	   5
#define SURE	   0.99 /* accuracy or R2 */
#define FAR	   0.95 /* accuracy of the majority: above it, SURE says little */

struct leak {
	const struct items *items;
	uint32_t *row;	/* (n) rows looked at, in random order */
	uint32_t *bin;	/* (n) of the column at hand */
	float *sorted;	/* (n) scratch */
	double *sum;	/* (bins, classes or 2): counts, or sum and number */
	size_t n, bins, width;
	size_t room; /* of sum, in bins */
	bool ordered; /* bins of numbers: the next one is alike */
};

/* Holes were left out before, so the order is total. */
static int by_value(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

/* How many of the ascending cuts lie below x: its bin. At most `cuts`, so that bins
 * are 0 .. cuts; equal to a cut is below it. */
static uint32_t bin_of(const float *cut, size_t cuts, float x)
{
	size_t low = 0, high = cuts;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (cut[mid] < x)
			low = mid + 1;
		else
			high = mid;
	}
	return (uint32_t)low;
}

/* Quantiles, each value once; few distinct values have a bin each. Holes have the
 * last one. */
static void bin_numbers(struct leak *l, const float *x)
{
	size_t there = 0, bins = l->n / 2 < BINS_MOST ? l->n / 2 : BINS_MOST, cuts = 0;
	float cut[BINS_MOST];

	for (size_t i = 0; i < l->n; i++)
		if (!isnan(x[l->row[i]]))
			l->sorted[there++] = x[l->row[i]];
	qsort(l->sorted, there, sizeof(*l->sorted), by_value);
	for (size_t k = 1; k < bins && there; k++) {
		float at = l->sorted[k * there / bins];

		if (!cuts || at > cut[cuts - 1])
			cut[cuts++] = at;
	}
	for (size_t i = 0; i < l->n; i++) {
		float v = x[l->row[i]];

		l->bin[i] = isnan(v) ? (uint32_t)cuts + 1 : bin_of(cut, cuts, v);
	}
	l->bins = cuts + 2;
	l->ordered = true;
}

/* The code is the bin; holes have one of their own, as being missing may tell. */
static void bin_levels(struct leak *l, const struct column *c, const float *x)
{
	for (size_t i = 0; i < l->n; i++) {
		float v = x[l->row[i]];

		l->bin[i] = isnan(v) ? (uint32_t)c->levels : (uint32_t)v;
	}
	l->bins = c->levels + 1;
	l->ordered = false;
}

/* The rows are in random order already. So every fifth row is of one fold: sizes
 * differ by one row at most. */
static bool in_fold(size_t i, size_t fold)
{
	return i % FOLDS == fold;
}

/* Has the bin a training row? */
static bool is_taught(const struct leak *l, size_t bin)
{
	const double *s = l->sum + bin * l->width;

	if (!l->items->label)
		return s[1] > 0;
	for (size_t c = 0; c < l->width; c++)
		if (s[c] > 0)
			return true;
	return false;
}

/* What stands for a bin: itself, or of numbers the nearest below that is taught.
 * Levels have no neighbours, so an untaught one predicts class 0 or the overall mean. */
static const double *teacher(const struct leak *l, size_t bin)
{
	size_t at = bin;

	while (l->ordered && at && !is_taught(l, at))
		at--;
	return l->sum + at * l->width;
}

/* ---------------------------------------------------------------- classes */

/* The class with the most training rows in the bin; an empty bin has class 0. */
static size_t majority(const double *count, size_t classes)
{
	size_t best = 0;

	for (size_t c = 1; c < classes; c++)
		if (count[c] > count[best])
			best = c;
	return best;
}

/* Correct rows of a fold when the others teach. */
static size_t correct(struct leak *l, size_t fold)
{
	const int32_t *label = l->items->label;
	size_t right = 0;

	memset(l->sum, 0, l->bins * l->width * sizeof(*l->sum));
	for (size_t i = 0; i < l->n; i++)
		if (!in_fold(i, fold))
			l->sum[l->bin[i] * l->width + (size_t)label[l->row[i]]]++;
	for (size_t i = 0; i < l->n; i++)
		if (in_fold(i, fold))
			right += majority(teacher(l, l->bin[i]), l->width) ==
				 (size_t)label[l->row[i]];
	return right;
}

/* Each row is judged once, by a table that has not seen it. */
static double accuracy(struct leak *l)
{
	size_t right = 0;

	for (size_t f = 0; f < FOLDS; f++)
		right += correct(l, f);
	return (double)right / (double)l->n;
}

/* ---------------------------------------------------------------- numbers */

/* Squared error of a fold by the means of the bins; the overall mean where a bin
 * has no training row. */
static double squared_error(struct leak *l, size_t fold, double mean)
{
	const float *y = l->items->target;
	double error = 0;

	memset(l->sum, 0, l->bins * l->width * sizeof(*l->sum));
	for (size_t i = 0; i < l->n; i++) {
		double *s = l->sum + l->bin[i] * l->width;

		s[0] += in_fold(i, fold) ? 0 : (double)y[l->row[i]];
		s[1] += !in_fold(i, fold);
	}
	for (size_t i = 0; i < l->n; i++) {
		const double *s = teacher(l, l->bin[i]);
		double d = (double)y[l->row[i]] - (s[1] > 0 ? s[0] / s[1] : mean);

		error += in_fold(i, fold) ? d * d : 0;
	}
	return error;
}

/* Against the mean of all rows, as the metric of the program has it. A target without
 * spread has 0 here: checks_target has told of it already. */
static double r_squared(struct leak *l)
{
	const float *y = l->items->target;
	double mean = 0, all = 0, error = 0;

	for (size_t i = 0; i < l->n; i++)
		mean += (double)y[l->row[i]] / (double)l->n;
	for (size_t i = 0; i < l->n; i++)
		all += ((double)y[l->row[i]] - mean) * ((double)y[l->row[i]] - mean);
	for (size_t f = 0; f < FOLDS; f++)
		error += squared_error(l, f, mean);
	return all > 0 ? 1 - error / all : 0;
}

/* ---------------------------------------------------------------- all */

/* The share of the largest class: what a column must beat by far. By the same folds as
 * the columns have, so that the two compare. A regression has none: R2 is 0 for the
 * mean by its definition. */
static double baseline(struct leak *l)
{
	memset(l->bin, 0, l->n * sizeof(*l->bin));
	l->bins = 1;
	return l->items->label ? accuracy(l) : 0;
}

/* A random part of the rows: their order may mean something. `room` is for the widest
 * column that is worth it, made once. The seed is fixed: the same file must have the
 * same notes each time it is looked at. */
static int begin(struct leak *l, struct arena *a, struct error *err)
{
	const struct items *items = l->items;
	size_t levels = 0;

	for (size_t j = 0; j < items->cols; j++)
		if (items->columns[j].is_cat && 2 * items->columns[j].levels < items->n &&
		    items->columns[j].levels > levels)
			levels = items->columns[j].levels;
	l->room = (levels > BINS_MOST ? levels : BINS_MOST) + 2;
	l->width = items->label ? items->classes : 2;
	l->n = items->n < ROWS_MOST ? items->n : ROWS_MOST;
	l->row = ARENA_RAW(a, uint32_t, items->n);
	l->bin = ARENA_RAW(a, uint32_t, l->n);
	l->sorted = ARENA_RAW(a, float, l->n);
	l->sum = ARENA_RAW(a, double, l->room * l->width);
	if (!l->row || !l->bin || !l->sorted || !l->sum)
		return arena_error(a, err);
	rng_permutation(rng_make(0, "checks/leak"), items->n, l->row);
	return 0;
}

/* Levels beyond half the rows teach nothing across folds, and would cost much. By the
 * rows that are looked at, which may be fewer than there are. */
static bool worth_it(const struct leak *l, const struct column *c)
{
	return !c->is_cat || 2 * c->levels < l->n;
}

/* Only what is nearly certain is told: a good feature must not look like a fault. R2
 * and accuracy share one threshold, since both are 1 when nothing is left to learn. */
static void judge(struct leak *l, size_t j, struct notes *out)
{
	const struct column *c = &l->items->columns[j];
	double score;

	if (!worth_it(l, c))
		return;
	if (c->is_cat)
		bin_levels(l, c, l->items->cell[j]);
	else
		bin_numbers(l, l->items->cell[j]);
	score = l->items->label ? accuracy(l) : r_squared(l);
	if (score >= SURE)
		notes_add(out, NOTE_WARNING, "column '%s' alone predicts the target (%s %.3f): "
			  "if it is known only together with the target, drop=%s leaves it out",
			  c->name, l->items->label ? "accuracy" : "R2", score, c->name);
}

/* Below 30 rows chance alone finds such columns, and classes by the thousand make the
 * tables large. A fit of one column at a time cannot see a leak that takes two; such a
 * check would cost the square of the columns. */
int checks_leak(const struct items *items, struct arena *a, struct notes *out,
		struct error *err)
{
	struct arena_mark mark = arena_mark(a);
	struct leak l = { .items = items };

	if (items->modality != MODALITY_TABULAR || items->n < ROWS_LEAST ||
	    (items->label && items->classes > 1000))
		return 0;
	if (begin(&l, a, err))
		return (int)err->code;
	if (baseline(&l) < FAR)
		for (size_t j = 0; j < items->cols; j++)
			judge(&l, j, out);
	arena_rewind(a, mark);
	return 0;
}
