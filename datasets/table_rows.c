/* A hole in the target is an error by default, as which rows to leave out is the
 * choice of whoever defines the task; the catalogue makes it with an option, and
 * its counts of rows say how many were left.
 *
 * Official parts by number of rows are for sets whose authors put the test rows
 * after the training rows in one table.
 */
#include "datasets/table_rows.h"

#include <math.h>
#include <string.h>

/* "error" may be written down to say that the default was a decision. */
int table_rows_option(const struct source *src, bool *drop, struct error *err)
{
	const char *word = NULL;

	*drop = false;
	if (yaml_get_string(src->options, "missing_target", &word, err))
		return err->code;
	if (!word || !strcmp(word, "error"))
		return 0;
	if (strcmp(word, "drop"))
		return yaml_error(yaml_get(src->options, "missing_target"), err,
				  "'%s' is not drop or error", word);
	*drop = true;
	return 0;
}

/* How many rows have a target. */
static size_t count_targets(const float *y, size_t rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows; i++)
		n += isnan(y[i]) ? 0 : 1;
	return n;
}

/* The cells of one column whose row has a target. Not in place: columns that
 * were dropped by name may share one array of blanks. */
static float *keep_cells(const float *cell, const float *y, size_t rows, size_t kept,
			 struct arena *a)
{
	float *out = ARENA_RAW(a, float, kept);
	size_t n = 0;

	for (size_t i = 0; out && i < rows; i++)
		if (!isnan(y[i]))
			out[n++] = cell[i];
	return out;
}

/* A table without holes is left alone, so that mapped columns are not copied.
 * The target's own column is among those that are cut, hence the count
 * before. */
int table_rows_with_target(struct table *t, const char *target, struct arena *a,
			   struct error *err)
{
	const float *y;
	float **cell;
	size_t at, kept;

	if (!target) /* table_to_items says so */
		return 0;
	if (table_find(t, "target", target, &at, a, err))
		return err->code;
	y = t->cell[at];
	kept = count_targets(y, t->rows);
	if (kept == t->rows)
		return 0;
	cell = ARENA_RAW(a, float *, t->cols);
	for (size_t j = 0; cell && j < t->cols; j++) {
		cell[j] = keep_cells(t->cell[j], y, t->rows, kept, a);
		if (!cell[j])
			return arena_error(a, err);
	}
	if (!cell)
		return arena_error(a, err);
	t->cell = cell;
	t->rows = kept;
	return 0;
}

/* At least one row is left for the test part: the option's upper bound is n -
 * 1. */
int table_rows_official(const struct source *src, struct arena *a, struct items *out,
			struct error *err)
{
	int64_t train = 0;
	uint8_t *official;

	if (yaml_get_int(src->options, "train_rows", 1, (int64_t)out->n - 1, &train, err))
		return err->code;
	if (!train)
		return 0;
	official = ARENA_RAW(a, uint8_t, out->n);
	if (!official)
		return arena_error(a, err);
	for (size_t i = 0; i < out->n; i++)
		official[i] = i < (size_t)train ? OFFICIAL_TRAIN : OFFICIAL_TEST;
	out->official = official;
	return 0;
}
