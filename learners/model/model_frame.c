/* A frame field by field. Kinds are written as words, since numbers of an enum are
 * no promise. */
#include "learners/model/model_frame.h"

#include <string.h>

/* Far above any that fits into memory; keeps products of sizes in range. */
#define SIZES_MAX ((uint64_t)1 << 40)

/* ---------------------------------------------------------------- saving */

/* Columns of all levels in a row: levels of a numeric column are 0. */
static void save_columns(const struct frame *f, struct model_writer *w)
{
	const struct dataset *d = &f->data;
	size_t total = 0, bytes = 0;

	model_writer_begin(w, "column.levels", MODEL_U64, d->cols);
	for (size_t j = 0; j < d->cols; j++) {
		uint64_t levels = d->columns[j].levels;

		model_writer_more(w, &levels, 1, sizeof(levels));
		total += d->columns[j].is_cat ? levels : 0;
	}
	model_writer_begin(w, "column.is_cat", MODEL_U8, d->cols);
	for (size_t j = 0; j < d->cols; j++)
		model_writer_more(w, &d->columns[j].is_cat, 1, 1);
	for (size_t j = 0; j < d->cols; j++)
		bytes += strlen(d->columns[j].name) + 1;
	model_writer_begin(w, "column.name", MODEL_TEXT, bytes);
	for (size_t j = 0; j < d->cols; j++)
		model_writer_more(w, d->columns[j].name, strlen(d->columns[j].name) + 1, 1);
	model_writer_begin(w, "level.seen", MODEL_U8, total);
	for (size_t j = 0; j < d->cols; j++)
		if (d->columns[j].is_cat)
			model_writer_more(w, f->seen[j], d->columns[j].levels, 1);
}

/* Only of frames without an obstacle: nobody else looks names up. */
static void save_levels(const struct frame *f, struct model_writer *w)
{
	const struct dataset *d = &f->data;
	size_t bytes = 0;

	for (int pass = 0; pass < 2; pass++) {
		if (pass)
			model_writer_begin(w, "level.name", MODEL_TEXT, bytes);
		for (size_t j = 0; j < d->cols; j++)
			for (size_t k = 0; d->columns[j].is_cat && k < d->columns[j].levels;
			     k++) {
				const char *s = d->columns[j].level_names[k];

				bytes += strlen(s) + 1;
				if (pass)
					model_writer_more(w, s, strlen(s) + 1, 1);
			}
	}
}

void model_frame_save(const struct frame *f, struct model_writer *w)
{
	const struct dataset *d = &f->data;

	model_writer_text(w, "data.name", d->name);
	model_writer_text(w, "data.modality", modality_name(d->modality));
	model_writer_text(w, "data.task", task_name(d->task));
	model_writer_text(w, "data.view", view_name(f->view));
	model_writer_text(w, "data.form", view_name(d->view));
	model_writer_count(w, "data.classes", d->classes);
	model_writer_count(w, "data.cols", d->cols);
	model_writer_count(w, "data.channels", d->channels);
	model_writer_count(w, "data.height", d->height);
	model_writer_count(w, "data.width", d->width);
	model_writer_count(w, "data.vocab", d->vocab);
	model_writer_text(w, "data.target", f->target);
	model_writer_count(w, "data.log_target", f->log_target);
	model_writer_text(w, "data.layout", f->layout);
	model_writer_text(w, "data.obstacle", f->obstacle);
	if (f->class_names)
		model_writer_texts(w, "data.class_name", f->class_names, d->classes);
	if (d->columns)
		save_columns(f, w);
	if (d->columns && !*f->obstacle)
		save_levels(f, w);
}

/* ---------------------------------------------------------------- loading */

static int load_numbers(struct frame *f, struct model_reader *r, struct error *err)
{
	struct dataset *d = &f->data;
	size_t log_target = 0;

	if (model_reader_count(r, "data.classes", INT32_MAX, &d->classes, err) ||
	    model_reader_count(r, "data.cols", INT32_MAX, &d->cols, err) ||
	    model_reader_count(r, "data.channels", SIZES_MAX, &d->channels, err) ||
	    model_reader_count(r, "data.height", SIZES_MAX, &d->height, err) ||
	    model_reader_count(r, "data.width", SIZES_MAX, &d->width, err) ||
	    model_reader_count(r, "data.vocab", SIZES_MAX, &d->vocab, err) ||
	    model_reader_count(r, "data.log_target", 1, &log_target, err))
		return (int)err->code;
	f->log_target = log_target != 0;
	return 0;
}

/* The number of a word that `name` gives for 0 .. n - 1; n when it gives it for
 * none. */
static int find_word(const char *word, const char *(*name)(int), int n)
{
	int k = 0;

	while (k < n && strcmp(word, name(k)))
		k++;
	return k;
}

static const char *modality_word(int k)
{
	return modality_name((enum modality)k);
}

static const char *task_word(int k)
{
	return task_name((enum task)k);
}

static int load_words(struct frame *f, struct model_reader *r, struct error *err)
{
	struct dataset *d = &f->data;
	const char *modality, *task, *view, *form;

	if (model_reader_text(r, "data.name", &d->name, err) ||
	    model_reader_text(r, "data.target", &f->target, err) ||
	    model_reader_text(r, "data.layout", &f->layout, err) ||
	    model_reader_text(r, "data.obstacle", &f->obstacle, err) ||
	    model_reader_text(r, "data.modality", &modality, err) ||
	    model_reader_text(r, "data.task", &task, err) ||
	    model_reader_text(r, "data.view", &view, err) ||
	    model_reader_text(r, "data.form", &form, err))
		return (int)err->code;
	d->modality = (enum modality)find_word(modality, modality_word, MODALITY_TEXT + 1);
	d->task = (enum task)find_word(task, task_word, TASK_REGRESSION + 1);
	if (d->modality > MODALITY_TEXT || d->task > TASK_REGRESSION ||
	    !view_from_name(view, &f->view) || !view_from_name(form, &d->view))
		return model_reader_bad(r, err, "data of an unknown kind (%s, %s, %s)",
					modality, task, view);
	return 0;
}

/* Slices of the levels of all columns. */
static int load_levels(struct frame *f, struct model_reader *r, size_t total,
		       struct column *columns, struct error *err)
{
	const uint8_t **seen = ARENA_NEW(r->arena, const uint8_t *, f->data.cols);
	const char *const *names = NULL;
	const void *all = NULL;
	size_t at = 0;

	if (!seen)
		return arena_error(r->arena, err);
	if (model_reader_array(r, "level.seen", MODEL_U8, total, &all, err) ||
	    (!*f->obstacle && model_reader_texts(r, "level.name", total, &names, err)))
		return (int)err->code;
	for (size_t j = 0; j < f->data.cols; j++) {
		if (!columns[j].is_cat)
			continue;
		seen[j] = (const uint8_t *)all + at;
		columns[j].level_names = names ? names + at : NULL;
		at += columns[j].levels;
	}
	f->seen = seen;
	return 0;
}

/* That every level has a byte of its own in the file bounds their sum. */
static int load_columns(struct frame *f, struct model_reader *r, struct error *err)
{
	size_t cols = f->data.cols, total = 0, most = 0;
	const void *levels = NULL, *is_cat = NULL;
	const char *const *name = NULL;
	struct column *columns;

	if (model_reader_array(r, "column.levels", MODEL_U64, cols, &levels, err) ||
	    model_reader_array(r, "column.is_cat", MODEL_U8, cols, &is_cat, err) ||
	    model_reader_texts(r, "column.name", cols, &name, err) ||
	    model_reader_size(r, "level.seen", MODEL_U8, &most, err))
		return (int)err->code;
	columns = ARENA_NEW(r->arena, struct column, cols);
	if (!columns)
		return arena_error(r->arena, err);
	for (size_t j = 0; j < cols; j++) {
		columns[j] = (struct column){ .name = name[j],
					      .is_cat = ((const uint8_t *)is_cat)[j] != 0,
					      .levels = ((const uint64_t *)levels)[j] };
		if (!columns[j].is_cat)
			continue;
		if (columns[j].levels > most - total)
			return model_reader_bad(r, err, "column '%s' has too many levels",
						name[j]);
		total += columns[j].levels;
	}
	f->data.columns = columns;
	return load_levels(f, r, total, columns, err);
}

int model_frame_load(struct frame *f, struct model_reader *r, struct error *err)
{
	bool is_table;

	*f = (struct frame){ 0 };
	if (load_numbers(f, r, err) || load_words(f, r, err))
		return (int)err->code;
	if ((f->data.task == TASK_CLASSIFICATION) != (f->data.classes > 0))
		return model_reader_bad(r, err, "%zu classes in a %s", f->data.classes,
					task_name(f->data.task));
	if (model_reader_has(r, "data.class_name") &&
	    model_reader_texts(r, "data.class_name", f->data.classes, &f->class_names, err))
		return (int)err->code;
	is_table = f->data.view == VIEW_TABLE && model_reader_has(r, "column.name");
	if (!is_table && !*f->obstacle)
		return model_reader_bad(r, err, "a table without columns");
	return is_table ? load_columns(f, r, err) : 0;
}
