/* Fit a learner on made-up data and predict: shared by the tests that cover
 * the whole registry. */
#ifndef TRIARCH_CONTRACT_H
#define TRIARCH_CONTRACT_H

#include <stdlib.h>

#include "learners/learner.h"
#include "tests/synth.h"

#include <string.h>

#define CONFIG_MAX 4096

static const enum view contract_views[] = { VIEW_TABLE, VIEW_DENSE, VIEW_GRID,
				   VIEW_TOKENS, VIEW_SPARSE, VIEW_WAVE };
#define N_VIEWS (sizeof(contract_views) / sizeof(contract_views[0]))

struct outcome {
	int rc;
	struct error err;
	size_t calls;	/* allocations that fit and predict asked for */
	size_t rows, outputs;
	bool stopped;
	float scores[4096];
};

struct trial {
	const struct learner *learner;
	struct synth synth;
	int threads;
	uint64_t seed;
	size_t fail_at;	  /* allocation that fails; 0: none */
	size_t stop_after; /* tick says stop at this call; 0: never */
};

struct ticks {
	size_t calls, stop_after;
};

static inline bool contract_tick(void *ctx, size_t done, size_t total, double loss)
{
	struct ticks *t = ctx;

	(void)done, (void)total, (void)loss;
	return ++t->calls != t->stop_after;
}

/* Long fits are cut by their own parameters where they have such. */
static inline void contract_config(const struct learner *l, void *config)
{
	static const char *const cuts[] = { "rounds=25", "epochs=6", "trees=25" };
	struct error err;

	param_defaults(l->params, config);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
		param_set_all(l->params, config, cuts[i], &err);
	/* a fit on such small images costs a fifth and learns as well */
	if (!strcmp(l->name, "image_resnet") || !strcmp(l->name, "alexnet_small") ||
	    !strcmp(l->name, "conv1d"))
		param_set_all(l->params, config, "channels=8", &err);
	/* its rate goes up and down four times: too fast in six epochs */
	if (!strcmp(l->name, "realmlp"))
		param_set_all(l->params, config, "epochs=30", &err);
}

static inline int contract_fit(const struct trial *t, const struct dataset *data,
		       struct run *run, struct outcome *o)
{
	_Alignas(16) unsigned char config[CONFIG_MAX];
	struct dataset lent = *data;
	void *model = NULL;
	int rc;

	contract_config(t->learner, config);
	lent.test = (struct part){ 0 };
	rc = t->learner->fit(config, &lent, run, &model, &o->err);
	if (!rc)
		rc = t->learner->predict(model, data, &data->test, run,
					 o->scores, &o->err);
	if (!rc && t->learner->release)
		t->learner->release(model);
	return rc;
}

static inline void contract_try(const struct trial *t, struct outcome *o)
{
	struct arena data_arena, arena;
	struct dataset data;
	struct ticks ticks = { .stop_after = t->stop_after };
	struct run run = { .arena = &arena, .threads = t->threads,
			   .seed = t->seed, .tick = contract_tick,
			   .tick_ctx = &ticks };

	*o = (struct outcome){ 0 };
	arena_init(&data_arena, 0);
	arena_init(&arena, (size_t)2 << 30);
	arena.fail_at = t->fail_at;
	if (!synth_make(&t->synth, &data_arena, &data))
		abort();
	o->rows = data.test.rows;
	o->outputs = learner_outputs(&data);
	if (o->rows * o->outputs > sizeof(o->scores) / sizeof(float))
		abort();
	o->rc = contract_fit(t, &data, &run, o);
	o->calls = arena.calls;
	o->stopped = run.stopped;
	arena_clear(&arena);
	arena_clear(&data_arena);
}

static inline struct synth contract_synth(enum view view, enum task task)
{
	return (struct synth){ .view = view, .task = task, .classes = 3,
			       .train = 240, .valid = 60, .test = 80,
			       .holes = true, .seed = 11 };
}

static inline bool contract_takes(const struct learner *l, enum view view, enum task task)
{
	enum view got;

	return learner_view(l, (unsigned)view, &got) &&
	       (l->tasks & 1u << task);
}

#endif
