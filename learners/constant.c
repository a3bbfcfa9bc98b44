/* The same answer for every row: the share of each class, or the mean. What
 * does not beat it has learned nothing. Copy this file to add a learner. */
#include <math.h>

#include "learners/learner.h"
#include "learners/model/model_reader.h"

/* What a user may set: one field a parameter, filled in before fit. */
struct constant_config {
	double smoothing;
};

/* The schema: name, default, least, most, help. It drives the command line, the
 * YAML checks, `triarch info`, the tuning space and the row in the results. */
static const struct param params[] = {
	PARAM_REAL(struct constant_config, smoothing, 1, 0, 1e6,
		   "rows that each class is given beforehand"),
	PARAM_END,
};

/* The model is all that predict needs, in the run's arena: here the answer
 * itself. Laplace smoothing keeps a class that training lacks above 0, or its
 * log loss would be infinite. */
static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct constant_config *cfg = config;
	const struct part *rows = &data->train;
	bool classify = data->task == TASK_CLASSIFICATION;
	size_t outputs = learner_outputs(data);
	double smoothing = classify ? cfg->smoothing : 0, total = 0;
	double *sum = ARENA_NEW(run->arena, double, outputs); /* (outputs) */

	if (!sum)
		return arena_error(run->arena, err);
	for (size_t i = 0; i < rows->rows; i++) {
		double weight = rows->weight ? (double)rows->weight[i] : 1;

		total += weight;
		sum[classify ? rows->label[i] : 0] +=
			classify ? weight : weight * (double)rows->target[i];
	}
	total += smoothing * (double)outputs;
	for (size_t c = 0; c < outputs; c++)
		sum[c] = (sum[c] + smoothing) / total;
	/* one step of one: a deadline has nothing to cut short here */
	run_tick(run, 1, 1, NAN);
	*model = sum;
	return 0;
}

/* scores: (rows, outputs). */
static int predict(const void *model, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	const double *value = model; /* (outputs) */
	size_t outputs = learner_outputs(data);

	(void)run, (void)err;
	for (size_t i = 0; i < rows->rows * outputs; i++)
		scores[i] = (float)value[i % outputs];
	return 0;
}

/* What a file needs to bring the model back; a learner without these two cannot be
 * saved, which is no shame. */
static void save(const void *model, const struct dataset *data, struct model_writer *w)
{
	model_writer_array(w, "constant.value", MODEL_F64, model, learner_outputs(data));
}

static int load(struct model_reader *r, const struct dataset *data, void **model,
		struct error *err)
{
	const void *value = NULL;

	if (model_reader_array(r, "constant.value", MODEL_F64, learner_outputs(data),
			       &value, err))
		return (int)err->code;
	*model = (void *)(size_t)value;
	return 0;
}

const struct learner learner_constant = {
	.name = "constant",
	.summary = "class shares or the mean, whatever the row",
	.family = FAMILY_BASELINE,
	.version = 1,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_TABLE, VIEW_DENSE, VIEW_GRID, VIEW_TOKENS, VIEW_SPARSE,
		   VIEW_WAVE },
	.config_size = sizeof(struct constant_config),
	.params = params,
	.fit = fit,
	.predict = predict,
	.save = save,
	.load = load,
};
