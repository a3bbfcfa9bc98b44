#include "harness/keep.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "version.h"

/* ---------------------------------------------------------------- can it? */

/* "gbdt, tree": what to use instead. */
static void list_savers(char *to, size_t room)
{
	size_t n, at = 0;
	const struct learner *const *all = learner_all(&n);

	*to = '\0';
	for (size_t k = 0; k < n && at < room; k++)
		if (all[k]->save)
			at += (size_t)snprintf(to + at, room - at, "%s%s", at ? ", " : "",
					       all[k]->name);
}

int keep_check(const struct learner *l, bool save, bool explain, struct error *err)
{
	char names[256];

	if (save && !l->save) {
		list_savers(names, sizeof(names));
		return error_set(err, ERR_UNSUPPORTED, "models of '%s' cannot be saved; "
				 "those of %s can", l->name, names);
	}
	if (explain && !l->explain)
		return error_set(err, ERR_UNSUPPORTED, "'%s' gives no contributions of "
				 "columns; trees do", l->name);
	return 0;
}

/* ---------------------------------------------------------------- CSV */

void keep_csv_field(struct text *t, const char *s)
{
	if (!strpbrk(s, ",\"\n\r")) {
		text_add(t, s);
		return;
	}
	text_add(t, "\"");
	for (; *s; s++)
		text_printf(t, *s == '"' ? "\"\"" : "%c", *s);
	text_add(t, "\"");
}

static void add_header(struct text *t, const struct model_file *m, size_t outputs)
{
	const struct dataset *d = &m->frame.data;

	text_add(t, outputs > 1 ? "row,class," : "row,");
	for (size_t j = 0; j < d->cols; j++) {
		if (d->columns && d->columns[j].name)
			keep_csv_field(t, d->columns[j].name);
		else
			text_printf(t, "f%zu", j);
		text_add(t, ",");
	}
	text_add(t, "base\n");
}

/* The class of an output by its name where there is one. */
static void add_output(struct text *t, const struct model_file *m, size_t c)
{
	if (m->frame.class_names)
		keep_csv_field(t, m->frame.class_names[c]);
	else
		text_printf(t, "%zu", c);
	text_add(t, ",");
}

/* values: (rows, outputs, cols + 1). */
static void add_rows(struct text *t, const struct model_file *m, size_t rows,
		     size_t outputs, const float *values)
{
	size_t wide = m->frame.data.cols + 1;

	for (size_t i = 0; i < rows; i++)
		for (size_t c = 0; c < outputs; c++) {
			text_printf(t, "%zu,", i);
			if (outputs > 1)
				add_output(t, m, c);
			for (size_t j = 0; j < wide; j++, values++)
				text_printf(t, "%.9g%s", (double)*values,
					    j + 1 < wide ? "," : "\n");
		}
}

/* In the memory of the run, all at once: a million rows of a hundred columns take
 * a few GB, and whoever asks for them gets as many in the file. */
int keep_contributions(const char *path, const struct model_file *m,
		       const struct part *rows, struct run *run, struct error *err)
{
	size_t outputs = m->learner->raw_outputs(m->model), cells;
	struct text t = { .arena = run->arena };
	float *values = NULL;

	if (!__builtin_mul_overflow(rows->rows, outputs * (m->frame.data.cols + 1), &cells))
		values = ARENA_RAW(run->arena, float, cells);
	if (!values)
		return arena_error(run->arena, err);
	if (m->learner->explain(m->model, rows, run, values, err))
		return (int)err->code;
	add_header(&t, m, outputs);
	add_rows(&t, m, rows->rows, outputs, values);
	if (t.failed)
		return arena_error(run->arena, err);
	return file_replace(path, t.data, t.size, err);
}

/* ---------------------------------------------------------------- a fit */

/* Names come from the raw rows, which the cache has since the view was made. */
static int make_frame(const struct keep *k, struct frame *f, struct arena *a,
		      struct error *err)
{
	const struct fetch fetch = { .cache = k->place->cache, .offline = true };
	struct frame_source from = {
		.data = k->data, .view = k->cell->view, .items = k->items,
		.entry = k->cell->entry, .transform = k->cell->transform,
		.target = k->cell->files ? k->cell->files->target : NULL,
	};
	struct items items;
	struct file_map map = { 0 };
	int rc = 0;

	if (!from.items) {
		rc = load_items(&fetch, k->cell->entry, (int)k->cell->protocol->threads, a,
				&items, &map, err);
		from.items = &items;
	}
	if (!rc)
		rc = frame_make(f, &from, a, err);
	if (map.data)
		file_unmap(&map);
	return rc;
}

/* As text, since that is what the file has. */
static int take_params(const struct keep *k, struct model_file *m, struct arena *a,
		       struct error *err)
{
	json_t *params = param_to_json(m->learner->params, k->config);

	m->params = params ? json_canonical(a, params) : NULL;
	json_decref(params);
	return m->params ? 0 : error_set(err, ERR_MEMORY, "out of memory");
}

/* After the clock has stopped: the times of the row are those of the fit alone. */
int keep_fit(const struct keep *k, const struct part *test, struct error *err)
{
	const struct cell_place *place = k->place;
	struct model_file m = {
		.learner = k->cell->spec->learner, .build = TRIARCH_BUILD,
		.version = k->cell->spec->learner->version,
		.model = (void *)(size_t)k->model,
	};

	if (!place->save && !place->contributions)
		return 0;
	if (keep_check(m.learner, place->save, place->contributions, err) ||
	    make_frame(k, &m.frame, k->run->arena, err) ||
	    take_params(k, &m, k->run->arena, err))
		return (int)err->code;
	if (place->contributions &&
	    keep_contributions(place->contributions, &m, test, k->run, err))
		return (int)err->code;
	return place->save ? model_file_write(place->save, &m, k->run->arena, err) : 0;
}

/* ---------------------------------------------------------------- importance */

struct ranked {
	const char *name;
	float gain, splits;
	size_t column;
};

/* By gain, equal ones in their order. */
static int by_gain(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;

	if (a->gain > b->gain || a->gain < b->gain)
		return a->gain < b->gain ? 1 : -1;
	return a->column > b->column ? 1 : -1;
}

static struct ranked *rank(const struct model_file *m, struct arena *a, struct error *err)
{
	const struct dataset *d = &m->frame.data;
	struct ranked *list = ARENA_NEW(a, struct ranked, d->cols);
	float *gain = ARENA_NEW(a, float, d->cols), *splits = ARENA_NEW(a, float, d->cols);

	if (!list || !gain || !splits) {
		arena_error(a, err);
		return NULL;
	}
	m->learner->importance(m->model, IMPORTANCE_GAIN, gain);
	m->learner->importance(m->model, IMPORTANCE_SPLITS, splits);
	for (size_t j = 0; j < d->cols; j++) {
		const char *name = d->columns ? d->columns[j].name : NULL;

		list[j] = (struct ranked){ name ? name : arena_printf(a, "f%zu", j),
					   gain[j], splits[j], j };
	}
	qsort(list, d->cols, sizeof(*list), by_gain);
	return list;
}

json_t *keep_importance(const struct model_file *m, struct arena *a, struct error *err)
{
	struct ranked *list;
	json_t *out;

	if (!m->learner->importance) {
		error_set(err, ERR_UNSUPPORTED, "'%s' knows no importance of columns",
			  m->learner->name);
		return NULL;
	}
	list = rank(m, a, err);
	out = list ? json_array() : NULL;
	for (size_t j = 0; out && j < m->frame.data.cols && list[j].splits > 0; j++)
		json_array_append_new(out, json_pack("{s:s, s:f, s:f}", "column",
						     list[j].name ? list[j].name : "",
						     "gain", (double)list[j].gain,
						     "splits", (double)list[j].splits));
	if (!out && !err->code)
		error_set(err, ERR_MEMORY, "out of memory");
	return out;
}
