/* What a prediction is worth. Sums run in double, in row order. */
#ifndef TRIARCH_METRIC_H
#define TRIARCH_METRIC_H

#include <jansson.h>

#include "datasets/dataset.h"

/* Every metric of a task; NAN where it is not defined (AUC with one class
 * present, R2 of a constant target). */
struct metrics {
	enum task task;
	/* classification */
	double accuracy;
	double balanced_accuracy; /* mean recall of the classes present */
	double auc;		  /* rank sum; macro one-vs-rest beyond two */
	double log_loss;	  /* nats a row */
	/* regression, in the target's own units */
	double rmse, mae, r2;
};

/* `scores` is (rows->rows, classes) probabilities or (rows->rows, 1) values.
 * ERR_DIVERGED when one is not finite, ERR_MEMORY (scratch, given back). */
int metric_compute(struct metrics *m, const struct dataset *data,
		   const struct part *rows, const float *scores,
		   struct arena *a, struct error *err);

/* The metric of a task by name ("accuracy", "r2" ...), higher is better: what
 * is lower-better comes back negated. NAN for an unknown name. */
double metric_score(const struct metrics *m, const char *name);

/* 1 - accuracy, or RMSE. */
double metric_error(const struct metrics *m);

/* {"accuracy": ..., ...} or {"rmse": ...}; a new reference, or NULL. */
json_t *metric_to_json(const struct metrics *m);

/* Is it one of the keys of a kind of task? */
bool metric_known(const char *name, enum task task);

#endif
