/* Random search (Bergstra & Bengio 2012) under two budgets, trials and CPU
 * seconds. Trial t depends on the seed and t alone, so a longer search
 * begins with the trials of a shorter one, and trial 0 is the configuration
 * as given. */
#include "harness/tune.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/json.h"

/* The state of one search. `config` and `best` are config_size bytes each, in
 * the caller's arena; the rows become the log. */
struct search {
	const struct tune *tune;
	char *config;	     /* of the trial at hand */
	char *best;	     /* of the best so far */
	double best_score;   /* NAN: none yet */
	int64_t best_trial;
	int64_t tried;
	struct error first;  /* of trial 0, to be told when all fail */
	json_t *rows;
};

/* What is wrong with the place would be wrong for every trial. */
static bool ends_search(enum err code)
{
	return code == ERR_INTERRUPTED || code == ERR_IO || code == ERR_BUG;
}

static int out_of_memory(struct error *err)
{
	return error_set(err, ERR_MEMORY, "out of memory for a trial's row");
}

/* Failures are kept as well: a search whose trials all diverge must show it.
 * The seconds are CPU time of the whole process, all its threads together. */
static int log_trial(struct search *s, double score, double cpu_s,
		     const struct error *failure, struct error *err)
{
	json_t *row = json_pack("{s:o, s:o, s:o}", "params",
				param_to_json(s->tune->learner->params,
					      s->config),
				"score", json_number(score), "cpu_s",
				json_number(cpu_s));

	if (!row)
		return out_of_memory(err);
	if (failure && json_object_set_new(row, "error",
					   json_string(failure->text))) {
		json_decref(row);
		return out_of_memory(err);
	}
	return json_array_append_new(s->rows, row) ? out_of_memory(err) : 0;
}

/* The first of equal scores stays best, so that the default wins ties. */
static int one_trial(struct search *s, int64_t t, tune_try *try_one, void *ctx,
		     struct error *err)
{
	const struct learner *l = s->tune->learner;
	struct rng r = rng_make(s->tune->seed, "tune");
	double score = NAN, start = clock_cpu();
	struct error failure = { .code = ERR_OK };
	bool failed;

	if (l->config_size)
		memcpy(s->config, s->tune->base, l->config_size);
	param_sample(l->params, s->config, r, (size_t)t);
	failed = try_one(ctx, s->config, &score, &failure) != 0;
	if (failed && ends_search(failure.code)) {
		*err = failure;
		return (int)err->code;
	}
	if (failed && t == 0)
		s->first = failure;
	s->tried++;
	if (!failed && isfinite(score) &&
	    (isnan(s->best_score) || score > s->best_score)) {
		if (l->config_size)
			memcpy(s->best, s->config, l->config_size);
		s->best_score = score;
		s->best_trial = t;
	}
	return log_trial(s, failed ? NAN : score, clock_cpu() - start,
			 failed ? &failure : NULL, err);
}

/* CPU seconds are asked between trials: the last one may pass the budget. Trial
 * 0 always runs, or a budget that is too small would leave no answer at all. */
static int all_trials(struct search *s, tune_try *try_one, void *ctx,
		      struct error *err)
{
	double start = clock_cpu(), budget = s->tune->cpu_s;

	for (int64_t t = 0; t < s->tune->trials; t++) {
		if (t && budget > 0.0 && clock_cpu() - start >= budget)
			break;
		if (one_trial(s, t, try_one, ctx, err))
			return (int)err->code;
	}
	if (!isnan(s->best_score))
		return 0;
	if (s->first.code == ERR_OK)
		return error_set(err, ERR_DIVERGED,
				 "no trial has a finite validation score");
	*err = s->first;
	return (int)err->code;
}

/* `best` points into the arena; the log is a new reference. */
int tune_search(const struct tune *t, struct arena *a, tune_try *try_one,
		void *ctx, const void **best, json_t **log, struct error *err)
{
	double wall = clock_wall(), cpu = clock_cpu();
	size_t bytes = t->learner->config_size;
	struct search s = {
		.tune = t, .best_score = NAN,
		.config = arena_alloc(a, bytes, 1),
		.best = arena_alloc(a, bytes, 1),
		.rows = json_array(),
	};

	*log = NULL;
	if (!s.config || !s.best || !s.rows) {
		json_decref(s.rows);
		return arena_error(a, err);
	}
	if (all_trials(&s, try_one, ctx, err)) {
		json_decref(s.rows);
		return (int)err->code;
	}
	*best = s.best;
	*log = json_pack("{s:I, s:I, s:I, s:o, s:f, s:f, s:o}", "trials",
			 (json_int_t)t->trials, "tried", (json_int_t)s.tried,
			 "best", (json_int_t)s.best_trial, "valid_score",
			 json_number(s.best_score), "cpu_s", clock_cpu() - cpu,
			 "wall_s", clock_wall() - wall, "log", s.rows);
	return *log ? 0 : out_of_memory(err);
}
