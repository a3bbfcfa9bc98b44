/* Groups, folds and times come out of a table as the split wants them. */
#include "datasets/roles.h"

#include <math.h>
#include <string.h>

#include "datasets/levels.h"

/* In a fixed order, though nothing depends on it. */
size_t roles_columns(const struct source *src, const char *out[3])
{
	size_t n = 0;

	if (src->group)
		out[n++] = src->group;
	if (src->time)
		out[n++] = src->time;
	if (src->fold)
		out[n++] = src->fold;
	return n;
}

/* These names are not guessed at: the catalogue or a person gave them. */
static int find(const struct table *t, const char *role, const char *name, size_t *at,
		struct error *err)
{
	for (*at = 0; *at < t->cols; ++*at)
		if (!strcmp(t->columns[*at].name, name))
			return 0;
	return error_set(err, ERR_CONFIG, "%s: no column '%s'", role, name);
}

/* A row that belongs nowhere cannot be put anywhere. */
static int check_holes(const struct table *t, size_t j, const char *role,
		       struct error *err)
{
	for (size_t i = 0; i < t->rows; i++)
		if (isnan(t->cell[j][i]))
			return error_set(err, ERR_DATA, "%s column '%s', row %zu: missing",
					 role, t->columns[j].name, i + 1);
	return 0;
}

/* Distinct values as 0, 1 ... by their bytes, in the order of the rows: floats
 * that are the same number have the same bytes, but for the sign of zero. */
static int number_values(const struct table *t, const char *role, const char *name,
			 struct arena *a, const uint32_t **out, struct error *err)
{
	uint32_t *code = ARENA_RAW(a, uint32_t, t->rows);
	float *value = ARENA_RAW(a, float, t->rows);
	struct levels known;
	size_t j;

	if (!code || !value)
		return arena_error(a, err);
	if (find(t, role, name, &j, err) || check_holes(t, j, role, err))
		return (int)err->code;
	levels_init(&known, a);
	for (size_t i = 0; i < t->rows; i++) {
		value[i] = t->cell[j][i] + 0.0f;
		if (levels_add(&known, (const char *)&value[i], sizeof(float), &code[i], err))
			return (int)err->code;
	}
	*out = code;
	return 0;
}

/* Texts are refused: their codes follow the alphabet, not the calendar. */
static int read_times(const struct table *t, const char *name, struct arena *a,
		      const double **out, struct error *err)
{
	double *time = ARENA_RAW(a, double, t->rows);
	size_t j;

	if (!time)
		return arena_error(a, err);
	if (find(t, "time", name, &j, err) || check_holes(t, j, "time", err))
		return (int)err->code;
	if (t->columns[j].is_cat)
		return error_set(err, ERR_DATA, "time: '%s' is text, a number is needed", name);
	for (size_t i = 0; i < t->rows; i++)
		time[i] = (double)t->cell[j][i];
	*out = time;
	return 0;
}

/* Each on its own; a data set rarely has two. */
int roles_fill(const struct table *t, const struct source *src, struct arena *a,
	       struct items *out, struct error *err)
{
	int rc = 0;

	if (src->group)
		rc = number_values(t, "group", src->group, a, &out->group, err);
	if (!rc && src->fold)
		rc = number_values(t, "fold", src->fold, a, &out->fold, err);
	if (!rc && src->time)
		rc = read_times(t, src->time, a, &out->time, err);
	return rc;
}
