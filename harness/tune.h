/* Random search over a learner's declared space (Bergstra & Bengio 2012).
 *
 * Trial 0 is always the configuration as given; later trials draw every
 * tunable parameter, a pure function of (seed, trial). The validation rows
 * alone decide; of equals the earlier trial wins. */
#ifndef TRIARCH_TUNE_H
#define TRIARCH_TUNE_H

#include <jansson.h>

#include "harness/base/arena.h"
#include "learners/learner.h"

struct tune {
	const struct learner *learner;
	const void *base; /* the configuration of trial 0 */
	uint64_t seed;
	int64_t trials; /* >= 1 */
	double cpu_s;	/* no trial starts after so many CPU seconds; 0: none */
};

/* One trial: fit `config` and put its validation score (higher is better) in
 * *score. An error is the trial's own, and loses to any score, except for
 * ERR_INTERRUPTED, ERR_IO and ERR_BUG, which end the search. */
typedef int tune_try(void *ctx, const void *config, double *score,
		     struct error *err);

/* *best (in the arena) is the winning configuration; *log a new reference to
 * {"trials": N, "tried": N, "best": t, "cpu_s": s, "wall_s": s,
 *  "log": [{"params", "score" or "error", "cpu_s"}, ...]}. When every trial
 * failed, the error of trial 0. */
int tune_search(const struct tune *t, struct arena *a, tune_try *try_one,
		void *ctx, const void **best, json_t **log, struct error *err);

#endif
