/* A user's own training and test file.
 *
 * Both become one table, training rows first, so that everything behind it works
 * as for a data set of the catalogue with an official split. The training file
 * alone decides: on types, levels, classes and, when asked to, on the task. What
 * the test file has beyond that is missing where a learner can live with it (a
 * new category) and an error where not (a new class, another column).
 */
#include <math.h>
#include <string.h>

#include "datasets/csv/csv.h"
#include "datasets/load.h"
#include "datasets/split.h"

#define GUESS_CLASSES_MAX 20

struct pair {
	const struct load_files *req;
	struct csv train, test;
	struct csv_options options;
	enum task task;
};

/* The target's column; csv_read has made sure that it is there. */
static size_t target_of(const struct pair *p)
{
	size_t j = 0;

	while (strcmp(p->train.table.columns[j].name, p->req->target))
		j++;
	return j;
}

/* More than `most` distinct values? Stops as soon as it knows, so that a column
 * of a million different numbers costs 21 comparisons a row at most. */
static bool many_values(const float *x, size_t n, size_t most)
{
	float seen[GUESS_CLASSES_MAX];
	size_t k, known = 0;

	for (size_t i = 0; i < n; i++) {
		for (k = 0; k < known; k++)
			if (!(x[i] < seen[k]) && !(x[i] > seen[k]))
				break;
		if (k < known)
			continue;
		if (known == most)
			return true;
		seen[known++] = x[i];
	}
	return false;
}

/* Text is never a quantity; few numbers are more likely classes. A guess, which
 * the caller can overrule. */
static enum task guess_task(const struct pair *p)
{
	const struct table *t = &p->train.table;
	size_t j = target_of(p);

	if (t->columns[j].is_cat || !many_values(t->cell[j], t->rows, GUESS_CLASSES_MAX))
		return TASK_CLASSIFICATION;
	return TASK_REGRESSION;
}

/* The training file decides on types, levels and the task; the test file is
 * read as another file of the same kind. In a regression the target is declared
 * numeric, so that a text in it is reported with its line. */
static int read_pair(struct pair *p, struct arena *a, struct error *err)
{
	const struct load_files *req = p->req;
	bool regression = !req->guess_task && req->task == TASK_REGRESSION;

	p->options.target = req->target;
	if (regression) { /* a text target is named with its line */
		p->options.numeric = &req->target;
		p->options.n_numeric = 1;
	}
	if (csv_read(req->train, &p->options, a, &p->train, err))
		return err->code;
	p->task = req->guess_task ? guess_task(p) : req->task;
	return csv_read_like(req->test, &p->options, &p->train.table, a, &p->test, err);
}

/* Training rows, then test rows, column by column. */
static int join(const struct pair *p, struct arena *a, struct table *t, struct error *err)
{
	const struct table *train = &p->train.table, *test = &p->test.table;

	*t = *train;
	t->rows = train->rows + test->rows;
	t->cell = ARENA_NEW(a, float *, t->cols);
	if (!t->cell)
		return arena_error(a, err);
	for (size_t j = 0; j < t->cols; j++) {
		t->cell[j] = ARENA_RAW(a, float, t->rows);
		if (!t->cell[j])
			return arena_error(a, err);
		memcpy(t->cell[j], train->cell[j], train->rows * sizeof(float));
		memcpy(t->cell[j] + train->rows, test->cell[j],
		       test->rows * sizeof(float));
	}
	return 0;
}

/* Every class stands in a training row, and there are two or more. */
static int check_classes(const struct pair *p, const struct items *items, struct arena *a,
			 struct error *err)
{
	bool *seen = ARENA_NEW(a, bool, items->classes);
	size_t n = 0, n_train = p->train.table.rows;

	if (!seen)
		return arena_error(a, err);
	for (size_t i = 0; i < n_train; i++) {
		n += !seen[items->label[i]];
		seen[items->label[i]] = true;
	}
	if (n < 2)
		return error_set(err, ERR_DATA,
				 "%s: target '%s' has a single "
				 "class: there is nothing to learn",
				 p->req->train, p->req->target);
	for (size_t i = n_train; i < items->n; i++)
		if (!seen[items->label[i]])
			return error_set(err, ERR_DATA,
					 "%s:%u: the class '%s' "
					 "of '%s' is in no training row",
					 p->req->test, p->test.line[i - n_train],
					 items->class_names[items->label[i]],
					 p->req->target);
	return 0;
}

/* Row numbers of messages are those of the training file, which comes first. */
static int make_items(const struct pair *p, struct arena *a, struct items *items,
		      struct error *err)
{
	const struct source src = { .name = p->req->train,
				    .target = p->req->target,
				    .task = p->task };
	size_t n_train = p->train.table.rows;
	struct table t;
	uint8_t *official;

	if (join(p, a, &t, err))
		return err->code;
	if (table_to_items(&t, &src, a, items, err))
		return error_wrap(err, "%s", p->req->train);
	official = ARENA_NEW(a, uint8_t, items->n);
	if (!official)
		return arena_error(a, err);
	memset(official, OFFICIAL_TRAIN, n_train);
	memset(official + n_train, OFFICIAL_TEST, items->n - n_train);
	items->official = official;
	if (p->task == TASK_CLASSIFICATION)
		return check_classes(p, items, a, err);
	return 0;
}

/* With a share kept back it is drawn as for any data set; else every training
 * row is fitted on, in file order. */
static int make_split(const struct pair *p, const struct items *items, struct arena *a,
		      struct split *out, struct error *err)
{
	struct split_rule rule = { .kind = SPLIT_OFFICIAL };
	size_t n = p->train.table.rows;
	double kept = ceil((double)n * p->req->valid_share);
	bool all = kept <= 0;

	if (kept >= (double)n)
		return error_set(err, ERR_CONFIG,
				 "%s: %g of %zu rows kept back "
				 "for validation leaves none to fit",
				 p->req->train, p->req->valid_share, n);
	if (!all) {
		n -= (size_t)kept;
		rule.valid = kept / (double)n; /* a share of the fitted rows */
	}
	return split_make(items, &rule, n, 0, all, a, out, err);
}

/* Nothing is cached: the files are the user's and may change at any time. */
int load_from_files(const struct load_files *req, struct arena *a, struct dataset *out,
		    struct items *raw, struct error *err)
{
	const struct encoder *encoder = encoder_find(req->view, MODALITY_TABULAR);
	struct pair p = { .req = req };
	struct split split;

	error_clear(err);
	if (!encoder)
		return error_set(err, ERR_UNSUPPORTED, "there is no %s view of a table",
				 view_name(req->view));
	if (read_pair(&p, a, err) || make_items(&p, a, raw, err) ||
	    make_split(&p, raw, a, &split, err) ||
	    encoder->encode(raw, &split, req->threads, a, out, err))
		return err->code;
	out->name = req->train;
	return 0;
}
