/* Linear models: multinomial logistic regression by L-BFGS, and ridge regression
 * in closed form (dense rows) or by L-BFGS too (sparse ones). The baseline that
 * every other family must beat, so its penalty is not left to a default: see
 * learners/linear/path.h. */
#include "harness/base/simd.h"
#include "learners/linear/path.h"
#include "learners/model/model_reader.h"

struct linear_config {
	double l2;
	int64_t iterations;
};

static const struct param params[] = {
	PARAM_REAL(struct linear_config, l2, -1, -1, 1e9,
		   "penalty l2/2 |w|^2 beside the sum of losses over rows; "
		   "below 0: chosen on the validation rows from 100 .. 0.01",
		   PARAM_LOG(1e-3, 100)),
	PARAM_INT(struct linear_config, iterations, 200, 1, 100000,
		  "L-BFGS steps at most, where there is no closed form"),
	PARAM_END,
};

struct linear {
	size_t outputs;
	float *w; /* (cols + 1, outputs), the intercepts last */
};

/* The closed form needs no X', so only the others ask for it. */
static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct linear_config *cfg = config;
	struct linear *m = ARENA_NEW(run->arena, struct linear, 1);
	struct design design;
	struct path path = {
		.data = data,
		.closed = data->task == TASK_REGRESSION &&
			  data->view == VIEW_DENSE,
		.fit = { .design = &design,
			 .outputs = learner_outputs(data),
			 .label = data->train.label,
			 .y = data->train.target,
			 .iterations = (size_t)cfg->iterations,
			 .tolerance = 1e-4 },
	};
	size_t size = (data->cols + 1) * path.fit.outputs;
	double l2 = cfg->l2;

	if (!m || !(m->w = ARENA_NEW(run->arena, float, size)))
		return arena_error(run->arena, err);
	m->outputs = path.fit.outputs;
	*model = m;
	if (design_init(&design, data, &data->train, !path.closed, run->arena,
			err))
		return (int)err->code;
	return l2 < 0 ? path_fit(&path, m->w, &l2, run, err) :
			path_fit_one(&path, l2, m->w, run, err);
}

/* softmax(x W + b), or x w + b in the target's units. */
static int predict(const void *model, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	const struct linear *m = model;
	const float *b = m->w + data->cols * m->outputs;
	struct design design;

	if (design_init(&design, data, rows, false, run->arena, err))
		return (int)err->code;
	design_times(run->threads, &design, m->w, b, m->outputs, scores);
	if (data->task == TASK_CLASSIFICATION)
		simd_vec()->softmax(scores, rows->rows, m->outputs);
	return 0;
}

static void save(const void *model, const struct dataset *data, struct model_writer *w)
{
	const struct linear *m = model;

	model_writer_array(w, "linear.w", MODEL_F32, m->w, (data->cols + 1) * m->outputs);
}

static int load(struct model_reader *r, const struct dataset *data, void **model,
		struct error *err)
{
	struct linear *m = ARENA_NEW(r->arena, struct linear, 1);
	const void *w = NULL;

	if (!m)
		return arena_error(r->arena, err);
	m->outputs = learner_outputs(data);
	if (model_reader_array(r, "linear.w", MODEL_F32, (data->cols + 1) * m->outputs, &w,
			       err))
		return (int)err->code;
	m->w = (float *)(size_t)w;
	*model = m;
	return 0;
}

static struct forecast forecast(const void *config, const struct dataset *data)
{
	const struct linear_config *cfg = config;

	return loss_forecast(data, (size_t)cfg->iterations);
}

const struct learner learner_linear = {
	.name = "linear",
	.summary = "multinomial logistic regression, ridge regression",
	.family = FAMILY_LINEAR,
	.version = 2,
	.uses_valid = true,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_SPARSE, VIEW_DENSE },
	.config_size = sizeof(struct linear_config),
	.params = params,
	.fit = fit,
	.predict = predict,
	.save = save,
	.load = load,
	.forecast = forecast,
};
