/* The nearest training rows, by brute force: distances are a matrix product. The
 * dense view brings columns to one scale, so that no column's unit decides who is near.
 * Search and votes are in learners/kernel/.
 */
#include <math.h>

#include "learners/kernel/vote.h"
#include "learners/learner.h"

struct knn_config {
	int64_t k;
	int weights;
};

enum { UNIFORM, DISTANCE };
static const char *const weightings[] = { "uniform", "distance", NULL };

static const struct param params[] = {
	PARAM_INT(struct knn_config, k, 10, 1, 1000, "neighbours that vote",
		  PARAM_LOG(1, 100)),
	PARAM_CHOICE(struct knn_config, weights, DISTANCE, weightings,
		     "each vote counts 1, or 1 / distance", PARAM_ANY),
	PARAM_END,
};

struct knn {
	struct nearest among;
	struct vote vote;
};

/* Nothing is learned: rows are kept, their norms computed once. */
static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct knn_config *cfg = config;
	const struct part *rows = &data->train;
	size_t k = (size_t)cfg->k < rows->rows ? (size_t)cfg->k : rows->rows;
	struct knn *m = ARENA_NEW(run->arena, struct knn, 1);

	if (!m)
		return arena_error(run->arena, err);
	m->vote = (struct vote){ *rows, k, cfg->weights == DISTANCE };
	m->among.k = k;
	m->among.rows = gram_rows_make(run->threads, rows->x, rows->rows,
				       data->cols, run->arena);
	if (!m->among.rows.norm)
		return arena_error(run->arena, err);
	run_tick(run, 1, 1, NAN);
	*model = m;
	return 0;
}

static int predict(const void *model, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	const struct knn *m = model;
	size_t outputs = learner_outputs(data), k = m->vote.k;
	struct arena_mark mark = arena_mark(run->arena);
	struct neighbour *near = ARENA_RAW(run->arena, struct neighbour,
					   rows->rows * k);
	int rc;

	if (!near)
		return arena_error(run->arena, err);
	rc = nearest_find(&m->among, rows->x, rows->rows, run->threads,
			  run->arena, near, err);
	for (size_t i = 0; rc == 0 && i < rows->rows; i++)
		vote_row(&m->vote, near + i * k, outputs, scores + i * outputs);
	arena_rewind(run->arena, mark);
	return rc;
}

static struct forecast forecast(const void *config, const struct dataset *data)
{
	(void)config;
	return (struct forecast){
		.bytes = 4.0 * (double)data->train.rows,
		.flops = 2.0 * (double)data->train.rows * (double)data->cols,
	};
}

const struct learner learner_knn = {
	.name = "knn",
	.summary = "k nearest neighbours by Euclidean distance",
	.family = FAMILY_BASELINE,
	.version = 1,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_DENSE },
	.config_size = sizeof(struct knn_config),
	.params = params,
	.fit = fit,
	.predict = predict,
	.forecast = forecast,
};
