/* What every reader of tables needs done at the end: one column becomes the
 * target, some are left out, the rest are features.
 *
 * All that could make learning fail or mislead later is refused here, by name
 * and row: a target that is missing in places, constant or not of the task's
 * kind, infinite numbers, no features.
 */
#include "datasets/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/roles.h"
#include "harness/base/suggest.h"

/* A numeric class target with more values than this is surely a regression. */
#define NUMERIC_CLASSES_MAX 1000
#define NUMBER_SIZE	    24

/* Column number of a name, or ERR_CONFIG with the nearest name there is. */
static int find_column(const struct table *t, const char *what, const char *name,
		       size_t *at, struct arena *a, struct error *err)
{
	const char **names;
	char hint[128];

	for (*at = 0; *at < t->cols; ++*at)
		if (!strcmp(t->columns[*at].name, name))
			return 0;
	names = ARENA_RAW(a, const char *, t->cols);
	if (!names)
		return arena_error(a, err);
	for (size_t j = 0; j < t->cols; j++)
		names[j] = t->columns[j].name;
	return error_set(err, ERR_CONFIG, "%s: no column '%s'%s", what, name,
			 suggest_text(name, names, t->cols, hint, sizeof(hint)));
}

/* Group, time and fold say where a row belongs, which is no feature of it. */
static int mark_roles(const struct table *t, const struct source *src, size_t target,
		      bool *left_out, struct arena *a, struct error *err)
{
	const char *names[3];
	size_t n = roles_columns(src, names), j;

	for (size_t k = 0; k < n; k++) {
		if (find_column(t, "split", names[k], &j, a, err))
			return err->code;
		if (j == target)
			return error_set(err, ERR_CONFIG, "the target '%s' cannot be the "
					 "group, time or fold, too", names[k]);
		left_out[j] = true;
	}
	return 0;
}

/* Mark the columns that are no features: the target and those to drop. */
static int mark_left_out(const struct table *t, const struct source *src, size_t target,
			 bool *left_out, struct arena *a, struct error *err)
{
	size_t j;

	for (size_t k = 0; k < src->n_drop; k++) {
		if (find_column(t, "drop", src->drop[k], &j, a, err))
			return err->code;
		if (j == target)
			return error_set(err, ERR_CONFIG,
					 "the target '%s' cannot be dropped",
					 src->target);
		left_out[j] = true;
	}
	left_out[target] = true;
	return mark_roles(t, src, target, left_out, a, err);
}

/* Infinite cells would poison scaling, distances and sums far from here, where
 * nobody could tell any more which cell it was. */
static int check_finite(const struct column *c, const float *cell, size_t rows,
			struct error *err)
{
	for (size_t i = 0; i < rows; i++)
		if (isinf(cell[i]))
			return error_set(err, ERR_DATA,
					 "column '%s', row %zu: an infinite value",
					 c->name, i + 1);
	return 0;
}

/* Everything not left out, in the order of the file. Cells are shared with the
 * table, not copied: tables can be large. */
static int take_features(const struct table *t, const bool *left_out, struct arena *a,
			 struct items *out, struct error *err)
{
	struct column *columns = ARENA_NEW(a, struct column, t->cols);
	const float **cell = ARENA_NEW(a, const float *, t->cols);

	if (!columns || !cell)
		return arena_error(a, err);
	out->cols = 0;
	for (size_t j = 0; j < t->cols; j++) {
		if (left_out[j])
			continue;
		if (check_finite(&t->columns[j], t->cell[j], t->rows, err))
			return err->code;
		columns[out->cols] = t->columns[j];
		cell[out->cols++] = t->cell[j];
	}
	if (!out->cols)
		return error_set(err, ERR_DATA, "no column is left to learn from");
	out->columns = columns;
	out->cell = cell;
	return 0;
}

/* Rows without a target teach nothing and cannot be scored; which of them to
 * leave out is the user's choice, so they are an error that counts them. */
static int check_target(const struct column *c, const float *y, size_t n,
			struct error *err)
{
	size_t missing = 0, first = 0;

	for (size_t i = n; i-- > 0;)
		if (isnan(y[i])) {
			missing++;
			first = i + 1;
		}
	if (missing)
		return error_set(err, ERR_DATA,
				 "target '%s' is missing in %zu of %zu rows, "
				 "first in row %zu; remove these rows",
				 c->name, missing, n, first);
	return check_finite(c, y, n, err);
}

/* ---------------------------------------------------------------- classes */

/* A constant can be predicted without learning; most likely the wrong column. */
static int one_class(const struct column *c, struct error *err)
{
	return error_set(err, ERR_DATA,
			 "target '%s' has a single class: there is nothing to learn",
			 c->name);
}

/* Codes in the order of the levels; levels that no row has are left out. */
static int classes_of_levels(const struct column *c, const float *y, int32_t *label,
			     struct arena *a, struct items *out, struct error *err)
{
	int32_t *code = ARENA_NEW(a, int32_t, c->levels);
	const char **names = ARENA_RAW(a, const char *, c->levels);

	if (!code || !names)
		return arena_error(a, err);
	for (size_t i = 0; i < out->n; i++)
		code[(size_t)y[i]] = 1;
	for (size_t k = 0; k < c->levels; k++) {
		if (!code[k])
			continue;
		names[out->classes] = c->level_names[k];
		code[k] = (int32_t)out->classes++;
	}
	for (size_t i = 0; i < out->n; i++)
		label[i] = code[(size_t)y[i]];
	out->class_names = names;
	return 0;
}

/* For qsort and bsearch; there are no NaN among targets by now. */
static int by_value(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

/* Keep the first of each run of equal values; returns how many there are. */
static size_t unique(float *sorted, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!k || sorted[i] > sorted[k - 1])
			sorted[k++] = sorted[i];
	return k;
}

/* The shortest text that reads back as the same float. */
static void value_name(float x, char *text)
{
	for (int digits = 1; digits <= 9; digits++) {
		snprintf(text, NUMBER_SIZE, "%.*g", digits, (double)x);
		if (strtof(text, NULL) >= x && strtof(text, NULL) <= x)
			return;
	}
}

/* Names for numeric classes, so that boards and predictions can show them. One
 * block for all: an allocation each would round up to 64 bytes. */
static int name_values(const float *value, size_t n, struct arena *a, struct items *out,
		       struct error *err)
{
	const char **names = ARENA_RAW(a, const char *, n);
	char *text = ARENA_RAW(a, char, n *NUMBER_SIZE);

	if (!names || !text)
		return arena_error(a, err);
	for (size_t k = 0; k < n; k++, text += NUMBER_SIZE) {
		value_name(value[k], text);
		names[k] = text;
	}
	out->class_names = names;
	return 0;
}

/* A numeric class target: its distinct values in ascending order. */
static int classes_of_values(const struct column *c, const float *y, int32_t *label,
			     struct arena *a, struct items *out, struct error *err)
{
	float *value = arena_copy(a, y, out->n * sizeof(*y));

	if (!value)
		return arena_error(a, err);
	qsort(value, out->n, sizeof(*value), by_value);
	out->classes = unique(value, out->n);
	if (out->classes > NUMERIC_CLASSES_MAX)
		return error_set(err, ERR_DATA,
				 "target '%s' has %zu distinct numbers: is the "
				 "task regression?",
				 c->name, out->classes);
	for (size_t i = 0; i < out->n; i++) {
		const float *at =
			bsearch(&y[i], value, out->classes, sizeof(*value), by_value);

		label[i] = (int32_t)(at - value);
	}
	return name_values(value, out->classes, a, out, err);
}

/* Both kinds of columns may hold classes: 0/1 and 1..k are as common as names. */
static int take_classes(const struct column *c, const float *y, struct arena *a,
			struct items *out, struct error *err)
{
	int32_t *label = ARENA_RAW(a, int32_t, out->n);
	int rc;

	if (!label)
		return arena_error(a, err);
	rc = c->is_cat ? classes_of_levels(c, y, label, a, out, err)
		       : classes_of_values(c, y, label, a, out, err);
	if (!rc && out->classes < 2)
		rc = one_class(c, err);
	out->label = label;
	return rc;
}

/* ---------------------------------------------------------------- numbers */

/* A copy even without the logarithm: the table belongs to its reader, and the
 * items should not change when somebody reads the table again. The logarithm is
 * taken in double, as the natural units may span many powers of ten. */
static int take_numbers(const struct column *c, const float *y, bool log_target,
			struct arena *a, struct items *out, struct error *err)
{
	float *target = arena_copy(a, y, out->n * sizeof(*y));

	if (!target)
		return arena_error(a, err);
	if (c->is_cat)
		return error_set(err, ERR_DATA,
				 "target '%s' is text, regression needs a number",
				 c->name);
	for (size_t i = 0; log_target && i < out->n; i++) {
		if (y[i] <= 0)
			return error_set(err, ERR_DATA,
					 "target '%s', row %zu: %g has no logarithm",
					 c->name, i + 1, (double)y[i]);
		target[i] = (float)log((double)y[i]);
	}
	out->target = target;
	return 0;
}

/* Names are checked first, so that a typing error is reported before anything
 * that the data may have wrong. */
int table_to_items(const struct table *t, const struct source *src, struct arena *a,
		   struct items *out, struct error *err)
{
	bool *left_out = ARENA_NEW(a, bool, t->cols);
	const struct column *c;
	size_t target;

	*out = (struct items){ .modality = MODALITY_TABULAR,
			       .task = src->task,
			       .n = t->rows };
	if (!left_out)
		return arena_error(a, err);
	if (!src->target)
		return error_set(err, ERR_CONFIG, "no target column is named");
	if (find_column(t, "target", src->target, &target, a, err) ||
	    mark_left_out(t, src, target, left_out, a, err))
		return err->code;
	if (!t->rows)
		return error_set(err, ERR_DATA, "no rows");
	c = &t->columns[target];
	if (take_features(t, left_out, a, out, err) ||
	    check_target(c, t->cell[target], t->rows, err) ||
	    roles_fill(t, src, a, out, err))
		return err->code;
	if (src->task == TASK_CLASSIFICATION)
		return take_classes(c, t->cell[target], a, out, err);
	return take_numbers(c, t->cell[target], src->log_target, a, out, err);
}
