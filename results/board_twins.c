/* What a twin takes from each learner: errors of pairs, side by side.
 *
 * A twin's label is that of its task with one word more in the brackets, so the
 * control is found by taking the word away, or by another severity in it. */
#include "results/board.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/textable.h"
#include "results/board_private.h"

#define LEARNERS_MAX 64

/* ---------------------------------------------------------------- pairs */

/* "letter[d=5" of "letter[d=5,rotate=1]": the label up to its transforms. "]" and the
 * mark in front of the transforms are the two bytes more. */
static size_t stem_size(const struct board_row *r)
{
	size_t label = strlen(r->task), words = strlen(r->transform);

	return label > words + 2 ? label - words - 2 : label;
}

/* Is the label that of the twin with `transform` in place of its own? "" is the plain
 * task, whose bracket closes behind other options or is not there. The transform is
 * compared as text: taskspec.c spells each severity in one way. */
static bool is_label(const struct board_row *twin, const char *transform, const char *label)
{
	size_t stem = stem_size(twin), words = strlen(transform);
	const char *rest = label + stem;

	if (strlen(label) < stem || strncmp(label, twin->task, stem))
		return false;
	if (!words)
		return !*rest || !strcmp(rest, "]");
	return (*rest == '[' || *rest == ',') && !strncmp(rest + 1, transform, words) &&
	       !strcmp(rest + 1 + words, "]");
}

/* The line of the same competitor under that label, of the nearest size. Sizes differ
 * where a transform takes training rows away; of equally near ones the first on the
 * board is taken. */
static const struct board_row *find_line(const struct board *b, const struct board_row *twin,
					 const char *transform)
{
	const struct board_row *best = NULL;
	int64_t nearest = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct board_row *r = &b->rows[i];
		int64_t far = r->n_train - twin->n_train;

		far = far < 0 ? -far : far;
		if (strcmp(r->learner, twin->learner) || strcmp(r->view, twin->view) ||
		    r->threads != twin->threads || !is_label(twin, transform, r->task))
			continue;
		if (best && far >= nearest)
			continue;
		best = r;
		nearest = far;
	}
	return best;
}

/* The same transform with severity 0, if it was measured, else the plain task. A chain
 * of several has the plain task alone. Severity 0 first: rotate=0 has the same normal
 * scores without the turning, so that the pair differs in the turning alone. */
static const struct board_row *control_of(const struct board *b, const struct board_row *twin)
{
	const struct board_row *r = NULL;
	const char *equals = strchr(twin->transform, '=');
	char none[64];

	if (equals && !strchr(twin->transform, ',')) {
		snprintf(none, sizeof(none), "%.*s=0", (int)(equals - twin->transform),
			 twin->transform);
		if (!strcmp(none, twin->transform))
			return find_line(b, twin, "");
		r = find_line(b, twin, none);
	}
	return r ? r : find_line(b, twin, "");
}

/* ---------------------------------------------------------------- for people */

/* Columns of the table: two words, then the learners by name. */
struct layout {
	struct textable_column columns[LEARNERS_MAX + 2];
	size_t n;
};

/* l->n where the learner has none: it has no twin, or is beyond the 64th. */
static size_t column_of(const struct layout *l, const char *learner)
{
	size_t k = 2;

	while (k < l->n && strcmp(l->columns[k].key, learner))
		k++;
	return k;
}

/* Every learner with a twin, in order of name. Those beyond the 64th have no
 * column. */
static void lay_out(struct layout *l, const struct board *b)
{
	l->columns[0] = (struct textable_column){ "control", "task", false };
	l->columns[1] = (struct textable_column){ "transform", "twin", false };
	l->n = 2;
	for (size_t i = 0; i < b->n; i++) {
		const char *name = b->rows[i].learner;
		size_t k = l->n;

		if (!*b->rows[i].transform || l->n == LEARNERS_MAX + 2 ||
		    column_of(l, name) < l->n)
			continue;
		for (; k > 2 && strcmp(l->columns[k - 1].key, name) > 0; k--)
			l->columns[k] = l->columns[k - 1];
		l->columns[k] = (struct textable_column){ name, name, true };
		l->n++;
	}
}

/* "0.045" with "±0.002" where there are repeats. A single run has three figures and no
 * deviation to say how many of them hold. */
static void write_error(char *out, size_t size, const struct board_row *r)
{
	if (isnan(r->error_sd))
		snprintf(out, size, "%.3g", r->error);
	else
		snprintf(out, size, "%.3f±%.3f", r->error, r->error_sd);
}

/* A failed line has no error; its status stands there. The ratio of errors: 1 means
 * that the twin took nothing away. An error of 0 makes it infinite, and it is shown
 * so. */
static void set_pair(struct textable *t, size_t col, const struct board_row *control,
		     const struct board_row *twin)
{
	char before[48], after[48];

	if (isnan(control->error) || isnan(twin->error)) {
		textable_set(t, col, "%s", isnan(twin->error) ? twin->status : control->status);
		return;
	}
	write_error(before, sizeof(before), control);
	write_error(after, sizeof(after), twin);
	textable_set(t, col, "%s → %s (×%.2f)", before, after, twin->error / control->error);
}

/* The block of a twin as one line; none when nobody has a control. */
static void add_block(struct textable *t, const struct layout *l, const struct board *b,
		      size_t i, size_t end)
{
	bool begun = false;

	for (; i < end; i++) {
		const struct board_row *twin = &b->rows[i], *control = control_of(b, twin);
		size_t col = column_of(l, twin->learner);

		if (!control || col == l->n)
			continue;
		if (!begun) {
			textable_add_row(t);
			textable_set(t, 0, "%s", control->task);
			textable_set(t, 1, "%s", twin->transform);
		}
		begun = true;
		set_pair(t, col, control, twin);
	}
}

/* The sentence above the table is in the output and not in a manual, since tables are
 * pasted alone. */
static int for_people(const struct board *b, enum textable_format f, bool color,
		      struct text *out, struct error *err)
{
	struct textable t;
	struct layout l;

	lay_out(&l, b);
	textable_init(&t, out->arena, l.columns, l.n);
	for (size_t i = 0, end; i < b->n; i = end) {
		end = board_block_end(b, i);
		if (*b->rows[i].transform)
			add_block(&t, &l, b, i, end);
	}
	text_add(out, "Error of the task → error of its twin (ratio); mean ± standard "
		      "deviation over repeats; lower is better.\n");
	if (f == TEXTABLE_MD)
		text_add(out, "\n");
	return textable_format(&t, f, color, out, err);
}

/* ---------------------------------------------------------------- for programs */

/* NaN and infinity have no spelling in JSON; an empty cell is what CSV readers take
 * for a hole. */
static void set_real(struct textable *t, size_t col, double x)
{
	if (isfinite(x))
		textable_set(t, col, "%.9g", x);
}

/* Numbers are in full here: programs round by themselves. */
static void add_line(struct textable *t, const struct board_row *control,
		     const struct board_row *twin)
{
	textable_add_row(t);
	textable_set(t, 0, "%s", control->task);
	textable_set(t, 1, "%s", twin->transform);
	textable_set(t, 2, "%s", twin->modality);
	textable_set(t, 3, "%s", twin->learner);
	textable_set(t, 4, "%s", twin->family);
	textable_set(t, 5, "%s", twin->view);
	set_real(t, 6, control->error);
	set_real(t, 7, control->error_sd);
	set_real(t, 8, twin->error);
	set_real(t, 9, twin->error_sd);
	set_real(t, 10, twin->error / control->error);
	textable_set(t, 11, "%lld", (long long)twin->seeds);
	textable_set(t, 12, "%s", twin->status);
}

/* A line a pair and a learner, so that no column depends on which learners were run. */
static int for_programs(const struct board *b, enum textable_format f, struct text *out,
			struct error *err)
{
	static const struct textable_column columns[] = {
		{ "control", "task", false },	  { "transform", "twin", false },
		{ "modality", "modality", false }, { "learner", "learner", false },
		{ "family", "family", false },	  { "view", "view", false },
		{ "error", "error", true },	  { "error_sd", "sd", true },
		{ "twin_error", "twin", true },	  { "twin_error_sd", "sd", true },
		{ "ratio", "ratio", true },	  { "repeats", "repeats", true },
		{ "status", "status", false },
	};
	struct textable t;

	textable_init(&t, out->arena, columns, 13);
	for (size_t i = 0; i < b->n; i++) {
		const struct board_row *twin = &b->rows[i], *control = NULL;

		if (*twin->transform)
			control = control_of(b, twin);
		if (control)
			add_line(&t, control, twin);
	}
	return textable_format(&t, f, false, out, err);
}

/* The format decides also the shape: people compare learners along a line, programs
 * want one number a cell. */
int board_twins(const struct board *b, enum board_format f, bool color, struct arena *a,
		const char **text, struct error *err)
{
	struct text out = { .arena = a };
	bool people = f == BOARD_TABLE || f == BOARD_MD;
	enum textable_format as = f == BOARD_MD	 ? TEXTABLE_MD :
				  f == BOARD_CSV ? TEXTABLE_CSV :
				  f == BOARD_JSON ? TEXTABLE_JSON :
						    TEXTABLE_TABLE;
	int rc = people ? for_people(b, as, color, &out, err) : for_programs(b, as, &out, err);

	if (rc)
		return rc;
	*text = out.data;
	return out.failed ? arena_error(a, err) : 0;
}
