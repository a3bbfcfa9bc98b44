/* A board as text. People get a block a task; programs get the same numbers in
 * full: JSON a row a line, CSV the flat part of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/base/json.h"
#include "harness/base/textable.h"
#include "results/board_private.h"

#define MARK_BEST "★"
#define MARK_FAMILY "•"

/* ---------------------------------------------------------------- numbers */

/* Three digits that matter, never an exponent. */
static const char *three_digits(double x, char out[32])
{
	int decimals = x >= 99.95 ? 0 : x >= 9.995 ? 1 : x >= 0.9995 ? 2 : 3;

	if (isnan(x))
		return "-";
	snprintf(out, 32, "%.*f", decimals, x);
	return out;
}

/* Times and memory: what was not measured is a dash, not a zero. */
static void set_number(struct textable *t, size_t col, double x)
{
	char text[32];

	textable_set(t, col, "%s", three_digits(x, text));
}

/* Four decimals, since a test set of 10,000 rows resolves no more. */
static void set_score(struct textable *t, size_t col, double x)
{
	if (isnan(x))
		textable_set(t, col, "-");
	else
		textable_set(t, col, "%.4f", x);
}

/* ---------------------------------------------------------------- for people */

enum { MARK, LEARNER, FAMILY, VIEW, SCORE, ERROR, INTERVAL, FIT, CPU, PREDICT,
       MEMORY, STATUS, COLUMNS };

static const struct textable_column people[COLUMNS] = {
	[MARK] = { "mark", " ", false },
	[LEARNER] = { "learner", "learner", false },
	[FAMILY] = { "family", "family", false },
	[VIEW] = { "view", "view", false },
	[SCORE] = { "score", "score", true },
	[ERROR] = { "error", "error", true },
	[INTERVAL] = { "interval", "95 % interval", true },
	[FIT] = { "fit_s", "fit s", true },
	[CPU] = { "fit_cpu_s", "CPU s", true },
	[PREDICT] = { "predict_s", "predict s", true },
	[MEMORY] = { "peak_rss_mb", "peak MB", true },
	[STATUS] = { "status", "status", false },
};

/* Colours repeat what the marks say: nobody needs to see them. */
static void add_person_row(struct textable *t, const struct board_row *r)
{
	const char *color = r->failed	      ? TEXTABLE_RED :
			    r->best	      ? TEXTABLE_BOLD :
			    r->best_of_family ? TEXTABLE_GREEN :
						NULL;

	textable_add_row(t);
	textable_set(t, MARK, "%s", r->best	      ? MARK_BEST :
				    r->best_of_family ? MARK_FAMILY :
							"");
	textable_set(t, LEARNER, "%s", r->learner);
	textable_color(t, LEARNER, color);
	textable_set(t, FAMILY, "%s", r->family);
	textable_set(t, VIEW, "%s", r->view);
	set_score(t, SCORE, r->score);
	textable_color(t, SCORE, color);
	set_score(t, ERROR, r->error);
	textable_set(t, INTERVAL, isnan(r->error_lo) ? "-" : "%.4f .. %.4f",
		     r->error_lo, r->error_hi);
	set_number(t, FIT, r->fit_s);
	set_number(t, CPU, r->fit_cpu_s);
	set_number(t, PREDICT, r->predict_s);
	set_number(t, MEMORY, r->peak_rss_mb);
	if (r->failed)
		textable_set(t, STATUS, "%s (%lld of %lld repeats)", r->status,
			     (long long)r->failed,
			     (long long)(r->failed + r->seeds));
	else
		textable_set(t, STATUS, "%s", r->status);
}

/* "letter (tabular): accuracy over 3 repeats, 14400 rows fitted, 4000 tested" */
static void block_title(const struct board_row *r, const char *head,
			struct text *out)
{
	text_printf(out,
		    "%s%s (%s): score is %s, error is %s; %lld rows fitted, "
		    "%lld tested, %lld repeat%s\n",
		    head, r->task, r->modality, r->metric,
		    strcmp(r->metric, "r2") ? "1 - score" : "RMSE",
		    (long long)r->n_train, (long long)r->n_test,
		    (long long)(r->seeds + r->failed),
		    r->seeds + r->failed == 1 ? "" : "s");
}

/* One table a task: columns stay narrow, and numbers that may be compared
 * stand under each other. */
static int add_block(const struct board *b, size_t i, size_t end,
		     enum textable_format f, bool color, struct text *out,
		     struct error *err)
{
	struct textable t;

	textable_init(&t, out->arena, people, COLUMNS);
	for (size_t k = i; k < end; k++)
		add_person_row(&t, &b->rows[k]);
	block_title(&b->rows[i], f == TEXTABLE_MD ? "\n### " : "\n", out);
	if (f == TEXTABLE_MD)
		text_add(out, "\n");
	return textable_format(&t, f, color, out, err);
}

/* header[object][key], "" when the row did not have it. */
static const char *part(const struct board *b, const char *object,
			const char *key)
{
	return json_get_string(json_object_get(b->header, object), key, "");
}

/* What makes the numbers below less than they seem. */
static void add_warnings(const struct board *b, const char *line,
			 struct text *out)
{
	long long other = json_get_int(b->header, "other_machines", 0);
	long long commits = json_get_int(b->header, "other_commits", 0);
	long long missing = json_get_int(b->header, "missing", 0);
	const json_t *blas = json_object_get(b->header, "blas");

	if (json_is_true(json_object_get(blas, "below")))
		text_printf(out,
			    "%swarning: BLAS kernels are below what this CPU "
			    "can do (%s%s%s): triarch doctor\n",
			    line, part(b, "blas", "best"),
			    part(b, "blas", "forced_by")[0] ? ", forced by " : "",
			    part(b, "blas", "forced_by"));
	if (other)
		text_printf(out,
			    "%snote: %lld of %lld cells were measured on "
			    "another machine or BLAS: their scores count, "
			    "their times are left out\n",
			    line, other, json_get_int(b->header, "cells", 0));
	if (commits)
		text_printf(out, "%snote: %lld cell%s of other commits\n", line,
			    commits, commits == 1 ? " is" : "s are");
	if (missing)
		text_printf(out, "%snote: %lld cell%s no row yet: triarch run\n",
			    line, missing, missing == 1 ? " has" : "s have");
}

/* Usually one number; a board of several says so before anybody compares. */
static void add_threads(const struct board *b, struct text *out)
{
	const json_t *list = json_object_get(b->header, "threads");
	size_t i;
	json_t *value;

	json_array_foreach (list, i, value)
		text_printf(out, "%s%lld", i ? ", " : "",
			    json_integer_value(value));
	text_add(out, " a cell");
}

/* The machine and program of the newest row: times below are theirs. */
static void add_header(const struct board *b, const char *line,
		       struct text *out)
{
	const json_t *machine = json_object_get(b->header, "machine");
	time_t newest = (time_t)json_get_int(b->header, "newest", 0);
	char date[32];
	struct tm tm;

	gmtime_r(&newest, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &tm);
	text_printf(out, "%smachine   %s, %lld cores, %.0f MB, %s, %s\n", line,
		    part(b, "machine", "cpu"),
		    json_get_int(machine, "cores", 0),
		    json_get_real(machine, "memory_mb", 0),
		    part(b, "machine", "simd"), part(b, "machine", "os"));
	text_printf(out, "%sBLAS      %s, %s kernels, %s build\n", line,
		    part(b, "blas", "config"), part(b, "blas", "core"),
		    part(b, "blas", "build"));
	text_printf(out, "%sthreads   ", line);
	add_threads(b, out);
	text_printf(out, "\n%sprogram   commit %s, %s; newest row of %s\n", line,
		    json_get_string(b->header, "commit", ""),
		    part(b, "versions", "compiler"), date);
	add_warnings(b, line, out);
}

/* The marks are explained once, at the end, for whoever reads them first. */
static void add_summary(const struct board *b, const char *line,
			struct text *out)
{
	size_t i;
	json_t *item;

	text_add(out, "\n");
	json_array_foreach (b->summary, i, item)
		text_printf(out, "%s%s\n", line,
			    json_get_string(item, "text", ""));
	text_printf(out,
		    "\nfamilies meet with their best learner on each task: "
		    "rank 1 is the best of them, ties share a rank; errors are "
		    "compared by the geometric mean of their ratios over tasks\n"
		    MARK_BEST " best of the task, " MARK_FAMILY " best of "
		    "its family; the interval is Student's over repeats "
		    "(each with its own rows, split and seed); times are "
		    "medians, memory is the largest\n");
}

/* Header, a block a task, who leads, what the marks mean. */
static int format_for_people(const struct board *b, enum textable_format f,
			     bool color, struct text *out, struct error *err)
{
	const char *line = f == TEXTABLE_MD ? "- " : "";

	if (!b->n) {
		text_add(out, "no rows yet: triarch run makes them\n");
		return 0;
	}
	add_header(b, line, out);
	for (size_t i = 0, end; i < b->n; i = end) {
		end = board_block_end(b, i);
		if (add_block(b, i, end, f, color, out, err))
			return (int)err->code;
	}
	add_summary(b, line, out);
	return 0;
}

/* ---------------------------------------------------------------- programs */

/* Keys are a promise to whoever reads boards with a program: add, never rename
 * or drop. */
static json_t *row_to_json(const struct board_row *r)
{
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
		" s:s, s:I, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:s, s:s, s:s,"
		" s:s, s:b, s:b, s:O}",
		"task", r->task, "modality", r->modality, "learner", r->learner,
		"family", r->family, "metric", r->metric,
		"score", json_number(r->score), "error", json_number(r->error),
		"fit_s", json_number(r->fit_s),
		"fit_cpu_s", json_number(r->fit_cpu_s),
		"predict_s", json_number(r->predict_s),
		"prepare_s", json_number(r->prepare_s),
		"peak_rss_mb", json_number(r->peak_rss_mb),
		"status", r->status, "seeds", (json_int_t)r->seeds,
		"n_train", (json_int_t)r->n_train,
		"error_lo", json_number(r->error_lo),
		"error_hi", json_number(r->error_hi),
		"n_test", (json_int_t)r->n_test,
		"threads", (json_int_t)r->threads,
		"failed", (json_int_t)r->failed,
		"other_machines", (json_int_t)r->foreign,
		"view", r->view, "task_kind", r->task_kind,
		"origin", r->origin, "message", r->message,
		"best", (int)r->best,
		"best_of_family", (int)r->best_of_family,
		"metrics", r->metrics);
}

/* jansson would write 0.1 with seventeen digits, so every row is written by
 * our own canonical writer, a row a line. NULL is out of memory. */
static void add_json_line(json_t *row, bool first, struct text *out)
{
	text_add(out, first ? "\n    " : ",\n    ");
	if (row)
		json_add(out, row);
	out->failed |= !row;
}

static int format_json(const struct board *b, struct text *out,
		       struct error *err)
{
	size_t i;
	json_t *line;

	text_add(out, "{\n  \"header\": ");
	json_add(out, b->header);
	text_add(out, ",\n  \"rows\": [");
	/* One object at a time: all at once would be 100 MB. */
	for (i = 0; i < b->n && !out->failed; i++) {
		line = row_to_json(&b->rows[i]);
		add_json_line(line, !i, out);
		json_decref(line);
	}
	text_add(out, "\n  ],\n  \"summary\": [");
	json_array_foreach (b->summary, i, line)
		add_json_line(line, !i, out);
	text_add(out, "\n  ]\n}\n");
	return out->failed ? arena_error(out->arena, err) : 0;
}

/* CSV: the columns in this order, by the keys of the JSON. Add at the end. */
static const struct textable_column flat[] = {
	{ "task", "", false },	     { "modality", "", false },
	{ "learner", "", false },    { "family", "", false },
	{ "metric", "", false },     { "score", "", true },
	{ "error", "", true },	     { "error_lo", "", true },
	{ "error_hi", "", true },    { "fit_s", "", true },
	{ "fit_cpu_s", "", true },   { "predict_s", "", true },
	{ "prepare_s", "", true },   { "peak_rss_mb", "", true },
	{ "status", "", false },     { "seeds", "", true },
	{ "failed", "", true },	     { "n_train", "", true },
	{ "n_test", "", true },	     { "threads", "", true },
	{ "view", "", false },	     { "origin", "", false },
	{ "message", "", false },
};
#define FLAT (sizeof(flat) / sizeof(flat[0]))

/* A flat field of a JSON row as the text of a cell; null is empty. */
static void set_cell(struct textable *t, size_t col, const json_t *value)
{
	const char *s = json_is_string(value) ? json_string_value(value) :
			json_is_null(value)   ? "" :
						json_canonical(t->arena, value);

	textable_set(t, col, "%s", s ? s : "");
	t->failed |= !s;
}

/* The fields of a JSON row that fit into a cell, so that both formats say the
 * same under the same names. */
static int format_csv(const struct board *b, struct text *out,
		      struct error *err)
{
	struct textable t;

	textable_init(&t, out->arena, flat, FLAT);
	for (size_t i = 0; i < b->n && !t.failed; i++) {
		json_t *row = row_to_json(&b->rows[i]);

		textable_add_row(&t);
		for (size_t j = 0; row && j < FLAT; j++)
			set_cell(&t, j, json_object_get(row, flat[j].key));
		t.failed |= !row;
		json_decref(row);
	}
	return textable_format(&t, TEXTABLE_CSV, false, out, err);
}

/* One place asks whether memory lasted, for all four formats. */
int board_format(const struct board *b, enum board_format f, bool color,
		 struct arena *a, const char **text, struct error *err)
{
	struct text out = { .arena = a };
	int rc = 0;

	if (f == BOARD_JSON)
		rc = format_json(b, &out, err);
	else if (f == BOARD_CSV)
		rc = format_csv(b, &out, err);
	else
		rc = format_for_people(b, f == BOARD_MD ? TEXTABLE_MD :
							  TEXTABLE_TABLE,
				       color, &out, err);
	if (!rc && out.failed)
		rc = arena_error(a, err);
	*text = out.data;
	return rc;
}
