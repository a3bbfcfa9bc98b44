/* What every reader of tables needs done at the end: one column becomes the
 * target, some are left out, the rest are features.
 *
 * All that could make learning fail or mislead later is refused here, by name
 * and row: a target that is missing in places, constant or not of the task's
 * kind, infinite numbers, no features.
 */
#include "datasets/table.h"

#include <math.h>
#include <string.h>

#include "datasets/table_roles.h"
#include "datasets/values.h"
#include "harness/base/suggest.h"

/* A numeric class target with more values than this is surely a regression. */
#define NUMERIC_CLASSES_MAX 1000

/* A dozen look-ups a table: a search in order is enough. */
int table_find(const struct table *t, const char *what, const char *name, size_t *at,
	       struct arena *a, struct error *err)
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

/* Mark the columns that are no features: the target and those to drop. */
static int mark_left_out(const struct table *t, const struct source *src, size_t target,
			 bool *left_out, struct arena *a, struct error *err)
{
	size_t j;

	for (size_t k = 0; k < src->n_drop; k++) {
		if (table_find(t, "drop", src->drop[k], &j, a, err))
			return err->code;
		if (j == target)
			return error_set(err, ERR_CONFIG,
					 "the target '%s' cannot be dropped",
					 src->target);
		left_out[j] = true;
	}
	left_out[target] = true;
	return 0;
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

/* A numeric class target: its distinct values in ascending order, named as they
 * are written, so that boards and predictions can show them. */
static int classes_of_values(const struct column *c, const float *y, int32_t *label,
			     struct arena *a, struct items *out, struct error *err)
{
	struct values v;

	if (values_of(&v, y, out->n, a, err))
		return err->code;
	if (v.n > NUMERIC_CLASSES_MAX)
		return error_set(err, ERR_DATA,
				 "target '%s' has %zu distinct numbers: is the "
				 "task regression?",
				 c->name, v.n);
	for (size_t i = 0; i < out->n; i++)
		label[i] = (int32_t)values_find(&v, y[i]);
	out->classes = v.n;
	return values_names(&v, a, &out->class_names, err);
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

/* One of two kinds of target, by the task. */
int table_target(const struct column *c, const float *y, bool log_target,
		 struct arena *a, struct items *out, struct error *err)
{
	if (check_target(c, y, out->n, err))
		return err->code;
	return out->task == TASK_CLASSIFICATION
		       ? take_classes(c, y, a, out, err)
		       : take_numbers(c, y, log_target, a, out, err);
}

/* Names are checked first, so that a typing error is reported before anything
 * that the data may have wrong. */
int table_to_items(const struct table *given, const struct source *src, struct arena *a,
		   struct items *out, struct error *err)
{
	bool *left_out = ARENA_NEW(a, bool, given->cols);
	struct table t = *given;
	struct table_roles roles;
	size_t target;

	*out = (struct items){ .modality = MODALITY_TABULAR,
			       .task = src->task,
			       .n = t.rows };
	if (!left_out)
		return arena_error(a, err);
	if (!src->target)
		return error_set(err, ERR_CONFIG, "no target column is named");
	if (table_find(&t, "target", src->target, &target, a, err) ||
	    mark_left_out(&t, src, target, left_out, a, err) ||
	    table_roles_find(&t, src, target, &roles, left_out, a, err))
		return err->code;
	if (!t.rows)
		return error_set(err, ERR_DATA, "no rows");
	if (table_categorical(&t, src, a, err) ||
	    take_features(&t, left_out, a, out, err) ||
	    table_roles_take(&t, &roles, a, out, err))
		return err->code;
	return table_target(&t.columns[target], t.cell[target], src->log_target, a, out,
			    err);
}
