/* Written as text from the start: a forest as a tree of JSON values would take many
 * times its size in memory. */
#include "harness/describe.h"

#include "harness/base/json.h"
#include "harness/keep.h"

static void add_key(struct text *t, const char *key, const char *value)
{
	text_printf(t, ",\n\"%s\":", key);
	json_add_string(t, value);
}

static void add_names(struct text *t, const char *const *names, size_t n)
{
	text_add(t, "[");
	for (size_t k = 0; k < n; k++) {
		if (k)
			text_add(t, ",");
		json_add_string(t, names[k]);
	}
	text_add(t, "]");
}

static void add_columns(struct text *t, const struct dataset *d)
{
	text_add(t, ",\n\"columns\":[");
	for (size_t j = 0; d->columns && j < d->cols; j++) {
		const struct column *c = &d->columns[j];

		text_add(t, j ? ",{\"name\":" : "{\"name\":");
		json_add_string(t, c->name);
		text_printf(t, ",\"type\":\"%s\"", c->is_cat ? "categorical" : "numeric");
		if (c->is_cat && c->level_names) {
			text_add(t, ",\"levels\":");
			add_names(t, c->level_names, c->levels);
		}
		text_add(t, "}");
	}
	text_add(t, "]");
}

static void add_data(struct text *t, const struct frame *f)
{
	const struct dataset *d = &f->data;

	add_key(t, "data", d->name);
	add_key(t, "task", task_name(d->task));
	add_key(t, "view", view_name(f->view));
	add_key(t, "target", f->target);
	if (f->log_target)
		text_add(t, ",\n\"log_target\":true");
	if (f->class_names) {
		text_add(t, ",\n\"classes\":");
		add_names(t, f->class_names, d->classes);
	}
	add_columns(t, d);
}

static int add_importance(const struct model_file *m, struct arena *a, struct text *t,
			  struct error *err)
{
	json_t *list;

	if (!m->learner->importance)
		return 0;
	list = keep_importance(m, a, err);
	if (!list)
		return (int)err->code;
	text_add(t, ",\n\"importance\":");
	json_add(t, list);
	json_decref(list);
	return 0;
}

int describe_model(const struct model_file *m, enum dump_format format, struct arena *a,
		   struct text *out, struct error *err)
{
	if (!m->learner->dump)
		return error_set(err, ERR_UNSUPPORTED, "models of '%s' cannot be dumped",
				 m->learner->name);
	if (format == DUMP_TEXT) {
		text_printf(out, "%s version %d of build %s, fitted on %s\nparams %s\n",
			    m->learner->name, m->version, m->build, m->frame.data.name,
			    m->params);
		return m->learner->dump(m->model, &m->frame.data, format, out, err);
	}
	text_add(out, "{\"learner\":");
	json_add_string(out, m->learner->name);
	text_printf(out, ",\n\"version\":%d", m->version);
	add_key(out, "build", m->build);
	text_printf(out, ",\n\"params\":%s", m->params);
	add_data(out, &m->frame);
	if (add_importance(m, a, out, err))
		return (int)err->code;
	text_add(out, ",\n\"model\":");
	if (m->learner->dump(m->model, &m->frame.data, format, out, err))
		return (int)err->code;
	text_add(out, "}\n");
	return out->failed ? arena_error(out->arena, err) : 0;
}
