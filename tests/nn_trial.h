/* One fit and prediction of a net on made-up data, for test_mlp, test_cnn. */
#ifndef TRIARCH_NN_TRIAL_H
#define TRIARCH_NN_TRIAL_H

#include "harness/base/blas.h"
#include "learners/learner.h"

#include "tests/synth.h"
#include "tests/tap.h"

#define TRIAL_SCORES 4096

struct trial {
	const struct learner *learner;
	struct dataset data;
	struct arena data_arena;
	int rc;
	size_t outputs;
	float scores[TRIAL_SCORES]; /* of data.test */
	struct error err;
};

static inline void trial_data(struct trial *t, const struct learner *l,
			      enum task task, size_t train)
{
	const struct synth s = { .view = l->views[0], .task = task,
				 .classes = 3, .train = train, .valid = 60,
				 .test = 100, .seed = 4 };

	t->learner = l;
	arena_init(&t->data_arena, 0);
	if (!synth_make(&s, &t->data_arena, &t->data))
		t->rc = ERR_MEMORY;
}

static inline void trial_run(struct trial *t, const char *options)
{
	_Alignas(16) unsigned char config[512];
	struct arena a;
	struct run run = { .arena = &a, .threads = 2, .seed = 1 };
	void *model;

	arena_init(&a, 0);
	memset(t->scores, 0, sizeof(t->scores));
	t->outputs = learner_outputs(&t->data);
	param_defaults(t->learner->params, config);
	t->rc = param_set_all(t->learner->params, config, options, &t->err);
	if (!t->rc)
		t->rc = t->learner->fit(config, &t->data, &run, &model,
					&t->err);
	if (!t->rc)
		t->rc = t->learner->predict(model, &t->data, &t->data.test,
					    &run, t->scores, &t->err);
	arena_clear(&a);
}

static inline double trial_right(const struct trial *t)
{
	size_t right = 0;

	for (size_t i = 0; i < t->data.test.rows; i++) {
		const float *s = t->scores + i * t->outputs;
		size_t best = 0;

		for (size_t c = 1; c < t->outputs; c++)
			best = s[c] > s[best] ? c : best;
		right += best == (size_t)t->data.test.label[i];
	}
	return (double)right / (double)t->data.test.rows;
}

static inline bool trial_finite(const struct trial *t)
{
	for (size_t i = 0; i < t->data.test.rows * t->outputs; i++)
		if (!isfinite(t->scores[i]))
			return false;
	return true;
}

static inline void trial_free(struct trial *t)
{
	arena_clear(&t->data_arena);
}

#endif
