/* Kernel ridge regression, exact: every training row is a centre, so memory is
 * 4 n^2 bytes and time n^3 / 3. The machinery is in learners/kernel/.
 */
#include "learners/kernel/kernel_machine.h"

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

/* Laplace is the default: of the two it needs the less care for its width, and
 * its spectrum is that of wide nets' tangent kernels (Geifman et al. 2020). */
static int fit(const void *config, const struct dataset *data, struct run *run,
	       void **model, struct error *err)
{
	const struct krr_config *cfg = config;
	struct kernel_machine *m = ARENA_NEW(run->arena, struct kernel_machine, 1);

	if (!m)
		return arena_error(run->arena, err);
	*model = m;
	return kernel_machine_fit(m, (enum gram_kind)cfg->kernel,
				  cfg->bandwidth, cfg->ridge, data, run, err);
}

static int predict(const void *model, const struct dataset *data,
		   const struct part *rows, struct run *run, float *scores,
		   struct error *err)
{
	(void)data;
	return kernel_machine_predict(model, rows, run, scores, err);
}

/* Known before any work: too large for the limit is `unsupported`. */
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
