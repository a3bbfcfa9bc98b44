/* From targets and weights to integers. The scales follow from the sums of what
 * is scaled, so that every sum over rows fits its integer, and a step of a
 * target is 2^-56 of that sum: finer than the float it came as unless the table
 * has a billion rows. */
#include "learners/forest/truth.h"

#include <math.h>

#include "learners/gbdt/weights.h"

static double weight_of(const struct part *p, size_t row)
{
	return p->weight ? (double)p->weight[row] : 1;
}

/* A weight as a whole number: at least 1, so that a light row is not lost. */
static uint32_t whole(double weight, double unit)
{
	return weight > 0 ? (uint32_t)fmax(weight / unit + 0.5, 1) : 0;
}

/* `factor` by class, or NULL. */
static int make_weights(struct truth *t, const struct part *p,
			const double *factor, struct error *err)
{
	double sum = 0;

	t->weight_unit = 1;
	for (size_t i = 0; i < t->rows; i++)
		sum += weight_of(p, i) * (factor ? factor[p->label[i]] : 1);
	if (p->weight || factor)
		t->weight_unit = sum / TRUTH_WEIGHTS;
	for (size_t i = 0; i < t->rows; i++) {
		double w = weight_of(p, i) * (factor ? factor[p->label[i]] : 1);

		t->weight[i] = whole(w, t->weight_unit);
		t->total += t->weight[i];
	}
	return t->total ? 0 : error_set(err, ERR_DATA, "no row has a weight");
}

/* Around the mean, or sums of large targets would drown their differences. */
static int scale_targets(struct truth *t, const struct part *p, struct error *err)
{
	double sum = 0, spread = 0;

	for (size_t i = 0; i < t->rows; i++) {
		if (!t->weight[i])
			continue;
		if (!isfinite(p->target[i]))
			return error_set(err, ERR_DATA, "the target of row %zu "
					 "is not a finite number; drop the row",
					 i + 1);
		sum += t->weight[i] * (double)p->target[i];
	}
	t->centre = sum / (double)t->total;
	for (size_t i = 0; i < t->rows; i++)
		if (t->weight[i])
			spread += t->weight[i] *
				  fabs((double)p->target[i] - t->centre);
	t->unit = spread > 0 ? spread / TRUTH_VALUES : 1;
	for (size_t i = 0; i < t->rows; i++)
		if (t->weight[i])
			t->value[i] = llrint(((double)p->target[i] -
					      t->centre) / t->unit);
	return 0;
}

int truth_make(struct truth *t, const struct dataset *data,
	       const struct part *part, bool balanced, struct arena *a,
	       struct error *err)
{
	double *factor = NULL;
	size_t zeros;

	*t = (struct truth){ .rows = part->rows, .label = part->label,
			     .classes = data->classes, .unit = 1 };
	if (data->task == TASK_REGRESSION)
		t->classes = 0;
	t->outputs = t->classes > 2 ? t->classes : 1;
	t->weight = ARENA_NEW(a, uint32_t, t->rows);
	if (t->outputs == 1)
		t->value = ARENA_NEW(a, int64_t, t->rows);
	if (balanced && t->classes)
		factor = ARENA_NEW(a, double, t->classes);
	if (!t->weight || (t->outputs == 1 && !t->value) ||
	    (balanced && t->classes && !factor))
		return arena_error(a, err);
	if (weights_check(part, "training", &zeros, err))
		return err->code;
	if (factor)
		weights_balance(part, t->classes, factor);
	if (make_weights(t, part, factor, err))
		return err->code;
	if (!t->classes)
		return scale_targets(t, part, err);
	for (size_t i = 0; t->value && i < t->rows; i++)
		t->value[i] = t->label[i];
	return 0;
}
