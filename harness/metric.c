/* Metrics of one part, in double whatever the scores are, with the
 * conventions of scikit-learn where a choice is to be made;
 * tests/make_metric_reference.py made the numbers they are checked against. */
#include "harness/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"

/* ---------------------------------------------------------------- parts */

/* No metric hides a NaN: the learner diverged. Looked at before any metric, so
 * that none of them has to care. */
static int check_finite(const float *scores, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(scores[i]))
			return error_set(err, ERR_DIVERGED,
					 "a predicted score is not a finite "
					 "number (the %zu-th)", i + 1);
	return 0;
}

/* The first of the largest: ties go to the lower class, as in NumPy. */
static size_t argmax(const float *x, size_t n)
{
	size_t best = 0;

	for (size_t c = 1; c < n; c++)
		if (x[c] > x[best])
			best = c;
	return best;
}

/* Accuracy, and the mean recall of the classes that occur: one that the test
 * part lacks has no recall, and counting it as 0 would punish all learners
 * alike. Scores are (rows, classes). */
static int recalls(struct metrics *m, const struct part *rows, size_t classes,
		   const float *scores, struct arena *a, struct error *err)
{
	size_t *seen = ARENA_NEW(a, size_t, classes);
	size_t *hit = ARENA_NEW(a, size_t, classes);
	size_t right = 0, present = 0;
	double sum = 0.0;

	if (!seen || !hit)
		return arena_error(a, err);
	for (size_t i = 0; i < rows->rows; i++) {
		size_t truth = (size_t)rows->label[i];
		bool good = argmax(scores + i * classes, classes) == truth;

		seen[truth]++;
		hit[truth] += good;
		right += good;
	}
	for (size_t c = 0; c < classes; c++) {
		if (!seen[c])
			continue;
		sum += (double)hit[c] / (double)seen[c];
		present++;
	}
	m->accuracy = (double)right / (double)rows->rows;
	m->balanced_accuracy = sum / (double)present;
	return 0;
}

/* Mean of -log p(truth). Rows are normalised first, so that float rounding in
 * a row's sum does not count; p is clipped at the float epsilon, as
 * scikit-learn does for float32: a wrong certainty costs 15.9 nats, not
 * infinitely many. */
static double log_loss(const struct part *rows, size_t classes,
		       const float *scores)
{
	const double eps = 1.1920928955078125e-07;
	double sum = 0.0;

	for (size_t i = 0; i < rows->rows; i++) {
		const float *row = scores + i * classes;
		double total = 0.0, p;

		for (size_t c = 0; c < classes; c++)
			total += fmax((double)row[c], 0.0);
		p = total > 0.0 ? (double)row[rows->label[i]] / total : 0.0;
		sum -= log(fmin(fmax(p, eps), 1.0 - eps));
	}
	return sum / (double)rows->rows;
}

/* ---------------------------------------------------------------- AUC */

struct ranked {
	float score;
	bool positive;
};

/* Total because NaN was turned away before; the order of equal scores plays no
 * role, as they share a rank. */
static int by_score(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->score > y->score) - (x->score < y->score);
}

/* Mann-Whitney: the share of (positive, negative) pairs in the right order,
 * ties half. Equal scores share the mean of their ranks (Hanley & McNeil
 * 1982). NAN unless both kinds occur. */
static double rank_sum_auc(struct ranked *r, size_t n)
{
	double ranks = 0.0, positives = 0.0, negatives;

	qsort(r, n, sizeof(*r), by_score);
	for (size_t i = 0, end; i < n; i = end) {
		double mean_rank;

		for (end = i; end < n && r[end].score == r[i].score; end++)
			;
		mean_rank = 0.5 * (double)(i + 1 + end);
		for (size_t k = i; k < end; k++) {
			ranks += r[k].positive ? mean_rank : 0.0;
			positives += r[k].positive;
		}
	}
	negatives = (double)n - positives;
	if (positives == 0.0 || negatives == 0.0)
		return NAN;
	return (ranks - positives * (positives + 1.0) / 2.0) /
	       (positives * negatives);
}

/* One class against the rest. `scratch` is (rows) and is sorted, so it is
 * filled anew for every class. */
static double class_auc(const struct part *rows, size_t classes, size_t c,
			const float *scores, struct ranked *scratch)
{
	for (size_t i = 0; i < rows->rows; i++)
		scratch[i] = (struct ranked){
			.score = scores[i * classes + c],
			.positive = (size_t)rows->label[i] == c,
		};
	return rank_sum_auc(scratch, rows->rows);
}

/* Two classes: of the second. More: the mean over those that are defined, each
 * against the rest ("ovr", "macro" in scikit-learn). NAN when none is.
 * O(classes rows log rows). */
static int auc(struct metrics *m, const struct part *rows, size_t classes,
	       const float *scores, struct arena *a, struct error *err)
{
	struct ranked *scratch = ARENA_RAW(a, struct ranked, rows->rows);
	double sum = 0.0;
	size_t defined = 0;

	if (!scratch)
		return arena_error(a, err);
	m->auc = NAN;
	for (size_t c = classes == 2; c < classes; c++) {
		double x = class_auc(rows, classes, c, scores, scratch);

		sum += isnan(x) ? 0.0 : x;
		defined += isnan(x) ? 0 : 1;
	}
	if (defined)
		m->auc = sum / (double)defined;
	return 0;
}

/* ---------------------------------------------------------------- tasks */

/* All four always: a suite chooses which one counts, and the others cost little
 * beside a fit. */
static int classification(struct metrics *m, const struct dataset *data,
			  const struct part *rows, const float *scores,
			  struct arena *a, struct error *err)
{
	if (recalls(m, rows, data->classes, scores, a, err) ||
	    auc(m, rows, data->classes, scores, a, err))
		return (int)err->code;
	m->log_loss = log_loss(rows, data->classes, scores);
	return 0;
}

/* Two passes, since sum(y^2) - n mean^2 loses all digits for targets far from
 * 0. r2 is NAN where the target is constant, as any number would be an answer
 * to no question. */
static void regression(struct metrics *m, const struct part *rows,
		       const float *scores)
{
	double mean = 0.0, square = 0.0, absolute = 0.0, total = 0.0;
	double n = (double)rows->rows;

	for (size_t i = 0; i < rows->rows; i++)
		mean += (double)rows->target[i] / n;
	for (size_t i = 0; i < rows->rows; i++) {
		double miss = (double)scores[i] - (double)rows->target[i];
		double off = (double)rows->target[i] - mean;

		square += miss * miss;
		absolute += fabs(miss);
		total += off * off;
	}
	m->rmse = sqrt(square / n);
	m->mae = absolute / n;
	m->r2 = total > 0.0 ? 1.0 - square / total : NAN;
}

int metric_compute(struct metrics *m, const struct dataset *data,
		   const struct part *rows, const float *scores,
		   struct arena *a, struct error *err)
{
	bool classes = data->task == TASK_CLASSIFICATION;
	struct arena_mark mark = arena_mark(a);
	int rc = 0;

	*m = (struct metrics){ .task = data->task };
	if (!rows->rows)
		return error_set(err, ERR_DATA, "no rows to measure on");
	if (check_finite(scores, rows->rows * (classes ? data->classes : 1),
			 err))
		return (int)err->code;
	if (classes)
		rc = classification(m, data, rows, scores, a, err);
	else
		regression(m, rows, scores);
	arena_rewind(a, mark);
	return rc;
}

/* ---------------------------------------------------------------- by name */

static const struct name {
	const char *name;
	enum task task;
	size_t offset;
	double sign; /* of "higher is better" */
} names[] = {
	{ "accuracy", TASK_CLASSIFICATION, offsetof(struct metrics, accuracy), 1 },
	{ "balanced_accuracy", TASK_CLASSIFICATION,
	  offsetof(struct metrics, balanced_accuracy), 1 },
	{ "auc", TASK_CLASSIFICATION, offsetof(struct metrics, auc), 1 },
	{ "log_loss", TASK_CLASSIFICATION, offsetof(struct metrics, log_loss), -1 },
	{ "rmse", TASK_REGRESSION, offsetof(struct metrics, rmse), -1 },
	{ "mae", TASK_REGRESSION, offsetof(struct metrics, mae), -1 },
	{ "r2", TASK_REGRESSION, offsetof(struct metrics, r2), 1 },
};
#define NAMES (sizeof(names) / sizeof(names[0]))

/* By offset, so that one table serves names, kinds and JSON. memcpy for the
 * sake of alignment rules. */
static double value(const struct metrics *m, const struct name *n)
{
	double x;

	memcpy(&x, (const char *)m + n->offset, sizeof(x));
	return x;
}

/* Higher is better for every name, so that no caller needs to know which way a
 * metric runs: a log loss of 0.3 is a score of -0.3. NAN for what the kind of
 * task does not have. */
double metric_score(const struct metrics *m, const char *name)
{
	for (size_t i = 0; i < NAMES; i++)
		if (names[i].task == m->task && !strcmp(names[i].name, name))
			return names[i].sign * value(m, &names[i]);
	return NAN;
}

/* From the same table as metric_score, which would give NAN for another name. */
bool metric_known(const char *name, enum task task)
{
	for (size_t i = 0; i < NAMES; i++)
		if (names[i].task == task && !strcmp(names[i].name, name))
			return true;
	return false;
}

/* What a board compares across learners: in [0, 1] for classes, in the target's
 * unit for numbers; 0 is perfect in both. */
double metric_error(const struct metrics *m)
{
	return m->task == TASK_CLASSIFICATION ? 1.0 - m->accuracy : m->rmse;
}

/* Those of the kind alone. What is undefined becomes null, which JSON can say
 * and NaN it cannot. */
json_t *metric_to_json(const struct metrics *m)
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < NAMES; i++) {
		if (names[i].task != m->task)
			continue;
		if (json_object_set_new(object, names[i].name,
					json_number(value(m, &names[i])))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}
