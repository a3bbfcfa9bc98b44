/* A fit of tree, forest or extra_trees on the small tables of gbdt_sample.h. */
#ifndef TRIARCH_FOREST_SAMPLE_H
#define TRIARCH_FOREST_SAMPLE_H

#include "learners/forest/grove.h"
#include "tests/gbdt_sample.h"

struct grove_fit {
	struct arena arena;
	struct error err;
	struct run run;
	const struct grove *model;
	float *train, *test; /* scores */
	int rc;
};

/* `tick` may be NULL; `fail_at` is an allocation that fails, 0: none. */
struct grove_trial {
	const char *learner, *options;
	int threads;
	uint64_t seed;
	size_t fail_at;
	bool (*tick)(void *ctx, size_t done, size_t total, double loss);
	void *tick_ctx;
};

static inline void grove_try(struct grove_fit *f, const struct dataset *data,
			     const struct grove_trial *t)
{
	const struct learner *l = learner_find(t->learner);
	size_t outputs = learner_outputs(data);
	struct forest_config config = { 0 };
	struct dataset lent = *data;
	void *model = NULL;

	*f = (struct grove_fit){ 0 };
	arena_init(&f->arena, 0);
	f->run = (struct run){ .arena = &f->arena, .threads = t->threads,
			       .seed = t->seed, .tick = t->tick,
			       .tick_ctx = t->tick_ctx };
	f->train = ARENA_NEW(&f->arena, float, data->train.rows * outputs);
	f->test = ARENA_NEW(&f->arena, float, data->test.rows * outputs);
	f->arena.fail_at = t->fail_at ? f->arena.calls + t->fail_at : 0;
	lent.test = (struct part){ 0 };
	param_defaults(l->params, &config);
	f->rc = param_set_all(l->params, &config, t->options, &f->err);
	if (!f->rc)
		f->rc = l->fit(&config, &lent, &f->run, &model, &f->err);
	f->model = model;
	if (!f->rc)
		f->rc = l->predict(model, data, &data->train, &f->run, f->train,
				   &f->err);
	if (!f->rc)
		f->rc = l->predict(model, data, &data->test, &f->run, f->test,
				   &f->err);
}

static inline void grove_try_on(struct grove_fit *f, const struct dataset *data,
				const char *learner, const char *options)
{
	struct grove_trial t = { .learner = learner, .options = options,
				 .threads = 1, .seed = 1 };

	grove_try(f, data, &t);
}

static inline float *sample_cell(struct part *p, size_t cols, size_t row, size_t j)
{
	return (float *)&p->x[row * cols + j];
}

#endif
