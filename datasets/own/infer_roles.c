/* What each column is for: target, split, feature, or nothing. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "datasets/csv/amounts.h"
#include "datasets/own/infer_parts.h"
#include "harness/base/suggest.h"
#include "harness/base/text.h"

#define FEW_VALUES  20 /* so many numbers may still be classes */
#define SMALL_TABLE 10 /* rows below which nothing looks like an id */
#define LONG_WORDS  8  /* a mean of more words is a document */

/* What the steps below share; `out` is filled from step to step, and a role that is
 * not INFER_FEATURE any more is never changed by a guess. */
struct roles {
	const struct own_settings *s;
	const char *path;
	struct arena *a;
	struct inferred *out;
	struct notes *notes;
	struct error *err;
};

/* ---------------------------------------------------------------- names */

/* By name, or an error with the nearest name there is. ERR_CONFIG and not ERR_DATA:
 * the name was typed, the file is as it is. */
static int find(const struct roles *r, const char *what, const char *name, size_t *at)
{
	const struct inferred *t = r->out;
	const char **names;
	char hint[128];

	for (*at = 0; *at < t->cols; ++*at)
		if (!strcmp(t->columns[*at].name, name))
			return 0;
	names = ARENA_RAW(r->a, const char *, t->cols);
	if (!names)
		return arena_error(r->a, r->err);
	for (size_t j = 0; j < t->cols; j++)
		names[j] = t->columns[j].name;
	return error_set(r->err, ERR_CONFIG, "%s: %s: no column '%s'%s", r->path, what, name,
			 suggest_text(name, names, t->cols, hint, sizeof(hint)));
}

/* Roles that nobody gave are NULL. */
static int set_role(struct roles *r, const char *what, const char *name,
		    enum infer_role role)
{
	size_t j;

	if (!name)
		return 0;
	if (find(r, what, name, &j))
		return (int)r->err->code;
	r->out->columns[j].role = role;
	return 0;
}

/* What a person says, target last: it must not be anything else. */
static int told_roles(struct roles *r)
{
	const struct own_settings *s = r->s;
	size_t j;

	for (size_t k = 0; k < s->n_drops; k++) {
		if (find(r, "drop", s->drops[k].column, &j))
			return (int)r->err->code;
		r->out->columns[j].role = INFER_DROPPED;
		r->out->columns[j].why = s->drops[k].reason;
	}
	if (set_role(r, "group", s->group, INFER_SPLIT) ||
	    set_role(r, "fold", s->fold, INFER_SPLIT) ||
	    set_role(r, "time", s->time, INFER_SPLIT) ||
	    set_role(r, "text", s->text, INFER_DOCUMENT))
		return (int)r->err->code;
	for (size_t k = 0; k < s->n_types; k++)
		if (find(r, "types", s->types[k].name, &j))
			return (int)r->err->code;
	return 0;
}

/* ---------------------------------------------------------------- target */

/* The usual names in their order, then the last column that is free. Last, because
 * most published tables and most exports end with it; the note says that it was a
 * guess. */
static size_t guess_target(const struct inferred *t)
{
	static const char *const names[] = { "target", "class", "label", "y" };
	size_t last = t->cols;

	for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
		for (size_t j = 0; j < t->cols; j++)
			if (t->columns[j].role == INFER_FEATURE &&
			    !strcasecmp(t->columns[j].name, names[k]))
				return j;
	for (size_t j = 0; j < t->cols; j++)
		if (t->columns[j].role == INFER_FEATURE)
			last = j;
	return last;
}

/* Amounts become numbers by the time anything is learned. */
static bool is_number(const struct infer_column *c)
{
	return c->kind == INFER_NUMERIC || c->kind == INFER_AMOUNT;
}

/* Fractions, or too many values to be classes. An amount of few values may be a list
 * of prices, that is classes; a fraction of few values (0.5, 1.5) is still measured
 * and not counted. */
static bool is_quantity(const struct infer_column *c)
{
	return is_number(c) && (c->distinct > FEW_VALUES ||
				(c->kind == INFER_NUMERIC && !c->integers));
}

/* A guess that costs hours when it is wrong, so it is told whenever it was one.
 * log_target stands for a person who thinks of a quantity. A target of words needs no
 * note: it cannot be anything but classes. */
static void choose_task(struct roles *r)
{
	const struct infer_column *y = &r->out->columns[r->out->target];
	bool quantity = is_quantity(y);

	if (r->s->task)
		quantity = !strcmp(r->s->task, "regression");
	else if (r->s->log_target)
		quantity = true;
	r->out->task = quantity ? TASK_REGRESSION : TASK_CLASSIFICATION;
	if (!r->s->task && is_number(y))
		notes_add(r->notes, NOTE_INFO, "target '%s' has %zu distinct numbers: %s "
			  "(task=%s if it is not)", y->name, y->distinct,
			  task_name(r->out->task),
			  task_name(quantity ? TASK_CLASSIFICATION : TASK_REGRESSION));
}

/* A person may give one column two uses by mistake; guessing never does. */
static int choose_target(struct roles *r)
{
	struct inferred *t = r->out;

	if (r->s->target) {
		if (find(r, "target", r->s->target, &t->target))
			return (int)r->err->code;
		if (t->columns[t->target].role != INFER_FEATURE)
			return error_set(r->err, ERR_CONFIG, "%s: '%s' cannot be the target "
					 "and %s", r->path, r->s->target,
					 infer_role_name(t->columns[t->target].role));
	} else {
		t->target = guess_target(t);
		if (t->target == t->cols)
			return error_set(r->err, ERR_CONFIG, "%s: no column is left for a "
					 "target", r->path);
		notes_add(r->notes, NOTE_INFO, "the target is '%s' (target=COLUMN takes "
			  "another)", t->columns[t->target].name);
	}
	t->columns[t->target].role = INFER_TARGET;
	choose_task(r);
	return 0;
}

/* ---------------------------------------------------------------- drops */

/* Why the column tells rows apart and nothing else, or NULL. Numbers without a gap
 * need not be sorted: shuffled row numbers are an id as well. Whole numbers that are
 * all different but leave gaps may be a price, so for those the name must say it too.
 * In less than ten rows anything is unique by chance. */
static const char *id_reason(const struct inferred *t, const struct infer_column *c)
{
	size_t there = t->rows - c->missing;
	bool unique = c->distinct == there && there >= SMALL_TABLE && 2 * there > t->rows;
	bool named = infer_id_name(c->name);
	double span = (double)c->max - (double)c->min + 1;

	if (c->kind == INFER_CATEGORICAL)
		return unique ? "an id: a text of its own in every row" :
		       named && 2 * c->distinct > there ? "an id, by its name" : NULL;
	if (c->kind != INFER_NUMERIC || !c->integers)
		return NULL;
	if (unique && !(fabs(span - (double)there) > 0))
		return "an id: numbers rows without a gap";
	return named && 2 * c->distinct > there && there >= SMALL_TABLE
		       ? "an id, by its name" : NULL;
}

/* Why a column that nobody spoke of is left out, or NULL. In the order of certainty. A
 * constant with holes stays, as where the holes are may tell something. */
static const char *drop_reason(const struct inferred *t, const struct infer_column *c)
{
	if (c->kind == INFER_EMPTY)
		return "empty";
	if (c->distinct < 2 && !c->missing)
		return "constant";
	if (c->kind == INFER_TEXT)
		return "free text (text=COLUMN learns from it alone)";
	return id_reason(t, c);
}

/* Only what nobody has said anything about. */
static void choose_drops(struct roles *r)
{
	for (size_t j = 0; j < r->out->cols; j++) {
		struct infer_column *c = &r->out->columns[j];
		const char *why = c->is_told ? NULL : drop_reason(r->out, c);

		if (c->role != INFER_FEATURE || !why)
			continue;
		c->role = INFER_DROPPED;
		c->why = why;
		c->is_found = true;
	}
}

/* One long text, nearly always another one, and nothing else to learn from. The words
 * are a mean over rows that are there, and nine tenths of the texts must differ:
 * answers picked from a long list are a category. */
static void choose_document(struct roles *r)
{
	struct inferred *t = r->out;
	struct infer_column *found = NULL;

	t->document = r->s->text;
	for (size_t j = 0; j < t->cols && !t->document; j++) {
		struct infer_column *c = &t->columns[j];

		if (c->role == INFER_FEATURE)
			return; /* a table with a text beside it stays a table */
		if (c->role == INFER_DROPPED && c->kind == INFER_TEXT && c->words > LONG_WORDS &&
		    10 * c->distinct > 9 * (t->rows - c->missing))
			found = c;
	}
	if (!found || !reader_find("text"))
		return;
	found->role = INFER_DOCUMENT;
	found->why = "";
	t->document = found->name;
	notes_add(r->notes, NOTE_INFO, "'%s' is a text of %.0f words a row: a task of text "
		  "('types: {%s: categorical}' makes it a table)", found->name, found->words,
		  found->name);
}

/* ---------------------------------------------------------------- notes */

/* With the words that keep the column, to be copied into the file of settings. A drop
 * that a person asked for needs no note. */
static void note_drop(struct roles *r, const struct infer_column *c)
{
	if (c->role == INFER_DROPPED && c->is_found)
		notes_add(r->notes, NOTE_INFO, "'%s' is left out: %s ('types: {%s: %s}' keeps "
			  "it)", c->name, c->why, c->name,
			  c->kind == INFER_NUMERIC ? "numeric" : "categorical");
}

/* What was understood otherwise than it is written, or may be wrong. The order of
 * names is that of enum date_order. */
static void note_column(struct roles *r, const struct infer_column *c)
{
	static const char *const orders[] = { "year-month-day", "day/month/year",
					      "month/day/year", "yearmonthday" };

	if (c->kind == INFER_DATE)
		notes_add(r->notes, c->ambiguous ? NOTE_WARNING : NOTE_INFO,
			  "'%s' holds dates as %s%s", c->name, orders[c->order],
			  !c->ambiguous ? "" : ", but day and month could change places in "
			  "every one ('day_first: true' or 'false' settles it)");
	if (c->kind == INFER_AMOUNT)
		notes_add(r->notes, NOTE_INFO, "'%s' is read as numbers without%s%s%s",
			  c->name, c->marks & AMOUNT_CURRENCY ? " currency" : "",
			  c->marks & AMOUNT_PERCENT ? " percent signs" : "",
			  c->marks & AMOUNT_THOUSANDS ? " thousands separators" : "");
	if (c->kind == INFER_NUMERIC && !isnan(c->sentinel))
		notes_add(r->notes, NOTE_WARNING, "'%s' has %g in %zu cells, far from all "
			  "others: if it stands for a hole, name it in 'missing: [...]'",
			  c->name, (double)c->sentinel, c->sentinels);
	if (infer_id_name(c->name) && c->role == INFER_FEATURE)
		notes_add(r->notes, NOTE_WARNING, "'%s' looks like an id that comes again: if "
			  "rows of one belong together, group=%s keeps them on one side",
			  c->name, c->name);
}

/* All of them on one line: there are often many. Between 3 and 20 values: two values
 * are the same to every learner either way, and more are most likely counts. Codes
 * such as postal areas are what this line is for. */
static void note_integers(struct roles *r)
{
	struct text t = { .arena = r->a };
	size_t n = 0;

	for (size_t j = 0; j < r->out->cols; j++) {
		const struct infer_column *c = &r->out->columns[j];

		if (c->role != INFER_FEATURE || c->kind != INFER_NUMERIC || !c->integers ||
		    c->distinct < 3 || c->distinct > FEW_VALUES || c->is_told)
			continue;
		if (n++ < 8)
			text_printf(&t, "%s'%s'", n > 1 ? ", " : "", c->name);
	}
	if (n)
		notes_add(r->notes, NOTE_INFO, "%s%s: whole numbers with few values, taken as "
			  "numbers ('categorical: [...]' where they are names)",
			  t.data ? t.data : "", n > 8 ? " ..." : "");
}

/* Told roles first, since they take columns out of the guessing. */
int infer_roles(const struct own_settings *s, const char *path, struct arena *a,
		struct inferred *out, struct notes *notes, struct error *err)
{
	struct roles r = { s, path, a, out, notes, err };

	if (told_roles(&r) || choose_target(&r))
		return (int)err->code;
	choose_drops(&r);
	choose_document(&r);
	for (size_t j = 0; j < out->cols; j++)
		note_drop(&r, &out->columns[j]);
	for (size_t j = 0; j < out->cols; j++)
		if (out->columns[j].role == INFER_FEATURE ||
		    out->columns[j].role == INFER_TARGET)
			note_column(&r, &out->columns[j]);
	note_integers(&r);
	return 0;
}
