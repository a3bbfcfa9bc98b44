/* What every learner of word sequences promises, on documents made for it. */
#ifndef TRIARCH_TEXT_TRIAL_H
#define TRIARCH_TEXT_TRIAL_H

#include "tests/nn_trial.h"

/* Documents of words 1 and 2 whose class is which comes first: equal as bags. */
static inline void text_trial_order(const struct learner *l, const char *options)
{
	static uint64_t start[201];
	static uint32_t word[800];
	static int32_t label[200];
	static struct trial t;

	for (size_t i = 0; i < 200; i++) {
		start[i + 1] = (i + 1) * 4;
		label[i] = i % 2;
		for (size_t k = 0; k < 4; k++)
			word[i * 4 + k] = (k < 2) == (i % 2) ? 1 : 2;
	}
	trial_data(&t, l, TASK_CLASSIFICATION, 10);
	t.data.classes = 2;
	t.data.vocab = 3;
	t.data.train = (struct part){ .rows = 200, .row_start = start,
				      .index = word, .label = label };
	t.data.valid.rows = 0;
	t.data.test = t.data.train;
	trial_run(&t, options);
	ok(!t.rc && trial_right(&t) == 1.0, "%s: the order of words tells", l->name);
	trial_free(&t);
}

/* `options` cut documents at four positions, the start token among them. */
static inline void text_trial_lengths(const struct learner *l, const char *options)
{
	static const uint64_t start[] = { 0, 0, 1, 51, 54, 57 };
	static uint32_t word[57];
	static struct trial t;
	float worst = 0;

	for (size_t i = 0; i < 54; i++)
		word[i] = 1 + (uint32_t)(i * 7 % 50);
	for (size_t i = 51; i < 54; i++)
		word[i] = word[i - 50]; /* the first three of the long one */
	word[55] = 60000;
	trial_data(&t, l, TASK_CLASSIFICATION, 60);
	t.data.test = (struct part){ .rows = 5, .row_start = start, .index = word };
	trial_run(&t, options);
	ok(!t.rc && trial_finite(&t), "%s: documents of no words, one, 50, and unknown "
	   "ones have scores", l->name);
	for (size_t c = 0; c < t.outputs; c++)
		worst = fmaxf(worst, fabsf(t.scores[2 * t.outputs + c] -
					   t.scores[3 * t.outputs + c]));
	ok(worst < 1e-6f, "%s: a long one is cut at the limit", l->name);
	trial_free(&t);
}

/* All training documents empty: nothing to see but the base rate. */
static inline void text_trial_empty(const struct learner *l, const char *options)
{
	static const uint64_t start[41];
	static int32_t label[40];
	static const uint32_t none[1];
	static struct trial t;

	for (size_t i = 0; i < 40; i++)
		label[i] = i % 4 == 0;
	trial_data(&t, l, TASK_CLASSIFICATION, 10);
	t.data.classes = 2;
	t.data.train = (struct part){ .rows = 40, .row_start = start,
				      .index = none, .label = label };
	t.data.valid.rows = 0;
	t.data.test = (struct part){ .rows = 1, .row_start = start, .index = none };
	trial_run(&t, options);
	ok(!t.rc, "%s: empty documents are no error", l->name);
	ok_near((double)t.scores[1], 0.25, 0.1, "%s: they get the base rate", l->name);
	trial_free(&t);
}

/* One class of one row, unknown words alone, a long document, numbers, an absurd
 * rate. */
static inline void text_trial_edges(const struct learner *l, const char *small)
{
	static uint32_t word[20000];
	static const uint64_t start[] = { 0, 20000 };
	static struct trial t;
	char options[128];

	trial_data(&t, l, TASK_CLASSIFICATION, 1);
	t.data.classes = 1;
	t.data.train.label = arena_alloc(&t.data_arena, 1, sizeof(int32_t));
	t.data.valid.rows = 0;
	snprintf(options, sizeof(options), "%sepochs=2", small);
	trial_run(&t, options);
	ok(!t.rc && t.scores[0] == 1.0f, "%s: one row of one class", l->name);
	t.data.train.index = word;
	t.data.train.row_start = start;
	snprintf(options, sizeof(options), "%sepochs=1,length=4096", small);
	trial_run(&t, options);
	ok(!t.rc && t.scores[0] == 1.0f, "%s: one row of 20,000 unknown words", l->name);
	trial_free(&t);
	trial_data(&t, l, TASK_REGRESSION, 120);
	snprintf(options, sizeof(options), "%sepochs=10,lr=3e-3", small);
	trial_run(&t, options);
	ok(!t.rc && trial_finite(&t) && t.scores[0] > 5 && t.scores[0] < 25,
	   "%s: regression in the target's units", l->name);
	snprintf(options, sizeof(options), "%slr=1e6,clip=0", small);
	trial_run(&t, options);
	ok(!t.rc || (t.rc == ERR_DIVERGED && strstr(t.err.text, "lr")),
	   "%s: an absurd rate gives a result or names lr", l->name);
	trial_free(&t);
}

#endif
