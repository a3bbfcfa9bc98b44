/* Kernel ridge regression, exact: every training row is a centre. */
#include <math.h>

#include "learners/kernel/ridge.h"
#include "learners/kernel/targets.h"

struct krr_config {
	int kernel;
	double bandwidth, ridge;
};

static const char *const kernels[] = { "gaussian", "laplace", NULL };

static const struct param params[] = {
	PARAM_CHOICE(struct krr_config, kernel, GRAM_LAPLACE, kernels,
		     "exp(-d^2 / 2w^2) or exp(-d / w)", PARAM_ANY),
	PARAM_REAL(struct krr_config, bandwidth, 1, 1e-3, 1e3,
		   "width w of the kernel, in median distances",
		   PARAM_LOG(0.1, 10)),
	PARAM_REAL(struct krr_config, ridge, 1e-2, 1e-9, 1e6,
		   "penalty, added to the diagonal of the kernel matrix",
		   PARAM_LOG(1e-4, 10)),
	PARAM_END,
};

struct krr {
	struct kernel_ridge ridge;
	struct targets targets;
};

/* The temperature of the probabilities, from rows left out one by one. */
static void calibrate(struct krr *m, const struct kernel_held *held,
		      const int32_t *label)
{
	int32_t truth[KERNEL_RIDGE_HELD];

	for (size_t i = 0; i < held->n; i++)
		truth[i] = label[held->row[i]];
	targets_calibrate(&m->targets, held->value, truth, held->n);
}

static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct krr_config *cfg = config;
	const struct part *rows = &data->train;
	struct krr *m = ARENA_NEW(run->arena, struct krr, 1);
	struct kernel_held held;
	float *y, median;

	if (!m || targets_encode(&m->targets, data, rows, run->arena, &y, err))
		return arena_error(run->arena, err);
	m->ridge.outputs = m->targets.outputs;
	m->ridge.rows = gram_rows_make(run->threads, rows->x, rows->rows,
				       data->cols, run->arena);
	if (!m->ridge.rows.norm)
		return arena_error(run->arena, err);
	if (gram_median(&m->ridge.rows, run->seed, run->arena, &median, err))
		return (int)err->code;
	m->ridge.kernel = (struct gram_kernel){
		.kind = (enum gram_kind)cfg->kernel,
		.width = (float)cfg->bandwidth * median,
	};
	if (kernel_ridge_fit(&m->ridge, y, rows->weight, cfg->ridge, run,
			     m->targets.classes ? &held : NULL, err))
		return (int)err->code;
	if (m->targets.classes)
		calibrate(m, &held, rows->label);
	run_tick(run, 1, 1, NAN);
	*model = m;
	return 0;
}

static int predict(const void *model, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	const struct krr *m = model;

	(void)data;
	if (kernel_ridge_predict(&m->ridge, rows->x, rows->rows, run, scores, err))
		return (int)err->code;
	targets_decode(&m->targets, scores, rows->rows);
	return 0;
}

static struct forecast forecast(const void *config, const struct dataset *data)
{
	(void)config;
	return kernel_ridge_forecast(data->train.rows, data->cols,
				     learner_outputs(data));
}

const struct learner learner_krr = {
	.name = "krr",
	.summary = "kernel ridge regression, exact, Laplace or Gaussian kernel",
	.family = FAMILY_KERNEL,
	.version = 1,
	.tasks = 1u << TASK_CLASSIFICATION | 1u << TASK_REGRESSION,
	.views = { VIEW_DENSE },
	.config_size = sizeof(struct krr_config),
	.params = params,
	.fit = fit,
	.predict = predict,
	.forecast = forecast,
};
