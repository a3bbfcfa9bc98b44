/* R data frames: every column becomes a column of the table.
 *
 * R's types map like this: factor, character and logical are categorical;
 * integer, real, Date and POSIXct are numeric; NA is a hole in all of them.
 * Lists, matrices and complex numbers have no place in a table and must be
 * dropped by name in the catalogue. */
#include <math.h>
#include <string.h>

#include "datasets/levels.h"
#include "datasets/rdata/rdata.h"
#include "datasets/reader.h"
#include "datasets/table.h"
#include "datasets/table_rows.h"

/* Integer codes from 1, named by the attribute `levels`, in the order that the
 * author gave them (which for ordered factors means something). */
static int from_factor(const struct rvalue *v, struct column *c, float *cell,
		       struct error *err)
{
	const struct rvalue *levels = rdata_attribute(v, "levels");

	if (v->type != RDATA_INTEGER || !levels || levels->type != RDATA_STRING)
		return error_set(err, ERR_DATA, "a factor without levels");
	if (levels->n > LEVELS_MAX) /* a float could not hold the codes */
		return error_set(err, ERR_DATA, "a factor of %zu levels", levels->n);
	c->is_cat = true;
	c->levels = levels->n;
	c->level_names = levels->strings;
	for (size_t k = 0; k < levels->n; k++)
		if (!levels->strings[k])
			return error_set(err, ERR_DATA, "a level without a name");
	for (size_t i = 0; i < v->n; i++) {
		cell[i] = NAN;
		if (v->ints[i] == RDATA_NA)
			continue;
		if (v->ints[i] < 1 || (size_t)v->ints[i] > levels->n)
			return error_set(err, ERR_DATA, "row %zu: level %d of %zu", i + 1,
					 v->ints[i], levels->n);
		cell[i] = (float)(v->ints[i] - 1);
	}
	return 0;
}

/* Distinct strings, sorted by bytes, so that codes do not depend on the order
 * of the rows. Two passes: codes by appearance first, ranks when all strings
 * are known. */
static int from_strings(const struct rvalue *v, struct column *c, float *cell,
			struct arena *a, struct error *err)
{
	struct levels levels;
	uint32_t code, *rank;

	levels_init(&levels, a);
	for (size_t i = 0; i < v->n; i++) {
		const char *s = v->strings[i];

		cell[i] = NAN;
		if (!s)
			continue;
		if (levels_add(&levels, s, strlen(s), &code, err))
			return err->code;
		cell[i] = (float)code;
	}
	c->is_cat = true;
	c->levels = levels.n;
	if (levels_sort(&levels, &c->level_names, &rank, err))
		return err->code;
	for (size_t i = 0; i < v->n; i++)
		if (v->strings[i])
			cell[i] = (float)rank[(size_t)cell[i]];
	return 0;
}

/* A float holds whole numbers up to 2^24 exactly; identifiers beyond that lose
 * digits, but as features they are noise anyhow. */
static void from_ints(const struct rvalue *v, float *cell)
{
	for (size_t i = 0; i < v->n; i++)
		cell[i] = v->ints[i] == RDATA_NA ? NAN : (float)v->ints[i];
}

/* R keeps logicals as ints; anything but 0, 1 and NA is a damaged file. */
static int from_logicals(const struct rvalue *v, struct column *c, float *cell,
			 struct error *err)
{
	static const char *const names[] = { "false", "true" };

	for (size_t i = 0; i < v->n; i++)
		if (v->ints[i] != RDATA_NA && (v->ints[i] & ~1))
			return error_set(err, ERR_DATA, "row %zu: a logical of %d", i + 1,
					 v->ints[i]);
	c->is_cat = true;
	c->levels = 2;
	c->level_names = names;
	from_ints(v, cell);
	return 0;
}

/* Package bit64, and with it data.table::fread(), keeps 64-bit integers in the
 * bytes of reals; read as reals they would all be nearly 0. */
static void from_int64(const struct rvalue *v, float *cell)
{
	for (size_t i = 0; i < v->n; i++) {
		int64_t x;

		memcpy(&x, &v->reals[i], sizeof(x));
		cell[i] = x == INT64_MIN ? NAN : (float)x;
	}
}

/* Lists and complex numbers as columns. The choice is left to the catalogue,
 * since dropping a column changes the task. */
static int not_usable(const struct rvalue *v, struct error *err)
{
	return error_set(err, ERR_DATA,
			 "a column of type %s cannot be used; drop it",
			 rdata_type_name(v->type));
}

/* What a column's type means here. Dates and times are reals with a class: they
 * stay numbers, days or seconds since 1970. */
static int from_vector(const struct rvalue *v, struct column *c, float *cell,
		       struct arena *a, struct error *err)
{
	if (rdata_inherits(v, "factor"))
		return from_factor(v, c, cell, err);
	switch (v->type) {
	case RDATA_STRING:
		return from_strings(v, c, cell, a, err);
	case RDATA_LOGICAL:
		return from_logicals(v, c, cell, err);
	case RDATA_INTEGER:
		from_ints(v, cell);
		return 0;
	case RDATA_REAL:
		if (rdata_inherits(v, "integer64"))
			from_int64(v, cell);
		else
			for (size_t i = 0; i < v->n; i++)
				cell[i] = (float)v->reals[i];
		return 0;
	default:
		return not_usable(v, err);
	}
}

/* By name, as the catalogue gives them; unknown names are table_to_items' to
 * report. */
static bool is_dropped(const struct source *src, const char *name)
{
	for (size_t k = 0; k < src->n_drop; k++)
		if (!strcmp(src->drop[k], name))
			return true;
	return false;
}

/* Memory is taken only for what has as many values as the file has bytes for. */
static int fill_column(const struct rvalue *v, struct column *c, size_t rows,
		       float **cell, struct arena *a, struct error *err)
{
	if (v->type == RDATA_LIST || v->type == RDATA_OPAQUE)
		return not_usable(v, err);
	if (v->n != rows)
		return error_set(err, ERR_DATA, "%zu values where other columns have %zu",
				 v->n, rows);
	*cell = ARENA_RAW(a, float, rows);
	if (!*cell)
		return arena_error(a, err);
	return from_vector(v, c, *cell, a, err);
}

/* Rows are counted on the first column that is a plain vector; `row.names` may
 * hold them in a compact form that is not worth decoding. */
static size_t count_rows(const struct rvalue *frame)
{
	for (size_t j = 0; j < frame->n; j++)
		if (frame->items[j]->type >= RDATA_LOGICAL &&
		    frame->items[j]->type <= RDATA_STRING)
			return frame->items[j]->n;
	return 0;
}

/* A data frame is a list of columns with the class `data.frame`; tibbles and
 * data.tables carry that class too. `row.names` are labels, not data. */
static int table_of(const struct rvalue *frame, const struct source *src, struct arena *a,
		    struct table *t, struct error *err)
{
	const char *const *names;
	float *blank;

	if (frame->type != RDATA_LIST || !rdata_inherits(frame, "data.frame"))
		return error_set(err, ERR_DATA,
				 "the object is of type %s, not a data frame",
				 rdata_type_name(frame->type));
	if (rdata_names(frame, a, &names, &t->cols, err))
		return err->code;
	t->rows = count_rows(frame);
	t->columns = ARENA_NEW(a, struct column, t->cols);
	t->cell = ARENA_NEW(a, float *, t->cols);
	blank = ARENA_NEW(a, float, t->rows);
	if (!t->columns || !t->cell || !blank)
		return arena_error(a, err);
	for (size_t j = 0; j < t->cols; j++) {
		struct column *c = &t->columns[j];

		c->name = names[j];
		t->cell[j] = blank; /* what is dropped may be of any type */
		if (!is_dropped(src, c->name) &&
		    fill_column(frame->items[j], c, t->rows, &t->cell[j], a, err))
			return error_wrap(err, "column '%s'", c->name);
	}
	return 0;
}

/* `object` names the data frame where a file holds several; the other two are
 * table_rows.h's. `train_rows` counts the rows that are left. */
static int read_rdata(const struct source *src, struct arena *a, struct items *out,
		      struct error *err)
{
	const struct rvalue *frame;
	const char *object = NULL;
	struct table t = { 0 };
	bool drop;

	if (yaml_get_string(src->options, "object", &object, err) ||
	    table_rows_option(src, &drop, err) ||
	    rdata_read(src->paths, src->n_paths, object, a, &frame, err))
		return err->code;
	if (table_of(frame, src, a, &t, err))
		return error_wrap(err, "%s", object ? object : src->name);
	if ((drop && table_rows_with_target(&t, src->target, a, err)) ||
	    table_to_items(&t, src, a, out, err))
		return err->code;
	return table_rows_official(src, a, out, err);
}

static const char *const options[] = { "object", "missing_target", "train_rows", NULL };

const struct reader reader_rdata = {
	.name = "rdata",
	.summary = "data frames of R: .rda, .rds, or a package's .rdx and .rdb",
	.version = 1,
	.options = options,
	.read = read_rdata,
};
