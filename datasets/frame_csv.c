/* Rows of another file, by the frame: the reader's steps as they were for the
 * training file, then columns by name and levels by their texts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/csv/csv_changes.h"
#include "datasets/csv/csv_source.h"
#include "datasets/encode.h"
#include "datasets/frame.h"
#include "datasets/levels.h"
#include "datasets/values.h"
#include "harness/base/par.h"
#include "harness/base/suggest.h"

#define ROW_GRAIN 512

struct work {
	const struct frame *f;
	const char *path;
	struct arena *a;
	struct error *err;
	struct csv_options options;
	struct csv_changes changes;
	struct table table;
	size_t *from;	 /* (cols) column of the file */
	float **code;	 /* (cols) of (levels of the file's column); NULL: numeric */
	float *x;	 /* (rows, cols) */
};

/* ---------------------------------------------------------------- reading */

static bool is_named(const char *name, const char *const *list, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (!strcmp(name, list[k]))
			return true;
	return false;
}

/* A file of few rows shows less of its columns than the training file did, so types
 * are told and not found: texts stay texts, and a text among numbers is an error
 * with its line. Amounts come out of the parser as texts. */
static int tell_types(struct work *w)
{
	const struct dataset *d = &w->f->data;
	struct csv_options *o = &w->options;
	size_t told = o->n_categorical;
	const char **texts = ARENA_NEW(w->a, const char *, told + d->cols);
	const char **numbers = ARENA_NEW(w->a, const char *, d->cols);

	if (!texts || !numbers)
		return arena_error(w->a, w->err);
	for (size_t k = 0; k < told; k++)
		texts[k] = o->categorical[k];
	o->n_numeric = 0;
	for (size_t j = 0; j < d->cols; j++) {
		const char *name = d->columns[j].name;

		if (d->columns[j].is_cat)
			texts[o->n_categorical++] = name;
		else if (!is_named(name, w->changes.amounts, w->changes.n_amounts))
			numbers[o->n_numeric++] = name;
	}
	o->categorical = texts;
	o->numeric = numbers;
	o->optional = true;
	o->target = NULL; /* it may be there, and need not be whole */
	return 0;
}

/* The target may have been an amount; it is not asked for here. */
static void keep_amounts(struct work *w, const char **kept)
{
	struct csv_changes *c = &w->changes;
	size_t n = 0;

	for (size_t k = 0; k < c->n_amounts; k++)
		for (size_t j = 0; j < w->table.cols; j++)
			if (!strcmp(w->table.columns[j].name, c->amounts[k]) &&
			    strcmp(c->amounts[k], w->f->target))
				kept[n++] = c->amounts[k];
	c->amounts = kept;
	c->n_amounts = n;
}

static int read_table(struct work *w)
{
	struct source src = { .name = w->path, .paths = &w->path, .n_paths = 1 };
	struct yaml *map = NULL;
	const char **kept;
	struct csv csv;

	if (*w->f->layout && yaml_parse(w->a, w->f->layout, strlen(w->f->layout),
					"the model's layout", &map, w->err))
		return (int)w->err->code;
	src.options = map;
	if (csv_source_options(&src, w->a, &w->options, w->err) ||
	    csv_changes_read(&w->changes, &src, &w->options, w->a, w->err) ||
	    tell_types(w) || csv_read(w->path, &w->options, w->a, &csv, w->err))
		return (int)w->err->code;
	w->table = csv.table;
	kept = ARENA_NEW(w->a, const char *, w->changes.n_amounts);
	if (!kept)
		return arena_error(w->a, w->err);
	keep_amounts(w, kept);
	if (csv_changes_apply(&w->changes, &src, &w->table, w->a, w->err))
		return error_wrap(w->err, "%s", w->path);
	return 0;
}

/* ---------------------------------------------------------------- matching */

/* Numbers that are names were levels of their shortest spelling: 07 and 7.0 are
 * found as 7 where they are not found as they are. */
static uint32_t find_level(struct work *w, const struct levels *known, const char *text)
{
	uint32_t code = levels_find(known, text, strlen(text));
	const char *const *spelling;
	char *end;
	float x = strtof(text, &end);
	struct values one = { .n = 1, .value = &x };

	if (code != UINT32_MAX || end == text || *end || isnan(x))
		return code;
	if (values_names(&one, w->a, &spelling, w->err))
		return UINT32_MAX;
	return levels_find(known, spelling[0], strlen(spelling[0]));
}

/* For each level of the file its code in the model; NaN where no training row had
 * it. */
static int match_levels(struct work *w, size_t j)
{
	const struct column *ours = &w->f->data.columns[j];
	const struct column *theirs = &w->table.columns[w->from[j]];
	struct levels known;
	uint32_t code;

	levels_init(&known, w->a);
	for (size_t k = 0; k < ours->levels; k++)
		if (levels_add(&known, ours->level_names[k], strlen(ours->level_names[k]),
			       &code, w->err))
			return (int)w->err->code;
	w->code[j] = ARENA_RAW(w->a, float, theirs->levels);
	if (!w->code[j])
		return arena_error(w->a, w->err);
	for (size_t k = 0; k < theirs->levels; k++) {
		code = find_level(w, &known, theirs->level_names[k]);
		if (w->err->code)
			return (int)w->err->code;
		w->code[j][k] = code < ours->levels && w->f->seen[j][code] ?
					(float)code : NAN;
	}
	return 0;
}

static int no_column(struct work *w, const char *name)
{
	const char **names = ARENA_RAW(w->a, const char *, w->table.cols);
	char hint[128];

	if (!names)
		return arena_error(w->a, w->err);
	for (size_t k = 0; k < w->table.cols; k++)
		names[k] = w->table.columns[k].name;
	return error_set(w->err, ERR_DATA, "%s: no column '%s', which the model was fitted "
			 "on%s", w->path, name,
			 suggest_text(name, names, w->table.cols, hint, sizeof(hint)));
}

static int match_columns(struct work *w)
{
	const struct dataset *d = &w->f->data;
	struct levels names;
	uint32_t code;

	levels_init(&names, w->a);
	for (size_t k = 0; k < w->table.cols; k++) {
		const char *name = w->table.columns[k].name;

		if (levels_add(&names, name, strlen(name), &code, w->err))
			return (int)w->err->code;
	}
	for (size_t j = 0; j < d->cols; j++) {
		const char *name = d->columns[j].name;

		code = levels_find(&names, name, strlen(name));
		if (code == UINT32_MAX)
			return no_column(w, name);
		w->from[j] = code;
		if (d->columns[j].is_cat && match_levels(w, j))
			return (int)w->err->code;
	}
	return 0;
}

/* ---------------------------------------------------------------- filling */

/* A block of rows at a time, column by column, as encode_table.c does it. */
static void fill_rows(void *ctx, size_t chunk, size_t worker)
{
	const struct work *w = ctx;
	struct par_range r = par_range(w->table.rows, ROW_GRAIN, chunk);
	size_t cols = w->f->data.cols;

	(void)worker;
	for (size_t j = 0; j < cols; j++) {
		const float *cell = w->table.cell[w->from[j]], *code = w->code[j];

		for (size_t i = r.begin; i < r.end; i++) {
			float v = cell[i];

			w->x[i * cols + j] = code && !isnan(v) ? code[(size_t)v] : v;
		}
	}
}

int frame_read_csv(const struct frame *f, const char *path, int threads, struct arena *a,
		   struct part *rows, struct error *err)
{
	struct work w = { .f = f, .path = path, .a = a, .err = err };

	error_clear(err);
	if (*f->obstacle)
		return error_set(err, ERR_UNSUPPORTED, "%s", f->obstacle);
	w.from = ARENA_NEW(a, size_t, f->data.cols);
	w.code = ARENA_NEW(a, float *, f->data.cols);
	if (!w.from || !w.code)
		return arena_error(a, err);
	if (read_table(&w) || match_columns(&w) ||
	    encode_matrix(a, w.table.rows, f->data.cols, &w.x, err))
		return (int)err->code;
	par_for(threads, par_chunks(w.table.rows, ROW_GRAIN), fill_rows, &w);
	*rows = (struct part){ .rows = w.table.rows, .x = w.x };
	return 0;
}
