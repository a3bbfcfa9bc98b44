/* One fit and its predictions, for tests of single learners. */
#ifndef TRIARCH_LEARNER_FIT_H
#define TRIARCH_LEARNER_FIT_H

#include "learners/learner.h"

/* scores (rows->rows, outputs) of `name` under "k=v,..." options. `run` may be
 * NULL; its arena is `arena` whatever it holds. */
static inline int learner_fit(const char *name, const char *options,
			      const struct dataset *d, const struct part *rows,
			      struct arena *arena, struct run *run, float *scores,
			      struct error *err)
{
	const struct learner *l = learner_find(name);
	struct run own = { .threads = 2 };
	void *config = arena_alloc(arena, 1, l->config_size), *model;
	int rc;

	if (!run)
		run = &own;
	run->arena = arena;
	if (!config)
		return arena_error(arena, err);
	param_defaults(l->params, config);
	rc = param_set_all(l->params, config, options, err);
	if (rc == 0)
		rc = l->fit(config, d, run, &model, err);
	return rc ? rc : l->predict(model, d, rows, run, scores, err);
}

#endif
