/* From samples to a board.
 *
 * Samples are sorted so that those of one line (task, size, learner, parameters,
 * view, threads) stand together; each run becomes a row of means and medians;
 * rows are sorted by score within their task and the best are marked. All of it
 * is sorting and one walk: no table of tables, and ties always fall the same
 * way, so that two boards of one store are the same bytes.
 */
#include "results/board.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "results/board_private.h"
#include "results/stats.h"

/* The confidence of the intervals, named in the tables' heads. */
#define LEVEL 0.95
#define REPEATS_MIN 3 /* an interval from two values says nothing */

/* ---------------------------------------------------------------- order */

/* Tabular first, as in the documents; what is not known comes last. */
static int modality_place(const char *name)
{
	static const char *const order[] = { "tabular", "image", "audio",
					     "text" };
	int i = 0;

	while (i < 4 && strcmp(order[i], name))
		i++;
	return i;
}

/* Strings of samples and rows are interned: equal ones are one pointer, which
 * spares nearly every strcmp of the sorts. */
static int compare_text(const char *x, const char *y)
{
	return x == y ? 0 : strcmp(x, y);
}

/* Modality, then the task's name. */
static int compare_place(const char *modality_x, const char *task_x,
			 const char *modality_y, const char *task_y)
{
	int order = 0;

	if (modality_x != modality_y)
		order = modality_place(modality_x) - modality_place(modality_y);
	if (!order)
		order = compare_text(modality_x, modality_y);
	return order ? order : compare_text(task_x, task_y);
}

static int compare_int(int64_t x, int64_t y)
{
	return (x > y) - (x < y);
}

/* The samples of one learner on one task, told apart by all that makes it
 * another competitor; repeats and sizes are not among them. */
static int compare_line(const struct board_sample *x,
			const struct board_sample *y)
{
	int order = compare_place(x->modality, x->task, y->modality, y->task);

	if (!order)
		order = compare_text(x->learner, y->learner);
	if (!order)
		order = compare_text(x->params, y->params);
	if (!order)
		order = compare_text(x->view, y->view);
	return order ? order : compare_int(x->threads, y->threads);
}

/* Within a task the smallest first: sizes that are near become neighbours. */
static int by_size(const void *a, const void *b)
{
	const struct board_sample *x = a, *y = b;
	int order = compare_place(x->modality, x->task, y->modality, y->task);

	return order ? order : compare_int(x->n_train, y->n_train);
}

/* The question is the last resort, so that equal samples have one order. */
static int by_line(const void *a, const void *b)
{
	const struct board_sample *x = a, *y = b;
	int order = compare_line(x, y);

	if (!order)
		order = compare_int((int64_t)x->level, (int64_t)y->level);
	if (!order)
		order = compare_int(x->repeat, y->repeat);
	return order ? order : compare_int((int64_t)x->question,
					   (int64_t)y->question);
}

/* A suite may ask for one task at several sizes. Grouped splits fit on a few
 * rows more or less, so sizes within a tenth of each other are one; a cell
 * that died before it could count its rows (0) is put with the largest. */
static void set_levels(struct board_samples *s)
{
	qsort(s->at, s->n, sizeof(*s->at), by_size);
	for (size_t i = 0, end; i < s->n; i = end) {
		size_t level = 0;

		for (end = i + 1; end < s->n && s->at[end].task == s->at[i].task;
		     end++) {
			int64_t before = s->at[end - 1].n_train;

			level += before && s->at[end].n_train >
						   before + before / 10;
			s->at[end].level = level;
		}
		for (size_t k = i; k < end && !s->at[k].n_train; k++)
			s->at[k].level = level;
	}
	qsort(s->at, s->n, sizeof(*s->at), by_line);
}

/* The order in which the board is read: the best first, those without any
 * score last. */
static int by_score(const void *a, const void *b)
{
	const struct board_row *x = a, *y = b;
	int order = compare_place(x->modality, x->task, y->modality, y->task);

	if (!order)
		order = compare_int((int64_t)x->level, (int64_t)y->level);
	if (!order)
		order = isnan(x->score) - isnan(y->score);
	if (!order)
		order = (x->score < y->score) - (x->score > y->score);
	return order ? order : strcmp(x->learner, y->learner);
}

/* ---------------------------------------------------------------- a line */

/* One line in the making: samples of one competitor, with room for a value
 * of each. */
struct line {
	const struct board_sample *at; /* (n) */
	size_t n;
	const char *fingerprint; /* whose times count */
	double *values;		 /* (n) scratch */
};

/* Student's quantile is dear, and nearly all lines have equally many repeats. */
struct student {
	size_t n;
	double t;
};

/* stats_t_interval with the quantile remembered. */
static struct stats_interval interval_of(const double *x, size_t n,
					 struct student *s)
{
	double mean = stats_mean(x, n), half;

	if (s->n != n) {
		s->n = n;
		s->t = stats_t_quantile(0.5 + 0.5 * LEVEL, (double)(n - 1));
	}
	half = s->t * stats_sd(x, n) / sqrt((double)n);
	return (struct stats_interval){ mean - half, mean + half };
}

/* Times of another machine say nothing here; failed fits have none. */
static size_t gather_times(const struct line *l, size_t offset)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		const char *sample = (const char *)&l->at[i];

		if (l->at[i].status == STATUS_OK &&
		    l->at[i].fingerprint == l->fingerprint)
			l->values[n++] =
				*(const double *)(const void *)(sample + offset);
	}
	return n;
}

#define MEDIAN_TIME(line, member) \
	stats_median((line)->values, \
		     gather_times((line), offsetof(struct board_sample, member)))

/* Medians: one repeat that a cron job disturbed should not speak for all.
 * Memory is the largest, because that is what a machine must have. */
static void set_times(struct board_row *row, const struct line *l)
{
	size_t n;

	row->fit_s = MEDIAN_TIME(l, fit_s);
	row->fit_cpu_s = MEDIAN_TIME(l, fit_cpu_s);
	row->predict_s = MEDIAN_TIME(l, predict_s);
	row->prepare_s = MEDIAN_TIME(l, prepare_s);
	n = gather_times(l, offsetof(struct board_sample, peak_rss_mb));
	row->peak_rss_mb = n ? l->values[0] : NAN;
	for (size_t i = 1; i < n; i++)
		row->peak_rss_mb = fmax(row->peak_rss_mb, l->values[i]);
}

/* Means over the repeats that went well; failures are counted, not imputed. */
static void set_scores(struct board_row *row, const struct line *l,
		       struct student *student)
{
	struct stats_interval interval = { NAN, NAN };
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->at[i].status == STATUS_OK)
			l->values[n++] = l->at[i].score;
	row->seeds = (int64_t)n;
	row->failed = (int64_t)(l->n - n);
	row->score = stats_mean(l->values, n);
	n = 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->at[i].status == STATUS_OK)
			l->values[n++] = l->at[i].error;
	row->error = stats_mean(l->values, n);
	row->error_sd = n > 1 ? stats_sd(l->values, n) : NAN;
	if (n >= REPEATS_MIN)
		interval = interval_of(l->values, n, student);
	row->error_lo = interval.lo;
	row->error_hi = interval.hi;
}

/* What the samples of a line have in common, and who speaks for it. */
static void set_names(struct board_row *row, const struct line *l)
{
	const struct board_sample *s = &l->at[0];

	*row = (struct board_row){
		.task = s->task,
		.modality = s->modality,
		.task_kind = s->task_kind,
		.learner = s->learner,
		.family = s->family,
		.origin = s->origin,
		.metric = s->metric,
		.view = s->view,
		.transform = s->transform,
		.status = status_name(s->status),
		.message = s->message,
		.n_train = s->n_train,
		.n_test = s->n_test,
		.threads = s->threads,
		.level = s->level,
	};
	for (size_t i = 0; i < l->n; i++) {
		s = &l->at[i];
		row->foreign += s->fingerprint != l->fingerprint;
		if (s->n_train > row->n_train)
			row->n_train = s->n_train;
		if (s->n_test > row->n_test)
			row->n_test = s->n_test;
	}
	/* The first failure speaks for the line. */
	for (size_t i = l->n; i--;) {
		if (l->at[i].status == STATUS_OK)
			continue;
		row->status = status_name(l->at[i].status);
		row->message = l->at[i].message;
	}
}

/* Over the good repeats that have the metric. */
static double mean_metric(const struct line *l, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct board_sample *s = &l->at[i];

		for (size_t m = 0; m < s->n_metrics; m++)
			if (s->status == STATUS_OK &&
			    s->metrics[m].name == name)
				l->values[n++] = s->metrics[m].value;
	}
	return stats_mean(l->values, n);
}

/* {name: mean} over every metric that the first good repeat has. */
static int set_metrics(struct board_row *row, const struct line *l)
{
	size_t i = 0;
	int bad = 0;

	row->metrics = json_object();
	while (i < l->n && l->at[i].status != STATUS_OK)
		i++;
	for (size_t m = 0; i < l->n && m < l->at[i].n_metrics; m++) {
		const char *name = l->at[i].metrics[m].name;

		bad |= json_object_set_new(row->metrics, name,
					   json_number(mean_metric(l, name)));
	}
	return row->metrics && !bad ? 0 : -1;
}

/* ---------------------------------------------------------------- lines */

/* After set_levels two sizes of a task are one line only on one level. */
static bool same_line(const struct board_sample *x,
		      const struct board_sample *y)
{
	return x->level == y->level && !compare_line(x, y);
}

/* The samples are sorted by line: each run of equals becomes one. */
static int make_lines(struct board *b, const struct board_samples *s,
		      struct arena *a, struct error *err)
{
	struct line l = { .fingerprint = s->fingerprint };
	struct student student = { 0 };

	b->rows = ARENA_NEW(a, struct board_row, s->n);
	l.values = ARENA_NEW(a, double, s->n);
	if (!b->rows || !l.values)
		return arena_error(a, err);
	for (size_t i = 0; i < s->n; i += l.n) {
		struct board_row *row = &b->rows[b->n++];

		l.at = &s->at[i];
		l.n = 1;
		while (i + l.n < s->n && same_line(l.at, &l.at[l.n]))
			l.n++;
		set_names(row, &l);
		set_scores(row, &l, &student);
		set_times(row, &l);
		row->params = l.at->params;
		if (set_metrics(row, &l))
			return error_set(err, ERR_MEMORY,
					 "out of memory: metrics of the board");
	}
	return 0;
}

/* Interned task names: the pointer tells. */
size_t board_block_end(const struct board *b, size_t i)
{
	const struct board_row *first = &b->rows[i];

	while (i < b->n && b->rows[i].task == first->task &&
	       b->rows[i].level == first->level)
		i++;
	return i;
}

/* Rows are sorted by score, so the first good one of a family is its best;
 * equal scores share the mark. A line with a failed repeat wins nothing, and
 * a baseline is there to be beaten. */
static void mark_best(struct board *b)
{
	for (size_t i = 0, end; i < b->n; i = end) {
		const struct board_row *best = NULL;

		end = board_block_end(b, i);
		for (size_t k = i; k < end; k++) {
			struct board_row *row = &b->rows[k];
			size_t j = i;

			if (row->failed || !isfinite(row->score))
				continue;
			best = best ? best : row;
			row->best = row->score >= best->score;
			while (j < k && (b->rows[j].family != row->family ||
					 !b->rows[j].best_of_family))
				j++;
			row->best_of_family =
				strcmp(row->family, "baseline") &&
				(j == k || b->rows[j].score <= row->score);
		}
	}
}

/* ---------------------------------------------------------------- header */

/* A row of an older program may lack what the header shows. */
static json_t *object_or_empty(json_t *object)
{
	return object ? json_incref(object) : json_object();
}

/* Every number of threads that occurs. */
static json_t *thread_counts(const struct board *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < b->n; i++) {
		bool seen = false;
		size_t k;
		json_t *value;

		json_array_foreach (list, k, value)
			seen |= json_integer_value(value) == b->rows[i].threads;
		if (!seen)
			json_array_append_new(list,
					      json_integer(b->rows[i].threads));
	}
	return list;
}

/* Cells that another commit of this program measured. */
static json_int_t count_other_builds(const struct board_samples *s)
{
	json_int_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->at[i].build != s->build;
	return n;
}

/* What a reader must know before comparing a number with another board's. */
static json_t *make_header(const struct board *b, const struct board_samples *s,
			   const char *const *keys, size_t n)
{
	json_t *h = json_object();
	int bad = 0;

	bad |= json_object_set_new(h, "machine", object_or_empty(s->machine));
	bad |= json_object_set_new(h, "blas", object_or_empty(s->blas));
	bad |= json_object_set_new(h, "versions", object_or_empty(s->versions));
	bad |= json_object_set_new(h, "threads", thread_counts(b));
	bad |= json_object_set_new(h, "commit",
				   json_string(s->build ? s->build : ""));
	bad |= json_object_set_new(h, "other_commits",
				   json_integer(count_other_builds(s)));
	bad |= json_object_set_new(
		h, "fingerprint",
		json_string(s->fingerprint ? s->fingerprint : ""));
	bad |= json_object_set_new(h, "newest", json_integer(s->created));
	bad |= json_object_set_new(h, "cells", json_integer((json_int_t)s->n));
	bad |= json_object_set_new(
		h, "missing",
		json_integer(keys && n > s->n ? (json_int_t)(n - s->n) : 0));
	/* Rows whose scores count and whose times do not. */
	bad |= json_object_set_new(h, "other_machines",
				   json_integer((json_int_t)s->foreign));
	if (!bad)
		return h;
	json_decref(h);
	return NULL;
}

/* Collect, sort, average, name, sort again, mark: each step needs the one
 * before, and marks need the order. */
int board_make(struct board *b, struct store *s, const char *const *keys,
	       size_t n, struct arena *a, struct error *err)
{
	struct board_samples samples;
	int rc = board_collect(&samples, s, keys, n, a, err);

	*b = (struct board){ 0 };
	if (rc)
		return rc;
	if (samples.n)
		set_levels(&samples);
	rc = make_lines(b, &samples, a, err);
	if (!rc && b->n)
		qsort(b->rows, b->n, sizeof(*b->rows), by_score);
	if (!rc)
		rc = board_label(b, a, err);
	if (!rc) {
		mark_best(b);
		b->header = make_header(b, &samples, keys, n);
		b->summary = board_summarise(b, a);
		if (!b->header || !b->summary)
			rc = error_set(err, ERR_MEMORY, "out of memory: board");
	}
	board_samples_clear(&samples);
	if (rc)
		board_clear(b);
	return rc;
}

/* Strings and rows are the arena's. */
void board_clear(struct board *b)
{
	for (size_t i = 0; i < b->n; i++)
		json_decref(b->rows[i].metrics);
	json_decref(b->header);
	json_decref(b->summary);
	*b = (struct board){ 0 };
}
