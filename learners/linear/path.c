/* Few data sets want the same penalty: rows of TF-IDF like 0.1 and less, pixels
 * 10 and more. A baseline that is to be beaten fairly must not lose for its
 * default, so the default is a choice made on the validation rows. */
#include "learners/linear/path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/simd.h"
#include "learners/linear/normal.h"

const double path_l2[] = { 100, 30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0 };

#define WITHOUT_VALIDATION 1.0

/* The closed form needs no start, the iteration goes on from w. */
int path_fit_one(const struct path *p, double l2, float *w, struct run *run,
		 struct error *err)
{
	struct loss_fit f = p->fit;
	int rc;

	f.l2 = l2;
	if (!p->closed)
		return loss_fit(&f, w, run, err);
	rc = normal_fit(f.design, f.y, l2, w, run, err);
	if (!rc)
		run_tick(run, 1, 1, NAN);
	return rc;
}

/* Mean log loss, or mean squared error, of scores (rows, outputs). */
static double mean_loss(const struct part *rows, size_t outputs, float *scores)
{
	double sum = 0;

	if (rows->label)
		simd_vec()->softmax(scores, rows->rows, outputs);
	for (size_t i = 0; i < rows->rows; i++) {
		if (rows->label) {
			float p = scores[i * outputs + (size_t)rows->label[i]];

			sum -= log(fmax((double)p, 1e-15));
		} else {
			double e = (double)scores[i] - (double)rows->target[i];

			sum += e * e;
		}
	}
	return sum / (double)rows->rows;
}

struct best {
	double loss, l2;
	float *w; /* (cols + 1, outputs) */
	size_t size;
};

/* Keep w if it is the best so far; false: the path has passed its optimum. */
static bool keep_better(struct best *best, double loss, double l2,
			const float *w)
{
	if (!(loss < best->loss))
		return false;
	best->loss = loss;
	best->l2 = l2;
	memcpy(best->w, w, best->size * sizeof(*w));
	return true;
}

/* From strong to weak, until validation gets worse: the loss along the path is
 * nearly unimodal, and the weakest penalties take the most steps. */
static int walk(const struct path *p, const struct design *valid, float *w,
		float *scores, struct best *best, struct run *run,
		struct error *err)
{
	size_t outputs = p->fit.outputs;

	for (const double *l2 = path_l2; *l2 > 0; l2++) {
		int rc = path_fit_one(p, *l2, w, run, err);

		/* A weaker penalty may fail where a stronger one did not. */
		if (rc && isfinite(best->loss) && rc == ERR_DIVERGED)
			break;
		if (rc)
			return rc;
		design_times(run->threads, valid, w,
			     w + p->data->cols * outputs, outputs, scores);
		if (!keep_better(best, mean_loss(valid->rows, outputs, scores),
				 *l2, w) ||
		    run->stopped)
			break;
	}
	return 0;
}

int path_fit(const struct path *p, float *w, double *l2, struct run *run,
	     struct error *err)
{
	const struct part *rows = &p->data->valid;
	size_t size = (p->data->cols + 1) * p->fit.outputs;
	struct arena_mark mark = arena_mark(run->arena);
	struct best best = { .loss = INFINITY, .size = size };
	struct design valid;
	float *scores;
	int rc;

	*l2 = WITHOUT_VALIDATION;
	if (!rows->rows)
		return path_fit_one(p, *l2, w, run, err);
	best.w = ARENA_NEW(run->arena, float, size);
	scores = ARENA_RAW(run->arena, float, rows->rows * p->fit.outputs);
	if (!best.w || !scores)
		rc = arena_error(run->arena, err);
	else
		rc = design_init(&valid, p->data, rows, false, run->arena, err);
	if (!rc)
		rc = walk(p, &valid, w, scores, &best, run, err);
	if (!rc && isfinite(best.loss)) {
		memcpy(w, best.w, size * sizeof(*w));
		*l2 = best.l2;
	}
	snprintf(run->note, sizeof(run->note), "l2 = %g by validation", *l2);
	arena_rewind(run->arena, mark);
	return rc;
}
