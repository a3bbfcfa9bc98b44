/* Making a frame: names from the raw rows, what was seen from the encoded ones, the
 * layout from the entry. */
#include "datasets/frame.h"

#include <math.h>
#include <string.h>

#include "datasets/encode.h"
#include "harness/base/text.h"

/* ---------------------------------------------------------------- columns */

/* Copies, as the items may be mapped from a cache that is closed before the model
 * is written. */
static int copy_names(const char *const *from, size_t n, const char *const **out,
		      struct arena *a, struct error *err)
{
	const char **to = ARENA_NEW(a, const char *, n);

	if (!to)
		return arena_error(a, err);
	for (size_t k = 0; k < n; k++) {
		to[k] = arena_strdup(a, from[k]);
		if (!to[k])
			return arena_error(a, err);
	}
	*out = to;
	return 0;
}

/* Which levels the encoder gave out: those that are in the training rows. */
static int find_seen(const struct dataset *d, size_t j, const uint8_t **out,
		     struct arena *a, struct error *err)
{
	size_t levels = d->columns[j].levels;
	uint8_t *seen = ARENA_NEW(a, uint8_t, levels);

	if (!seen)
		return arena_error(a, err);
	for (size_t i = 0; i < d->train.rows; i++) {
		float x = d->train.x[i * d->cols + j];

		if (x >= 0 && x < (float)levels)
			seen[(size_t)x] = 1;
	}
	*out = seen;
	return 0;
}

static int take_columns(struct frame *f, const struct frame_source *from, struct arena *a,
			struct error *err)
{
	const struct dataset *d = from->data;
	struct column *columns = ARENA_NEW(a, struct column, d->cols);
	const uint8_t **seen = ARENA_NEW(a, const uint8_t *, d->cols);
	bool raw = !*f->obstacle;

	if (!columns || !seen)
		return arena_error(a, err);
	for (size_t j = 0; j < d->cols; j++) {
		columns[j] = d->columns[j];
		columns[j].name = arena_strdup(a, d->columns[j].name);
		columns[j].level_names = NULL;
		if (!columns[j].name)
			return arena_error(a, err);
		if (!columns[j].is_cat)
			continue;
		if (find_seen(d, j, &seen[j], a, err) ||
		    (raw && copy_names(from->items->columns[j].level_names,
				       columns[j].levels, &columns[j].level_names, a, err)))
			return (int)err->code;
	}
	f->data.columns = columns;
	f->seen = seen;
	return 0;
}

/* ---------------------------------------------------------------- layout */

/* A scalar that reads back as it is: in quotes unless it is a plain word, since
 * words in quotes are no numbers and no booleans. */
static void add_scalar(struct text *t, const struct yaml *y)
{
	const char *s = y->text;

	if (!y->quoted && *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRS"
					    "TUVWXYZ0123456789_")] == '\0') {
		text_add(t, s);
		return;
	}
	text_add(t, "\"");
	for (; *s; s++) {
		if ((unsigned char)*s < ' ')
			text_printf(t, "\\x%02x", (unsigned)*s);
		else
			text_printf(t, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	}
	text_add(t, "\"");
}

/* Lists of words are all that the options below have. */
static void add_option(struct text *t, const char *key, const struct yaml *y)
{
	text_printf(t, "%s%s: ", t->size ? ", " : "{", key);
	if (y->kind == YAML_SCALAR) {
		add_scalar(t, y);
		return;
	}
	text_add(t, "[");
	for (size_t k = 0; k < y->n; k++) {
		if (k)
			text_add(t, ", ");
		add_scalar(t, y->items[k]);
	}
	text_add(t, "]");
}

/* Of the reader's options those that are about any file of the kind; not those
 * about these very files (lines to skip, parts) or about their targets. */
static int take_layout(struct frame *f, const struct entry *e, struct arena *a,
		       struct error *err)
{
	static const char *const keys[] = { "separator", "decimal", "comment", "header",
					    "columns", "missing", "categorical", "numeric",
					    "rename", "amounts" };
	struct text t = { .arena = a };

	f->layout = "";
	if (!e || strcmp(e->reader->name, "csv"))
		return 0;
	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
		const struct yaml *y = yaml_get(e->options, keys[k]);

		if (y && y->kind != YAML_MAP)
			add_option(&t, keys[k], y);
	}
	if (t.size)
		text_add(&t, "}");
	if (t.failed)
		return arena_error(a, err);
	f->layout = t.size ? t.data : "";
	return 0;
}

/* ---------------------------------------------------------------- obstacle */

/* The parts of dates count from the file's first day, and are left out where they
 * are all the same: another file would give other columns. */
static bool has_dates(const struct entry *e)
{
	const struct yaml *dates = e ? yaml_get(e->options, "dates") : NULL;

	return dates && dates->n;
}

static const char *find_obstacle(const struct frame_source *from, struct arena *a)
{
	const struct dataset *d = from->data;

	if (d->modality != MODALITY_TABULAR)
		return arena_printf(a, "it was fitted on %s data; rows of a file can be "
				    "given to models of tables", modality_name(d->modality));
	if (from->view != VIEW_TABLE)
		return arena_printf(a, "it was fitted on the view '%s', whose encoding is "
				    "not kept; models of the view 'table' can be given "
				    "rows of a file (LEARNER[view=table], where a learner "
				    "has it)", view_name(from->view));
	if (from->transform && *from->transform)
		return arena_printf(a, "it was fitted on rows that %s had changed",
				    from->transform);
	if (has_dates(from->entry))
		return "it has columns made of dates, which count from the first day of "
		       "its training file; make numbers of them yourself";
	return "";
}

int frame_make(struct frame *f, const struct frame_source *from, struct arena *a,
	       struct error *err)
{
	const struct dataset *d = from->data;
	const struct entry *e = from->entry;
	const char *target = e && e->target ? e->target : from->target;

	*f = (struct frame){ .data = *d, .view = from->view,
			     .log_target = e && e->log_target };
	f->data.train = f->data.valid = f->data.test = (struct part){ 0 };
	f->data.columns = NULL;
	f->data.name = arena_strdup(a, d->name ? d->name : "");
	f->target = arena_strdup(a, target ? target : "");
	f->obstacle = find_obstacle(from, a);
	if (!f->data.name || !f->target || !f->obstacle)
		return arena_error(a, err);
	if (from->items->class_names &&
	    copy_names(from->items->class_names, d->classes, &f->class_names, a, err))
		return (int)err->code;
	if (d->columns && d->view == VIEW_TABLE && take_columns(f, from, a, err))
		return (int)err->code;
	return take_layout(f, e, a, err);
}
