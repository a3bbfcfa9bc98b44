/* Groups and folds are numbered by what their columns hold, never by where a row
 * stands, as far as a split depends on it: folds in the order of their values,
 * groups by first appearance, which names them and decides nothing. */
#include "datasets/table_roles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/levels.h"
#include "datasets/values.h"

/* ---------------------------------------------------------------- names */

/* A column with a role; the target would be known from it. */
static int find_role(const struct table *t, const char *what, const char *name,
		     size_t target, size_t *at, struct arena *a, struct error *err)
{
	if (table_find(t, what, name, at, a, err))
		return err->code;
	if (*at == target)
		return error_set(err, ERR_CONFIG, "%s: '%s' is the target", what, name);
	return 0;
}

/* Exact: table_find would report an absent name as an error. */
static bool has_column(const struct table *t, const char *name)
{
	for (size_t j = 0; j < t->cols; j++)
		if (!strcmp(t->columns[j].name, name))
			return true;
	return false;
}

/* "name+year" is two columns, unless one is called that. The copy of the names
 * is cut at each '+'. */
static int find_group(const struct table *t, const char *names, size_t target,
		      struct table_roles *out, struct arena *a, struct error *err)
{
	bool whole = has_column(t, names);
	char *copy = arena_strdup(a, names), *next;
	size_t most = 1;

	for (const char *c = names; *c; c++)
		most += *c == '+';
	out->group = ARENA_NEW(a, size_t, most);
	if (!copy || !out->group)
		return arena_error(a, err);
	for (char *name = copy; name; name = next) {
		next = whole ? NULL : strchr(name, '+');
		if (next)
			*next++ = '\0';
		if (find_role(t, "group", name, target, &out->group[out->n_group++], a,
			      err))
			return err->code;
	}
	return 0;
}

/* Roles are looked up before columns leave, by their places in the whole
 * table; time is not left out, as a trend is a feature. */
int table_roles_find(const struct table *t, const struct source *src, size_t target,
		     struct table_roles *out, bool *left_out, struct arena *a,
		     struct error *err)
{
	*out = (struct table_roles){ .fold = SIZE_MAX, .time = SIZE_MAX };
	if ((src->group && find_group(t, src->group, target, out, a, err)) ||
	    (src->fold && find_role(t, "fold", src->fold, target, &out->fold, a, err)) ||
	    (src->time && find_role(t, "time", src->time, target, &out->time, a, err)))
		return err->code;
	for (size_t k = 0; k < out->n_group; k++)
		left_out[out->group[k]] = true;
	if (src->fold)
		left_out[out->fold] = true;
	return 0;
}

/* ---------------------------------------------------------------- cells */

/* Holes are counted, so that one sees whether it is a slip or the column. */
static int check_whole(const struct table *t, const char *what, size_t j,
		       struct error *err)
{
	size_t missing = 0, first = 0;

	for (size_t i = t->rows; i-- > 0;)
		if (!isfinite(t->cell[j][i])) {
			missing++;
			first = i + 1;
		}
	if (missing)
		return error_set(err, ERR_DATA,
				 "%s: '%s' is missing or infinite in %zu of %zu rows, "
				 "first in row %zu",
				 what, t->columns[j].name, missing, t->rows, first);
	return 0;
}

/* A row and what it is grouped by so far. */
struct keyed {
	uint32_t before; /* its number by the columns before */
	float value;
	uint32_t row;
};

/* Rows of one key stand together then, in their own order. */
static int by_key(const void *pa, const void *pb)
{
	const struct keyed *a = pa, *b = pb;

	if (a->before != b->before)
		return a->before < b->before ? -1 : 1;
	if (a->value < b->value || a->value > b->value)
		return a->value < b->value ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* Split each group further by one more column: rows are sorted by group and
 * value, and each run gets the number of its first row, which is below n. */
static void refine(struct keyed *key, const float *cell, uint32_t *group, size_t n)
{
	for (size_t i = 0; i < n; i++)
		key[i] = (struct keyed){ .before = group[i],
					 .value = cell[i],
					 .row = (uint32_t)i };
	qsort(key, n, sizeof(*key), by_key);
	for (size_t i = 0; i < n; i++) {
		const struct keyed *last = &key[i ? i - 1 : 0];
		bool same = i && last->before == key[i].before &&
			    !(last->value < key[i].value);

		group[key[i].row] = same ? group[last->row] : key[i].row;
	}
}

/* First rows -> 0, 1, 2 ... in order of appearance. A group's first row comes
 * before all others of it, so one pass is enough; `order` is scratch (n). */
static void renumber(uint32_t *group, uint32_t *order, size_t n)
{
	uint32_t groups = 0;

	for (size_t i = 0; i < n; i++) {
		if (group[i] == i)
			order[i] = groups++;
		group[i] = order[group[i]];
	}
}

/* Columns refine each other one by one, so that any number of them needs room
 * for one key a row; the number of groups never passes that of rows. */
static int take_group(const struct table *t, const struct table_roles *roles,
		      struct arena *a, struct items *out, struct error *err)
{
	uint32_t *group = ARENA_NEW(a, uint32_t, t->rows);
	struct arena_mark mark = arena_mark(a);
	struct keyed *key = ARENA_RAW(a, struct keyed, t->rows);
	uint32_t *order = ARENA_RAW(a, uint32_t, t->rows);

	if (!group || !key || !order)
		return arena_error(a, err);
	for (size_t k = 0; k < roles->n_group; k++) {
		if (check_whole(t, "group", roles->group[k], err))
			return err->code;
		refine(key, t->cell[roles->group[k]], group, t->rows);
	}
	renumber(group, order, t->rows);
	arena_rewind(a, mark);
	out->group = group;
	return 0;
}

/* Folds keep the order of their values, as "fold 3" of a paper is to be fold
 * 3 here (less those that do not occur). */
static int take_fold(const struct table *t, size_t j, struct arena *a, struct items *out,
		     struct error *err)
{
	uint32_t *fold = ARENA_RAW(a, uint32_t, t->rows);
	struct arena_mark mark = arena_mark(a);
	struct values v;

	if (!fold)
		return arena_error(a, err);
	if (check_whole(t, "fold", j, err) ||
	    values_of(&v, t->cell[j], t->rows, a, err))
		return err->code;
	for (size_t i = 0; i < t->rows; i++)
		fold[i] = (uint32_t)values_find(&v, t->cell[j][i]);
	arena_rewind(a, mark);
	out->fold = fold;
	return 0;
}

/* Texts are refused: their codes follow the alphabet, not the calendar. */
static int take_time(const struct table *t, size_t j, struct arena *a, struct items *out,
		     struct error *err)
{
	double *time = ARENA_RAW(a, double, t->rows);

	if (!time)
		return arena_error(a, err);
	if (t->columns[j].is_cat)
		return error_set(err, ERR_DATA, "time: '%s' is text, a number is needed",
				 t->columns[j].name);
	if (check_whole(t, "time", j, err))
		return err->code;
	for (size_t i = 0; i < t->rows; i++)
		time[i] = (double)t->cell[j][i];
	out->time = time;
	return 0;
}

int table_roles_take(const struct table *t, const struct table_roles *roles,
		     struct arena *a, struct items *out, struct error *err)
{
	if ((roles->n_group && take_group(t, roles, a, out, err)) ||
	    (roles->fold != SIZE_MAX && take_fold(t, roles->fold, a, out, err)) ||
	    (roles->time != SIZE_MAX && take_time(t, roles->time, a, out, err)))
		return err->code;
	return 0;
}

/* ---------------------------------------------------------------- categories */

/* Cells into a new column: the old one may belong to a mapped file. */
static int to_categories(struct column *c, float **cell, size_t rows, struct arena *a,
			 struct error *err)
{
	float *code = ARENA_RAW(a, float, rows);
	struct values v;

	if (!code)
		return arena_error(a, err);
	if (values_of(&v, *cell, rows, a, err) ||
	    values_names(&v, a, &c->level_names, err))
		return err->code;
	if (v.n && (isinf(v.value[0]) || isinf(v.value[v.n - 1])))
		return error_set(err, ERR_DATA, "column '%s': an infinite value",
				 c->name);
	if (v.n > LEVELS_MAX)
		return error_set(err, ERR_DATA, "column '%s': more than %zu categories",
				 c->name, LEVELS_MAX);
	for (size_t i = 0; i < rows; i++)
		code[i] = isnan((*cell)[i]) ? NAN : (float)values_find(&v, (*cell)[i]);
	c->is_cat = true;
	c->levels = v.n;
	*cell = code;
	return 0;
}

/* Columns that are text already are categories as they are. */
int table_categorical(struct table *t, const struct source *src, struct arena *a,
		      struct error *err)
{
	size_t j;

	if (!src->n_categorical)
		return 0;
	t->columns = arena_copy(a, t->columns, t->cols * sizeof(*t->columns));
	t->cell = arena_copy(a, t->cell, t->cols * sizeof(*t->cell));
	if (!t->columns || !t->cell)
		return arena_error(a, err);
	for (size_t k = 0; k < src->n_categorical; k++) {
		if (table_find(t, "categorical", src->categorical[k], &j, a, err))
			return err->code;
		if (!t->columns[j].is_cat &&
		    to_categories(&t->columns[j], &t->cell[j], t->rows, a, err))
			return err->code;
	}
	return 0;
}
