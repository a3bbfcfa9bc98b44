/* The nearest training rows, by brute force: distances are a matrix product. */
#include <math.h>

#include "learners/kernel/nearest.h"
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
	struct nearest rows;
	const struct part *train; /* lent */
	bool by_distance;
};

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct knn_config *cfg = config;
	const struct part *rows = &data->train;
	struct knn *m = ARENA_NEW(run->arena, struct knn, 1);
	struct part *train = arena_copy(run->arena, rows, sizeof(*rows));
	size_t k = (size_t)cfg->k < rows->rows ? (size_t)cfg->k : rows->rows;

	if (!m || !train)
		return arena_error(run->arena, err);
	m->train = train;
	m->by_distance = cfg->weights == DISTANCE;
	m->rows.k = k;
	m->rows.rows = gram_rows_make(run->threads, rows->x, rows->rows,
				      data->cols, run->arena);
	if (!m->rows.rows.norm)
		return arena_error(run->arena, err);
	run_tick(run, 1, 1, NAN);
	*model = m;
	return 0;
}

/* One row's votes. A neighbour at distance 0 outweighs all that are not. */
static void vote(const struct knn *m, const struct neighbour *near,
		 size_t outputs, float *scores)
{
	bool exact = m->by_distance && near[0].d2 <= 0.0f;
	double total = 0;

	for (size_t c = 0; c < outputs; c++)
		scores[c] = 0.0f;
	for (size_t j = 0; j < m->rows.k; j++) {
		const struct part *t = m->train;
		double w = t->weight ? (double)t->weight[near[j].row] : 1;

		if (exact && near[j].d2 > 0.0f)
			break;
		if (m->by_distance && !exact)
			w /= sqrt((double)near[j].d2);
		total += w;
		if (t->label)
			scores[t->label[near[j].row]] += (float)w;
		else
			scores[0] += (float)w * t->target[near[j].row];
	}
	for (size_t c = 0; c < outputs; c++)
		scores[c] = total > 0 ? (float)((double)scores[c] / total) :
					1.0f / (float)outputs;
}

static int predict(const void *model, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	const struct knn *m = model;
	size_t outputs = learner_outputs(data);
	struct arena_mark mark = arena_mark(run->arena);
	struct neighbour *near = ARENA_RAW(run->arena, struct neighbour,
					   rows->rows * m->rows.k);
	int rc;

	if (!near)
		return arena_error(run->arena, err);
	rc = nearest_find(&m->rows, rows->x, rows->rows, run->threads,
			  run->arena, near, err);
	for (size_t i = 0; rc == 0 && i < rows->rows; i++)
		vote(m, near + i * m->rows.k, outputs, scores + i * outputs);
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
