/* Checked, then thinned, then multiplied: each step makes a copy only of what it
 * changes, so that data without weights pass through as they are.
 */
#include "learners/gbdt/weights.h"

#include <math.h>
#include <string.h>

int weights_check(const struct part *p, const char *what, size_t *zeros,
		  struct error *err)
{
	*zeros = 0;
	for (size_t i = 0; p->weight && i < p->rows; i++) {
		if (!(p->weight[i] >= 0) || isinf(p->weight[i]))
			return error_set(err, ERR_DATA,
					 "the weight of %s row %zu is %g; "
					 "weights are finite and not negative",
					 what, i + 1, (double)p->weight[i]);
		*zeros += p->weight[i] == 0;
	}
	return 0;
}

/* ---------------------------------------------------------------- thinning */

/* Entries of the rows that weigh something, `size` bytes each, side by side;
 * `from` NULL: nothing to do. False when out of memory. */
static bool thin(const struct part *p, const void *from, size_t size, size_t left,
		 struct arena *a, const void **to)
{
	char *out;

	if (!from)
		return true;
	out = arena_alloc_raw(a, left, size);
	if (!out)
		return false;
	*to = out;
	for (size_t i = 0; i < p->rows; i++) {
		if (p->weight[i] == 0)
			continue;
		memcpy(out, (const char *)from + i * size, size);
		out += size;
	}
	return true;
}

/* The same where rows have entries of their own: sparse ones. */
static bool thin_entries(const struct part *p, size_t left, struct arena *a,
			 struct part *out)
{
	uint64_t *start, at = 0;
	size_t entries = 0, k = 0;
	uint32_t *index;
	float *value = NULL;

	for (size_t i = 0; i < p->rows; i++)
		if (p->weight[i] > 0)
			entries += p->row_start[i + 1] - p->row_start[i];
	start = ARENA_RAW(a, uint64_t, left + 1);
	index = ARENA_RAW(a, uint32_t, entries);
	if (p->value)
		value = ARENA_RAW(a, float, entries);
	if (!start || !index || (p->value && !value))
		return false;
	for (size_t i = 0; i < p->rows; i++) {
		uint64_t from = p->row_start[i], n = p->row_start[i + 1] - from;

		if (p->weight[i] == 0)
			continue;
		memcpy(index + at, p->index + from, n * sizeof(*index));
		if (value)
			memcpy(value + at, p->value + from, n * sizeof(*value));
		start[k++] = at;
		at += n;
	}
	start[k] = at;
	out->row_start = start;
	out->index = index;
	out->value = value;
	return true;
}

/* The same part without the rows of weight 0. */
static bool drop_zeros(struct part *p, size_t cols, size_t zeros, struct arena *a)
{
	struct part out = *p;
	size_t left = p->rows - zeros;

#define THIN(field, count)                                            \
	thin(p, p->field, (count) * sizeof(*p->field), left, a,       \
	     (const void **)&out.field)
	if (!THIN(x, cols) || !THIN(label, 1) || !THIN(target, 1) ||
	    !THIN(weight, 1) || !THIN(group, 1) || !THIN(item, 1) ||
	    (p->row_start && !thin_entries(p, left, a, &out)))
		return false;
#undef THIN
	out.rows = left;
	*p = out;
	return true;
}

/* ---------------------------------------------------------------- classes */

void weights_balance(const struct part *p, size_t classes, double *factor)
{
	double all = 0, present = 0;

	for (size_t i = 0; i < p->rows; i++) {
		double w = p->weight ? (double)p->weight[i] : 1.0;

		factor[p->label[i]] += w;
		all += w;
	}
	for (size_t c = 0; c < classes; c++)
		present += factor[c] > 0;
	for (size_t c = 0; c < classes; c++)
		factor[c] = factor[c] > 0 ? all / (present * factor[c]) : 1;
}

/* factor[c] = what the weights of class c are multiplied by. */
static void class_factors(const struct gbdt_config *config,
			  const struct dataset *data, double *factor)
{
	if (config->class_weight == WEIGHTS_BALANCED)
		weights_balance(&data->train, data->classes, factor);
	else
		for (size_t c = 0; c < data->classes; c++)
			factor[c] = 1;
	if (data->classes == 2)
		factor[1] *= config->positive_weight;
}

static bool multiply(struct part *p, const double *factor, struct arena *a)
{
	float *weight = ARENA_RAW(a, float, p->rows);

	if (!weight)
		return false;
	for (size_t i = 0; i < p->rows; i++)
		weight[i] = (float)(factor[p->label[i]] *
				    (p->weight ? (double)p->weight[i] : 1.0));
	p->weight = weight;
	return true;
}

static int weigh_classes(const struct gbdt_config *config, struct dataset *data,
			 struct arena *a, struct error *err)
{
	double *factor;

	if (config->class_weight == WEIGHTS_AS_GIVEN && config->positive_weight == 1)
		return 0;
	if (data->task != TASK_CLASSIFICATION)
		return error_set(err, ERR_CONFIG, "class_weight and "
				 "positive_weight are for classification");
	if (config->positive_weight != 1 && data->classes != 2)
		return error_set(err, ERR_CONFIG, "positive_weight is for two "
				 "classes, and there are %zu", data->classes);
	factor = ARENA_NEW(a, double, data->classes);
	if (!factor)
		return arena_error(a, err);
	class_factors(config, data, factor);
	if (!multiply(&data->train, factor, a) || !multiply(&data->valid, factor, a))
		return arena_error(a, err);
	return 0;
}

int weights_apply(const struct gbdt_config *config, const struct dataset *data,
		  struct dataset *out, struct arena *a, struct error *err)
{
	size_t train, valid;

	*out = *data;
	if (weights_check(&data->train, "training", &train, err) ||
	    weights_check(&data->valid, "validation", &valid, err))
		return err->code;
	if (train && train == data->train.rows)
		return error_set(err, ERR_DATA,
				 "all training rows have weight 0");
	if ((train && !drop_zeros(&out->train, data->cols, train, a)) ||
	    (valid && !drop_zeros(&out->valid, data->cols, valid, a)))
		return arena_error(a, err);
	return weigh_classes(config, out, a, err);
}
