/* Which columns matter, by what the cuts in them took off the loss of gbdt. The
 * fit is the same on any number of threads, hence so are the columns. */
#include "harness/ranking.h"

#include "learners/learner.h"

/* Nobody watches this fit, and no budget ends it: a ranking that depends on the clock
 * would make other twins on a slower machine. */
static bool go_on(void *ctx, size_t done, size_t total, double loss)
{
	(void)ctx, (void)done, (void)total, (void)loss;
	return true;
}

/* The model is given back with what the caller rewinds; gain is the caller's. */
static int rank(void *ctx, const struct dataset *data, struct arena *a, double *gain,
		struct error *err)
{
	const struct ranking_gbdt *how = ctx;
	const struct learner *l = learner_find("gbdt");
	void *config = arena_alloc(a, 1, l->config_size), *model = NULL;
	float *shares = ARENA_NEW(a, float, data->cols);
	struct run run = { .arena = a, .threads = how->threads, .seed = how->seed,
			   .tick = go_on };

	if (!config || !shares)
		return arena_error(a, err);
	param_defaults(l->params, config);
	if (l->fit(config, data, &run, &model, err))
		return (int)err->code;
	l->importance(model, IMPORTANCE_GAIN, shares);
	if (l->release)
		l->release(model);
	for (size_t j = 0; j < data->cols; j++)
		gain[j] = (double)shares[j];
	return 0;
}

/* The version is part of what names a twin in the cache: other trees may find other
 * columns. */
struct ranking ranking_by_gbdt(struct ranking_gbdt *how)
{
	return (struct ranking){ .rank = rank, .ctx = how,
				 .version = learner_find("gbdt")->version };
}
